"""How much of a file is looked at; `config/defaults.toml` gives each its bounds and reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Of one look at one file.

    Attributes:
        looked_at: bytes of a file; a larger one is neither looked into nor shown.
        pixels: of one picture or page, decoded.
        pages: of one paper.
        memory: bytes of address space of each child.
        seconds: until a look is given up.
        at_once: looks at the same time in one server.
        font: a file with the letters of papers that carry none; it may be missing.
    """

    looked_at: int
    pixels: int
    pages: int
    memory: int
    seconds: int
    at_once: int
    font: str
