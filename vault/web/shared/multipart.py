"""Files as they are posted: read piece by piece, never kept, never through a temporary file.

The parser is Werkzeug's own without its spool (`werkzeug.sansio.multipart`). It hands out what
arrived; here names are decoded strictly and everything is counted.

Source: RFC 7578.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from flask import Request
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from vault.errors import EncodingError, InputError, TooLongError
from vault.web.shared.decoding import MAX_NAME

TYPE = "multipart/form-data"
PIECE = 256 * 1024
MAX_BUFFER = 2 * PIECE  # headers of a part, or a piece with a boundary that is not whole yet
MAX_FIELD = 8 * 1024
MAX_PARTS = 64
MAX_BOUNDARY = 70  # RFC 2046, section 5.1.1

_WRITTEN = re.compile(r'form-data; name="([^"]*)"(?:; filename="([^"]*)")?')


@dataclass
class Part:
    """One part of what is posted.

    Attributes:
        name: of the field.
        filename: as the sender calls it, any text; None for a field that is no file.
        chunks: what it holds, in pieces; to be read before the next part is asked for.
    """

    name: str
    filename: str | None = field(repr=False)
    chunks: Iterator[bytes] = field(repr=False)

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
        try:
            return taken.decode()
        except UnicodeDecodeError:
            raise EncodingError("not UTF-8") from None


def read_parts(request: Request) -> Iterator[Part]:
    """Give the parts of a request in the order in which they arrive.

    What is left of a part when the next one is asked for is read and thrown away.

    Raises:
        InputError: not of TYPE, malformed, or it broke off or came too slowly.
        EncodingError: a name that is not UTF-8.
        TooLongError: too many parts, or a part with endless headers.
    """
    events = _events(request)
    for event in events:
        if isinstance(event, Epilogue):
            return
        if isinstance(event, Field | File):
            chunks = _chunks(events)
            yield Part(*_names(event), chunks)
            for _ in chunks:
                pass
    raise InputError("broke off")


def _events(request: Request) -> Iterator[object]:
    decoder = MultipartDecoder(_boundary(request), MAX_BUFFER, max_parts=MAX_PARTS)
    try:
        while True:
            event = decoder.next_event()
            if isinstance(event, NeedData):
                decoder.receive_data(request.stream.read(PIECE) or None)
            else:
                yield event
                if isinstance(event, Epilogue):
                    return
    except UnicodeDecodeError:
        raise EncodingError("not UTF-8") from None
    except RequestEntityTooLarge:
        raise TooLongError("request") from None
    except (ClientDisconnected, OSError):
        raise InputError("broke off") from None
    except ValueError:  # malformed, or at its end before the last boundary
        raise InputError("no form") from None


def _chunks(events: Iterator[object]) -> Iterator[bytes]:
    for event in events:
        assert isinstance(event, Data)  # the parser gives nothing else inside a part
        if event.data:
            yield event.data
        if not event.more_data:
            return


def _boundary(request: Request) -> bytes:
    kind, options = parse_options_header(request.content_type)
    boundary = options.get("boundary", "")
    if kind != TYPE or not 0 < len(boundary) <= MAX_BOUNDARY or not boundary.isascii():
        raise InputError("no form")
    return boundary.encode()


def _names(part: Field | File) -> tuple[str, str | None]:
    """Return the name of a field and of a file, as browsers write them: a backslash is itself.

    Source: WHATWG HTML, section 4.10.21.8 (multipart form data).
    """
    written = _WRITTEN.fullmatch(part.headers["content-disposition"])
    if written is None:
        return _name(part.name), getattr(part, "filename", None)
    name, filename = written.groups()
    return _name(_meant(name)), None if filename is None else _meant(filename)


def _meant(text: str) -> str:
    for escaped, meant in (("%22", '"'), ("%0D", "\r"), ("%0A", "\n")):
        text = text.replace(escaped, meant)
    return text


def _name(name: object) -> str:
    if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME:
        raise InputError("field name")
    return name
