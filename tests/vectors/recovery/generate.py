"""Write the recovery vectors: one good file or one fault per JSON file. See docs/spec/recovery.md.

Keys and shares are fixed, but sealing and splitting draw randomness: each run writes other bytes of
the same meaning, so the files are kept as they are. Run: python tests/vectors/recovery/generate.py
"""

import dataclasses
import json
from pathlib import Path

from vault import canonical
from vault.crypto import seal, shares, sign
from vault.custody.recovery.documents import KEY, Answer, PublicKey, Request, Subject
from vault.keyring.compartments import Compartment, Seeds
from vault.keyring.epochs import Epoch
from vault.keyring.grants import seal_grant
from vault.packet.format import Header
from vault.roster.chain import sign_roster
from vault.roster.model import Roster, RosterMember

HERE = Path(__file__).parent
NOW = "2026-11-20T10:00:00Z"
ROOT, MADE_BY = sign.SigningKey(b"r" * 32), sign.SigningKey(b"l" * 32)
RECOVERY, LATER = seal.OpeningKey(b"k" * 32), seal.OpeningKey(b"n" * 32)
LAWYER = seal.OpeningKey(b"o" * 32)
ACCOUNT, MEDICAL, IDENTITY, WORK = Compartment
SEEDS = {ACCOUNT: b"a" * 32, MEDICAL: b"m" * 32, IDENTITY: b"i" * 32}
OURS, OTHERS = shares.split(RECOVERY.seed, 2, 3), shares.split(b"x" * 32, 2, 3)
LATERS = shares.split(LATER.seed, 2, 3)
MEMBER, OFFICER, CASE = "6e1f" * 8, "0f1c" * 8, "7d" * 16

HEADER = Header(
    {name: seal.OpeningKey(seed).public for name, seed in SEEDS.items()},
    b"c" * 32,
    b"d" * 32,
    1,
    b"h" * 32,
)
TESTIMONY = HEADER.testimony


def member(member_id, role, opening):
    return RosterMember(
        member_id, frozenset({role}), MADE_BY.public, opening.public, "2026-11-01T09:00:00Z"
    )


FIRST = Roster(
    1,
    None,
    "2026-11-01T09:00:00Z",
    "2027-05-01T09:00:00Z",
    86_400,
    ROOT.public,
    RECOVERY.public,
    seal.OpeningKey(b"c" * 32).public,
    "vault.example/log+00000000+AQ",
    (
        member(OFFICER, "intake_officer", seal.OpeningKey(b"f" * 32)),
        member(MEMBER, "lawyer", LAWYER),
    ),
)
SECOND = dataclasses.replace(
    FIRST, version=2, previous=FIRST.hash, issued="2026-11-10T09:00:00Z", recovery=LATER.public
)
CHAIN = (sign_roster(FIRST, ROOT), sign_roster(SECOND, ROOT))

EPOCH = Epoch(CASE, 1, {WORK: seal.OpeningKey(b"w" * 32).public}, None, MEMBER, "2026-11-05")


def granted(subject, seeds, key=RECOVERY):
    return seal_grant(subject, "recovery", key.public, Seeds(seeds))


ACCOUNTS = {(ACCOUNT, 1): SEEDS[ACCOUNT], (MEDICAL, 1): SEEDS[MEDICAL]}
WORKS = {(WORK, 1): b"w" * 32}
OF_CASE = Subject(CASE, None, ((EPOCH.encode(), EPOCH.signed(MADE_BY)),), (granted(CASE, WORKS),))
OF_TESTIMONY = Subject(TESTIMONY, HEADER, (), (granted(TESTIMONY, ACCOUNTS),))


def asked(*subjects, **changes):
    ordered = tuple(sorted(subjects or (OF_CASE, OF_TESTIMONY), key=lambda item: item.subject))
    request = Request("ab" * 16, "0a" * 16, "2026-11-19", MEMBER, CHAIN, ordered)
    return dataclasses.replace(request, **changes)


def request(name, about, made, expect="FormatError", typed=OURS[:2], seeds=None, **changes):
    data = made.data if isinstance(made, Request) else made
    if changes:
        data = canonical.dumps(canonical.loads(data) | changes)
    vector = {"about": about, "kind": "request", "now": NOW, "shares": list(typed)}
    vector |= {"opening_seed": LAWYER.seed.hex(), "file": data.decode(), "expect": expect}
    if seeds is not None:
        vector["seeds"] = [[s, str(c), epoch, seed.hex()] for s, c, epoch, seed in sorted(seeds)]
    write(name, vector)


def document(name, kind, about, value, expect="FormatError"):
    data = value if isinstance(value, bytes) else canonical.dumps(value)
    write(name, {"about": about, "kind": kind, "file": data.decode(), "expect": expect})


def write(name, vector):
    (HERE / f"{name}.json").write_text(json.dumps(vector, indent=1) + "\n")


def with_grant(subject, *grants):
    return dataclasses.replace(subject, grants=grants)


