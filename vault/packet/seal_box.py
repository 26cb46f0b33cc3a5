"""Writing boxes. Only `testimony` and `cases.reveal` may import this (and the packet maker)."""

from __future__ import annotations

from dataclasses import dataclass, field

from vault import canonical
from vault.crypto import padding, seal
from vault.packet.box import FORMAT, MINIMUM, Current, context
from vault.packet.format import Header


@dataclass(frozen=True)
class BoxPart:
    """One of the two boxes as whoever holds the account knows it: key and sealed fixed part."""

    public: bytes
    fixed: bytes = field(repr=False)


def seal_boxes(
    header: Header, parts: tuple[BoxPart, BoxPart], current: Current
) -> tuple[bytes, bytes]:
    """Seal both boxes at equal size.

    The second always has the content of an unopened box without replies, and is padded to the
    size of the first; nothing outside tells which is which.

    Returns:
        The sealed first and second box.

    Raises:
        FormatError: a part's fixed frame does not belong to its key.
    """
    plain = _Current(header, parts[0], current).plain()
    quiet = _Current(header, parts[1], Current(current.day)).plain()
    first = padding.pad(plain, MINIMUM)
    second = padding.pad(quiet, max(MINIMUM, len(first)))
    return (
        seal.seal(parts[0].public, context(FORMAT, parts[0].public), first),
        seal.seal(parts[1].public, context(FORMAT, parts[1].public), second),
    )


@dataclass(frozen=True)
class _Current:
    header: Header
    part: BoxPart
    current: Current

    def plain(self) -> bytes:
        return canonical.dumps(
            {
                "format": FORMAT,
                "header": self.header.to_json(),
                "fixed": canonical.b64(self.part.fixed),
                "current": self.current.to_json(),
            }
        )
