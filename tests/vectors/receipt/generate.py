"""Write notations.json: the same entropy in every notation, and its keys.

Independent of the program: BIP-39 and RFC 5869 from the standard library, on purpose.
Run: python tests/vectors/receipt/generate.py
"""

import hashlib
import hmac
import json
from pathlib import Path

from mnemonic import Mnemonic

HERE = Path(__file__).parent
ENGLISH = Mnemonic("english").wordlist
RUSSIAN = list(Mnemonic("russian").wordlist)
RUSSIAN[1572] = "снова"  # the published list has two replacement characters here
ENTROPIES = [
    "00000000000000000000000000000000",
    "ffffffffffffffffffffffffffffffff",
    "000102030405060708090a0b0c0d0e0f",
    "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f",
    "c49312624c4989312624c49893126248",  # begins with the repaired Russian word
]


def indexes(entropy):
    bits = "".join(f"{byte:08b}" for byte in entropy)
    bits += f"{hashlib.sha256(entropy).digest()[0]:08b}"[:4]
    return [int(bits[at : at + 11], 2) for at in range(0, 132, 11)]


def hkdf(entropy, info):
    extracted = hmac.digest(bytes(32), entropy, "sha256")
    return hmac.digest(extracted, info.encode() + b"\x01", "sha256").hex()


def vector(entropy):
    numbers = indexes(entropy)
    return {
        "entropy": entropy.hex(),
        "english": " ".join(ENGLISH[n] for n in numbers),
        "russian": " ".join(RUSSIAN[n] for n in numbers),
        "digits": " ".join(f"{n + 1:04}" for n in numbers),
        "box_seed": hkdf(entropy, "witness-vault/receipt/v1/box"),
        "addenda_key": hkdf(entropy, "witness-vault/receipt/v1/addenda"),
        "instructions_key": hkdf(entropy, "witness-vault/receipt/v1/instructions"),
    }


if __name__ == "__main__":
    vectors = [vector(bytes.fromhex(entropy)) for entropy in ENTROPIES]
    text = json.dumps({"vectors": vectors}, ensure_ascii=False, indent=1)
    (HERE / "notations.json").write_text(text + "\n", "utf-8")
