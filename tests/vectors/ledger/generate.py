"""Make the vectors of the ledger: one fault in each file, named by its fault.

    python tests/vectors/ledger/generate.py

Everything is fixed, so a second run writes the same bytes. Keys are for these files only.

Each file holds `expect`: "ok" or the class of the error; `seq`: the entry that must be named, or
null. The other fields are the input of the one function that its folder is named after.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vault.crypto import sign
from vault.ledger import merkle, succession
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.cosignature import cosign, message
from vault.ledger.entry import Entry
from vault.ledger.note import COSIGNATURE, Note, NoteSignature, NoteVerifier, sign_note
from vault.ledger.offer import Offer
from vault.ledger.proof import TlogProof

HERE = Path(__file__).parent
ORIGIN = "vault.example/log"
SIZES = (4, 8, 10)

LOG = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(32, 64)))
VERIFIER = NoteVerifier(ORIGIN, LOG.public_key().public_bytes_raw())
COSIGNER = NoteVerifier("auditor.example/1", OTHER.public_key().public_bytes_raw(), COSIGNATURE)
STRANGER = NoteVerifier(ORIGIN, OTHER.public_key().public_bytes_raw())
SEEN = 1_795_345_200
BEFORE, AFTER = sign.SigningKey(bytes(range(32))), OTHER.public_key().public_bytes_raw()

MEMBER, CASE, TESTIMONY = "0a" * 16, "0b" * 16, "0c" * 32


def entry(seq, kind="reveal", actor=MEMBER, time=None, subject=None, detail=None, salt="nonce"):
    nonce = hashlib.sha256(f"{salt} {seq}".encode()).digest()[:16]
    return Entry(
        seq=seq,
        time=time or f"2026-11-22T10:00:{seq:02}Z",
        kind=kind,
        actor=actor,
        subject={"case": CASE, "testimony": TESTIMONY} if subject is None else subject,
        detail={"compartment": "account", "epoch": 1} if detail is None else detail,
        nonce=nonce,
    )


ENTRIES = [
    entry(0, "vault.init", "root", subject={}, detail={}),
    entry(1, "intake", "witness", "2026-11-22", {"testimony": TESTIMONY}, {}),
    *(entry(seq) for seq in range(2, 12)),
]
LEAVES = [item.encode() for item in ENTRIES]
HASHES = [merkle.leaf_hash(leaf) for leaf in LEAVES]


def checkpoint(hashes, size, key=LOG, verifier=VERIFIER):
    found = Checkpoint(verifier.name, size, merkle.root(hashes[:size]))
    return found.sign(verifier, key.sign)


CHECKPOINTS = [checkpoint(HASHES, size) for size in SIZES]


def changed(seq):
    """The entry of this place, as somebody would like it to have been."""
    return entry(seq, subject={"case": "0d" * 16}).encode()


def replaced(items, place, value):
    return [*items[:place], value, *items[place + 1 :]]


def rehash(leaves):
    return [merkle.leaf_hash(leaf) for leaf in leaves]


def export(expect, seq=None, **fields):
    found = {
        "entries": LEAVES,
        "hashes": HASHES,
        "checkpoints": CHECKPOINTS,
        "vkey": VERIFIER.vkey(),
        "held_checkpoints": [],
        "held_hashes": [],
        **fields,
    }
    return {
        "expect": expect,
        "seq": seq,
        "entries": [item.decode() for item in found["entries"]],
        "hashes": [item.hex() for item in found["hashes"]],
        "checkpoints": [item.decode() for item in found["checkpoints"]],
        "vkey": found["vkey"],
        "held_checkpoints": [item.decode() for item in found["held_checkpoints"]],
        "held_hashes": [item.hex() for item in found["held_hashes"]],
    }


def renumbered(leaves):
    """The same leaves with consecutive numbers: what a careful forger writes."""
    out = []
    for place, leaf in enumerate(leaves):
        fields = json.loads(leaf)
        fields["seq"] = place
        out.append(json.dumps(fields, sort_keys=True, separators=(",", ":")).encode())
    return out


def exports():
    swapped = [*LEAVES[:5], LEAVES[6], LEAVES[5], *LEAVES[7:]]
    dropped = [*LEAVES[:5], *LEAVES[6:]]
    inserted = [*LEAVES[:5], changed(5), *LEAVES[5:]]
    rewritten = replaced(LEAVES, 5, changed(5))
    forged = rehash(rewritten)
    resigned = [checkpoint(forged, size) for size in SIZES]
    flipped = bytearray(LEAVES[6])
    flipped[30] ^= 1
    later = replaced(LEAVES, 9, changed(9))
    moved = [*dropped, LEAVES[5]]
    again = [*LEAVES[:6], LEAVES[2], *LEAVES[6:]]
    ledger = "LedgerError"
    yield "good", export("ok")
    yield "empty", export("ok", entries=[], hashes=[], checkpoints=[])
    yield "no-checkpoint", export("ok", checkpoints=[])
    yield "held", export("ok", held_checkpoints=CHECKPOINTS[:2], held_hashes=HASHES[:9])
    yield "cosigned", export("ok", checkpoints=replaced(CHECKPOINTS, 2, cosigned(CHECKPOINTS[2])))
    yield "entry-changed", export("ChangedError", 5, entries=rewritten)
    yield "entry-one-bit", export("ChangedError", 6, entries=replaced(LEAVES, 6, bytes(flipped)))
    yield "entry-dropped", export("DroppedError", 5, entries=dropped)
    yield "entry-inserted", export("InsertedError", 5, entries=inserted)
    yield "entries-swapped", export("ReorderedError", 5, entries=swapped)
    yield "entry-not-canonical", export(
        "ChangedError", 7, entries=replaced(LEAVES, 7, LEAVES[7].replace(b",", b", "))
    )
    yield "entry-past-checkpoint-changed", export(
        "ChangedError", 11, entries=replaced(LEAVES, 11, changed(11))
    )
    yield "first-of-two-faults", export(
        "ChangedError", 3, entries=replaced(replaced(LEAVES, 3, changed(3)), 9, changed(9))
    )
    yield "last-dropped", export("DroppedError", 11, entries=LEAVES[:11])
    yield "hash-changed", export("ChangedError", 2, hashes=replaced(HASHES, 2, HASHES[3]))
    yield "hash-dropped", export("InsertedError", 11, hashes=HASHES[:11])
    yield "entry-and-hash-changed", export("RewrittenError", 4, entries=rewritten, hashes=forged)
    yield "entry-and-hash-dropped", export("DroppedError", 5, entries=dropped, hashes=rehash(dropped))
    yield "entry-and-hash-inserted", export("InsertedError", 5, entries=inserted, hashes=rehash(inserted))
    yield "entries-and-hashes-swapped", export(
        "ReorderedError", 5, entries=swapped, hashes=rehash(swapped)
    )
    yield "dropped-and-renumbered", export(
        "RewrittenError", 4, entries=renumbered(dropped), hashes=rehash(renumbered(dropped))
    )
    yield "inserted-and-renumbered", export(
        "RewrittenError", 4, entries=renumbered(inserted), hashes=rehash(renumbered(inserted))
    )
    yield "tail-and-hashes-dropped", export("DroppedError", 9, entries=LEAVES[:9], hashes=HASHES[:9])
    yield "all-dropped", export("DroppedError", 0, entries=[], hashes=[])
    yield "rewritten-and-signed-again", export(
        "ok", entries=rewritten, hashes=forged, checkpoints=resigned
    )
    yield "rewritten-against-held-checkpoint", export(
        "ForkedError", 4, entries=rewritten, hashes=forged, checkpoints=resigned,
        held_checkpoints=CHECKPOINTS[:2],
    )
    yield "rewritten-against-held-hashes", export(
        "ChangedError", 5, entries=rewritten, hashes=forged, checkpoints=resigned, held_hashes=HASHES[:8]
    )
    yield "rolled-back-against-held-hashes", export(
        "RolledBackError", 4, entries=LEAVES[:4], hashes=HASHES[:4], checkpoints=CHECKPOINTS[:1],
        held_hashes=HASHES[:8],
    )
    yield "rolled-back-against-held-checkpoint", export(
        "RolledBackError", 4, entries=LEAVES[:4], hashes=HASHES[:4], checkpoints=CHECKPOINTS[:1],
        held_checkpoints=[CHECKPOINTS[1]],
    )
    yield "forked-at-the-same-size", export(
        "ForkedError", 8, held_checkpoints=[CHECKPOINTS[1], checkpoint(rehash(later), 10)]
    )
    yield "rewritten-unsigned-against-held-checkpoint", export(
        "RewrittenError", 4, entries=rewritten, hashes=forged, checkpoints=[],
        held_checkpoints=CHECKPOINTS[:2],
    )
    yield "moved-to-the-end", export("ReorderedError", 5, entries=moved, hashes=rehash(moved))
    yield "old-entry-again", export(
        "InsertedError", 4, entries=again, hashes=rehash(again), checkpoints=CHECKPOINTS[:1]
    )
    yield "not-an-entry", export(
        "ChangedError", 11,
        entries=replaced(LEAVES, 11, b"{}"), hashes=replaced(HASHES, 11, merkle.leaf_hash(b"{}")),
    )
    yield "checkpoints-out-of-order", export(ledger, checkpoints=CHECKPOINTS[::-1])
    yield "checkpoint-twice", export(ledger, checkpoints=[*CHECKPOINTS, CHECKPOINTS[2]])
    yield "checkpoint-by-another-key", export(
        "SignatureError", checkpoints=[checkpoint(HASHES, 8, OTHER, STRANGER)]
    )
    yield "checkpoint-changed", export(
        "SignatureError", checkpoints=[CHECKPOINTS[0].replace(b"\n4\n", b"\n5\n")]
    )
    yield from key_changes()
    yield "vkey-of-another", export("SignatureError", vkey=STRANGER.vkey())
    yield "vkey-malformed", export("FormatError", vkey=VERIFIER.vkey()[:-4])
    yield "hash-empty", export("EmptyHashError", hashes=replaced(HASHES, 3, b""))
    yield "hash-short", export("HashSizeError", hashes=replaced(HASHES, 3, HASHES[3][:31]))


def key_changes():
    """The log goes on under another key from entry 6 on; the checkpoint at 8 is the first with it."""
    named = entry(6, "key.changed", "root", None, {}, succession.detail(ORIGIN, BEFORE, AFTER))
    leaves = [*LEAVES[:6], named.encode(), *LEAVES[7:]]
    hashes = rehash(leaves)
    old = [checkpoint(hashes, size) for size in SIZES]
    new = [checkpoint(hashes, size, OTHER, STRANGER) for size in SIZES]
    both = Note.parse(old[1]).with_signature(Note.parse(new[1]).signatures[0]).encode()
    good = {"entries": leaves, "hashes": hashes, "checkpoints": [old[0], both, new[2]]}
    yield "key-changed", export("ok", **good)
    yield "key-changed-held", export("ok", **good, held_checkpoints=[old[0], new[1]])
    yield "key-changed-held-by-the-old", export("SignatureError", **good, held_checkpoints=[old[2]])
    yield (
        "key-changed-old-goes-on",
        export("SignatureError", **{**good, "checkpoints": [old[0], both, old[2]]}),
    )
    yield (
        "key-changed-new-too-early",
        export("SignatureError", **{**good, "checkpoints": [new[0], both, new[2]]}),
    )
    yield (
        "key-changed-by-the-new-alone",
        export("SignatureError", **{**good, "checkpoints": [old[0], new[1], new[2]]}),
    )
    yield (
        "key-changed-handover-dropped",
        export("SignatureError", **{**good, "checkpoints": [old[0], new[2]]}),
    )
    mine = succession.detail(ORIGIN, sign.SigningKey(bytes(range(32, 64))), AFTER)
    for name, detail in (
        ("signed-by-nobody", {**mine, "signature": "A" * 86}),
        ("signed-by-itself", mine),
        ("of-no-key", {**mine, "public": "zz"}),
    ):
        forged = entry(6, "key.changed", "root", None, {}, detail).encode()
        other = [*LEAVES[:6], forged, *LEAVES[7:]]
        marks = [checkpoint(rehash(other), size) for size in SIZES]
        yield (
            f"key-changed-{name}",
            export("LedgerError", 6, entries=other, hashes=rehash(other), checkpoints=marks),
        )


def cosigned(note, timestamp=SEEN):
    return cosign(note, COSIGNER, timestamp, OTHER.sign)


def entries():
    good = json.loads(LEAVES[2])

    def one(expect, text=None, **fields):
        made = json.dumps(
            {**good, **fields}, sort_keys=True, separators=(",", ":"), ensure_ascii=False
        )
        return {"expect": expect, "seq": None, "entry": made if text is None else text}

    def without(name):
        return json.dumps(
            {k: v for k, v in good.items() if k != name}, sort_keys=True, separators=(",", ":")
        )

    bad = "FormatError"
    yield "good", one("ok")
    yield "witness-by-day", one("ok", LEAVES[1].decode())
    yield "system-by-moment", one("ok", actor="system")
    yield "system-by-day", one("ok", actor="system", time="2026-11-22")
    yield "details-of-each-type", one("ok", detail={"a": "ә", "b": -1, "c": ["x", "y"], "d": []})
    yield "unknown-version", one("UnknownVersionError", format="witness-vault/entry/v2")
    yield "no-format", one("UnknownVersionError", without("format"))
    yield "missing-field", one(bad, without("detail"))
    yield "extra-field", one(bad, name="x")
    yield "spaces", one(bad, LEAVES[2].decode().replace(":", ": "))
    yield "newline-at-end", one(bad, LEAVES[2].decode() + "\n")
    yield "keys-unsorted", one(bad, json.dumps(dict(reversed(good.items())), separators=(",", ":")))
    yield "key-twice", one(bad, LEAVES[2].decode().replace('"kind"', '"actor":"root","kind"'))
    yield "not-json", one(bad, "reveal")
    yield "not-an-object", one(bad, "[]")
    yield "seq-negative", one(bad, seq=-1)
    yield "seq-true", one(bad, seq=True)
    yield "seq-text", one(bad, seq="2")
    yield "seq-fraction", one(bad, LEAVES[2].decode().replace('"seq":2', '"seq":2.0'))
    yield "seq-too-large", one(bad, seq=2**53)
    yield "kind-unknown", one(bad, kind="reveal.all")
    yield "kind-list", one(bad, kind=[])
    yield "actor-name", one(bad, actor="Aigerim")
    yield "actor-upper-case", one(bad, actor="0A" * 16)
    yield "actor-null", one(bad, actor=None)
    yield "witness-by-minute", one(bad, actor="witness")
    yield "member-by-day", one(bad, time="2026-11-22")
    yield "time-with-offset", one(bad, time="2026-11-22T10:00:02+00:00")
    yield "time-with-fraction", one(bad, time="2026-11-22T10:00:02.5Z")
    yield "time-no-such-day", one(bad, time="2026-02-30T10:00:02Z")
    yield "time-unpadded", one(bad, time="2026-11-2T10:00:02Z")
    yield "subject-unknown", one(bad, subject={"box": "0a" * 16})
    yield "subject-name", one(bad, subject={"member": "Aigerim"})
    yield "subject-number", one(bad, subject={"case": 7})
    yield "subject-list", one(bad, subject=[])
    yield "detail-too-many", one(bad, detail={f"k{n}": n for n in range(17)})
    yield "detail-long-text", one(bad, detail={"a": "x" * 201})
    yield "detail-control-character", one(bad, detail={"a": "x\x7fy"})
    yield "detail-nested", one(bad, detail={"a": {"b": "c"}})
    yield "detail-true", one(bad, detail={"a": True})
    yield "detail-null", one(bad, detail={"a": None})
    yield "detail-list-of-numbers", one(bad, detail={"a": [1]})
    yield "detail-long-list", one(bad, detail={"a": ["x"] * 33})
    yield "detail-bad-key", one(bad, detail={"Name": "x"})
    yield "nonce-short", one(bad, nonce="AAAA")
    yield "nonce-padded", one(bad, nonce="AAAAAAAAAAAAAAAAAAAAAA==")
    yield "nonce-second-spelling", one(bad, nonce="AAAAAAAAAAAAAAAAAAAAAB")
    yield "too-large", one(bad, detail={f"k{n}": ["x" * 200] * 2 for n in range(12)})


def checkpoints():
    def one(expect, note, vkey=VERIFIER.vkey()):
        return {"expect": expect, "seq": None, "note": note, "vkey": vkey}

    def signed(text, key=LOG, verifier=VERIFIER):
        return sign_note(text, verifier, key.sign).encode().decode()

    good = CHECKPOINTS[1].decode()
    origin, size, root = good.split("\n")[:3]
    line = good.split("\n")[4]
    bad = "FormatError"
    yield "good", one("ok", good)
    yield "empty-log", one("ok", checkpoint([], 0).decode())
    yield "signed-twice", one("ok", f"{good}{line}\n")
    yield "cosigned", one("ok", cosigned(CHECKPOINTS[1]).decode())
    yield "extension-line", one(bad, signed(f"{origin}\n{size}\n{root}\nextra\n"))
    yield "no-root", one(bad, signed(f"{origin}\n{size}\n"))
    yield "root-empty", one("EmptyHashError", signed(f"{origin}\n{size}\n\n"))
    yield "root-short", one("HashSizeError", signed(f"{origin}\n{size}\n{root[:-4]}\n"))
    yield "root-second-spelling", one(
        bad, signed(f"{origin}\n{size}\n{root[:-2]}{chr(ord(root[-2]) + 1)}=\n")
    )
    yield "size-leading-zero", one(bad, signed(f"{origin}\n08\n{root}\n"))
    yield "size-signed", one(bad, signed(f"{origin}\n+8\n{root}\n"))
    yield "size-other-digits", one(bad, signed(f"{origin}\n٨\n{root}\n"))
    yield "size-too-large", one(bad, signed(f"{origin}\n{2**53}\n{root}\n"))
    yield "another-origin", one(bad, signed(f"other.example/log\n{size}\n{root}\n"))
    yield "origin-empty", one(bad, signed(f"\n{size}\n{root}\n"))
    yield "text-changed", one("SignatureError", good.replace("\n8\n", "\n9\n"))
    yield "another-key", one("SignatureError", checkpoint(HASHES, 8, OTHER, STRANGER).decode())
    yield "no-signature", one(bad, f"{origin}\n{size}\n{root}\n\n")
    yield "no-empty-line", one(bad, good.replace("\n\n", "\n"))
    yield "last-line-unended", one(bad, good[:-1])
    yield "carriage-returns", one(bad, good.replace("\n", "\r\n"))
    yield "line-after-signatures", one(bad, good + "more\n")
    yield "hyphen-for-dash", one(bad, good.replace("\u2014", "-"))
    yield "one-true-one-false", one(
        "SignatureError", f"{good}{CHECKPOINTS[0].decode().split(chr(10))[4]}\n"
    )
    yield "too-many-signatures", one(bad, good + f"{line}\n" * 64)


def proofs():
    def one(expect, text, leaf=HASHES[5], seq=None):
        return {
            "expect": expect, "seq": seq, "proof": text, "leaf": leaf.hex(), "vkey": VERIFIER.vkey()
        }

    hashes = merkle.inclusion_proof(5, HASHES[:8])
    good = TlogProof(5, hashes, CHECKPOINTS[1]).encode().decode()
    lines = good.split("\n")
    single = checkpoint(HASHES, 1)
    bad = "FormatError"
    yield "good", one("ok", good)
    yield "with-extra", one("ok", TlogProof(5, hashes, CHECKPOINTS[1], b"x").encode().decode())
    yield "no-hashes", one("ok", TlogProof(0, (), single).encode().decode(), HASHES[0])
    yield "another-leaf", one("LedgerError", good, HASHES[6], 5)
    yield "another-index", one("LedgerError", good.replace("index 5", "index 4"), seq=4)
    yield "index-beyond-size", one("NoSuchEntryError", good.replace("index 5", "index 8"), seq=8)
    yield "size-0", one("EmptyTreeError", TlogProof(0, (), checkpoint([], 0)).encode().decode(), seq=0)
    yield "hashes-none", one(
        "EmptyProofError", TlogProof(5, (), CHECKPOINTS[1]).encode().decode(), seq=5
    )
    yield "hash-missing", one("LedgerError", good.replace(f"{lines[2]}\n", ""), seq=5)
    yield "hash-twice", one("LedgerError", good.replace(lines[2], f"{lines[2]}\n{lines[2]}"), seq=5)
    yield "hashes-swapped", one(
        "LedgerError",
        good.replace(f"{lines[2]}\n{lines[3]}", f"{lines[3]}\n{lines[2]}"),
        seq=5,
    )
    yield "another-checkpoint", one(
        "LedgerError", TlogProof(5, hashes, CHECKPOINTS[2]).encode().decode(), seq=5
    )
    yield "checkpoint-forged", one("SignatureError", good.replace("\n8\n", "\n9\n"))
    yield "unknown-version", one("UnknownVersionError", good.replace("@v1", "@v2", 1))
    yield "no-header", one(bad, good.split("\n", 1)[1])
    yield "no-index", one(bad, good.replace("index 5\n", ""))
    yield "index-leading-zero", one(bad, good.replace("index 5", "index 05"))
    yield "index-negative", one(bad, good.replace("index 5", "index -5"))
    yield "extra-after-index", one(bad, good.replace("index 5", "index 5\nextra eA=="))
    yield "extra-not-base64", one(bad, good.replace("index 5", "extra !\nindex 5"))
    yield "extra-empty", one(bad, good.replace("index 5", "extra \nindex 5"))
    yield "hash-short", one("HashSizeError", good.replace(lines[2], lines[2][4:]))
    yield "hash-long", one("HashSizeError", good.replace(lines[2], f"AAAA{lines[2]}"))
    yield "no-checkpoint", one(bad, good.split("\n\n")[0] + "\n")
    yield "checkpoint-unsigned", one(bad, good.rpartition("\n\n")[0] + "\n")
    yield "too-many-hashes", one(
        bad, good.replace(lines[2], "\n".join([lines[2]] * 65))
    )


def cosignatures():
    def one(expect, note, timestamp=None, vkey=COSIGNER.vkey()):
        return {
            "expect": expect, "seq": None, "note": note, "vkey": vkey, "timestamp": timestamp
        }

    note = CHECKPOINTS[1]
    good = cosigned(note).decode()
    last = good.split("\n")[-2]
    plain = NoteVerifier(COSIGNER.name, COSIGNER.public_key)
    yield "good", one("ok", good, SEEN)
    yield "at-zero", one("ok", cosigned(note, 0).decode(), 0)
    yield "twice-latest-counts", one("ok", cosigned(cosigned(note), SEEN + 9).decode(), SEEN + 9)
    yield "not-cosigned", one("SignatureError", note.decode())
    yield "checkpoint-changed", one("SignatureError", good.replace("\n8\n", "\n9\n"))
    yield "time-changed", one("SignatureError", good.replace(last, stamp(last, 1)))
    yield "time-too-large", one("SignatureError", good.replace(last, stamp(last, 2**63)))
    yield "time-too-large-but-signed", one("SignatureError", stamped(note, 2**63))
    yield "signature-short", one("SignatureError", good.replace(last, cut(last)))
    yield "vkey-of-a-log", one("FormatError", good, vkey=plain.vkey())
    yield "not-a-checkpoint", one("FormatError", good.replace("\n8\n", "\neight\n"))


def stamped(data, time):
    """A cosignature that verifies, whatever its time."""
    note = Note.parse(data)
    blob = time.to_bytes(8, "big") + OTHER.sign(message(time, note.text))
    line = NoteSignature(COSIGNER.name, COSIGNER.key_id, blob)
    return note.with_signature(line).encode().decode()


def stamp(line, change):
    found = NoteSignature.parse(line)
    time = int.from_bytes(found.signature[:8], "big") ^ change
    return NoteSignature(
        found.name, found.key_id, time.to_bytes(8, "big") + found.signature[8:]
    ).line()


def cut(line):
    found = NoteSignature.parse(line)
    return NoteSignature(found.name, found.key_id, found.signature[:-1]).line()


def offers():
    """What a cosigner is asked to sign; `seed` is its Ed25519 seed, `last` what it signed last."""

    def one(expect, text, last=CHECKPOINTS[0], vkey=VERIFIER.vkey(), signed=None):
        return {
            "expect": expect, "seq": None, "offer": text, "vkey": vkey,
            "last": last.decode() if last else None, "cosigner": COSIGNER.vkey(),
            "seed": bytes(range(32, 64)).hex(), "timestamp": SEEN,
            "signed": cosigned(signed).decode() if signed else None,
        }

    def asked(old, size, hashes=HASHES):
        proof = merkle.consistency_proof(old, hashes[:size])
        return Offer(old, proof, checkpoint(hashes, size)).encode().decode()

    good, first = asked(4, 8), asked(0, 4)
    lines = good.split("\n")
    forked = rehash(replaced(LEAVES, 1, changed(1)))
    other = checkpoint(HASHES, 4, OTHER, NoteVerifier("other.example/log", STRANGER.public_key))
    bad, ledger = "FormatError", "LedgerError"
    yield "good", one("ok", good, signed=CHECKPOINTS[1])
    yield "first", one("ok", first, None, signed=CHECKPOINTS[0])
    yield "the-same-again", one("ok", first, signed=CHECKPOINTS[0])
    yield "forked", one(ledger, asked(4, 8, forked))
    yield "another-root-of-the-same-size", one(ledger, asked(0, 4, forked))
    yield "smaller", one("RolledBackError", first, CHECKPOINTS[1])
    yield "from-another-size", one(ledger, asked(0, 8))
    yield "not-from-the-beginning", one(ledger, good, None)
    yield "no-hashes", one("EmptyProofError", f"{lines[0]}\n\n{CHECKPOINTS[1].decode()}")
    yield "hash-short", one("HashSizeError", good.replace(lines[1], lines[1][4:]))
    yield "too-many-hashes", one(bad, good.replace(lines[1], "\n".join([lines[1]] * 64)))
    yield "old-leading-zero", one(bad, good.replace("old 4", "old 04"))
    yield "no-old", one(bad, good.replace("old 4\n", ""))
    yield "no-empty-line", one(bad, good.replace("\n\n", "\n", 1))
    yield "unsigned", one(bad, good.rpartition("\n\n")[0] + "\n")
    yield "by-another-key", one("SignatureError", good, vkey=STRANGER.vkey())
    yield "last-of-another-log", one(ledger, good, other)


def inclusions():
    def one(expect, index=5, size=8, seq=None, leaf=HASHES[5], proof=None, root=None):
        hashes = merkle.inclusion_proof(5, HASHES[:8]) if proof is None else proof
        return {
            "expect": expect, "seq": seq, "index": index, "size": size, "leaf": leaf.hex(),
            "proof": [item.hex() for item in hashes],
            "root": (merkle.root(HASHES[:size]) if root is None else root).hex(),
        }

    good = merkle.inclusion_proof(5, HASHES[:8])
    yield "good", one("ok")
    yield "only-leaf", one("ok", 0, 1, leaf=HASHES[0], proof=())
    yield "last-of-an-odd-size", one(
        "ok", 10, 11, leaf=HASHES[10], proof=merkle.inclusion_proof(10, HASHES[:11])
    )
    yield "size-0", one("EmptyTreeError", 0, 0, 0, proof=())
    yield "index-negative", one("NoSuchEntryError", -1, seq=-1)
    yield "index-is-size", one("NoSuchEntryError", 8, seq=8)
    yield "index-beyond-size", one("NoSuchEntryError", 9, seq=9)
    yield "no-hashes", one("EmptyProofError", seq=5, proof=())
    yield "hash-empty", one("EmptyHashError", proof=replaced(good, 1, b""))
    yield "hash-31-bytes", one("HashSizeError", proof=replaced(good, 1, good[1][:31]))
    yield "hash-33-bytes", one("HashSizeError", proof=replaced(good, 1, good[1] + b"x"))
    yield "leaf-empty", one("EmptyHashError", leaf=b"")
    yield "root-empty", one("EmptyHashError", root=b"")
    yield "root-31-bytes", one("HashSizeError", root=HASHES[0][:31])
    yield "another-leaf", one("LedgerError", seq=5, leaf=HASHES[6])
    yield "another-index", one("LedgerError", 4, seq=4)
    yield "another-size", one("LedgerError", 5, 7, 5)
    yield "another-root", one("LedgerError", seq=5, root=HASHES[0])
    yield "hash-missing", one("LedgerError", seq=5, proof=good[1:])
    yield "hash-added", one("LedgerError", seq=5, proof=(*good, HASHES[0]))
    yield "hashes-swapped", one("LedgerError", seq=5, proof=(good[1], good[0], good[2]))


def consistencies():
    def one(expect, first=5, second=8, proof=None, old=None, new=None):
        hashes = merkle.consistency_proof(5, HASHES[:8]) if proof is None else proof
        return {
            "expect": expect, "seq": None, "first": first, "second": second,
            "proof": [item.hex() for item in hashes],
            "first_root": (merkle.root(HASHES[:first]) if old is None else old).hex(),
            "second_root": (merkle.root(HASHES[:second]) if new is None else new).hex(),
        }

    good = merkle.consistency_proof(5, HASHES[:8])
    yield "good", one("ok")
    yield "from-a-complete-tree", one("ok", 4, 8, merkle.consistency_proof(4, HASHES[:8]))
    yield "from-empty", one("ok", 0, 8, ())
    yield "both-empty", one("ok", 0, 0, ())
    yield "same-size", one("ok", 8, 8, ())
    yield "from-empty-with-another-root", one("LedgerError", 0, 8, (), old=HASHES[0])
    yield "same-size-another-root", one("LedgerError", 8, 8, (), new=HASHES[0])
    yield "smaller", one("RolledBackError", 8, 5)
    yield "negative", one("RolledBackError", -1, 8)
    yield "no-hashes", one("EmptyProofError", proof=())
    yield "hash-empty", one("EmptyHashError", proof=replaced(good, 0, b""))
    yield "hash-31-bytes", one("HashSizeError", proof=replaced(good, 0, good[0][:31]))
    yield "old-root-31-bytes", one("HashSizeError", old=HASHES[0][:31])
    yield "another-old-root", one("LedgerError", old=HASHES[0])
    yield "another-new-root", one("LedgerError", new=HASHES[0])
    yield "another-old-size", one("LedgerError", 6, 8)
    yield "hash-missing", one("LedgerError", proof=good[:-1])
    yield "hash-added", one("LedgerError", proof=(*good, HASHES[0]))


GROUPS = {
    "offer": offers,
    "inclusion": inclusions,
    "consistency": consistencies,
    "entry": entries,
    "checkpoint": checkpoints,
    "proof": proofs,
    "cosignature": cosignatures,
    "export": exports,
}


def vectors():
    """Every file by its path below this folder, as bytes."""
    return {
        f"{group}/{name}.json": json.dumps(fields, indent=1, ensure_ascii=False).encode() + b"\n"
        for group, make in GROUPS.items()
        for name, fields in make()
    }


def main():
    for old in HERE.glob("*/*.json"):
        old.unlink()
    for name, data in vectors().items():
        path = HERE / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)


if __name__ == "__main__":
    main()
