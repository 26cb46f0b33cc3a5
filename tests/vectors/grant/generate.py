"""Write the grant vectors: one good grant or one fault per JSON file. See docs/spec/grant.md.

The secrets are fixed, but sealing draws randomness: each run writes other bytes of the same
meaning, so the files are kept as they are. Run: python tests/vectors/grant/generate.py
"""

import json
from pathlib import Path

from vault import canonical
from vault.crypto import padding, seal
from vault.keyring.compartments import Compartment, Seeds
from vault.keyring.grants import FORMAT, MINIMUM, context, seal_grant, wrap

HERE = Path(__file__).parent
KEY, OTHER = seal.OpeningKey(bytes(range(32))), seal.OpeningKey(bytes(range(32, 64)))
TESTIMONY, CASE, MEMBER = "5c" * 32, "7d" * 16, "6e1f" * 8
ERASURE, GRANT_ID = bytes(range(64, 96)), "0a" * 16
ACCOUNT, MEDICAL, WORK = Compartment.ACCOUNT, Compartment.MEDICAL, Compartment.WORK
SEEDS = Seeds({(ACCOUNT, 1): b"a" * 32, (MEDICAL, 1): b"m" * 32})
LATER = SEEDS.merged(Seeds({(ACCOUNT, 2): b"b" * 32}))


def item(name="account", epoch=1, seed=b"a" * 32):
    return {"compartment": name, "epoch": epoch, "seed": canonical.b64(seed)}


def forged(*items, label=("account",), epoch=1, **changes):
    info = context(TESTIMONY, MEMBER, label, epoch)
    content = {"format": FORMAT, "seeds": list(items), **changes}
    sealed = seal.seal(KEY.public, info, padding.pad(canonical.dumps(content), MINIMUM))
    named = {"recipient": MEMBER, "compartments": list(label), "epoch": epoch}
    return {**named, "sealed": canonical.b64(sealed)}


def flipped(grant, at):
    sealed = bytearray(canonical.unb64(grant["sealed"]))
    sealed[at] ^= 1
    return {**grant, "sealed": canonical.b64(bytes(sealed))}


def write(name, about, grant, expect="FormatError", subject=TESTIMONY, seeds=None, erasure=None):
    vector = {
        "about": about,
        "opening_seed": KEY.seed.hex(),
        "erasure_key": None if erasure is None else erasure.hex(),
        "grant_id": None if erasure is None else GRANT_ID,
        "subject": subject,
        "grant": grant,
        "expect": expect,
    }
    if seeds is not None:
        vector["seeds"] = [[name, epoch, seed.hex()] for name, epoch, seed in seeds]
    (HERE / f"{name}.json").write_text(json.dumps(vector, indent=1) + "\n")


def main():
    made = seal_grant(TESTIMONY, MEMBER, KEY.public, SEEDS)
    good = made.to_json()
    write("good", "account and medical, epoch 1", good, "ok", seeds=SEEDS)
    later = seal_grant(TESTIMONY, MEMBER, KEY.public, LATER).to_json()
    write("good-two-epochs", "two epochs of account", later, "ok", seeds=LATER)
    work = Seeds({(WORK, 1): b"w" * 32})
    of_case = seal_grant(CASE, MEMBER, KEY.public, work).to_json()
    write("good-work", "a case's work", of_case, "ok", CASE, work)
    stored = {**good, "sealed": canonical.b64(wrap(ERASURE, made, GRANT_ID))}
    write("good-stored", "wrapped under the erasure key", stored, "ok", seeds=SEEDS, erasure=ERASURE)

    write("testimony-other", "moved to another testimony", good, "SealError", "5d" * 32)
    relabelled = {"recipient": "6e1e" * 8}, {"compartments": ["account"]}, {"epoch": 2}
    for change in relabelled:
        (name,) = change
        write(f"{name}-relabelled", f"another {name}", {**good, **change}, "SealError")
    sealed_to_other = seal_grant(TESTIMONY, MEMBER, OTHER.public, SEEDS).to_json()
    write("key-other", "sealed to another key", sealed_to_other, "WrongKeyError")
    write("frame-version", "first byte of the frame", flipped(good, 0), "UnknownVersionError")
    write("frame-key-id", "key id changed", flipped(good, 5), "WrongKeyError")
    write("frame-enc", "encapsulation changed", flipped(good, 100), "SealError")
    write("frame-tag", "last byte changed", flipped(good, -1), "SealError")
    write("frame-short", "cut", {**good, "sealed": good["sealed"][:1000]})
    write("erasure-key-other", "another erasure key", stored, "SealError", erasure=bytes(32))
    write("stored-changed", "wrapping changed", flipped(stored, 50), "SealError", erasure=ERASURE)
    write("stored-testimony-other", "moved", stored, "SealError", "5d" * 32, erasure=ERASURE)

    write("holds-nothing", "no seed inside", forged())
    write("holds-other", "medical inside, account outside", forged(item("medical")))
    write("holds-more", "identity inside as well", forged(item(), item("identity")))
    write("holds-another-epoch", "epoch 2 inside, 1 outside", forged(item(epoch=2)))
    write("holds-one-twice", "two seeds of one epoch", forged(item(), item(seed=b"b" * 32)))
    write("seed-short", "31 bytes", forged(item(seed=bytes(31))))
    write("inner-version", "version 2 inside", forged(item(), format="witness-vault/grant/v2"))
    write("inner-field", "an extra field inside", forged(item(), note=""))
    write("recipient-name", "a name as recipient", {**good, "recipient": "officer"})
    write("compartments-unsorted", "not sorted", {**good, "compartments": ["medical", "account"]})
    write("epoch-zero", "epoch 0", {**good, "epoch": 0})
    write("extra-field", "an extra field", {**good, "note": ""})


main()
