"""Write the vectors of proofs of date: good ones, and one fault in each other file.

    python tests/vectors/proof-of-date/generate.py

Everything is fixed, so a second run writes the same bytes. Keys are for these files only. Each file
holds the proof's `file`, `vkey`, `held` and `cosigners`, and `expect`: "ok" or the error's class.
"""

import dataclasses
import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vault import canonical
from vault.crypto import commitment, sign, suite
from vault.ledger import merkle, succession
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.cosignature import cosign
from vault.ledger.entry import Entry
from vault.ledger.note import COSIGNATURE, NoteVerifier
from vault.ledger.proof import TlogProof
from vault.ledger.proof_of_date import DETAIL, FORMAT, NOTED, ProofOfDate, Shown

HERE = Path(__file__).parent
ORIGIN = "vault.example/log"
SEEDS = [bytes([at]) * 32 for at in (1, 2, 3)]
LOG, NEXT, OUTSIDE = (sign.SigningKey(seed) for seed in SEEDS)
# Notes are signed without a context.
RAW = {sign.SigningKey(one).public: Ed25519PrivateKey.from_private_bytes(one).sign for one in SEEDS}
VERIFIER, AFTER = NoteVerifier(ORIGIN, LOG.public), NoteVerifier(ORIGIN, NEXT.public)
COSIGNER = NoteVerifier("partner.example/1", OUTSIDE.public, COSIGNATURE)
SEEN = 1_795_345_200
SALT, DAY = bytes(range(32)), "2026-11-22"
PARTS = {
    "answer/consent": {"C01": "yes", "C02": "yes"},
    "answer/story": "Меня забрали утром. They came in a white car.",
    "compartment": "account",
    "day": DAY,
    "form": {"id": "victim", "version": 1},
    "kind": "statement",
    "language": "ru",
}
DIGESTS = commitment.digests(SALT, PARTS)
# What a record says of a file that came with it: its name leads to its hash, and to no key.
FILE = {
    "case_file": False,
    "id": "c0" * 16,
    "kind": "paper",
    "may_see": "court",
    "name": "постановление.jpg",
    "original": None,
    "parent": None,
    "sha256": canonical.b64(suite.sha256(b"a paper with a seal")),
    "size": len(b"a paper with a seal"),
    "type": "image/jpeg",
}
NAMED = f"file/{FILE['id']}"
WITH_FILE = PARTS | {"kind": "addendum", NAMED: FILE}
SHOWN = ("answer/story", "compartment", "day", "kind")


def raw(key):
    return RAW[key.public]


def noted(seq, digests, day=DAY):
    listed = [canonical.b64(commitment.commitment(digests)), canonical.b64(bytes(32))]
    return Entry(seq, day, NOTED, "system", {}, {DETAIL: sorted(listed)}, nonce=bytes([seq]) * 16)


def filler(seq, **changed):
    stated = {
        "time": f"{DAY}T10:00:00Z",
        "kind": "reveal",
        "actor": "0a" * 16,
        "subject": {"case": "0b" * 16},
    }
    return Entry(seq=seq, nonce=bytes([seq]) * 16, **stated | changed)


OTHER = commitment.digests(bytes(32), {"answer/story": "Another account."})
ENTRIES = [filler(0), filler(1), noted(2, DIGESTS), noted(3, OTHER), filler(4)]
CHANGE = filler(
    5,
    time=f"{DAY}T11:00:00Z",
    kind="key.changed",
    actor="root",
    subject={},
    detail=succession.detail(ORIGIN, LOG, NEXT.public),
)


def checkpoint(entries, verifier=VERIFIER, key=LOG):
    root = merkle.root([merkle.leaf_hash(one.encode()) for one in entries])
    return Checkpoint(ORIGIN, len(entries), root).sign(verifier, raw(key))


def proof(seq=2, digests=DIGESTS, shown=SHOWN, entries=None, note=None, keys=(), parts=PARTS):
    entries = entries or ENTRIES
    leaves = [merkle.leaf_hash(one.encode()) for one in entries]
    words = [Shown(name, commitment.salt_of(SALT, name), parts[name]) for name in shown]
    path = merkle.inclusion_proof(seq, leaves)
    stands = TlogProof(seq, path, note or checkpoint(entries))
    return ProofOfDate(entries[seq].encode(), digests, tuple(words), keys, stands)


def changed(made, at, **changes):
    words = list(made.shown)
    words[at] = dataclasses.replace(words[at], **changes)
    return dataclasses.replace(made, shown=tuple(words))


def moved(made, **changes):
    return dataclasses.replace(made, proof=dataclasses.replace(made.proof, **changes))


def redated(made, day):
    value = canonical.loads(made.entry) | {"time": day}
    return dataclasses.replace(made, entry=canonical.dumps(value))


def note_of(made, before, after):
    return moved(made, checkpoint=made.proof.checkpoint.replace(before, after))


