"""Reading the access log is an entry too, committed before anything of it is shown."""

from __future__ import annotations

from vault.web.inside import who


def log_reading(what: str) -> None:
    """Commit the entry of looking at something that has no entry kind of its own.

    Raises:
        NoEntryError: it could not be made; nothing may be shown.
    """
    with who.vault().journal.transaction() as transaction:
        transaction.log("ledger.read", who.actor().id, {}, {"what": what})
