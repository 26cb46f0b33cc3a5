"""Write the vectors of files: one good packet with its sealed files, and one fault per JSON file.

    python tests/vectors/files/generate.py

The good one is an addendum of three files: a photograph with its cleaned copy in the account, and a
body in the medical record. It holds what a reader must find: each file in clear, what its record
says of it but the key, and the salted commitment of each record, as the collector notes it in the
log. A fault changes one thing in the packet (`where`, `set`), the sealed bytes of one file
(`sealed`), or brings a packet of its own whose records say what none may (`packet`).

Sealing draws randomness: each run writes other bytes of the same meaning. See docs/spec/packet.md.
"""

import json
from dataclasses import replace
from pathlib import Path

from vault import canonical
from vault.crypto import padding, stream, suite
from vault.crypto.seal import OpeningKey
from vault.keyring.compartments import OF_TESTIMONY, Compartment
from vault.packet import build
from vault.packet.build import Beside, Place, build_addendum
from vault.packet.files import MOST, Attachment, SealedFile
from vault.packet.material import Material

HERE = Path(__file__).parent
MATERIAL = Material(bytes(range(32)))
TESTIMONY, DAY = "5d" * 32, "2026-11-22"
COLLECTOR = OpeningKey(b"\2" * 32)
PHOTO, COPY, BODY = "0a" * 16, "0b" * 16, "0c" * 16
PLAIN = {
    PHOTO: b"a photograph, and where it was taken",
    COPY: b"a photograph",
    BODY: b"a bruise" * 10_000,  # more than one piece of a stream
}
KEYS = {name: bytes([at]) * 32 for at, name in enumerate(PLAIN, 1)}
SAID = {"name": "снимок.jpg", "type": "image/jpeg", "may_see": "lawyer"}


def attachment(name, kind, **more):
    plain = PLAIN[name]
    return Attachment(
        name, KEYS[name], len(plain), suite.sha256(plain), kind=kind, **{**SAID, **more}
    )


ORIGINAL = attachment(PHOTO, "other", case_file=True)
CLEANED = attachment(COPY, "other", parent=PHOTO, original=ORIGINAL.sha256)
HURT = attachment(BODY, "body", may_see="doctor")


def seal(name, plain):
    return b"".join(stream.encrypt(KEYS[name], [plain]))


def filled(plain):
    return b"".join(padding.fill([plain]))


SEALED = {name: seal(name, filled(plain)) for name, plain in PLAIN.items()}
FILES = tuple(SealedFile(name, len(data), suite.sha256(data)) for name, data in SEALED.items())


class Wrong(Attachment):
    """What a record must not say: fields of `changes` in place of its own."""

    changes = {}

    def to_json(self):
        return {**super().to_json(), **self.changes}


def wrong(one, **changes):
    made = Wrong(**one.__dict__)
    object.__setattr__(made, "changes", changes)
    return made


def packet(account=(ORIGINAL, CLEANED), medical=(HURT,), files=FILES, secret=b"s"):
    attached = {Compartment.ACCOUNT: account, Compartment.MEDICAL: medical}
    publics = {name: (1, MATERIAL.compartments[name].public) for name in OF_TESTIMONY}
    return build_addendum(
        secret * 32,
        MATERIAL.receipt,
        Place(TESTIMONY, publics),
        COLLECTOR.public,
        content={"form": {"id": "victim", "version": 1}, "language": "ru", "day": DAY},
        parts={},
        beside=Beside(attached, files),
    )


def text(data):
    return {name: canonical.b64(value) for name, value in data.items()}


def write(name, value):
    (HERE / f"{name}.json").write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def good():
    made = packet()
    said = {"account": [ORIGINAL.said(), CLEANED.said()], "medical": [HURT.said()]}
    write(
        "good",
        {
            "about": "three files in an addendum",
            "material": MATERIAL.secret.hex(),
            "collector": COLLECTOR.seed.hex(),
            "packet": made.encode().decode(),
            "sealed": text(SEALED),
            "plain": text(PLAIN),
            "said": said,
            "expect": "ok",
        },
    )
    return canonical.loads(made.encode())["files"]


