"""The part of a packet that the collector opens: when to deliver, what was chosen, keys.

It is sealed to the collector key, so that an unlocked vault can act on a packet without opening
any testimony: "at once", "reading is allowed", "identity may be known now", what a receipt
instructs, and the commitments by which the day of its records can be proven later. With the keys of
both boxes it says there, on the day on which a case ends, that it was erased; nothing else in the
database names a box.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from vault import canonical
from vault.crypto import padding, seal, suite
from vault.crypto.commitment import DIGEST_SIZE
from vault.crypto.receipt import Receipt
from vault.errors import FormatError, MacError
from vault.keyring.compartments import OF_TESTIMONY
from vault.packet.format import Header, matching
from vault.packet.material import collector_commitment

FORMAT = "witness-vault/collector/v1"
INSTRUCTION_FORMAT = "witness-vault/instruction/v1"
MINIMUM = 1024
# An allowance of a small team, a release and a withdrawal are of one size.
INSTRUCTION_MINIMUM = 8192
DELIVER = ("slot", "now")
READING = ("yes", "not_yet")
IDENTITY = ("now", "later")

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TESTIMONY = frozenset(
    "format day deliver reading identity salt instructions_keys boxes commitments".split()
)
_ADDENDUM = frozenset({"format", "day", "deliver", "commitments"})
_INSTRUCTION = frozenset({"format", "day", "deliver", "instruction", "mac"})


def context(testimony: str, packet: str) -> bytes:
    """Return the seal's context: this packet of this testimony and no other."""
    return canonical.dumps({"format": FORMAT, "testimony": testimony, "packet": packet})


def seal_part(public: bytes, testimony: str, packet: str, content: dict[str, Any]) -> bytes:
    """Seal a collector part; `content` as one of the forms that `open_part` accepts."""
    minimum = INSTRUCTION_MINIMUM if "instruction" in content else MINIMUM
    padded = padding.pad(canonical.dumps({**content, "format": FORMAT}), minimum)
    return seal.seal(public, context(testimony, packet), padded)


def open_part(
    keys: Sequence[seal.OpeningKey], testimony: str, packet: str, sealed: bytes
) -> dict[str, Any]:
    """Open a collector part with that of the collector's keys that it names.

    Args:
        keys: the newest first; one or more.
        testimony: id.
        packet: id.
        sealed: the part.

    Raises:
        WrongKeyError, SealError: another collector's, changed, or of another packet.
        FormatError: opened, but in none of the three forms.
    """
    named = seal.sealed_for(sealed)
    key = next((key for key in keys if seal.key_id(key.public) == named), keys[0])
    value = canonical.loads(padding.unpad(key.open(sealed, context(testimony, packet)), MINIMUM))
    if not isinstance(value, dict) or value.get("format") != FORMAT:
        raise FormatError("collector part")
    if frozenset(value) not in {_TESTIMONY, _ADDENDUM, _INSTRUCTION}:
        raise FormatError("collector part")
    matching(_DAY, value["day"])
    if value["deliver"] not in DELIVER or value.get("reading", "yes") not in READING:
        raise FormatError("collector part")
    if value.get("identity", "later") not in IDENTITY:
        raise FormatError("collector part")
    commitments(value)
    return value


def commitments(part: dict[str, Any]) -> tuple[bytes, ...]:
    """Return what the records of a packet commit to, one each; none of an instruction.

    Raises:
        FormatError: not as many as a packet has records, or malformed.
    """
    if "instruction" in part:
        return ()
    made = part["commitments"]
    if not isinstance(made, list) or len(made) != len(OF_TESTIMONY):
        raise FormatError("one commitment for each record")
    return tuple(canonical.unb64(one, DIGEST_SIZE) for one in made)


def check_commitment(header: Header, part: dict[str, Any]) -> tuple[bytes, bytes]:
    """Return both instruction MAC keys of a testimony's part if the header commits to them.

    Raises:
        FormatError: it does not, or this is no testimony's part.
    """
    keys = part.get("instructions_keys")
    if not isinstance(keys, list) or len(keys) != 2:  # noqa: PLR2004 - always two boxes
        raise FormatError("instruction keys")
    first, second = (canonical.unb64(key, 32) for key in keys)
    expected = collector_commitment(canonical.unb64(part.get("salt"), 32), (first, second))
    if not suite.equal(expected, header.collector_commitment):
        raise FormatError("the header does not commit to these keys")
    return first, second


def boxes_of(part: dict[str, Any]) -> tuple[bytes, bytes]:
    """Return the public keys of both boxes, the witness's own first.

    Raises:
        FormatError: this is no testimony's part.
    """
    keys = part.get("boxes")
    if not isinstance(keys, list) or len(keys) != 2:  # noqa: PLR2004 - always two boxes
        raise FormatError("boxes")
    first, second = (seal.check_public(canonical.unb64(key, seal.PUBLIC_SIZE)) for key in keys)
    return first, second


def instruction_mac(
    instructions_key: bytes, testimony: str, packet: str, instruction: dict[str, Any]
) -> bytes:
    """Return the MAC by which a receipt gives an instruction, 32 bytes."""
    return suite.mac(
        instructions_key,
        canonical.dumps(
            {
                "format": INSTRUCTION_FORMAT,
                "testimony": testimony,
                "packet": packet,
                "instruction": instruction,
            }
        ),
    )


def check_instruction(
    keys: tuple[bytes, bytes], testimony: str, packet: str, part: dict[str, Any]
) -> int:
    """Return which receipt gave the instruction: 0 the first, 1 the second.

    Raises:
        MacError: neither.
        FormatError: this is no instruction's part.
    """
    if frozenset(part) != _INSTRUCTION:
        raise FormatError("instruction")
    given = canonical.unb64(part["mac"], 32)
    matches = [
        suite.equal(instruction_mac(key, testimony, packet, part["instruction"]), given)
        for key in keys
    ]
    if not any(matches):
        raise MacError
    return matches.index(True)


def instruction_part(
    receipt: Receipt, testimony: str, packet: str, instruction: dict[str, Any], day: str
) -> dict[str, Any]:
    """Return the content of an instruction's collector part, MAC included."""
    mac = instruction_mac(receipt.instructions_key, testimony, packet, instruction)
    return {
        "day": day,
        "deliver": "slot",
        "instruction": instruction,
        "mac": canonical.b64(mac),
    }
