"""Files as they are posted: read piece by piece, never kept, never through a temporary file.

What arrives lies in one buffer of a fixed size, and what is given out is a view of it: a file
passes without being copied. A form is taken as browsers write it: whatever else RFC 2046 allows, a
preamble, an epilogue, space after a boundary, a header on two lines, is refused, not guessed at.

Source: RFC 7578; RFC 2046, section 5.1.1; WHATWG HTML, section 4.10.21.8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import IO

from flask import Request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.http import parse_options_header

from vault.errors import EncodingError, InputError, TooLongError
from vault.web.shared.decoding import MAX_NAME

TYPE = "multipart/form-data"
BUFFER = 1024 * 1024
MAX_HEAD = 8 * 1024
MAX_FIELD = 8 * 1024
MAX_PARTS = 512
"""Fields and files: whoever chooses all photos of a folder is told which were not taken."""
MAX_BOUNDARY = 70  # RFC 2046, section 5.1.1

_LINE, _LAST = b"\r\n", b"--"
_HEADER = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*)")
_WRITTEN = re.compile(r'form-data; name="([^"]*)"(?:; filename="([^"]*)")?')


@dataclass
class Part:
    """One part of what is posted.

    Attributes:
        name: of the field.
        filename: as the sender calls it, any text; None for a field that is no file.
        chunks: what it holds, in pieces; each is gone when the next one, or the next part, is asked
            for.
    """

    name: str
    filename: str | None = field(repr=False)
    chunks: Iterator[memoryview] = field(repr=False)

    def text(self) -> str:
        """Return a short field.

        Raises:
            TooLongError: longer than MAX_FIELD bytes.
            EncodingError: not UTF-8.
        """
        taken = b""
        for chunk in self.chunks:
            taken += chunk
            if len(taken) > MAX_FIELD:
                raise TooLongError("field")
        return _text(taken)


def read_parts(request: Request) -> Iterator[Part]:
    """Give the parts of a request in the order in which they arrive.

    What is left of a part when the next one is asked for is read and thrown away.

    Raises:
        InputError: not of TYPE, malformed, or it broke off or came too slowly.
        EncodingError: a name that is not UTF-8.
        TooLongError: too many parts, or a part with endless headers.
    """
    mark = _LINE + b"--" + _boundary(request)
    body = _Arriving(request.stream)
    if any(body.before(mark)):
        raise InputError("no form")
    for number in count():
        if body.at_end():
            return
        if number == MAX_PARTS:
            raise TooLongError("request")
        names, chunks = _names(body.head()), body.before(mark)
        yield Part(*names, chunks)
        for _ in chunks:
            pass


class _Arriving:
    """The body of a request in a buffer: what stands in it, from its beginning, and then the rest.

    The first boundary is no different from the others when the line before it has ended; so the
    buffer begins with the end of a line.
    """

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._buffer = bytearray(BUFFER)
        self._view = memoryview(self._buffer)
        self._start, self._end = 0, len(_LINE)
        self._view[: self._end] = _LINE

    def before(self, mark: bytes) -> Iterator[memoryview]:
        """Give what stands before a mark, in pieces, and pass over the mark."""
        while (at := self._buffer.find(mark, self._start, self._end)) < 0:
            # A mark that has begun may end in what comes next.
            begun = max(self._start, self._end - len(mark) + 1)
            yield from self._given(begun)
            self._more()
        yield from self._given(at)
        self._start += len(mark)

    def at_end(self) -> bool:
        """Return, after a mark, whether it was the last one; raises InputError for half a one."""
        ending = self._take(len(_LINE))
        if ending == _LINE:
            return False
        while self._end - self._start <= len(_LINE) and self._receive():
            pass
        if ending != _LAST or bytes(self._view[self._start : self._end]) not in {b"", _LINE}:
            raise InputError("no form")
        return True

    def head(self) -> bytes:
        """Return the lines before an empty one; raises TooLongError past MAX_HEAD."""
        while (at := self._buffer.find(_LINE + _LINE, self._start, self._end)) < 0:
            if self._end - self._start > MAX_HEAD:
                break
            self._more()
        if not 0 <= at - self._start <= MAX_HEAD:
            raise TooLongError("head of a part")
        return self._take(at - self._start + 2 * len(_LINE))[: -2 * len(_LINE)]

    def _take(self, size: int) -> bytes:
        while self._end - self._start < size:
            self._more()
        self._start += size
        return bytes(self._view[self._start - size : self._start])

    def _given(self, until: int) -> Iterator[memoryview]:
        if until > self._start:
            yield self._view[self._start : until]
            self._start = until

    def _more(self) -> None:
        if not self._receive():
            raise InputError("broke off")

    def _receive(self) -> int:
        """Wait for what comes next, and return how much it is."""
        left = self._end - self._start
        self._view[:left] = self._view[self._start : self._end]
        try:
            # Werkzeug says IO[bytes], which has none; what it gives is a RawIOBase, which has one.
            came: int = self._stream.readinto(self._view[left:])  # type: ignore[attr-defined]
        except RequestEntityTooLarge:
            raise TooLongError("request") from None
        except (ClientDisconnected, OSError):
            raise InputError("broke off") from None
        self._start, self._end = 0, left + came
        return came


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.content_type)
    boundary = options.get("boundary", "")
    if kind != TYPE or not 0 < len(boundary) <= MAX_BOUNDARY or not boundary.isascii():
        raise InputError("no form")
    return boundary.encode()


def _names(head: bytes) -> tuple[str, str | None]:
    """Return the name of a field and of a file: a backslash in what browsers write is itself."""
    said = _disposition(head)
    if written := _WRITTEN.fullmatch(said):
        name, filename = written.groups()
        return _name(_meant(name)), None if filename is None else _meant(filename)
    kind, options = parse_options_header(said)
    if kind != "form-data":
        raise InputError("no form")
    return _name(options.get("name")), options.get("filename")


def _disposition(head: bytes) -> str:
    """Return the one header that names a part; raises InputError."""
    lines = [_HEADER.fullmatch(line) for line in _text(head).split("\r\n")]
    headers = [line.groups() for line in lines if line]
    values = [value for name, value in headers if name.lower() == "content-disposition"]
    if len(headers) != len(lines) or len(values) != 1:
        raise InputError("no form")
    return values[0]


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise EncodingError("not UTF-8") from None


def _meant(text: str) -> str:
    for escaped, meant in (("%22", '"'), ("%0D", "\r"), ("%0A", "\n")):
        text = text.replace(escaped, meant)
    return text


def _name(name: object) -> str:
    if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME:
        raise InputError("field name")
    return name
