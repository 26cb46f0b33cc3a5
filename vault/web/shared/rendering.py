"""Showing what people wrote: nothing in it can reorder, hide or forge a part of the page.

Jinja escapes markup. Left are characters that no one sees and that move what one sees: controls
and the marks of writing direction (Unicode Standard Annex 9), zero-width and tag characters. They
are shown as `[U+202E]`. Joiners (U+200C, U+200D) stay: Arabic script and joined signs need them.
"""

from __future__ import annotations

import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_KEPT = frozenset("\n\t\N{ZERO WIDTH NON-JOINER}\N{ZERO WIDTH JOINER}")
# Format characters that are visible letters or signs of Arabic and Syriac script.
_VISIBLE_FORMATS = frozenset("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2")
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def visible(text: str) -> str:
    """Return `text` with every hidden character written as `[U+XXXX]`; line ends become LF."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    hidden = {c for c in set(text) - _KEPT - _VISIBLE_FORMATS if _is_hidden(c)}
    return text.translate({ord(c): f"[U+{ord(c):04X}]" for c in hidden})


def editable(text: str) -> str:
    """Return `text` for a field to go on writing in: controls, which cannot be kept, as U+FFFD."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    refused = {c for c in set(text) - _KEPT if unicodedata.category(c) in {"Cc", "Cs"}}
    return text.translate({ord(c): REPLACEMENT for c in refused})


def _is_hidden(character: str) -> bool:
    return unicodedata.category(character) in _HIDDEN
