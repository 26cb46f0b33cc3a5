"""The one decoder of what is posted: strict, in memory, never through a file.

Werkzeug would spool multipart bodies to disk and replace invalid UTF-8 without a word. Its own
entry point is replaced here (`StrictRequest`), so libraries that ask a request for its form, such
as Flask-WTF, get what this decoder read. Pages ask `read_form`.

Source: WHATWG URL, section 5.1 (application/x-www-form-urlencoded parsing).
"""

from __future__ import annotations

import io
import threading
import time
from typing import IO, Any
from urllib.parse import unquote_to_bytes

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import (
    ClientDisconnected,
    RequestEntityTooLarge,
    UnsupportedMediaType,
)
from werkzeug.formparser import FormDataParser

from vault.errors import EncodingError, InputError, TooLongError

FORM_TYPE = "application/x-www-form-urlencoded"
MAX_FIELDS = 500
MAX_NAME = 200

# A server that answers before it has read what is sent makes the browser show an error of its own
# instead of our page; so this much is still read, for so long, and thrown away.
_MOST_DRAINED = 32 * 1024 * 1024
_DRAIN_SECONDS = 20.0
# And for so few at a time that a flood of them leaves threads to everybody else.
_DRAINING = threading.BoundedSemaphore(2)
_CHUNK = 64 * 1024


class Form(ImmutableMultiDict[str, str]):
    """What was posted. Broken text is kept readable, with U+FFFD where bytes were no UTF-8."""

    fault: InputError | None = None

    def text(self, name: str) -> str:
        """Return the first value of a field, or the empty string."""
        return self.get(name, "")

    def check(self) -> None:
        """Raise what was wrong with the bytes.

        Raises:
            EncodingError: a value is not valid UTF-8.
        """
        if self.fault is not None:
            raise self.fault


def parse(body: bytes) -> Form:
    """Decode a body of FORM_TYPE.

    Raises:
        InputError: more than MAX_FIELDS fields, or a name that is no short valid UTF-8. No page of
            ours sends such a thing, so there is nothing to show again.
    """
    pairs = [part.partition(b"=") for part in body.split(b"&", MAX_FIELDS) if part]
    if body.count(b"&") >= MAX_FIELDS:
        raise InputError("too many fields")
    names = [_name(name) for name, _, _ in pairs]
    raw = [_unquote(value) for _, _, value in pairs]
    form = Form(zip(names, (value.decode("utf-8", "replace") for value in raw), strict=True))
    if not all(_is_utf8(value) for value in raw):
        form.fault = EncodingError("not UTF-8")
    return form


def read_form(request: Request) -> Form:
    """Return what was posted.

    Raises:
        TooLongError: the body is over the application's MAX_CONTENT_LENGTH; it was not read.
        InputError: not of FORM_TYPE, or it broke off or came too slowly, or as `parse`.
    """
    try:
        form = request.form
    except RequestEntityTooLarge:
        drain(request)
        raise TooLongError("request") from None
    except UnsupportedMediaType:
        raise InputError("no form") from None
    except (ClientDisconnected, OSError):
        raise InputError("broke off") from None
    return form if isinstance(form, Form) else Form()


class _Parser(FormDataParser):
    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,  # noqa: ARG002 - the signature is Werkzeug's
    ) -> tuple[IO[bytes], Form, MultiDict[str, Any]]:
        if mimetype != FORM_TYPE:
            raise UnsupportedMediaType
        body = stream.read()
        if len(body) < (content_length or 0):
            raise ClientDisconnected  # half a story must not pass for a whole one
        return io.BytesIO(), parse(body), MultiDict()


class StrictRequest(Request):
    """A request whose form is read by this module's decoder, whoever asks for it."""

    form_data_parser_class = _Parser

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        if not self.query_string.isascii():
            # No address (RFC 3986). Werkzeug would fail on it before a page can say anything.
            self.query_string = b""


def _unquote(value: bytes) -> bytes:
    return unquote_to_bytes(value.replace(b"+", b" "))


def _name(raw: bytes) -> str:
    name = _unquote(raw)
    if len(name) > MAX_NAME or not _is_utf8(name):
        raise InputError("field name")
    return name.decode()


def _is_utf8(value: bytes) -> bool:
    try:
        value.decode("utf-8", "strict")
    except UnicodeDecodeError:
        return False
    return True


def drain(request: Request) -> None:
    """Read what is still sent, within bounds, so that the browser shows our answer."""
    if _DRAINING.acquire(blocking=False):
        try:
            _drain(request)
        finally:
            _DRAINING.release()


def _drain(request: Request) -> None:
    stream = request.environ.get("wsgi.input")
    left = min(request.content_length or 0, _MOST_DRAINED)
    deadline = time.monotonic() + _DRAIN_SECONDS
    while stream is not None and left > 0 and time.monotonic() < deadline:
        try:
            chunk = stream.read(min(left, _CHUNK))
        except OSError:
            return
        if not chunk:
            return
        left -= len(chunk)
