"""Write the roster vectors: one good chain or one fault per JSON file. See docs/spec/roster.md.

All secrets are fixed and Ed25519 is deterministic, so every run writes the same files.
Run: python tests/vectors/roster/generate.py
"""

import dataclasses
import json
from pathlib import Path

from vault import canonical
from vault.crypto.seal import OpeningKey
from vault.crypto.sign import SigningKey
from vault.roster.chain import sign_roster
from vault.roster.model import Roster, RosterMember, Term

HERE = Path(__file__).parent
ROOT, STRANGER = SigningKey(bytes(range(32))), SigningKey(bytes(range(32, 64)))
MEMBER = RosterMember(
    "6e1f" * 8,
    frozenset({"intake_officer"}),
    SigningKey(bytes(range(64, 96))).public,
    OpeningKey(bytes(range(96, 128))).public,
    "2026-11-02T09:00:00Z",
)
ONE = Roster(
    1,
    None,
    "2026-11-01T09:00:00Z",
    "2027-05-01T09:00:00Z",
    ROOT.public,
    OpeningKey(bytes(range(128, 160))).public,
    OpeningKey(bytes(range(160, 192))).public,
    "vault.example/log+00000000+AQ",
    (),
)
TWO = dataclasses.replace(ONE, version=2, previous=ONE.hash, members=(MEMBER,))
THREE = dataclasses.replace(TWO, version=3, previous=TWO.hash, expires="2027-06-01T09:00:00Z")
BRANCH = dataclasses.replace(THREE, expires="2030-01-01T09:00:00Z")
TERMS = (
    Term("doctor", "2026-11-20T09:00:00Z", "2026-12-01T09:00:00Z"),
    Term("lawyer", "2026-12-02T09:00:00Z"),
)
BOTH = dataclasses.replace(MEMBER, roles=frozenset({"intake_officer", "lawyer"}), terms=TERMS)
CHANGED = dataclasses.replace(TWO, version=3, previous=TWO.hash, members=(BOTH,))


def signed(*rosters, by=ROOT):
    return [sign_roster(roster, by).decode() for roster in rosters]


def changed(line, **fields):
    value = json.loads(line)
    value["roster"].update(fields)
    return canonical.dumps(value).decode()


def resigned(line, signatures):
    return canonical.dumps({**json.loads(line), "signatures": signatures}).decode()


def with_terms(*terms):
    """Return a chain whose last roster states these terms, truly signed."""

    class Stated(RosterMember):
        def to_json(self):
            return super().to_json() | {"terms": list(terms)}

    member = Stated(**{f.name: getattr(BOTH, f.name) for f in dataclasses.fields(BOTH)})
    return signed(ONE, TWO, dataclasses.replace(CHANGED, members=(member,)))


def write(name, about, lines, expect="RosterError", seen=None, last=THREE):
    vector = {
        "about": about,
        "root": ROOT.public.hex(),
        "seen": None if seen is None else {"version": seen.version, "hash": seen.hash.hex()},
        "lines": lines,
        "expect": expect,
    }
    if expect == "ok":
        vector["version"] = len(lines)
        vector["hash"] = last.hash.hex()
    (HERE / f"{name}.json").write_text(json.dumps(vector, indent=1) + "\n")


def main():
    chain = signed(ONE, TWO, THREE)
    attacker = canonical.b64(OpeningKey(bytes(32)).public)
    by_stranger = canonical.b64(STRANGER.sign("witness-vault/roster/v1", ONE.encode()))
    write("good-one", "a first version", chain[:1], "ok", last=ONE)
    write("good-three", "three versions", chain, "ok")
    write("good-seen", "version 2 was seen before", chain, "ok", TWO)
    both = signed(ONE, TWO, CHANGED)
    write("good-terms", "a role added later, one held no more", both, "ok", last=CHANGED)
    open_doctor, lawyer = TERMS[0].to_json() | {"valid_to": None}, TERMS[1].to_json()
    write("terms-empty", "an empty list of terms", with_terms())
    write("terms-unsorted", "terms in another order", with_terms(lawyer, TERMS[0].to_json()))
    write("terms-open", "an open term of a role that the member has not", with_terms(open_doctor, lawyer))
    closed = lawyer | {"valid_to": "2026-12-03T09:00:00Z"}
    write("terms-closed", "a closed term of a role that the member has", with_terms(closed))
    back = lawyer | {"valid_to": "2026-12-01T09:00:00Z"}
    write("terms-backward", "a term that ends before it begins", with_terms(back, lawyer))
    write("empty", "no line", [])
    write("link-missing", "version 2 is missing", [chain[0], chain[2]])
    write("first-missing", "version 1 is missing", chain[1:])
    write("links-swapped", "3 before 2", [chain[0], chain[2], chain[1]])
    write("link-twice", "version 1 twice", [chain[0], *chain])
    write("rolled-back", "version 3 was seen before", chain[:2], seen=THREE)
    write("branch", "another version 3", [*chain[:2], *signed(BRANCH)], seen=THREE)
    foreign = dataclasses.replace(ONE, root=STRANGER.public)
    write("root-other", "names and is signed by another root", signed(foreign, by=STRANGER))
    write("signed-by-other", "signed by another key", signed(ONE, by=STRANGER))
    write("unsigned", "no signature", [resigned(chain[0], [])])
    other = [{"by": MEMBER.id, "signature": by_stranger}]
    write("signed-by-member", "a member's signature only", [resigned(chain[0], other)])
    write("recovery-changed", "changed after signing", [changed(chain[0], recovery=attacker)])
    write("member-added", "added after signing", [changed(chain[0], members=[MEMBER.to_json()])])
    write("expires-changed", "changed after signing", [changed(chain[0], expires="2030-01-01T09:00:00Z")])
    write("not-json", "garbage", ["roster"])
    write("not-canonical", "a space", [chain[0].replace(",", ", ", 1)])
    later = chain[0].replace("signed-roster/v1", "signed-roster/v2")
    write("version-unknown", "another version of the format", [later])


main()
