"""From an error to an answer: its status and the sentence of its code, never its text or trace."""

from __future__ import annotations

import logging
from collections.abc import Callable

from flask import Flask, current_app
from werkzeug.exceptions import HTTPException

from vault import clock, errors

Page = Callable[[int, str, errors.WitnessVaultError | None], str]
"""Makes a page from status, key of its sentence, and the error if it is one of ours."""

_NOTES = "witness-vault-notes"
_SERVER_FAULT = 500
_KEY_OF_STATUS = {
    403: errors.RefusedError.code,
    404: errors.NotFoundError.code,
    405: errors.NotFoundError.code,
    413: errors.TooLongError.code,
}

# The first class that fits counts: kinds stand before what they are kinds of.
_STATUS: tuple[tuple[type[errors.WitnessVaultError], int], ...] = (
    (errors.TooLongError, 413),
    (errors.UnknownFormError, 404),
    (errors.InputError, 400),
    (errors.ReceiptError, 400),
    (errors.NotFoundError, 404),
    (errors.RosterError, 503),
    (errors.NotOpenYetError, 503),
    (errors.AgentError, 503),
    (errors.BusyError, 503),
    (errors.ConflictError, 409),
    (errors.StorageError, 503),
    (errors.SessionEndedError, 403),
    (errors.SignInError, 403),
    (errors.RefusedError, 403),
    (errors.NoGrantError, 403),
    (errors.WrongPassphraseError, 403),
)


def status_of(error: errors.WitnessVaultError) -> int:
    """Return the HTTP status (RFC 9110, section 15) that an error answers with."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def key_of_status(status: int) -> str:
    """Return the key of the sentence for an error that HTTP itself knows."""
    return _KEY_OF_STATUS.get(status, errors.WitnessVaultError.code)


class QuietLogger(logging.Filter):
    """Takes traces and arguments out of what the framework logs: they may hold what was typed."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Keep the record, with the class of the exception instead of its trace."""
        kind = record.exc_info[0] if record.exc_info else None
        if kind is not None:
            record.msg, record.args = f"unexpected {kind.__name__}", ()
        record.exc_info = record.exc_text = record.stack_info = None
        return True


class Notes:
    """Tells the operator of a kind of error once a day.

    A line for each would be a list of the minutes at which witnesses came.
    """

    def __init__(self, logger: logging.Logger) -> None:
        self._logger = logger
        self._days: dict[str, str] = {}

    def note(self, text: str) -> None:
        """Log `text` unless it was logged today."""
        today = clock.day()
        if self._days.get(text) != today:
            self._days[text] = today
            self._logger.error(text)


def note(error: errors.WitnessVaultError) -> int:
    """Note an error that an operator must see, by its class; return its status."""
    status = status_of(error)
    if status >= _SERVER_FAULT:
        current_app.extensions[_NOTES].note(f"refused: {type(error).__name__}")
    return status


def install(app: Flask, page: Page) -> None:
    """Answer every error of `app` with a page, and note those that an operator must see."""
    notes = app.extensions[_NOTES] = Notes(app.logger)

    def _ours(error: errors.WitnessVaultError) -> tuple[str, int]:
        status = note(error)
        return page(status, error.code, error), status

    def _http(error: HTTPException) -> tuple[str, int]:
        status = error.code or 500
        return page(status, key_of_status(status), None), status

    def _unexpected(error: Exception) -> tuple[str, int]:
        notes.note(f"unexpected {type(error).__name__}")
        return page(500, errors.WitnessVaultError.code, None), 500

    app.register_error_handler(errors.WitnessVaultError, _ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unexpected)
    app.logger.addFilter(QuietLogger())
