"""Write the envelope vectors: one good frame, and one fault for each other file.

`python tests/vectors/envelope/generate.py` overwrites them. Sealing draws randomness, so the frames
differ from run to run; the committed ones are the vectors.
"""

from __future__ import annotations

import json
from pathlib import Path

from vault.crypto.seal import ENC_SIZE, KEY_ID_SIZE, OpeningKey, key_id, seal

HERE = Path(__file__).parent
KEY, OTHER = OpeningKey(bytes(range(32))), OpeningKey(bytes(range(32, 64)))
INFO = b'{"format":"witness-vault/example/v1"}'
PLAINTEXT = b"hello"
ENC = 1 + KEY_ID_SIZE


def flipped(frame: bytes, place: int) -> bytes:
    return frame[:place] + bytes([frame[place] ^ 1]) + frame[place + 1 :]


def write(name: str, frame: bytes, error: str | None, info: bytes = INFO) -> None:
    vector = {
        "seed": KEY.seed.hex(),
        "public_sha256_16": key_id(KEY.public).hex(),
        "info": info.decode(),
        "sealed": frame.hex(),
        "plaintext": None if error else PLAINTEXT.decode(),
        "error": error,
    }
    (HERE / f"{name}.json").write_text(json.dumps(vector, indent=1) + "\n")


def main() -> None:
    good = seal(KEY.public, INFO, PLAINTEXT)
    write("good", good, None)
    write("empty", b"", "FormatError")
    write("cut-before-tag", good[: 1 + KEY_ID_SIZE + ENC_SIZE], "FormatError")
    write("version-unknown", b"\x02" + good[1:], "UnknownVersionError")
    write("key-id-flipped", flipped(good, 1), "WrongKeyError")
    write("other-recipient", seal(OTHER.public, INFO, PLAINTEXT), "WrongKeyError")
    relabelled = seal(OTHER.public, INFO, PLAINTEXT)
    renamed = relabelled[:1] + key_id(KEY.public) + relabelled[ENC:]
    write("other-recipient-relabelled", renamed, "SealError")
    write("enc-lattice-flipped", flipped(good, ENC), "SealError")
    write("enc-curve-flipped", flipped(good, ENC + ENC_SIZE - 32), "SealError")
    write("ciphertext-flipped", flipped(good, ENC + ENC_SIZE), "SealError")
    write("tag-flipped", flipped(good, len(good) - 1), "SealError")
    write("cut-by-one", good[:-1], "FormatError" if len(good) - 1 < 1153 else "SealError")
    write("longer-by-one", good + b"\x00", "SealError")
    write("other-context", good, "SealError", b'{"format":"witness-vault/example/v2"}')


if __name__ == "__main__":
    main()
