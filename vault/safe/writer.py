"""Makes a picture or a paper of bare pixels, in a process that never saw the file they come from.

A paper is PDF 1.4 with one JPEG a page and nothing else: no date, no producer, no identifier.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import BinaryIO

from PIL import Image

from vault.safe.job import PICTURE, Job, received

_QUALITY = 90
_PAGE_POINTS = 842  # the longer side of A4

Image.preinit()  # loads the encoder before the process is closed in


def write(source: BinaryIO, job: Job) -> tuple[int, bytes]:
    """Return PICTURE and a JPEG, or PAPER and a PDF, of the pixels that `source` holds.

    Raises:
        Refusal: there are none.
    """
    status, pages = received(source, job)
    pictures = [(width, height, _jpeg(width, height, rows)) for width, height, rows in pages]
    return status, pictures[0][2] if status == PICTURE else _paper(pictures)


def _jpeg(width: int, height: int, rows: bytes) -> bytes:
    made = io.BytesIO()
    picture = Image.frombuffer("RGB", (width, height), rows, "raw", "RGB", 0, 1)
    picture.save(made, "JPEG", quality=_QUALITY, subsampling=0)
    return made.getvalue()


def _paper(pictures: list[tuple[int, int, bytes]]) -> bytes:
    """Return a PDF; objects: 1 catalogue, 2 tree, then page, its content, its picture."""
    kids = b" ".join(b"%d 0 R" % (3 + 3 * place) for place in range(len(pictures)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(pictures), kids),
    ]
    for place, picture in enumerate(pictures):
        objects += _page(3 + 3 * place, *picture)
    return _file(objects)


def _page(number: int, width: int, height: int, jpeg: bytes) -> Iterable[bytes]:
    scale = _PAGE_POINTS / max(width, height)
    wide, high = max(1, round(width * scale)), max(1, round(height * scale))
    drawn = b"%d 0 0 %d 0 0 cm /P Do" % (wide, high)
    return (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %d %d]/Contents %d 0 R"
        b"/Resources<</XObject<</P %d 0 R>>>>>>" % (wide, high, number + 1, number + 2),
        b"<</Length %d>>stream\n%s\nendstream" % (len(drawn), drawn),
        b"<</Type/XObject/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8"
        b"/Filter/DCTDecode/Length %d>>stream\n%s\nendstream" % (width, height, len(jpeg), jpeg),
    )


def _file(objects: list[bytes]) -> bytes:
    made, places = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    made += b"".join(b"%010d 00000 n \n" % place for place in places)
    made += b"trailer\n<</Size %d/Root 1 0 R>>\n" % (len(objects) + 1)
    return bytes(made + b"startxref\n%d\n%%%%EOF\n" % start)
