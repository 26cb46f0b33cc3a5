"""Letters for papers that carry no font of their own: one font of this machine, from memory.

PDFium would look for fonts in the folders of the system, where a child that is closed in can open
nothing, and has itself only Latin letters. It asks for fonts through FPDF_SYSFONTINFO
(fpdf_sysfontinfo.h); here every answer is the same font, read before the child closes itself in,
which PDFium slants, thickens and stretches as the paper says. Runs in the reading child only.
"""

from __future__ import annotations

import ctypes
from pathlib import Path

from pypdfium2 import raw

MOST = 16 << 20
"""Bytes of a font; a larger one is not lent."""
_ONLY = 1  # how PDFium calls the one font
_WHOLE = 0  # asks for a whole file instead of one of its tables
# FXFONT_SYMBOL_CHARSET, and the four of Chinese, Japanese and Korean: not to be drawn with this.
_NOT_LENT = frozenset({2, 128, 129, 134, 136})

_lent: list[object] = []  # PDFium keeps the address; what Python lets go would be gone


def lend(path: str) -> None:
    """Let PDFium draw with the font in this file; without one it goes on with what it has."""
    try:
        with Path(path).open("rb") as file:
            data = file.read(MOST + 1)
    except OSError:
        return
    if data and len(data) <= MOST:
        _answer_with(data)


def _answer_with(data: bytes) -> None:
    kept = ctypes.create_string_buffer(data, len(data))

    def mapped(*asked: int) -> int | None:
        charset = asked[3]
        return None if charset in _NOT_LENT else _ONLY

    def given(_info: object, _font: object, table: int, into: object, room: int) -> int:
        if table != _WHOLE:
            return 0
        if into and room >= len(data):  # a pointer, whose type pypdfium2 does not publish
            ctypes.memmove(into, kept, len(data))  # type: ignore[arg-type]
        return len(data)

    answers = {
        "MapFont": mapped,
        "GetFont": lambda *_: _ONLY,
        "GetFontData": given,
        "GetFaceName": lambda *_: 0,
        "GetFontCharset": lambda *_: 0,
        "DeleteFont": lambda *_: None,
    }
    info = raw.FPDF_SYSFONTINFO(version=1)
    types = dict(raw.FPDF_SYSFONTINFO._fields_)
    for name, answer in answers.items():
        setattr(info, name, types[name](answer))
    _lent.extend((info, kept))
    raw.FPDF_SetSystemFontInfo(ctypes.byref(info))
