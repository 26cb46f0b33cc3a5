"""Write the box vectors: one good box or one fault per JSON file. See docs/spec/box.md.

The secrets are fixed, but sealing draws randomness: each run writes other bytes of the same
meaning, so the files are kept as they are. Run: python tests/vectors/box/generate.py
"""

import json
from pathlib import Path

from vault import canonical
from vault.crypto import padding, seal
from vault.crypto.receipt import Receipt
from vault.crypto.sign import SigningKey
from vault.keyring.compartments import Compartment, Seeds
from vault.keyring.grants import seal_grant
from vault.packet import box, sent

HERE = Path(__file__).parent
RECEIPT, OTHER = Receipt(bytes(range(16))), Receipt(bytes(range(16, 32)))
PUBLIC = seal.OpeningKey(RECEIPT.box_seed).public
TESTIMONY, MEMBER = "5c" * 32, "6e1f" * 8
ACCOUNT, MEDICAL = Compartment.ACCOUNT, Compartment.MEDICAL
PUBLICS = {name: seal.OpeningKey(name.encode().ljust(32)).public for name in box.VOUCHED}
OFFICER = seal.OpeningKey(bytes(range(32)))
AUTHOR = SigningKey(bytes(range(32, 64)))
IDENTITY = bytes(range(64, 96))
GRANT = seal_grant(TESTIMONY, MEMBER, OFFICER.public, Seeds({(ACCOUNT, 1): b"a" * 32}))
REPLY = {
    "format": "witness-vault/reply/v1",
    "subject": TESTIMONY,
    "id": "0b" * 16,
    "author": MEMBER,
    "day": "2026-11-23",
    "number": 1,
    "text": "We read it. Thank you.",
}


def fixed_part(held=(), own=None):
    return box.Fixed(IDENTITY, own, held, "torture", "ru", "2026-11-22")


def reply():
    signature = AUTHOR.sign(REPLY["format"], canonical.dumps(REPLY))
    return {"document": REPLY, "signature": canonical.b64(signature)}


def value(fixed=None, testimony=TESTIMONY, current=None, **changes):
    sealed = box.seal_fixed(RECEIPT, testimony, PUBLICS, fixed or fixed_part())
    made = {
        "format": box.FORMAT,
        "testimony": testimony,
        "publics": box.publics_to_json(PUBLICS),
        "fixed": canonical.b64(sealed),
        "current": (current or box.Current("2026-11-22")).to_json(),
    }
    return {**made, **changes}


def sealed(content, kind=box.FORMAT, public=PUBLIC, minimum=box.MINIMUM):
    padded = padding.pad(canonical.dumps(content), minimum)
    return seal.seal(public, box.context(kind, public), padded)


def forged_fixed(fixed, mac, minimum=box.FIXED_MINIMUM):
    frame = {"fixed": fixed, "mac": canonical.b64(mac)}
    return canonical.b64(sealed(frame, box.FIXED_FORMAT, minimum=minimum))


def flipped(data, at):
    changed = bytearray(data)
    changed[at] ^= 1
    return bytes(changed)


def write(name, about, data, expect="FormatError", **opened):
    vector = {
        "about": about,
        "receipt": RECEIPT.entropy.hex(),
        "author": AUTHOR.public.hex(),
        "box": canonical.b64(data),
        "expect": expect,
        **opened,
    }
    (HERE / f"{name}.json").write_text(json.dumps(vector, indent=1) + "\n")


def ok(name, about, fixed, current):
    opened = {"testimony": TESTIMONY, "fixed": fixed.to_json(), "current": current.to_json()}
    write(name, about, sealed(value(fixed, current=current)), "ok", **opened)


def main():
    unopened = box.Current("2026-11-22")
    told = {"epoch": 2, "released": [{"member": MEMBER, "day": "2026-11-24"}]}
    opening = {"day": "2026-11-24", "role": "lawyer", "compartment": "identity", "purpose": "safety"}
    released = box.Current("2026-11-24", openings=(opening,), identity=told)
    answered = box.Current("2026-11-23", replies=(reply(),))
    ok("good", "an unopened box", fixed_part(), unopened)
    ok("good-held", "reading not yet allowed", fixed_part((GRANT,)), unopened)
    own = fixed_part((), {"story": "They came at night."})
    ok("good-own-account", "the witness reads their account", own, unopened)
    ok("good-reply", "a reply", fixed_part(), answered)
    ok("good-released", "identity released and opened", fixed_part(), released)
    good = sealed(value())
    write("frame-version", "first byte of the frame", flipped(good, 0), "UnknownVersionError")
    write("frame-key-id", "key id changed", flipped(good, 5), "WrongKeyError")
    write("frame-ciphertext", "ciphertext changed", flipped(good, 2000), "SealError")
    write("frame-short", "cut", good[:1000])
    other = seal.OpeningKey(OTHER.box_seed).public
    write("receipt-other", "another receipt's", sealed(value(), public=other), "WrongKeyError")
    write("sent-file", "the file of what was sent", sent.seal_sent(PUBLIC, ()), "SealError")
    mac = box.fixed_mac(RECEIPT, TESTIMONY, PUBLICS, fixed_part())
    small = {"fixed": forged_fixed(fixed_part().to_json(), mac, 1024)}
    write("padding-small", "fixed part padded to 1 KiB", sealed(value() | small))
    write("version-unknown", "version 2", sealed(value(format="witness-vault/box/v2")))
    write("extra-field", "an extra field", sealed(value(note="")))

    vouched = "MacError"
    write("testimony-other", "another id", sealed(value() | {"testimony": "5d" * 32}), vouched)
    swapped = dict(zip(PUBLICS, reversed(list(value()["publics"].values())), strict=True))
    write("publics-swapped", "keys exchanged", sealed(value(publics=swapped)), vouched)
    attacker = {**value()["publics"], "account": canonical.b64(OFFICER.public)}
    write("public-other", "an attacker's key", sealed(value(publics=attacker)), vouched)
    mac = box.fixed_mac(OTHER, TESTIMONY, PUBLICS, fixed_part())
    foreign = {"fixed": forged_fixed(fixed_part().to_json(), mac)}
    write("fixed-mac-foreign", "MAC of another receipt", sealed(value() | foreign), vouched)
    mac = box.fixed_mac(RECEIPT, TESTIMONY, PUBLICS, fixed_part())
    changed = fixed_part().to_json() | {"day": "2026-11-21"}
    write("fixed-changed", "the day", sealed(value() | {"fixed": forged_fixed(changed, mac)}), vouched)
    extra = fixed_part().to_json() | {"note": ""}
    write("fixed-extra-field", "a field", sealed(value() | {"fixed": forged_fixed(extra, mac)}))
    raw = canonical.unb64(value()["fixed"])
    damaged = canonical.b64(flipped(raw, -1))
    write("fixed-damaged", "last byte", sealed(value() | {"fixed": damaged}), "SealError")
    write("current-list", "a list", sealed(value() | {"current": []}))
    unnamed = {**unopened.to_json(), "identity": []}
    write("current-identity-list", "a list", sealed(value() | {"current": unnamed}))
    no_day = {**unopened.to_json(), "day": None}
    write("current-no-day", "day null", sealed(value() | {"current": no_day}))


main()