def named(files):
    """What a packet may not name."""
    first, second, third = files
    many = [{**first, "id": f"{at:032x}"} for at in range(MOST + 1)]
    for name, value in {
        "id-a-path": [{**first, "id": "../../../../etc/shadow-000000000"}],
        "id-twice": [first, first],
        "not-sorted": [second, first, third],
        "size-zero": [{**first, "size": 0}],
        "size-a-text": [{**first, "size": "84"}],
        "hash-short": [{**first, "sha256": "AA"}],
        "name-in-clear": [{**first, "name": "снимок.jpg"}],
        "too-many": many,
        "no-list": {"0": first},
    }.items():
        write(f"packet-{name}", {"where": ["files"], "set": value, "expect": "FormatError"})
    # A packet does not say which of its files are whose; what a record tells of must be among them.
    write("packet-names-less", {"where": ["files"], "set": [first, second], "expect": "FormatError"})


def sealed():
    """What may not lie beside a packet, also where its size and hash were made to fit."""
    photo, body = SEALED[PHOTO], SEALED[BODY]
    pieces = 64 * 1024 + 16
    start = len(body) - pieces - (len(filled(PLAIN[BODY])) - 64 * 1024 + 16)
    turned = body[:start] + body[start + pieces :] + body[start : start + pieces]
    for name, of, data, expect in (
        ("cut-in-a-piece", PHOTO, photo[:-1], "SealError"),
        ("cut-after-a-piece", BODY, body[: start + pieces], "SealError"),
        ("pieces-in-another-order", BODY, turned, "SealError"),
        ("longer", PHOTO, photo + b"\0", "SealError"),
        ("a-bit", PHOTO, photo[:-1] + bytes([photo[-1] ^ 1]), "SealError"),
        ("of-another-file", PHOTO, SEALED[COPY], "WrongKeyError"),
        ("in-clear", PHOTO, PLAIN[PHOTO], "FormatError"),
    ):
        write(f"sealed-{name}", {"sealed": text({of: data}), "expect": expect})
    # Under the right key, and yet not the file of which the record tells.
    same = filled(PLAIN[PHOTO])
    for name, plain in (
        ("another-under-the-same-key", filled(PLAIN[PHOTO][::-1])),
        ("not-filled", PLAIN[PHOTO]),
        ("filled-further", same + bytes(8)),
        ("filled-with-words", same[:-1] + b"x"),
    ):
        value = {"sealed": text({PHOTO: seal(PHOTO, plain)}), "expect": "SealError"}
        write(f"sealed-{name}", value)


def told():
    """What a record may not say of its files."""
    hashed = canonical.b64(bytes(32))
    for name, account in {
        "twice": (ORIGINAL, ORIGINAL),
        "key-short": (wrong(ORIGINAL, key="AA"),),
        "name-empty": (wrong(ORIGINAL, name=""),),
        "type-a-sentence": (wrong(ORIGINAL, type="a picture"),),
        "kind-unknown": (wrong(ORIGINAL, kind="person"),),
        "reader-unknown": (wrong(ORIGINAL, may_see="everybody"),),
        "case-file-a-word": (wrong(ORIGINAL, case_file="yes"),),
        "field-more": (wrong(ORIGINAL, place="Алматы"),),
        "copy-of-nothing-here": (CLEANED,),
        "copy-of-another-hash": (ORIGINAL, wrong(CLEANED, original=hashed)),
        "copy-without-its-hash": (ORIGINAL, wrong(CLEANED, original=None)),
        "copy-of-a-copy": (ORIGINAL, CLEANED, copied(CLEANED)),
    }.items():
        # Committing reads what it commits to: what none may say is put in afterwards.
        write(f"record-{name}", {"packet": unread(account), "expect": "FormatError"})


def copied(one):
    return replace(one, id="0d" * 16, parent=one.id, original=one.sha256)


def unread(account):
    """Return a packet whose account says this, with commitments of one that says nothing."""
    committed, build.commitment_of = build.commitment_of, lambda *_: bytes(32)
    try:
        return packet(account, secret=b"w").encode().decode()
    finally:
        build.commitment_of = committed


def main():
    files = good()
    named(files)
    sealed()
    told()
    other = packet((replace(ORIGINAL, sha256=bytes(32)),), secret=b"s")
    value = canonical.loads(other.encode())["collector"]
    about = "the log holds the commitment of a record that tells of another hash"
    write(
        "commitment-of-another-hash",
        {"about": about, "where": ["collector"], "set": value, "expect": "NotCommittedError"},
    )


main()
