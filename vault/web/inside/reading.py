"""Pages whose only entry is that somebody looked, committed before anything of them is shown."""

from __future__ import annotations

from vault.web.inside import who

READ, LIST = "ledger.read", "list"


def log_reading(what: str) -> None:
    """Commit the entry of reading the access log, or what is known from it alone.

    Raises:
        NoEntryError: it could not be made; nothing may be shown.
    """
    _log(READ, what, None)


def log_list(what: str, case: str | None = None) -> None:
    """Commit the entry of looking at a list, or at what concerns one case and opens nothing.

    Raises:
        NoEntryError: it could not be made; nothing may be shown.
    """
    _log(LIST, what, case)


def _log(kind: str, what: str, case: str | None) -> None:
    subject = {} if case is None else {"case": case}
    with who.vault().journal.transaction() as transaction:
        transaction.log(kind, who.actor().id, subject, {"what": what})
