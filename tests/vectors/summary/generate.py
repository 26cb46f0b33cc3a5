"""Write the summary vectors: one good summary or one fault per file. See docs/spec/summary.md.

Sealing draws randomness: each run writes other bytes of the same meaning, so the files are kept as
they are. Run: python tests/vectors/summary/generate.py
"""

import dataclasses
import json
from pathlib import Path

from vault import canonical
from vault.crypto import padding, seal, suite
from vault.crypto.sign import SigningKey
from vault.keyring import summaries
from vault.keyring.summaries import (
    OWN,
    OWN_USE,
    POSTED,
    POSTED_USE,
    SIZE,
    Keeper,
    Place,
    Summary,
)

HERE = Path(__file__).parent
KEY, ERASURE = seal.OpeningKey(bytes(range(32))), bytes(range(64, 96))
BY, SIGNING = "4b" * 16, SigningKey(bytes(range(96, 128)))
PLACE = Place("7d" * 16, "5c" * 32, "6e1f" * 8)
SUMMARY = Summary(
    "victim", "ru", ("held_now",), "ждёт суда", seen=3, replies=2, files=4, waiting=False, second=bytes(32)
)
KEEPER = Keeper(PLACE.member, KEY)
OWN_KEY = suite.hkdf(KEY.seed, OWN_USE.encode())


def own(content, size=SIZE, place=PLACE, tag=OWN):
    plain = padding.pad(canonical.dumps(content), size)
    return bytes((tag,)) + suite.aead_seal(OWN_KEY, plain, place.context(OWN_USE))


def posted(signing=SIGNING, by=BY, place=PLACE, **changes):
    """Sign for `place` and `SUMMARY`; then seal, for the true place, what `changes` says."""
    signed = place.name + b"\0" + canonical.dumps(SUMMARY.to_json())
    signature = canonical.b64(signing.sign(summaries.FORMAT, signed))
    content = {"by": by, "signature": signature, "summary": SUMMARY.to_json()} | changes
    plain = padding.pad(canonical.dumps(content), SIZE)
    return bytes((POSTED,)) + seal.seal(KEY.public, PLACE.context(POSTED_USE), plain)


def write(name, about, sealed, expect="FormatError", stored=None):
    stored = summaries.wrap(ERASURE, PLACE, sealed) if stored is None else stored
    vector = {
        "about": about,
        "opening_seed": KEY.seed.hex(),
        "erasure_key": ERASURE.hex(),
        "makers": {BY: SIGNING.public.hex()},
        "case": PLACE.case,
        "testimony": PLACE.testimony,
        "member": PLACE.member,
        "stored": canonical.b64(stored),
        "expect": expect,
    }
    if expect == "ok":
        vector["summary"] = SUMMARY.to_json()
    (HERE / f"{name}.json").write_text(json.dumps(vector, indent=1, ensure_ascii=False) + "\n")


def main():
    good = SUMMARY.to_json()
    other = dataclasses.replace(PLACE, case="00" * 16)
    stranger = SigningKey(bytes(32))
    write("good-own", "kept by the member", KEEPER.keep(PLACE, SUMMARY), "ok")
    write("good-posted", "posted by who gave the case", posted(), "ok")
    write("own-of-another-case", "moved", own(good, place=other), "SealError")
    write("own-larger", "padded to 2,048 bytes", own(good, size=2 * SIZE))
    write("own-with-a-field-more", "not of this version", own(good | {"more": 1}))
    write("own-label-too-long", "81 characters", own(good | {"label": "x" * 81}))
    write("own-second-short", "31 bytes", own(good | {"second": canonical.b64(bytes(31))}))
    write("own-count-as-text", "seen is no integer", own(good | {"seen": "3"}))
    write("own-called-posted", "the first byte was changed", own(good, tag=POSTED))
    write("unknown-form", "first byte 3", own(good, tag=3))
    write("empty", "nothing inside the wrapping", b"")
    write("posted-by-a-stranger", "signed with another key", posted(stranger), "SignatureError")
    write("posted-by-nobody", "by an unknown member", posted(by="00" * 16), "SignatureError")
    write("posted-for-another-case", "signed for it", posted(place=other), "SignatureError")
    changed = posted(summary=good | {"urgency": []})
    write("posted-and-changed", "other content than was signed", changed, "SignatureError")
    write("posted-with-a-field-more", "not of this version", posted(more=1))
    sealed = KEEPER.keep(PLACE, SUMMARY)
    wrapped = summaries.wrap(ERASURE, other, sealed)
    write("wrapped-for-another-case", "moved with its wrapping", b"", "SealError", wrapped)
    wrapped = summaries.wrap(bytes(32), PLACE, sealed)
    write("wrapped-under-another-key", "another testimony's", b"", "SealError", wrapped)
    write("not-wrapped", "as if there were no erasure", b"", "SealError", sealed)
    write("too-short", "shorter than nonce and tag", b"", stored=b"x" * 27)


if __name__ == "__main__":
    main()
