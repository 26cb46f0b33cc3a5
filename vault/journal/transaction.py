"""What is done inside one commit, and the entries that will say so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vault.errors import LedgerError
from vault.journal.drafts import Draft

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from vault.ledger.entry import Value


class Transaction:
    """What is open inside `Journal.transaction`.

    Attributes:
        connection: holds the write lock.
        committed: whether it is over and what was logged stands in the log.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection, self.committed = connection, False
        self._drafts: list[Draft] = []
        self._over = False

    def end(self) -> Sequence[Draft]:
        """Take nothing more; return what becomes the entries."""
        self._over = True
        return self.drafts

    def log(
        self,
        kind: str,
        actor: str,
        subject: Mapping[str, str] | None = None,
        detail: Mapping[str, Value] | None = None,
        time: str | None = None,
    ) -> None:
        """Note what happens; it becomes an entry when the transaction commits.

        Raises:
            FormatError: a field is out of its bounds (see `ledger.entry.Entry`).
            LedgerError: the transaction is over: this would never become an entry.
        """
        if self._over:
            raise LedgerError("logged after the commit")
        draft = Draft(kind, actor, subject or {}, detail or {}, time)
        draft.entry(0)  # refused here, where the fault is, and not at the end
        self._drafts.append(draft)

    @property
    def drafts(self) -> Sequence[Draft]:
        """What was logged so far, in order."""
        return tuple(self._drafts)