def write(name, about, made, expect="ok", vkey=None, held=(), cosigners=()):
    data = made if isinstance(made, bytes) else made.encode()
    value = {
        "about": about,
        "file": data.decode(),
        "vkey": (vkey or VERIFIER).vkey(),
        "held": [one.decode() for one in held],
        "cosigners": [one.vkey() for one in cosigners],
        "expect": expect,
    }
    (HERE / f"{name}.json").write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def good(made):
    longer = [*ENTRIES, CHANGE, filler(6)]
    note = checkpoint(longer, AFTER, NEXT)
    followed = proof(entries=longer, note=note, keys=(CHANGE.encode(),))
    write("good", "with some of the words", made)
    write("good-without-words", "the digest alone", proof(shown=()))
    write("good-held", "the same checkpoint was kept outside", made, held=[checkpoint(ENTRIES)])
    seen = cosign(checkpoint(ENTRIES), COSIGNER, SEEN, raw(OUTSIDE))
    write("good-cosigned", "signed outside", moved(made, checkpoint=seen), cosigners=[COSIGNER])
    write("good-key-changed", "by the log's first key", followed)
    write("good-newest-key", "by the log's newest key", followed, vkey=AFTER)
    missing = dataclasses.replace(followed, keys=())
    write("key-change-missing", "the first key does not lead there", missing, "SignatureError")
    other = NoteVerifier(ORIGIN, OUTSIDE.public)
    forged = dataclasses.replace(CHANGE, detail=succession.detail(ORIGIN, OUTSIDE, OUTSIDE.public))
    entries = [*ENTRIES, forged, filler(6)]
    stranger = proof(
        entries=entries, note=checkpoint(entries, other, OUTSIDE), keys=(forged.encode(),)
    )
    write("key-change-forged", "a key that none before named", stranger, "SignatureError")


def of_a_file():
    digests = commitment.digests(SALT, WITH_FILE)
    entries = [filler(0), noted(1, digests)]
    made = proof(1, digests, (NAMED, "kind"), entries=entries, parts=WITH_FILE)
    write("good-file", "the hash of a file, not a word of the statement", made)
    other = FILE | {"sha256": canonical.b64(suite.sha256(b"another paper"))}
    write("file-hash", "another file", changed(made, 0, value=other), "NotCommittedError")
    write("file-name", "as another file", changed(made, 0, name="file/" + "c1" * 16), "NotCommittedError")


def main():
    made = proof()
    good(made)
    of_a_file()
    data = made.encode()
    for name, about, value, expect in (
        (
            "word",
            "one letter",
            changed(made, 0, value="Меня забрали вечером."),
            "NotCommittedError",
        ),
        (
            "word-name",
            "an answer under another question",
            changed(made, 0, name="answer/medical"),
            "NotCommittedError",
        ),
        (
            "word-day",
            "the statement's own day",
            changed(made, 2, value="2026-11-21"),
            "NotCommittedError",
        ),
        ("salt", "the salt of a word", changed(made, 0, salt=bytes(32)), "NotCommittedError"),
        (
            "digest",
            "one digest of another",
            dataclasses.replace(made, shown=(), digests=OTHER),
            "NotNotedError",
        ),
        (
            "digest-missing",
            "one digest left out",
            dataclasses.replace(made, shown=(), digests=DIGESTS[1:]),
            "NotNotedError",
        ),
        (
            "digests-unsorted",
            "in another order",
            dataclasses.replace(made, shown=(), digests=DIGESTS[::-1]),
            "FormatError",
        ),
        ("entry-of-another", "another statement's entry", proof(seq=3), "NotNotedError"),
        ("entry-of-another-kind", "an entry that notes nothing", proof(seq=4), "NotNotedError"),
        ("day", "an earlier day", redated(made, "2026-11-21"), "LedgerError"),
        ("day-a-moment", "an hour", redated(made, f"{DAY}T10:00:00Z"), "NotNotedError"),
        ("index", "another place", moved(made, index=3), "LedgerError"),
        (
            "path",
            "a hash on the way",
            moved(made, hashes=(bytes(32), *made.proof.hashes[1:])),
            "LedgerError",
        ),
        (
            "path-short",
            "a hash left out",
            moved(made, hashes=made.proof.hashes[:-1]),
            "LedgerError",
        ),
        ("size", "another size", note_of(made, b"\n5\n", b"\n6\n"), "SignatureError"),
        (
            "root",
            "another root",
            moved(
                made,
                checkpoint=note_of(
                    made, made.proof.checkpoint.split(b"\n")[2], b"A" * 43 + b"="
                ).proof.checkpoint,
            ),
            "SignatureError",
        ),
        (
            "origin",
            "another log",
            note_of(made, ORIGIN.encode(), b"other.example/log"),
            "SignatureError",
        ),
        (
            "signature",
            "signed by a stranger",
            moved(
                made, checkpoint=checkpoint(ENTRIES, NoteVerifier(ORIGIN, OUTSIDE.public), OUTSIDE)
            ),
            "SignatureError",
        ),
        (
            "about",
            "the words at the head",
            data.replace("не показывает".encode(), "показывает".encode(), 1),
            "FormatError",
        ),
        ("about-missing", "without them", data[data.index(b"{") :], "FormatError"),
        (
            "version-unknown",
            "another version",
            data.replace(b"date/v1", b"date/v2", 1),
            "UnknownVersionError",
        ),
        (
            "extra-field",
            "one field more",
            data.replace(b'{"digests"', b'{"case":"x","digests"', 1),
            "FormatError",
        ),
        (
            "not-canonical",
            "a space",
            data.replace(b'{"digests":', b'{"digests": ', 1),
            "FormatError",
        ),
        (
            "shown-twice",
            "one part twice",
            dataclasses.replace(made, shown=(made.shown[0], *made.shown)),
            "FormatError",
        ),
        ("cut", "its end", data[:-40], "FormatError"),
        ("without-proof", "the log left out", data[: data.index(b"\n\nc2sp")], "FormatError"),
    ):
        write(name, about, value, expect)
    rewritten = [*ENTRIES[:4], filler(4, kind="search", subject={})]
    write(
        "held-says-something-else",
        "signed twice",
        made,
        "AnotherCheckpointError",
        held=[checkpoint(rewritten)],
    )
    write(
        "held-of-another-size",
        "not comparable",
        made,
        "AnotherCheckpointError",
        held=[checkpoint(ENTRIES[:4])],
    )
    write(
        "not-cosigned",
        "without the signature asked for",
        made,
        "SignatureError",
        cosigners=[COSIGNER],
    )
    assert FORMAT in data.decode()


if __name__ == "__main__":
    main()
