"""Write the stream vectors: one good file or one fault per JSON file.

Independent of the program: it writes the format from docs/spec/stream.md with the primitives.
`sealed` is a list of parts to join: hexadecimal, or a slice of the one big file beside it.
Run: python tests/vectors/stream/generate.py
"""

import hashlib
import json
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

HERE = Path(__file__).parent
BIG = "three-chunks.sealed"
KEY = bytes(range(32))
OTHER_KEY = bytes(range(1, 33))
PREFIX = bytes.fromhex("a0a1a2a3a4a5a6")
MAGIC = b"witness-vault/stream/v1\n"
CHUNK, SEALED, HEADER = 65536, 65552, 63


def hkdf(key, prefix, use):
    info = b"witness-vault/stream/v1/" + use
    return HKDF(hashes.SHA256(), 32, prefix, info).derive(key)


def chunk(number, last, plain, key=KEY):
    nonce = PREFIX + number.to_bytes(4, "big") + bytes([last])
    return AESGCM(hkdf(key, PREFIX, b"chunks")).encrypt(nonce, plain, None)


def header(key=KEY):
    return MAGIC + PREFIX + hkdf(key, PREFIX, b"commitment")


def seal(plain):
    parts = [plain[at : at + CHUNK] for at in range(0, len(plain), CHUNK)] or [b""]
    sealed = [chunk(n, n == len(parts) - 1, part) for n, part in enumerate(parts)]
    return header() + b"".join(sealed)


def flip(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def write(name, about, sealed, expect="ok", plain=None, key=KEY):
    vector = {"about": about, "key": key.hex(), "sealed": sealed, "expect": expect}
    if plain is not None:
        vector["plaintext_length"] = len(plain)
        vector["plaintext_sha256"] = hashlib.sha256(plain).hexdigest()
    (HERE / f"{name}.json").write_text(json.dumps(vector, indent=1) + "\n")


def part(start, end):
    return {"file": BIG, "from": start, "to": end}


def small():
    hello = seal(b"hello")
    write("good-hello", "five bytes", [hello.hex()], plain=b"hello")
    write("good-empty", "an empty file", [seal(b"").hex()], plain=b"")
    bad = {
        "key-other": ("sealed with another key", hello, "WrongKeyError", OTHER_KEY),
        "magic-changed": ("another format", b"W" + hello[1:], "FormatError", KEY),
        "version-unknown": (
            "version 2",
            hello.replace(b"/v1\n", b"/v2\n"),
            "UnknownVersionError",
            KEY,
        ),
        "prefix-changed": ("one bit of the prefix", flip(hello, 24), "WrongKeyError", KEY),
        "commitment-changed": ("one bit of the commitment", flip(hello, 31), "WrongKeyError", KEY),
        "ciphertext-changed": ("one bit of the ciphertext", flip(hello, 63), "SealError", KEY),
        "tag-changed": ("one bit of the tag", flip(hello, len(hello) - 1), "SealError", KEY),
        "truncated-nothing": ("no bytes at all", b"", "SealError", KEY),
        "truncated-magic": ("ends in the format tag", hello[:10], "SealError", KEY),
        "truncated-header": ("ends in the header", hello[:62], "SealError", KEY),
        "truncated-no-chunk": ("ends after the header", hello[:63], "SealError", KEY),
        "truncated-byte": ("the last byte is missing", hello[:-1], "SealError", KEY),
        "trailing-byte": ("one byte too many", hello + b"\0", "SealError", KEY),
        "last-flag-missing": (
            "the only chunk is not marked last",
            header() + chunk(0, 0, b"hello"),
            "SealError",
            KEY,
        ),
        "last-flag-two": ("the flag is 2", header() + chunk(0, 2, b"hello"), "SealError", KEY),
        "counter-from-one": (
            "the first chunk is number 1",
            header() + chunk(1, 1, b"hello"),
            "SealError",
            KEY,
        ),
        "commitment-for-other-chunks": (
            "the header is ours, the chunk is of another key",
            header() + chunk(0, 1, b"hello", OTHER_KEY),
            "SealError",
            KEY,
        ),
        "concatenated": ("two files one after the other", hello + hello, "SealError", KEY),
    }
    for name, (about, sealed, expect, key) in bad.items():
        write(name, about, [sealed.hex()], expect, key=key)


def big():
    plain = (bytes(range(251)) * 523)[: 2 * CHUNK + 1]
    (HERE / BIG).write_bytes(seal(plain))
    head, one, two = part(0, HEADER), part(63, 63 + SEALED), part(63 + SEALED, 63 + 2 * SEALED)
    last = part(63 + 2 * SEALED, 63 + 2 * SEALED + 17)
    write("good-three-chunks", "two full chunks and one byte", [head, one, two, last], plain=plain)
    full = chunk(2, 1, b"").hex()
    for name, about, parts in [
        ("truncated-at-chunk", "the last chunk is missing", [head, one, two]),
        ("truncated-in-chunk", "ends inside the second chunk", [head, one, part(65615, 70000)]),
        ("chunks-swapped", "the first two chunks are swapped", [head, two, one, last]),
        ("chunk-duplicated", "the first chunk stands twice", [head, one, one, two, last]),
        ("chunk-dropped", "the first chunk is missing", [head, two, last]),
        ("chunk-appended", "the last chunk stands twice", [head, one, two, last, last]),
        ("last-chunk-empty", "an empty last chunk after full ones", [head, one, two, full]),
    ]:
        write(name, about, parts, "SealError")


if __name__ == "__main__":
    small()
    big()
