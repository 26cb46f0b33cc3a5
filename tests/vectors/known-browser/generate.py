"""Write the vectors of known-browser tokens: one good token or one fault per file.

Sealing draws randomness: each run writes other bytes of the same meaning, so the files are kept as
they are. See docs/spec/factor.md. Run: python tests/vectors/known-browser/generate.py
"""

import json
from pathlib import Path

from vault import canonical
from vault.crypto import suite
from vault.members.browsers import Known

HERE = Path(__file__).parent
KEY = bytes(range(32))
KNOWN = Known(bytes(range(64, 80)), "4b" * 16, 3, 1795687200)
SAYS = {"id": KNOWN.id.hex(), "member": KNOWN.member, "generation": 3, "made": KNOWN.made}


def write(name, about, token, says=None, key=KEY):
    vector = {"about": about, "key": key.hex(), "token": token, "says": says}
    text = json.dumps(vector, ensure_ascii=False, indent=2) + "\n"
    (HERE / f"{name}.json").write_text(text, "utf-8")


def main():
    good = KNOWN.seal(KEY)
    sealed = canonical.unb64(good)
    held = suite.aead_open(KEY, sealed, b"witness-vault/known-browser/v1")
    write("good", "opens to what it says", good, SAYS)
    write("key-other", "sealed under another key", good, key=bytes(32))
    write("changed", "one bit of the ciphertext", canonical.b64(flipped(sealed, 20)))
    write("nonce-changed", "one bit of the nonce", canonical.b64(flipped(sealed, 0)))
    write("short", "one byte less", canonical.b64(sealed[:-1]))
    write("long", "one byte more", canonical.b64(sealed + b"\0"))
    write("not-base64", "a sign that base64url does not have", "+" + good[1:])
    other = suite.aead_seal(KEY, held, b"witness-vault/totp/v1/" + KNOWN.member.encode())
    write("context-other", "sealed for something else", canonical.b64(other))
    write("empty", "no token", "")


def flipped(data, place):
    return data[:place] + bytes((data[place] ^ 1,)) + data[place + 1 :]


if __name__ == "__main__":
    main()
