"""What a receipt tells the vault about consent, beside the answers that are sealed in the account.

The vault cannot read answers. So that a doctor or an interpreter loses the case at the next slot,
whoever looks or not, the same page says in an instruction which readers end; and it vouches for
itself, under a key that no reader has. A yes is never said here. docs/spec/consent.md has the
format.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vault import canonical
from vault.consent import items
from vault.errors import FormatError

NAME = "consent"
READERS = frozenset(items.BESIDE.values())

VOUCH_SIZE = 32

_FIELDS = frozenset({"name", "end", "vouch"})
_CONCERN = frozenset({"consent", items.PERSON_ASKED, items.WRITER, items.FILES_NOW})


def is_concerned(answers: Mapping[str, Any]) -> bool:
    """Return whether checked answers say anything that the gate weighs."""
    return any(answers.get(name) for name in _CONCERN)


def instruction(answers: Mapping[str, Any], vouch: bytes) -> dict[str, Any]:
    """Return what goes beside checked answers.

    Args:
        answers: to whose readers they do not say yes any more, ends.
        vouch: of `packet.vouch`, for these answers.
    """
    said = {item: items.stated(answers, item) for item in READERS}
    return {
        "name": NAME,
        "end": sorted(
            item for item, value in said.items() if value is not None and value != items.YES
        ),
        "vouch": canonical.b64(vouch),
    }


def parse(instruction: Any) -> tuple[tuple[str, ...], bytes]:
    """Return the items of the readers that end, may be none; and what vouches for the answers.

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
    return tuple(end), canonical.unb64(instruction["vouch"], VOUCH_SIZE)
