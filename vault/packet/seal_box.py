"""Writing boxes. Only `testimony` and `cases.reveal` may import this (and the packet maker)."""

from __future__ import annotations

from dataclasses import dataclass, field

from vault import canonical
from vault.crypto import padding, seal
from vault.errors import FormatError
from vault.packet.box import FORMAT, MINIMUM, Current, context, publics_to_json
from vault.packet.format import Header


@dataclass(frozen=True)
class BoxPart:
    """One of the two boxes as whoever holds the account knows it: key and sealed fixed part."""

    public: bytes
    fixed: bytes = field(repr=False)


def seal_boxes(
    header: Header, parts: tuple[BoxPart, BoxPart], current: Current, began: str
) -> tuple[bytes, bytes]:
    """Seal both boxes at equal size.

    The second always has the content of an unopened box without replies, written on the day on
    which the testimony began and never since, and is padded to the size of the first; nothing
    outside tells which is which.

    Args:
        header: of the testimony.
        parts: the first and the second box.
        current: of the first.
        began: day of the first statement.

    Returns:
        The sealed first and second box.

    Raises:
        FormatError: a part's fixed frame does not belong to its key.
    """
    plains = (_plain(header, parts[0], current), _plain(header, parts[1], Current(began)))
    size = max(len(padding.pad(plain, MINIMUM)) for plain in plains)
    first, second = (
        seal.seal(part.public, context(FORMAT, part.public), padding.pad(plain, size))
        for part, plain in zip(parts, plains, strict=True)
    )
    return first, second


def _plain(header: Header, part: BoxPart, current: Current) -> bytes:
    if seal.sealed_for(part.fixed) != seal.key_id(part.public):
        raise FormatError("a fixed part of another box")
    return canonical.dumps(
        {
            "format": FORMAT,
            "testimony": header.testimony,
            "publics": publics_to_json(header.publics),
            "fixed": canonical.b64(part.fixed),
            "current": current.to_json(),
        }
    )
