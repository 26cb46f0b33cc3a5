"""Write the visit vectors: what a receipt sends on a day, and what is refused.

See docs/spec/packet.md. Run: python tests/vectors/visit/generate.py
"""

import json
from pathlib import Path

from vault import canonical
from vault.crypto.receipt import Receipt
from vault.packet import visit
from vault.packet.build import packet_id

HERE = Path(__file__).parent
TESTIMONY, DAY = "5c" * 32, "2026-11-26"
PROOF = canonical.b64(bytes(32))


def write(name, **vector):
    (HERE / f"{name}.json").write_text(json.dumps(vector, indent=1) + "\n")


def main():
    for name, entropy in (("good", bytes(range(16))), ("good-other-receipt", bytes(16))):
        receipt = Receipt(entropy)
        write(
            name,
            about=name,
            receipt=entropy.hex(),
            testimony=TESTIMONY,
            day=DAY,
            proof_key=visit.proof_key(receipt.addenda_key).hex(),
            packet=packet_id(visit.secret(receipt, DAY)),
            instruction=visit.instruction(receipt, TESTIMONY, DAY),
            expect="ok",
        )
    for name, instruction in (
        ("extra-field", {"name": "visit", "proof": PROOF, "day": DAY}),
        ("name-other", {"name": "visits", "proof": PROOF}),
        ("proof-missing", {"name": "visit"}),
        ("proof-short", {"name": "visit", "proof": canonical.b64(bytes(31))}),
        ("proof-a-number", {"name": "visit", "proof": 1}),
    ):
        write(name, about=name, instruction=instruction, expect="FormatError")


if __name__ == "__main__":
    main()
