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
    86_400,
    ROOT.public,
    OpeningKey(bytes(range(128, 160))).public,
    OpeningKey(bytes(range(160, 192))).public,
    "vault.example/log+00000000+AQ",
    (),
)
TWO = dataclasses.replace(ONE, version=2, previous=ONE.hash, members=(MEMBER,))
THREE = dataclasses.replace(TWO, version=3, previous=TWO.hash, expires="2027-06-01T09:00:00Z")
BRANCH = dataclasses.replace(THREE, expires="2027-07-01T09:00:00Z")
TERMS = (
    Term("doctor", "2026-11-20T09:00:00Z", "2026-12-01T09:00:00Z"),
    Term("lawyer", "2026-12-02T09:00:00Z"),
)
BOTH = dataclasses.replace(MEMBER, roles=frozenset({"intake_officer", "lawyer"}), terms=TERMS)
PASSING = Term("interpreter", "2026-12-02T09:00:00Z", "2027-03-02T09:00:00Z")
FOR_A_TIME = dataclasses.replace(
    MEMBER, roles=frozenset({"intake_officer", "interpreter"}), terms=(PASSING,)
)
ENDING = dataclasses.replace(TWO, version=3, previous=TWO.hash, members=(FOR_A_TIME,))
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


def write(name, about, lines, expect="RosterError", seen=None, last=THREE, why=None):
    vector = {
        "about": about,
        "root": ROOT.public.hex(),
        "seen": None if seen is None else {"version": seen.version, "hash": seen.hash.hex()},
        "lines": lines,
        "expect": expect,
    }
    if why:
        vector["why"] = why
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
    passing = signed(ONE, TWO, ENDING)
    write("good-term-for-a-time", "a role held until a stated moment", passing, "ok", last=ENDING)
    open_doctor, lawyer = TERMS[0].to_json() | {"valid_to": None}, TERMS[1].to_json()
    write("terms-empty", "an empty list of terms", with_terms())
    write("terms-unsorted", "terms in another order", with_terms(lawyer, TERMS[0].to_json()))
    write("terms-open", "an open term of a role that the member has not", with_terms(open_doctor, lawyer))
    reopened = lawyer | {"valid_from": "2026-12-03T09:00:00Z"}
    write("terms-open-twice", "an open term before another", with_terms(lawyer, reopened))
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
    write("signed-by-member", "a first version with a member's signature", [resigned(chain[0], other)])
    write("recovery-changed", "changed after signing", [changed(chain[0], recovery=attacker)])
    write("member-added", "added after signing", [changed(chain[0], members=[MEMBER.to_json()])])
    write("expires-changed", "changed after signing", [changed(chain[0], expires="2030-01-01T09:00:00Z")])
    write("not-json", "garbage", ["roster"])
    write("not-canonical", "a space", [chain[0].replace(",", ", ", 1)])
    later = chain[0].replace("signed-roster/v1", "signed-roster/v2")
    write("version-unknown", "another version of the format", [later])
    rules()


# --- who signs what ------------------------------------------------------------------------------

SECRETS = {
    name: SigningKey(bytes([number] * 32))
    for number, name in enumerate(("admin", "officer", "lawyer", "new", "later"), 1)
}
IDS = {name: f"{number:02x}" * 16 for number, name in enumerate(SECRETS, 161)}
T2, T3, T4, T5 = (f"2026-11-{day:02}T09:00:00Z" for day in (2, 5, 6, 10))


def person(name, *roles, begins=T2, **more):
    opening = OpeningKey(SECRETS[name].seed).public
    return RosterMember(
        IDS[name], frozenset(roles), SECRETS[name].public, opening, begins, **more
    )


ADMIN = person("admin", "administrator")
OFFICER = person("officer", "intake_officer")
LAWYER = person("lawyer", "lawyer")
NEW = person("new", "lawyer", begins=T4)
LATER = person("later", "lawyer", begins=T4, replaces=LAWYER.id)
DELAYED = Term("doctor", T4)


def step(before, *changed, issued=T3, **fields):
    """Return the next version, with these members changed or added."""
    members = {member.id: member for member in (*before.members, *changed)}
    everybody = tuple(member for _, member in sorted(members.items()))
    named = {"version": before.version + 1, "previous": before.hash, "issued": issued}
    return dataclasses.replace(before, **{**named, "members": everybody, **fields})


def line(roster, *by):
    """Return a roster signed by these, in this order."""
    signatures = []
    for name in by:
        key = ROOT if name == "root" else SECRETS[name]
        made = key.sign("witness-vault/roster/v1", roster.encode())
        signatures.append({"by": IDS.get(name, "root"), "signature": canonical.b64(made)})
    signed = {"format": "witness-vault/signed-roster/v1", "roster": roster.to_json()}
    return canonical.dumps({**signed, "signatures": signatures}).decode()


def edit(member, **fields):
    return dataclasses.replace(member, **fields)