def requests():
    work = [(CASE, WORK, 1, b"w" * 32)]
    account = [(TESTIMONY, ACCOUNT, 1, b"a" * 32), (TESTIMONY, MEDICAL, 1, b"m" * 32)]
    good = asked()
    request("good-request", "a case and its testimony", good, "ok", seeds=[*work, *account])
    request(
        "good-shares-reordered",
        "shares 3 and 1",
        good,
        "ok",
        (OURS[2], OURS[0]),
        seeds=[*work, *account],
    )
    request(
        "good-share-too-many",
        "one of another set besides",
        good,
        "ok",
        (OTHERS[0], *OURS[:2]),
        seeds=[*work, *account],
    )
    request(
        "good-two-years",
        "the testimony under the later key: only the case opens",
        asked(OF_CASE, with_grant(OF_TESTIMONY, granted(TESTIMONY, ACCOUNTS, LATER))),
        "ok",
        seeds=work,
    )
    hidden = granted(TESTIMONY, {(IDENTITY, 1): SEEDS[IDENTITY]})
    request(
        "good-identity-left-out",
        "a grant of identity besides",
        asked(OF_CASE, with_grant(OF_TESTIMONY, *OF_TESTIMONY.grants, hidden)),
        "ok",
        seeds=[*work, *account],
    )
    swapped = granted(TESTIMONY, {(ACCOUNT, 1): b"x" * 32})
    request(
        "good-swapped-left-out",
        "a seed that is not the header's",
        asked(OF_CASE, with_grant(OF_TESTIMONY, swapped)),
        "ok",
        seeds=work,
    )
    request(
        "swapped-only",
        "nothing but a seed that is not the header's",
        asked(with_grant(OF_TESTIMONY, swapped)),
        "RefusedError",
    )
    request(
        "identity-only",
        "nothing but a grant of identity",
        asked(with_grant(OF_TESTIMONY, hidden)),
        "RefusedError",
    )
    request("other-year", "shares of the later key", good, "RefusedError", LATERS[:2])
    request("share-other-key", "a whole set of no key of the vault", good, "ShareError", OTHERS[:2])
    request("share-other-set", "one of each set", good, "ForeignShareError", (OURS[0], OTHERS[1]))
    request("share-missing", "one of two", good, "MissingSharesError", OURS[:1])
    request("share-twice", "the same twice", good, "RepeatedShareError", (OURS[0], OURS[0]))
    words = OURS[1].split()
    words[20] = "academic" if words[20] != "academic" else "acid"
    request(
        "share-mistyped",
        "word 21 of share 2",
        good,
        "ShareMistypedError",
        (OURS[0], " ".join(words)),
    )
    request("recipient-officer", "no lawyer", asked(recipient=OFFICER), "RefusedError")
    request("recipient-unknown", "nobody", asked(recipient="ee" * 16), "RefusedError")
    request("too-old", "older than 30 days", asked(day="2026-10-01"), "RefusedError")
    request("of-the-future", "two days ahead", asked(day="2026-11-22"), "RefusedError")
    request("no-such-day", "13th month", asked(day="2026-13-01"))
    expired = dataclasses.replace(SECOND, expires="2026-11-15T09:00:00Z")
    request(
        "roster-expired",
        "its time is over",
        asked(chain=(CHAIN[0], sign_roster(expired, ROOT))),
        "RosterExpiredError",
    )
    request("chain-empty", "no roster", asked(chain=()), "RosterError")
    request("chain-first-missing", "begins with version 2", asked(chain=CHAIN[1:]), "RosterError")
    request(
        "chain-signature",
        "signed by another key",
        asked(chain=(CHAIN[0], sign_roster(SECOND, sign.SigningKey(b"z" * 32)))),
        "RosterError",
    )
    request("extra-field", "one field too many", good, more=1)
    request(
        "version",
        "another version",
        good,
        "UnknownVersionError",
        format="witness-vault/recovery-request/v2",
    )
    request("format", "a grant's format", good, format="witness-vault/grant/v1")
    request(
        "unsorted",
        "subjects the wrong way round",
        dataclasses.replace(good, subjects=good.subjects[::-1]),
    )
    request("id-upper-case", "an id in capitals", good, id="0A" * 16)


def others():
    made = seal_grant(TESTIMONY, MEMBER, LAWYER.public, Seeds(ACCOUNTS))
    answer = Answer("0a" * 16, b"d" * 32, MEMBER, (made,))
    value = canonical.loads(answer.encode())
    document("good-answer", "answer", "one grant", value, "ok")
    document(
        "answer-digest-short", "answer", "31 bytes", value | {"digest": canonical.b64(b"d" * 31)}
    )
    document("answer-twice", "answer", "one subject twice", value | {"grants": value["grants"] * 2})
    document(
        "answer-version",
        "answer",
        "another version",
        value | {"format": "witness-vault/recovery-answer/v2"},
        "UnknownVersionError",
    )
    document(
        "answer-field",
        "answer",
        "a field too few",
        {name: value[name] for name in value if name != "recipient"},
    )
    proof_key = sign.SigningKey(b"p" * 32)
    key = PublicKey(RECOVERY.public, proof_key.public, 2, 3, "2026-11-19")
    proven = dataclasses.replace(key, proof=proof_key.sign(KEY, key.statement()))
    document("good-key", "key", "proven", proven.encode(), "ok")
    document("key-unproven", "key", "its shares were not tested", key.encode(), "RefusedError")
    more = dataclasses.replace(proven, shares=5)
    document("key-changed", "key", "another number of shares", more.encode(), "SignatureError")
    value = canonical.loads(proven.encode())
    document("key-threshold-text", "key", "a text", value | {"threshold": "2"})
    document("key-public", "key", "no point", value | {"public": canonical.b64(b"\xff" * 1216)})
    document("key-proof-short", "key", "63 bytes", value | {"proof": canonical.b64(b"p" * 63)})


if __name__ == "__main__":
    requests()
    others()
