"""What a receipt tells the vault about consent, beside the answers that are sealed in the account.

The vault cannot read answers. So that a doctor or an interpreter loses the case at the next slot,
whoever looks or not, the same page says in an instruction which readers end. A yes is never said
here. docs/spec/consent.md has the format.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vault.consent import items
from vault.errors import FormatError

NAME = "consent"
READERS = frozenset(items.BESIDE.values())

_FIELDS = frozenset({"name", "end"})


def instruction(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Return what goes beside checked answers: the readers to whom they do not say yes any more."""
    said = {item: items.stated(answers, item) for item in READERS}
    return {
        "name": NAME,
        "end": sorted(
            item for item, value in said.items() if value is not None and value != items.YES
        ),
    }


def parse(instruction: Any) -> tuple[str, ...]:
    """Return the items of the readers that end; may be none.

    Raises:
        FormatError: anything else.
    """
    if not isinstance(instruction, dict) or instruction.keys() != _FIELDS:
        raise FormatError("instruction")
    end = instruction["end"]
    if instruction["name"] != NAME or not isinstance(end, list):
        raise FormatError("no instruction of this name is known")
    if not all(isinstance(item, str) for item in end) or end != sorted({*end} & READERS):
        raise FormatError("items of no reader")
    return tuple(end)
