"""Papers, read with PDFium, in a build without a JavaScript engine. Runs in the reading child only.

Letters of fonts that a paper does not carry are drawn with the one that `letters` lends: no file of
the machine can be opened here any more.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import pypdfium2
from pypdfium2 import raw

from vault.safe.job import DAMAGED, NO_PAGE, PAPER, PASSWORD, PICTURE, TOO_LARGE, Job, Page, Refusal

_POINTS, _DOTS = 72, 150  # an inch of paper, and of a cleaned page
_PAGE_PIXELS = 4_000_000  # A4 at 150 dots an inch has half of it
_LONGEST = 30_000  # pixels of a side; a JPEG has at most 65,535


def pages(data: bytes, _: str, job: Job) -> tuple[int, int, Iterator[Page]]:
    """Return what it becomes (PICTURE or PAPER), how many pages, and their pixels."""
    paper = opened(data)
    count = len(paper)
    if job.verb == "show":
        if job.page >= count:
            raise Refusal(NO_PAGE)
        return PICTURE, 1, iter([_page(paper, job.page, job)])
    if count > job.pages:
        raise Refusal(TOO_LARGE)
    return PAPER, count, (_page(paper, number, job) for number in range(count))


def opened(data: bytes) -> pypdfium2.PdfDocument:
    """Return a paper that has pages; a password or damage is a refusal."""
    try:
        paper = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        needs = getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD
        raise Refusal(PASSWORD if needs else DAMAGED) from None
    if not len(paper):
        raise Refusal(DAMAGED)
    paper.init_forms()  # what was filled into a form is part of the page
    return paper


def _page(paper: pypdfium2.PdfDocument, number: int, job: Job) -> Page:
    page = paper[number]
    width, height = page.get_size()
    if not (math.isfinite(width * height) and width > 0 and height > 0):
        raise Refusal(DAMAGED)
    if job.verb == "show":
        scale = job.size / max(width, height)
    else:
        room = 0.99 * min(_PAGE_PIXELS, job.pixels)  # sides are rounded up
        scale = min(_DOTS / _POINTS, math.sqrt(room / (width * height)))
    if max(width, height) * scale > _LONGEST or min(width, height) * scale < 1:
        raise Refusal(TOO_LARGE)
    bitmap = page.render(scale=scale, rotation=job.turn, rev_byteorder=True)
    page.close()
    if bitmap.n_channels != 3 or not 1 <= bitmap.width * bitmap.height <= job.pixels:  # noqa: PLR2004
        raise Refusal(TOO_LARGE)
    return Page(bitmap.width, bitmap.height, _rows(bitmap))


def _rows(bitmap: pypdfium2.PdfBitmap) -> Iterator[bytes]:
    whole = memoryview(bitmap.buffer).cast("B")
    for top in range(0, bitmap.height * bitmap.stride, bitmap.stride):
        yield bytes(whole[top : top + bitmap.width * 3])
