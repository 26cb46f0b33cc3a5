"""What a paper betrays: who made it, when, with what, and what lies hidden in it.

Runs in the reading child only. Beside what PDFium tells, the bytes are searched for the metadata of
pictures inside, and for the words that start programs.
"""

from __future__ import annotations

import ctypes
import re
from itertools import islice

import pypdfium2
from pypdfium2 import raw

from vault.safe import hidden
from vault.safe.findings import Fact, Findings, fact, table
from vault.safe.job import Job, Refusal
from vault.safe.labels import AUTHOR, HIDDEN, OTHER
from vault.safe.papers import opened

MAX_FILES, MAX_PAGES, MAX_NOTES, MAX_TEXTS = 20, 50, 50, 200

_DATE = re.compile(r"\AD:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)")  # ISO 32000-1, 7.9.4
_MAX_NOTE = 400  # bytes of UTF-16
_SCRIPTS = b"/JavaScript", b"/JS", b"/Launch"


def inspect(data: bytes, kind: str, _: Job) -> Findings:
    """Return what a paper betrays; also of one that is damaged or asks for a password."""
    scripts = any(word in data for word in _SCRIPTS)
    count, facts = 0, []
    try:
        with opened(data) as paper:
            count = len(paper)
            scripts = scripts or raw.FPDFDoc_GetJavaScriptActionCount(paper) > 0
            for look in (_information, _files, _notes, _fonts):
                facts += look(paper)
    except (Refusal, pypdfium2.PdfiumError):
        pass  # what was found until then is told, and what stands anywhere in the file
    facts += hidden.scattered(data)
    return Findings(kind, count or 1, 0, 0, count > 0, scripts, table(facts))


def _information(paper: pypdfium2.PdfDocument) -> list[Fact]:
    return [
        hidden.named(name, _DATE.sub(r"\1-\2-\3 \4:\5:\6", value))
        for name, value in paper.get_metadata_dict().items()
    ]


def _files(paper: pypdfium2.PdfDocument) -> list[Fact]:
    count = min(paper.count_attachments(), MAX_FILES)
    return [fact(HIDDEN, "File", paper.get_attachment(one).get_name()) for one in range(count)]


def _notes(paper: pypdfium2.PdfDocument) -> list[Fact]:
    """Return who wrote notes into the margin."""
    found: dict[str, None] = {}
    for number in range(min(len(paper), MAX_PAGES)):
        page = paper[number]
        for place in range(min(raw.FPDFPage_GetAnnotCount(page), MAX_NOTES)):
            note = raw.FPDFPage_GetAnnot(page, place)
            found[_note_text(note, b"T")] = None
            raw.FPDFPage_CloseAnnot(note)
        page.close()
    return [fact(AUTHOR, "Note", name) for name in found]


def _fonts(paper: pypdfium2.PdfDocument) -> list[Fact]:
    """Return the fonts that it does not carry: their letters are drawn with another, or missing."""
    found: dict[str, None] = {}
    for number in range(min(len(paper), MAX_PAGES)):
        page = paper[number]
        texts = page.get_objects(filter=(raw.FPDF_PAGEOBJ_TEXT,))
        for font in (text.get_font() for text in islice(texts, MAX_TEXTS)):
            if not font.is_embedded:
                found[font.get_base_name()] = None
        page.close()
    return [fact(OTHER, "FontNotEmbedded", name) for name in found]


def _note_text(note: object, key: bytes) -> str:
    buffer = (ctypes.c_ushort * (_MAX_NOTE // 2))()
    size = raw.FPDFAnnot_GetStringValue(note, key, buffer, _MAX_NOTE)
    return bytes(buffer)[: max(0, min(size, _MAX_NOTE) - 2)].decode("utf-16-le", "replace")
