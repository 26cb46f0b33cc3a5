"""The smallest TrueType font there can be: every letter it has is one black square."""

from __future__ import annotations

import struct

UNITS = 1000  # of an em
# A square as a simple glyph: box, last point, no program, four points on the curve, x and y.
_SQUARE = struct.pack(">hhhhhHH", 1, 0, 0, 800, 800, 3, 0) + b"\x01" * 4
_SQUARE += struct.pack(">4h4h", 0, 800, 0, -800, 0, 0, 800, 0)


def of_squares(letters: str) -> bytes:
    """Return a font in which these letters, at most of one run of code points, are squares."""
    first, last = min(map(ord, letters)), max(map(ord, letters))
    tables = {
        b"cmap": struct.pack(">HHHHI", 0, 1, 3, 1, 12) + _mapping(first, last),
        b"glyf": _SQUARE,
        b"head": struct.pack(
            ">IIIIHH16xhhhhHHhhh",
            *(0x10000, 0x10000, 0, 0x5F0F3CF5, 0, UNITS),
            *(0, 0, 800, 800, 0, 8, 2, 0, 0),
        ),
        b"hhea": struct.pack(">Ihhh22x2xH", 0x10000, 800, -200, 0, 2),
        b"hmtx": struct.pack(">HhHh", UNITS, 0, UNITS, 0),
        b"loca": struct.pack(">HHH", 0, 0, len(_SQUARE) // 2),
        b"maxp": struct.pack(">IH26x", 0x10000, 2),
    }
    return _file(tables)


def _mapping(first: int, last: int) -> bytes:
    """Return a subtable of format 4 (OpenType, cmap): the run, and the end; all are glyph 1."""
    count = last - first + 1
    ends = struct.pack(">HHHHH", last, 0xFFFF, 0, first, 0xFFFF)
    places = struct.pack(">hhHH", 0, 1, 4, 0) + struct.pack(">H", 1) * count
    length = 14 + len(ends) + len(places)
    return struct.pack(">HHHHHHH", 4, length, 0, 4, 4, 1, 0) + ends + places


def _file(tables: dict[bytes, bytes]) -> bytes:
    at = 12 + 16 * len(tables)
    head, body = struct.pack(">IHHHH", 0x10000, len(tables), 64, 2, 48), b""
    for name, table in sorted(tables.items()):
        head += struct.pack(">4sIII", name, 0, at + len(body), len(table))
        body += table + bytes(-len(table) % 4)
    return head + body
