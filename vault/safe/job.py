"""What a child is asked, and the frame of its answer: all that passes between the processes.

    question = arguments of the child's command; the file follows on its input, to the end
    answer   = "WVA1" || status (1) || length of payload (4, big-endian) || payload
    pixels   = "WVP1" || status (1) || pages (2), then per page: width (4) || height (4) || RGB

`pixels` passes from the reading child to the writing one. Its status is PICTURE or PAPER, or
REFUSED, and then the word that says why follows; so it does after a page of no width and height.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

if TYPE_CHECKING:  # a child needs tuples only: what dataclasses load takes it as long as all else
    from vault.safe.limits import Limits

REFUSED, FINDINGS, PICTURE, PAPER = range(4)

# Why something cannot be shown.
UNKNOWN, DAMAGED, TOO_LARGE, PASSWORD, NO_PAGE, TOO_LONG, NO_CAGE = WORDS = (
    "unknown",
    "damaged",
    "too_large",
    "password",
    "no_page",
    "too_long",
    "no_cage",
)

SIZES = 16, 4096
TURNS = 0, 90, 180, 270

_ANSWER, _PIXELS, _PAGE = struct.Struct(">4sBI"), struct.Struct(">4sBH"), struct.Struct(">II")
_ANSWER_TAG, _PIXELS_TAG = b"WVA1", b"WVP1"


class Refusal(Exception):  # noqa: N818 -- not an error of the program: a child's answer
    """A child cannot do what it was asked; `word` is one of WORDS."""

    def __init__(self, word: str) -> None:
        self.word = word
        super().__init__(word)


class Job(NamedTuple):
    """One task for one child: numbers between a verb and a file.

    Attributes:
        verb: "inspect", "clean" or "show" for the child that reads, "write" for the other.
        page: from 0; of `show`.
        turn: degrees clockwise; of `show`.
        size: pixels of the longer side; of `show`.
        looked_at: see `Limits`, like all that follow.
    """

    verb: str
    page: int
    turn: int
    size: int
    looked_at: int
    pixels: int
    pages: int
    memory: int
    seconds: int
    font: str

    @classmethod
    def of(
        cls, limits: Limits, verb: str, *, page: int = 0, turn: int = 0, size: int = SIZES[1]
    ) -> Job:
        """Return a task within `limits`."""
        return cls(
            verb,
            page,
            turn,
            size,
            limits.looked_at,
            limits.pixels,
            limits.pages,
            limits.memory,
            limits.seconds,
            limits.font,
        )

    @classmethod
    def parse(cls, arguments: list[str]) -> Job:
        """Return what `arguments` made."""
        verb, *numbers, font = arguments
        return cls._make((verb, *map(int, numbers), font))

    def arguments(self) -> list[str]:
        """Return it as arguments of a command."""
        return [str(value) for value in self]


def answer(status: int, payload: bytes) -> bytes:
    """Return a child's answer in its frame."""
    return _ANSWER.pack(_ANSWER_TAG, status, len(payload)) + payload


def answered(data: bytes) -> tuple[int, bytes]:
    """Return status and payload of an answer.

    Raises:
        Refusal: the child refused, or this is no answer (DAMAGED).
    """
    if len(data) < _ANSWER.size:
        raise Refusal(DAMAGED)
    tag, status, length = _ANSWER.unpack_from(data)
    payload = data[_ANSWER.size :]
    if tag != _ANSWER_TAG or length != len(payload) or status not in range(4):
        raise Refusal(DAMAGED)
    if status == REFUSED:
        raise refused(payload)
    return status, payload


def refused(payload: bytes) -> Refusal:
    """Return a refusal in the word of a child; whatever is no such word means DAMAGED."""
    word = payload.decode("ascii", "replace")
    return Refusal(word if word in WORDS else DAMAGED)


class Page(NamedTuple):
    """Bare pixels: RGB, a byte each, row by row; `rows` gives them in any portions."""

    width: int
    height: int
    rows: Iterator[bytes]


def send(out: BinaryIO, status: int, count: int, pages: Iterator[Page]) -> None:
    """Write `count` pages of pixels."""
    out.write(_PIXELS.pack(_PIXELS_TAG, status, count))
    try:
        for page in pages:
            out.write(_PAGE.pack(page.width, page.height))
            out.writelines(page.rows)
    except Refusal as refusal:
        out.write(_PAGE.pack(0, 0) + refusal.word.encode("ascii"))


def send_refusal(out: BinaryIO, word: str) -> None:
    """Write that there are no pixels, and why."""
    out.write(_PIXELS.pack(_PIXELS_TAG, REFUSED, 0) + word.encode("ascii"))


def received(source: BinaryIO, job: Job) -> tuple[int, Iterator[tuple[int, int, bytes]]]:
    """Return PICTURE or PAPER, and the pages: width, height, RGB.

    Raises:
        Refusal: at once or while the pages are read: in the word of the sender, or DAMAGED.
    """
    tag, status, count = _PIXELS.unpack(_exactly(source, _PIXELS.size))
    if tag != _PIXELS_TAG:
        raise Refusal(DAMAGED)
    if status == REFUSED:
        raise _said(source)
    if status not in {PICTURE, PAPER} or not 1 <= count <= (1 if status == PICTURE else job.pages):
        raise Refusal(DAMAGED)
    return status, _pages(source, count, job.pixels)


def _pages(source: BinaryIO, count: int, most: int) -> Iterator[tuple[int, int, bytes]]:
    for _ in range(count):
        width, height = _PAGE.unpack(_exactly(source, _PAGE.size))
        if (width, height) == (0, 0):
            raise _said(source)
        if not 1 <= width * height <= most:
            raise Refusal(DAMAGED)
        yield width, height, _exactly(source, width * height * 3)
    if source.read(1):
        raise Refusal(DAMAGED)


def _said(source: BinaryIO) -> Refusal:
    return refused(source.read(max(map(len, WORDS)) + 1))


def _exactly(source: BinaryIO, size: int) -> bytes:
    data = source.read(size)
    if len(data) != size:
        raise Refusal(DAMAGED)
    return data
