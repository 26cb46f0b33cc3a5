"""Metadata as cameras and programs write it: Exif, XMP, IPTC. Runs in the reading child only.

Blocks are found in the bytes of a whole file as well as where they belong: a paper that was made of
photographs carries the place of each, and a format that we cannot show (HEIC) betrays the same.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from typing import Any

from PIL import ExifTags, Image, ImageFile, IptcImagePlugin

from vault.safe.findings import Fact, fact
from vault.safe.labels import AUTHOR, HIDDEN, OTHER, PLACE, TIME, category_of

# Loaded when Exif is first read, and then nothing can be loaded any more.
importlib.import_module("PIL.TiffImagePlugin")

MAX_BLOCKS = 8  # of each kind looked for in a whole file

# As it stands in a JPEG or HEIC, a PNG, a WebP.
_EXIF = re.compile(rb"(?:Exif\x00\x00|eXIf|EXIF.{4})(?=II\*\x00|MM\x00\*)", re.DOTALL)
_EXIF_SIZE = 1 << 20
_XMP, _XMP_END, _XMP_SIZE = b"<x:xmpmeta", b"</x:xmpmeta>", 1 << 20
_XMP_PAIR = re.compile(
    r"""[\w-]{1,40}:(?P<name>[\w-]{1,60})=(?P<quote>["'])(?P<value>[^"'<>]{1,4000})(?P=quote)"""
    r"""|<[\w-]{1,40}:(?P<element>[\w-]{1,60})(?:\s[^<>]{0,400})?>\s*"""
    r"""(?:(?P<list><rdf:(?:Alt|Bag|Seq)>)|(?P<inner>[^<>]{1,4000})</)""",
)
_LIST_END, _LIST_SIZE = re.compile("</rdf:(?:Alt|Bag|Seq)>"), 4000
_END_SIZE = len("</rdf:Alt>")
_TAG = re.compile(r"<[^<>]*>")
_NAMESPACES = {"about", "x", "rdf", "xmptk", "lang", "parseType"}
_FILM = re.compile(rb"ftyp(?:mp4|isom|iso2|avc1|qt  )")

# IPTC-IIM 4.2, the application record, and what carries a name or place there.
_IPTC = {
    (2, 5): "ObjectName",
    (2, 25): "Keywords",
    (2, 55): "DateCreated",
    (2, 60): "TimeCreated",
    (2, 62): "DigitalCreationDate",
    (2, 65): "OriginatingProgram",
    (2, 80): "By-line",
    (2, 85): "By-lineTitle",
    (2, 90): "City",
    (2, 92): "Sub-location",
    (2, 95): "Province/State",
    (2, 101): "CountryName",
    (2, 105): "Headline",
    (2, 110): "Credit",
    (2, 115): "Source",
    (2, 116): "CopyrightNotice",
    (2, 118): "Contact",
    (2, 120): "Caption",
    (2, 122): "Writer",
}
_UTF16 = {"XPTitle", "XPComment", "XPAuthor", "XPKeywords", "XPSubject"}
# Pointers, and how the pixels of a TIFF lie in it: they say nothing of anybody.
_OF_THE_FILE = {
    *"ExifOffset GPSInfo ExifInteroperabilityOffset XMLPacket IPTCNAA InterColorProfile".split(),
    *"ImageWidth ImageLength BitsPerSample Compression PhotometricInterpretation".split(),
    *"StripOffsets SamplesPerPixel RowsPerStrip StripByteCounts PlanarConfiguration".split(),
    *"XResolution YResolution ResolutionUnit YCbCrPositioning ExtraSamples SampleFormat".split(),
    *"JpegIFOffset JpegIFByteCount Predictor TileWidth TileLength TileOffsets".split(),
    *"TileByteCounts FillOrder NewSubfileType SubfileType ColorMap JPEGTables".split(),
}


def named(name: str, value: Any) -> Fact:
    """Return a fact under the category that its name has."""
    return fact(category_of(name), name, text(value))


def text(value: Any) -> str:
    """Return any value of a library as text; long bytes as their number."""
    if isinstance(value, bytes):
        stripped = value.removeprefix(b"ASCII\x00\x00\x00").removeprefix(b"UNICODE\x00")
        plain = stripped.rstrip(b"\x00 ")
        shown = plain.decode("utf-8", "replace")
        return shown if shown.isprintable() else f"{len(value)} bytes"
    if isinstance(value, (tuple, list)):
        return ", ".join(text(one) for one in value[:8])
    return str(value)


def exif_facts(exif: Image.Exif) -> Iterator[Fact]:
    """Yield what stands in Exif: all tags, the place as coordinates, the small picture inside."""
    yield from _tags(exif, ExifTags.TAGS)
    yield from _tags(exif.get_ifd(ExifTags.IFD.Exif), ExifTags.TAGS)
    yield from _place(exif.get_ifd(ExifTags.IFD.GPSInfo))
    small = exif.get_ifd(ExifTags.IFD.IFD1)
    if small:
        yield fact(HIDDEN, "Thumbnail", f"{small.get(ExifTags.Base.JpegIFByteCount, 0)} bytes")
        yield from _tags(small, ExifTags.TAGS)


def _tags(values: Any, names: Any) -> Iterator[Fact]:
    for tag, value in list(dict(values).items()):
        name = names.get(tag, f"0x{tag:04x}")
        if name in _OF_THE_FILE or isinstance(value, dict):
            continue
        if name in _UTF16 and isinstance(value, bytes):
            yield named(name, value.decode("utf-16-le", "replace").rstrip("\x00"))
        else:
            yield named(name, value)


def _place(gps: Any) -> Iterator[Fact]:
    names = {ExifTags.GPSTAGS.get(tag, f"0x{tag:04x}"): value for tag, value in dict(gps).items()}
    pair = [_degrees(names.get(f"GPS{one}"), names.get(f"GPS{one}Ref")) for one in _AXES]
    if None not in pair:
        yield fact(PLACE, "GPS", f"{pair[0]:.5f}, {pair[1]:.5f}")
    for name, value in names.items():
        yield fact(TIME if name.endswith("Stamp") else PLACE, name, text(value))


_AXES = "Latitude", "Longitude"


def _degrees(value: Any, side: Any) -> float | None:
    """Return degrees, minutes and seconds as degrees; None where they are no numbers."""
    try:
        degrees, minutes, seconds = map(float, value)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    total = degrees + minutes / 60 + seconds / 3600
    return -total if text(side)[:1] in {"S", "W"} else total


def xmp_facts(packet: bytes) -> Iterator[Fact]:
    """Yield names and values of an XMP packet, without a parser of XML: it may be anything."""
    written, at, endless = packet.decode("utf-8", "replace"), 0, 0
    while found := _XMP_PAIR.search(written, at):
        name, value, at = found["name"] or found["element"], found["value"], found.end()
        if found["list"]:
            end = _LIST_END.search(written, max(at, endless), at + _LIST_SIZE)
            if end is None:  # and where none was found, the next list need not look again
                endless = at + _LIST_SIZE - _END_SIZE
                continue
            value, at = written[at : end.start()], end.end()
        if name not in _NAMESPACES and found.group(0)[:6] != "xmlns:":
            yield named(name, _TAG.sub(" ", value or found["inner"]))


def iptc_facts(picture: ImageFile.ImageFile) -> Iterator[Fact]:
    """Yield what agencies and editors write: names, places, captions."""
    for number, value in (IptcImagePlugin.getiptcinfo(picture) or {}).items():
        if number in _IPTC:
            yield named(_IPTC[number], value)


def scattered(data: bytes) -> Iterator[Fact]:
    """Yield what stands in blocks anywhere in a file."""
    for _, start in zip(range(MAX_BLOCKS), _EXIF.finditer(data), strict=False):
        exif = Image.Exif()
        try:
            exif.load(data[start.end() : start.end() + _EXIF_SIZE])
            yield from list(exif_facts(exif))
        except Exception:  # noqa: BLE001 -- whatever a library says of a broken block
            yield fact(OTHER, "Exif", "?")
    for packet in _packets(data):
        yield from xmp_facts(packet)
    if _FILM.search(data, 16):
        yield fact(HIDDEN, "Video", "?")


def _packets(data: bytes) -> Iterator[bytes]:
    """Yield XMP packets; by plain searching, which nothing in a file can make slow."""
    start = data.find(_XMP)
    for _ in range(MAX_BLOCKS):
        if start < 0:
            return
        end = data.find(_XMP_END, start, start + _XMP_SIZE)
        if end > 0:
            yield data[start:end]
        start = data.find(_XMP, start + 1)


def comment(value: Any) -> Fact:
    """Return a comment in a file as what it is: the words of somebody."""
    return fact(AUTHOR, "Comment", text(value))
