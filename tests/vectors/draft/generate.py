"""Write the draft vectors: one good draft or one fault per file. See docs/spec/draft.md.

Sealing draws randomness: each run writes other bytes of the same meaning, so the files are kept as
they are. Run: python tests/vectors/draft/generate.py
"""

import dataclasses
import json
from pathlib import Path

from vault import canonical
from vault.crypto import padding, seal, suite
from vault.keyring import drafts
from vault.keyring.drafts import FORMAT, MINIMUM, Place, Written
from vault.keyring.grants import WRAP_FORMAT

HERE = Path(__file__).parent
KEY, ERASURE = seal.OpeningKey(bytes(range(32))), bytes(range(64, 96))
PLACE = Place("0d" * 16, "7d" * 16, "5c" * 32, "6e1f" * 8, "reply")
WRITTEN = Written("Здравствуйте. Мы прочли", "2026-11-26T10:15:00Z")
GOOD = {"saved": WRITTEN.saved, "text": WRITTEN.text}


def own(plain, place=PLACE, key=KEY):
    return suite.aead_seal(
        suite.hkdf(key.seed, FORMAT.encode()), plain, place.context(FORMAT)
    )


def wrapped(sealed, place=PLACE, key=ERASURE):
    return suite.aead_seal(key, sealed, place.context(WRAP_FORMAT))


def padded(content):
    return padding.pad(canonical.dumps(content), MINIMUM)


def write(name, about, stored, expect="FormatError"):
    vector = {
        "about": about,
        "opening_seed": KEY.seed.hex(),
        "erasure_key": ERASURE.hex(),
        "place": dataclasses.asdict(PLACE),
        "stored": canonical.b64(stored),
        "expect": expect,
    }
    if expect == "ok":
        vector["draft"] = GOOD
    (HERE / f"{name}.json").write_text(json.dumps(vector, indent=1, ensure_ascii=False) + "\n")


def main():
    note = dataclasses.replace(PLACE, kind="note")
    other = dataclasses.replace(PLACE, case="00" * 16)
    write("good", "a reply not sent", drafts.seal(KEY, ERASURE, PLACE, WRITTEN), "ok")
    for name, place in (("of-a-note", note), ("of-another-case", other)):
        write(name, "both layers moved", drafts.seal(KEY, ERASURE, place, WRITTEN), "SealError")
        inner = wrapped(own(padded(GOOD), place))
        write(f"inner-{name}", "only the inner layer moved", inner, "SealError")
    stranger = drafts.seal(seal.OpeningKey(bytes(32)), ERASURE, PLACE, WRITTEN)
    write("by-another-member", "sealed under another seed", stranger, "SealError")
    erased = drafts.seal(KEY, bytes(32), PLACE, WRITTEN)
    write("another-erasure-key", "another testimony's", erased, "SealError")
    write("not-wrapped", "as if there were no erasure", own(padded(GOOD)), "SealError")
    write("a-field-more", "not of this version", wrapped(own(padded(GOOD | {"more": 1}))))
    write("text-no-text", "an integer", wrapped(own(padded(GOOD | {"text": 1}))))
    write("not-padded", "shorter than 4,096 bytes", wrapped(own(canonical.dumps(GOOD))))
    write("not-canonical", "a blank after a colon", wrapped(own(loose())))
    write("too-short", "shorter than nonce and tag", b"x" * 27)


def loose():
    return padding.pad(json.dumps(GOOD, separators=(",", ": ")).encode(), MINIMUM)


if __name__ == "__main__":
    main()
