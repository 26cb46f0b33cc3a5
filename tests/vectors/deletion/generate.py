"""Write the deletion vectors: ids of packets, what stands, a certificate, what is refused.

See docs/spec/erasure.md. Run: python tests/vectors/deletion/generate.py
"""

import dataclasses
import json
from pathlib import Path

from vault.crypto import seal
from vault.crypto.receipt import Receipt
from vault.packet import deletion
from vault.packet.build import packet_id

HERE = Path(__file__).parent
RECEIPT, DAY = Receipt(bytes(range(16))), "2026-11-26"
PUBLIC = seal.OpeningKey(RECEIPT.box_seed).public
DELETE, KEEP = deletion.delete(RECEIPT, 1), deletion.keep(1)


def write(name, **vector):
    (HERE / f"{name}.json").write_text(json.dumps(vector, indent=1) + "\n")


def fault(name, about, instruction):
    write(name, about=about, instruction=instruction, expect="FormatError")


def good():
    for name, instruction in (("delete", DELETE), ("keep", KEEP)):
        ids = {str(n): packet_id(deletion.secret(RECEIPT, name, n)) for n in (1, 2, 64)}
        write(f"good-{name}", receipt=RECEIPT.entropy.hex(), instruction=instruction, packets=ids)
    chosen = [(deletion.ASKED, 1), (deletion.STOPPED, 1), (deletion.ASKED, 2)]
    made = [deletion.item(RECEIPT, *one, f"{at:032x}", DAY) for at, one in enumerate(chosen)]
    write(
        "good-sent",
        receipt=RECEIPT.entropy.hex(),
        numbers=[number for _, number in chosen],
        items=[item.to_json() for item in made],
    )
    left = deletion.Left("2026-11-30", "lawyer", "saved")
    certificate = deletion.Certificate("2026-12-03", "2026-12-17", (left,))
    write(
        "good-certificate",
        receipt=RECEIPT.entropy.hex(),
        day=certificate.day,
        until=certificate.until,
        left=[dataclasses.asdict(left)],
        sealed=deletion.seal_certificate(PUBLIC, certificate).hex(),
    )


def bad():
    fault("name-unknown", "no instruction of this name", {**DELETE, "name": "erase"})
    fault("not-an-object", "a list", [])
    fault("number-zero", "numbers begin at 1", {**KEEP, "number": 0})
    fault("number-high", "the last is 64", {**KEEP, "number": 65})
    fault("number-true", "a truth value is no number", {**KEEP, "number": True})
    fault("delete-without-box", "no box named", {"name": "delete", "number": 1})
    fault("delete-box-short", "a key that is too short", {**DELETE, "box": DELETE["box"][:-4]})
    fault("delete-extra-field", "a field more", {**DELETE, "sure": "yes"})
    fault("keep-with-box", "a stop names no box", {**KEEP, "box": DELETE["box"]})


if __name__ == "__main__":
    good()
    bad()
