"""What a record commits to, so that its day can be proven later. See docs/spec/proof-of-date.md.

The salt stands in the sealed record only: who opens it can prove its day, nobody else can say what
the commitment is of, and after an erasure nobody at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vault import canonical
from vault.crypto import commitment
from vault.errors import FormatError
from vault.keyring.compartments import Compartment
from vault.packet.files import attachments_of

SALT = "salt"
ANSWER = "answer/"
FILE = "file/"

_HEAD = ("form", "language", "day", "number")


def parts_of(compartment: Compartment, kind: str, content: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parts of an opened record by name: what it says, and nothing of any key.

    Args:
        compartment: of the record.
        kind: "statement" or "addendum".
        content: as it was sealed.

    Raises:
        FormatError: its answers are no object, or its attachments are none.
    """
    answers = content.get("answers")
    if not isinstance(answers, dict):
        raise FormatError("content without answers")
    head = {name: content[name] for name in _HEAD if name in content}
    said = {f"{ANSWER}{name}": value for name, value in answers.items()}
    files = {f"{FILE}{one.id}": one.said() for one in attachments_of(content)}
    return {"compartment": str(compartment), "kind": kind, **head, **said, **files}


def salt_in(content: Mapping[str, Any]) -> bytes:
    """Return the salt of an opened record.

    Raises:
        FormatError: it holds none.
    """
    return canonical.unb64(content.get(SALT), commitment.SALT_SIZE)


def commitment_of(compartment: Compartment, kind: str, content: Mapping[str, Any]) -> bytes:
    """Return the commitment of a record's content, 32 bytes.

    Raises:
        FormatError: content without salt, answers, or canonical form.
    """
    parts = parts_of(compartment, kind, content)
    return commitment.commitment(commitment.digests(salt_in(content), parts))
