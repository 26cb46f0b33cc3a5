"""What a file is: by how it begins, never by its name or what was said of it."""

from __future__ import annotations

import re
from collections.abc import Mapping

JPEG, PNG, GIF, BMP, TIFF, WEBP, AVIF, HEIC, PDF = KINDS = (
    "jpeg",
    "png",
    "gif",
    "bmp",
    "tiff",
    "webp",
    "avif",
    "heic",
    "pdf",
)

BEGINNING = 1024 + 8
"""How many bytes tell what a file is."""
_BEGINNINGS: Mapping[str, re.Pattern[bytes]] = {
    JPEG: re.compile(rb"\xff\xd8\xff"),
    PNG: re.compile(rb"\x89PNG\r\n\x1a\n"),
    GIF: re.compile(rb"GIF8[79]a"),
    TIFF: re.compile(rb"II\*\x00|MM\x00\*"),
    WEBP: re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    AVIF: re.compile(rb".{4}ftypavi[fs]", re.DOTALL),
    HEIC: re.compile(rb".{4}ftyp(?:hei[cxms]|hev[cx]|mif1|msf1)", re.DOTALL),
    BMP: re.compile(rb"BM.{4}\x00{4}", re.DOTALL),
    # ISO 32000-1, implementation note 13: readers take a header within the first 1024 bytes.
    PDF: re.compile(rb".{0,1019}%PDF-[12]\.", re.DOTALL),
}


def kind_of(data: bytes) -> str | None:
    """Return one of KINDS, or None for everything that is not looked into."""
    return next((kind for kind, start in _BEGINNINGS.items() if start.match(data)), None)