SMALL = step(ONE, ADMIN, OFFICER, issued=T2)
BASE = step(ONE, ADMIN, OFFICER, LAWYER, issued=T2)
START = [line(ONE, "root"), line(BASE, "root")]
ADDED = step(BASE, NEW)
DOCTOR = edit(LAWYER, roles=frozenset({"doctor", "lawyer"}), terms=(DELAYED,))
GAINED = step(BASE, DOCTOR)
GONE = step(BASE, edit(LAWYER, valid_to=T3))
LEFT = step(BASE, edit(ADMIN, valid_to=T3))
TWO_SIGN = ("admin", "officer")


def good(name, about, *steps, start=START):
    """Write a good chain: each step is a roster and who signed it."""
    lines = [*start, *(line(roster, *by) for roster, *by in steps)]
    write(f"good-{name}", about, lines, "ok", last=steps[-1][0])


def bad(name, why, about, *steps, start=START):
    """Write a chain that is refused for one reason."""
    write(name, about, [*start, *(line(roster, *by) for roster, *by in steps)], why=why)


def rules():
    good("two", "a lawyer added by two", (ADDED, *TWO_SIGN))
    good("role", "a role given by two", (GAINED, *TWO_SIGN))
    good("ended", "ended by an administrator alone", (GONE, "admin"))
    good("ended-by-root", "ended by the root", (GONE, "root"))
    stopped = step(ADDED, edit(NEW, valid_to=T3))
    good("stopped", "stopped before it began, by one", (ADDED, *TWO_SIGN), (stopped, "lawyer"))
    replaced = step(BASE, edit(LAWYER, valid_to=T3), LATER)
    good("replaced", "new keys by two", (replaced, *TWO_SIGN))
    longer = step(BASE, expires="2027-09-01T09:00:00Z")
    good("renewed", "more time, by an administrator", (longer, "admin"))
    other = OpeningKey(bytes(32)).public
    keys = step(BASE, recovery=other, collector=other, ledger="vault.example/log+1+AQ", delay=90_000)
    good("keys", "other keys and a longer delay, by the root", (keys, "root"))
    again = step(LEFT, edit(NEW, roles=frozenset({"administrator"}), valid_from="2026-11-07T09:00:00Z"), issued=T4)
    good("root-again", "nobody is left who signs by two", (LEFT, "root"), (again, "root"))

    two, second = "two members sign this, not the root", "not signed by a second member who is not concerned"
    admin, alone = "not signed by an administrator first", "the root signs this"
    bad("added-by-root", two, "while two can sign", (ADDED, "root"))
    both = step(BASE, edit(ADMIN, valid_to=T3), NEW)
    bad("ended-and-added-by-root", two, "in one version", (both, "root"))
    bad("role-by-root", two, "while two can sign", (GAINED, "root"))
    bad("added-by-one", second, "an administrator alone", (ADDED, "admin"))
    bad("added-by-one-twice", second, "both signatures are one member's", (ADDED, "admin", "admin"))
    bad("added-without-administrator", admin, "two others", (ADDED, "officer", "lawyer"))
    bad("added-second-first", admin, "the wrong order", (ADDED, "officer", "admin"))
    bad("added-by-themselves", "signed by somebody who is no active member", "the new member is the second", (ADDED, "admin", "new"))
    bad("role-by-concerned", second, "the second is who gets the role", (GAINED, "admin", "lawyer"))
    bad("role-by-one", second, "an administrator alone", (GAINED, "admin"))
    bad("replaced-by-old-keys", second, "the second is whose keys are replaced", (replaced, "admin", "lawyer"))
    bad("added-by-admin-and-root", "signed by somebody who is no active member", "the root is no second member", (ADDED, "admin", "root"))
    late = edit(NEW, id="ff" * 16, valid_from="2026-11-20T09:00:00Z")
    waiting = step(ADDED, late, issued=T3)
    bad("added-by-waiting", "signed by somebody who is no active member", "the second has not begun", (ADDED, *TWO_SIGN), (waiting, "admin", "new"))
    later = step(GONE, NEW)
    bad("added-by-ended", "signed by somebody who is no active member", "the second has ended", (GONE, "admin"), (later, "admin", "lawyer"))
    made = json.loads(line(ADDED, "admin", "officer"))
    made["signatures"][1]["signature"] = json.loads(line(ADDED, "admin", "lawyer"))["signatures"][1]["signature"]
    write("signature-of-another", "the second signature is made by another key", [*START, canonical.dumps(made).decode()], why="a signature does not verify")
    made["signatures"][1]["signature"] = json.loads(line(GAINED, "admin", "officer"))["signatures"][1]["signature"]
    write("signature-of-another-version", "the second signed another document", [*START, canonical.dumps(made).decode()], why="a signature does not verify")
    write("signatures-three", "one more than two", [*START, line(ADDED, "admin", "officer", "lawyer")], why="a link of the chain cannot be read")
    bad("before-founded", alone, "two members, who do not sign yet", (step(SMALL, NEW), "admin", "officer"), start=[line(ONE, "root"), line(SMALL, "root")])
    bad("recovery-by-members", alone, "only the root exchanges keys", (step(BASE, recovery=other), *TWO_SIGN))
    bad("collector-by-members", alone, "only the root exchanges keys", (step(BASE, collector=other), *TWO_SIGN))
    bad("ledger-by-members", alone, "only the root exchanges keys", (step(BASE, ledger="x+1+AQ"), *TWO_SIGN))
    bad("delay-by-members", alone, "only the root makes it longer", (step(BASE, delay=90_000), *TWO_SIGN))
    bad("delay-shorter", "the delay may not be shorter", "by the root", (step(BASE, delay=0), "root"))

    early = step(BASE, edit(NEW, valid_from="2026-11-06T08:59:59Z"))
    bad("added-too-early", "a member begins too early", "a second before the delay is over", (early, *TWO_SIGN))
    past = step(BASE, edit(NEW, roles=frozenset({"doctor", "lawyer"}), terms=(Term("doctor", T3),)))
    bad("added-with-an-early-term", "a member begins too early", "a term before the delay is over", (past, *TWO_SIGN))
    soon = step(BASE, edit(DOCTOR, terms=(Term("doctor", T3),)))
    bad("role-too-early", "a role begins too early", "at once", (soon, *TWO_SIGN))
    at_once = step(LEFT, edit(NEW, valid_from=T3))
    bad("added-too-early-by-root", "a member begins too early", "nobody is left, the delay stays", (LEFT, "root"), (at_once, "root"))
    back = step(BASE, NEW, issued="2026-11-01T09:00:00Z")
    bad("issued-earlier", "issued before the version before it", "a day", (back, *TWO_SIGN))
    time = "its time is no time"
    bad("expired-when-issued", time, "by an administrator", (step(BASE, expires=T3), "admin"))
    bad("expires-too-late", time, "more than two years", (step(BASE, expires="2028-11-05T09:00:00Z"), "root"))

    theirs = "a member's keys, begin or gender are another"
    swapped = edit(LAWYER, opening=other)
    bad("opening-key-replaced", theirs, "under the same id", (step(BASE, swapped), *TWO_SIGN))
    bad("opening-key-replaced-by-root", theirs, "under the same id", (step(BASE, swapped), "root"))
    bad("signing-key-replaced", theirs, "under the same id", (step(BASE, edit(LAWYER, signing=SECRETS["new"].public)), *TWO_SIGN))
    bad("gender-changed", theirs, "of a member", (step(BASE, edit(LAWYER, reader_gender="female")), *TWO_SIGN))
    bad("begin-moved", theirs, "of a member", (step(BASE, edit(LAWYER, valid_from=T4)), *TWO_SIGN))
    bad("member-gone", "a member is missing", "without an end", (step(BASE, members=(ADMIN, OFFICER)), "root"))
    bad("revived", "a member who has ended is changed", "an end taken back", (GONE, "admin"), (step(GONE, LAWYER), *TWO_SIGN))
    bad("ended-earlier", "a member's end is moved otherwise than to sooner", "an end in the past", (step(BASE, edit(LAWYER, valid_to=T2)), "admin"))
    dropped = step(BASE, edit(LAWYER, roles=frozenset()))
    bad("role-without-an-end", "the time of a role is missing", "as if it had never been", (dropped, "admin"))
    closed = Term("lawyer", T2, T3)
    once = step(BASE, edit(LAWYER, roles=frozenset(), terms=(closed,)))
    forged = step(once, edit(LAWYER, roles=frozenset(), terms=(edit(closed, valid_to=T4),)), issued=T5)
    bad("term-rewritten", "the time of a role is another", "a closed term made longer", (once, "admin"), (forged, *TWO_SIGN))
    end_past = step(BASE, edit(LAWYER, roles=frozenset(), terms=(edit(closed, valid_to=T2),)))
    bad("term-ended-earlier", "the time of a role is another", "an end in the past", (end_past, "admin"))

    bad("ended-by-another", admin, "no administrator", (GONE, "officer"))
    bad("ended-by-two", "more signatures than needed", "an administrator and another", (GONE, *TWO_SIGN))
    nobody = "no administrator and second member would be left"
    bad("last-administrator-ended", nobody, "by themselves", (LEFT, "admin"))
    everybody = step(BASE, edit(LAWYER, valid_to=T3), edit(OFFICER, valid_to=T3))
    bad("all-others-ended", nobody, "by an administrator", (everybody, "admin"))
    place = "stands in place of nobody who has ended"
    bad("in-place-of-an-active-member", place, "who stays", (step(BASE, LATER), *TWO_SIGN))
    bad("in-place-of-nobody", place, "an unknown id", (step(BASE, edit(LATER, replaces="ff" * 16)), *TWO_SIGN))
    twice = step(BASE, edit(LAWYER, valid_to=T3), LATER, edit(NEW, replaces=LAWYER.id))
    bad("in-place-of-somebody-twice", "stands in place of somebody twice", "two new members", (twice, *TWO_SIGN))


main()
