"""Write the key file vectors: one good file or one fault per JSON file.

Independent of the program: it writes the format from docs/spec/key-file.md with the primitives.
All values are ASCII, so sorted keys and no spaces are canonical JSON.
Run: python tests/vectors/keyfile/generate.py
"""

import base64
import json
from pathlib import Path

from argon2.low_level import Type, hash_secret_raw
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HERE = Path(__file__).parent
PASSPHRASE = "legal winner thank year wave sausage worth"
SECRETS = {"opening": bytes(range(32)), "signing": bytes(range(32, 64))}
SALT = bytes(range(64, 80))
NONCE = bytes(range(80, 92))
CHEAP = {"memory_kib": 8, "time": 1, "parallelism": 1}
USUAL = {"memory_kib": 65536, "time": 3, "parallelism": 1}


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def dumps(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def hkdf(key, use):
    return HKDF(hashes.SHA256(), 32, None, b"witness-vault/keyfile/v1/" + use).derive(key)


def keyfile(cost=CHEAP, plain=None, passphrase=PASSPHRASE):
    key = hash_secret_raw(
        passphrase.encode(),
        SALT,
        cost["time"],
        cost["memory_kib"],
        cost["parallelism"],
        32,
        Type.ID,
    )
    stated = {
        "format": "witness-vault/keyfile/v1",
        "purpose": "member",
        "owner": "m-7f3a",
        "kdf": {"name": "argon2id", **cost, "salt": b64(SALT)},
        "commitment": b64(hkdf(key, b"commitment")),
    }
    if plain is None:
        plain = dumps({name: b64(secret) for name, secret in SECRETS.items()})
    sealed = NONCE + AESGCM(hkdf(key, b"wrap")).encrypt(NONCE, plain, dumps(stated))
    return {**stated, "sealed": b64(sealed)}


def write(name, about, data, expect="ok", passphrase=PASSPHRASE, purpose="member", owner="m-7f3a"):
    vector = {
        "about": about,
        "passphrase": passphrase,
        "purpose": purpose,
        "owner": owner,
        "keyfile": data if isinstance(data, str) else dumps(data).decode(),
        "expect": expect,
    }
    if expect == "ok":
        vector["secrets"] = {n: secret.hex() for n, secret in SECRETS.items()}
    (HERE / f"{name}.json").write_text(json.dumps(vector, indent=1) + "\n")


def without(data, field):
    return {name: value for name, value in data.items() if name != field}


def with_kdf(data, **changes):
    return {**data, "kdf": {**data["kdf"], **changes}}


def flip(data, field, at):
    raw = bytearray(base64.urlsafe_b64decode(data[field] + "=="))
    raw[at] ^= 1
    return {**data, field: b64(bytes(raw))}


def formats(good):
    wrong = "FormatError"
    write("not-json", "not JSON", "keys", wrong)
    write("not-canonical", "a space after a colon", json.dumps(good, sort_keys=True), wrong)
    write("not-an-object", "a list", "[]", wrong)
    write("field-missing", "no commitment", without(good, "commitment"), wrong)
    write("field-unknown", "an extra field", {**good, "hint": "x"}, wrong)
    write("format-other", "another format", {**good, "format": "age-encryption.org/v1"}, wrong)
    later = {**good, "format": "witness-vault/keyfile/v2"}
    write("version-unknown", "version 2", later, "UnknownVersionError")
    write("sealed-short", "sealed has 27 bytes", {**good, "sealed": b64(bytes(27))}, wrong)
    write("sealed-padding", "base64 with padding", {**good, "sealed": "AA=="}, wrong)
    write("commitment-short", "31 bytes", {**good, "commitment": b64(bytes(31))}, wrong)
    write("inner-not-json", "the sealed part is not JSON", keyfile(plain=b"keys"), wrong)
    write("inner-empty", "no secrets at all", keyfile(plain=b"{}"), wrong)
    short = dumps({"signing": b64(bytes(31))})
    write("inner-secret-short", "a secret of 31 bytes", keyfile(plain=short), wrong)


def costs(good):
    wrong = "FormatError"
    write("kdf-other", "another derivation", with_kdf(good, name="scrypt"), wrong)
    write("kdf-memory-high", "1 TiB of memory", with_kdf(good, memory_kib=2**30), wrong)
    write("kdf-memory-low", "7 KiB of memory", with_kdf(good, memory_kib=7), wrong)
    lanes = with_kdf(good, parallelism=2)
    write("kdf-memory-low-for-lanes", "8 KiB for two lanes", lanes, wrong)
    write("kdf-time-high", "11 passes", with_kdf(good, time=11), wrong)
    write("kdf-time-zero", "no pass", with_kdf(good, time=0), wrong)
    write("kdf-time-text", "passes as text", with_kdf(good, time="1"), wrong)
    write("kdf-time-true", "passes as true", with_kdf(good, time=True), wrong)
    many = with_kdf(good, parallelism=9, memory_kib=128)
    write("kdf-parallelism-high", "9 lanes", many, wrong)
    write("kdf-salt-short", "a salt of 15 bytes", with_kdf(good, salt=b64(bytes(15))), wrong)
    write("kdf-missing", "no cost", {**good, "kdf": {}}, wrong)
    write("kdf-null", "null for the cost", {**good, "kdf": None}, wrong)


def seals(good):
    write("passphrase-other", "another passphrase", good, "WrongPassphraseError", "winner")
    salted = with_kdf(good, salt=b64(bytes(16)))
    write("salt-changed", "another salt", salted, "WrongPassphraseError")
    slower = with_kdf(good, time=2)
    write("time-changed", "another number of passes", slower, "WrongPassphraseError")
    committed = flip(good, "commitment", 0)
    write("commitment-changed", "one bit of the commitment", committed, "WrongPassphraseError")
    write("nonce-changed", "one bit of the nonce", flip(good, "sealed", 0), "SealError")
    write("sealed-changed", "one bit of the ciphertext", flip(good, "sealed", 12), "SealError")
    write("purpose-changed", "relabelled", {**good, "purpose": "root"}, "SealError", purpose="root")
    write("owner-changed", "given to another", {**good, "owner": "m-2"}, "SealError", owner="m-2")
    write("purpose-other", "asked for another purpose", good, "SealError", purpose="vault")
    write("owner-other", "asked for another owner", good, "SealError", owner="m-2")


if __name__ == "__main__":
    write("good-usual", "the example of the specification", keyfile(USUAL))
    cheap = keyfile()
    write("good-cheap", "at the lowest cost", cheap)
    composed = keyfile(passphrase="пароль й ё 12")
    write("good-nfkc", "typed decomposed and full-width", composed, passphrase="пароль и\u0306 е\u0308 １２")
    formats(cheap)
    costs(cheap)
    seals(cheap)
