"""Pictures and papers for tests, made here: nothing of anybody's."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image, ImageDraw


def picture(width=64, height=48, mode="RGB") -> Image.Image:
    """Return a picture: red, with a blue corner at the upper left."""
    made = Image.new("RGB", (width, height), (200, 30, 30))
    ImageDraw.Draw(made).rectangle((0, 0, width // 4, height // 4), fill=(20, 20, 220))
    return made.convert(mode)


def encoded(kind: str, made: Image.Image | None = None, **options) -> bytes:
    """Return a picture as a file of Pillow's format `kind`."""
    out = io.BytesIO()
    (made or picture()).save(out, kind, **options)
    return out.getvalue()


def decoded(data: bytes) -> Image.Image:
    """Return what a file shows."""
    made = Image.open(io.BytesIO(data))
    made.load()
    return made


def chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int, height: int, *chunks: bytes, bits=1, colour=0) -> bytes:
    """Return a PNG of chunks after its header."""
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + b"".join(chunks) + chunk(b"IEND", b"")


def segment(marker: int, body: bytes) -> bytes:
    """Return a segment of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def with_segments(*segments: bytes, jpeg: bytes | None = None) -> bytes:
    """Return a JPEG with segments of ours at its beginning."""
    jpeg = jpeg or encoded("JPEG")
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def ifd(entries: list[tuple[int, int, int, bytes]], start=8, following=0) -> bytes:
    """Return an Exif directory (little-endian): tag, type, count, value of four bytes."""
    body = struct.pack("<H", len(entries))
    for tag, kind, count, value in entries:
        body += struct.pack("<HHI", tag, kind, count) + value.ljust(4, b"\0")[:4]
    return body + struct.pack("<I", following)


def exif(*directories: bytes) -> bytes:
    """Return an Exif block with the first directory behind its header."""
    return b"Exif\0\0II*\0\x08\0\0\0" + b"".join(directories)


def stream(body: bytes, entries: bytes = b"") -> bytes:
    """Return a stream object of a PDF."""
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(body), body)


def pdf(
    *more: bytes,
    pages: int = 1,
    box: bytes = b"0 0 200 100",
    catalogue: bytes = b"",
    page: bytes = b"",
    content: bytes = b"0 0 1 rg 10 10 50 50 re f",
    trailer: bytes = b"",
) -> bytes:
    """Return a PDF: 1 catalogue, 2 tree, 3 content, `more` from 4 on, then the pages."""
    first = 4 + len(more)
    kids = b" ".join(b"%d 0 R" % (first + one) for one in range(pages))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R%s>>" % catalogue,
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (pages, kids),
        stream(content),
        *more,
    ]
    objects += [b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 3 0 R%s>>" % (box, page)] * pages
    return of_objects(objects, trailer)


def of_objects(objects: list[bytes], trailer: bytes = b"") -> bytes:
    """Return a PDF of these objects; the first is the catalogue."""
    made, places = bytearray(b"%PDF-1.7\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer\n<</Size %d/Root 1 0 R%s>>\n" % (len(objects) + 1, trailer)
    return bytes(made + b"startxref\n%d\n%%%%EOF\n" % start)
