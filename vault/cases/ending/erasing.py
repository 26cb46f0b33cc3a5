"""Erasing what was asked for or has come to its end: the key first, everything else is sweeping.

Whoever is killed in between goes on at the next slot: it stays due until all of it is done. What
the lawyer does and this take turns under the database's write lock.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, select

from vault import clock
from vault.cases import tombstones
from vault.cases.arriving.instructed import FIRST, collector_keys, stored_header
from vault.cases.ending import deleting, retention
from vault.cases.model import ERASED
from vault.cases.reveal import boxes as of_witness
from vault.crypto import suite
from vault.crypto.seal import OpeningKey
from vault.custody import erasure
from vault.errors import BusyError, FormatError, LedgerError, SealError, StorageError
from vault.journal.transaction import Transaction
from vault.journal.vault import Vault
from vault.ledger.entry import SYSTEM
from vault.packet import collector, sent
from vault.packet.box import locator
from vault.packet.deletion import DELETE, Certificate, Left, seal_certificate
from vault.storage.tables.cases import (
    OWN,
    assignments,
    attachments,
    cases,
    deletions,
    epochs,
    grants,
    outbox,
    records,
    testimonies,
    visits,
)

KIND = "erased"
# Why: a receipt asked for it, or its end day has come.
ASKED, ENDED = "asked", "end"

Act = Callable[[Vault, Sequence[OpeningKey], str], bool]

_log = logging.getLogger(__name__)


def erase_due(vault: Vault) -> int:
    """Erase what was asked for and what has come to its end; return how many accounts.

    Raises:
        LockedError, AgentError, StorageError: nothing could be done now; it goes on at the next
            slot.
    """
    with vault.database.read() as connection:
        due = [row for row in connection.execute(_due()) if _was_seen(row)]
        ended = retention.over(vault, connection)
    if ended and clock.was_set_forward():
        _log.warning("the clock was set forward: no case that ends is erased until a restart")
        ended = []
    done: list[bool] = []
    if (due or ended) and _log_holds(vault):
        keys = collector_keys(vault)
        done += [_tried(_carry_out, vault, keys, row.packet) for row in due]
        done += [_tried(_end, vault, keys, case_id) for case_id in ended]
    _see(vault)
    if due or ended or _lately(vault):
        _flush(vault)
    return sum(done)


def _log_holds(vault: Vault) -> bool:
    """Say whether the log follows from its last checkpoint.

    Where somebody put entries into it, it states nothing that counts; and no entry could be made of
    an erasure, whose keys go first.
    """
    try:
        vault.journal.checkpoint()
    except LedgerError as error:
        _log.warning("nothing is erased while the log does not hold: %s", error.code)
        return False
    return True


def _tried(act: Act, vault: Vault, keys: Sequence[OpeningKey], which: str) -> bool:
    """Do one of them; what stops it holds no other up."""
    try:
        return act(vault, keys, which)
    except (BusyError, FormatError, StorageError) as error:
        _log.warning("an erasure could not be done and goes on at a later slot: %s", error.code)
        return False


def _carry_out(vault: Vault, keys: Sequence[OpeningKey], packet: str) -> bool:
    """Do one of them; returns whether an account was erased."""
    with vault.journal.transaction() as transaction:
        connection = transaction.connection
        row = connection.execute(_due().where(deletions.c.packet == packet)).one_or_none()
        if row is None or not _was_seen(row):
            return False  # stopped meanwhile, or swept with another of the same account
        public, testimony = _asked(connection, keys, row)
        if public is None:
            _log.warning("an instruction to erase does not verify and is left where it is")
            return False
        left: tuple[Left, ...] = ()
        if testimony is not None:
            left = of_witness.left(connection, testimony.case_id)
            _erase(vault, transaction, testimony, ASKED)
        else:
            transaction.log("box.written", SYSTEM, {}, {"count": 1})
        _close_box(vault, connection, public, left)
        connection.execute(deletions.delete().where(deletions.c.packet == packet))
        _sweep_over(connection, row.testimony)
        return testimony is not None


def _end(vault: Vault, keys: Sequence[OpeningKey], case_id: str) -> bool:
    """Erase a case that has come to its end, and say so in both boxes."""
    with vault.journal.transaction() as transaction:
        connection = transaction.connection
        query = select(testimonies).where(testimonies.c.case_id == case_id)
        row = connection.execute(query).one_or_none()
        if row is None or not retention.is_over(vault, connection, case_id):
            return False  # erased, held or kept longer a moment ago
        try:
            own, second = _boxes(keys, row)
        except (FormatError, SealError):
            _log.warning("a case that has ended does not name its boxes and is left where it is")
            return False
        left = of_witness.left(connection, case_id)
        _erase(vault, transaction, row, ENDED)
        _close_box(vault, connection, own, left)
        _close_box(vault, connection, second)
        connection.execute(deletions.delete().where(deletions.c.testimony == row.id))
    return True


def _boxes(keys: Sequence[OpeningKey], row: Any) -> tuple[bytes, bytes]:
    """Return the keys of a testimony's boxes, from what its packet brought."""
    part = collector.open_part(keys, row.id, row.id, row.collector_part)
    collector.check_commitment(stored_header(row), part)
    return collector.boxes_of(part)


def _asked(
    connection: Connection, keys: Sequence[OpeningKey], row: Any
) -> tuple[bytes | None, Any]:
    """Return the key of the box that asked, and the testimony if it is to be erased."""
    every = deleting.kept(connection, keys, row.testimony)
    one = next((found for found in every if found.row.packet == row.packet), None)
    if one is None or one.asks.name != DELETE:
        return None, None
    query = select(testimonies).where(testimonies.c.id == row.testimony)
    erase = one.which == FIRST
    return one.asks.box, connection.execute(query).one() if erase else None


def _erase(vault: Vault, transaction: Transaction, row: Any, cause: str) -> None:
    """Delete the keys, then what they opened; the case's row says that it was there."""
    connection, subjects = transaction.connection, (row.id, row.case_id)
    erasure.forget(vault, subjects)
    count = select(func.count()).select_from(records).where(records.c.subject.in_(subjects))
    held = connection.execute(count).scalar_one()
    for table in (grants, records, epochs, visits):
        connection.execute(delete(table).where(table.c.subject.in_(subjects)))
    for table in OWN:
        connection.execute(delete(table).where(table.c.case_id == row.case_id))
    connection.execute(attachments.delete().where(attachments.c.testimony == row.id))
    connection.execute(testimonies.delete().where(testimonies.c.id == row.id))
    until = last_backup_day(vault)
    change = cases.update().where(cases.c.id == row.case_id)
    connection.execute(
        change.values(
            status=ERASED,
            keys_due=0,
            changed_day=clock.day(),
            ends_day=None,
            opens_until=until,
        )
    )
    # Doctors and interpreters have no list in which it could still stand.
    others = assignments.c.capacity.not_in(("lawyer", "deputy"))
    connection.execute(assignments.delete().where(assignments.c.case_id == row.case_id, others))
    subject = {"case": row.case_id, "testimony": row.id}
    transaction.log(KIND, SYSTEM, subject, {"cause": cause, "records": held, "until": until})


def _sweep_over(connection: Connection, testimony: str) -> None:
    """Delete instructions that are over, of a testimony that is gone.

    What still waits is the other receipt's, whose box is closed on its day.
    """
    there = select(testimonies.c.id).where(testimonies.c.id == testimony)
    if connection.execute(there).first() is None:
        over = deletions.c.due_day.is_(None)
        connection.execute(deletions.delete().where(deletions.c.testimony == testimony, over))


def last_backup_day(vault: Vault) -> str:
    """Return the last day of a short-lived backup made just before now."""
    return clock.day(clock.now() + vault.settings.backup.short_lived_days * clock.DAY)


def _close_box(
    vault: Vault, connection: Connection, public: bytes, left: tuple[Left, ...] = ()
) -> None:
    """Let a box say that it was done, and nothing else any more; no later writing replaces it.

    Args:
        vault: the vault.
        connection: open.
        public: key of the box.
        left: what the erased account's box says had left; the other receipt's says nothing of it.
    """
    name = locator(public)
    certificate = Certificate(clock.day(), last_backup_day(vault), left)
    _empty_sent(vault, name, public)
    connection.execute(outbox.delete().where(outbox.c.locator == bytes.fromhex(name)))
    connection.execute(
        outbox.insert().values(
            id=suite.random(16).hex(),
            locator=bytes.fromhex(name),
            box=seal_certificate(public, certificate),
        )
    )
    tombstones.put(vault, connection, tombstones.of_box(name))


def _empty_sent(vault: Vault, name: str, public: bytes) -> None:
    """Empty the file of what was sent, unless a letterbox in other hands does not let it."""
    try:
        with vault.letterbox.one_at_a_time():
            if vault.letterbox.sent(name) is not None:
                vault.letterbox.put_sent(name, sent.seal_sent(public, ()))
    except StorageError as error:
        _log.warning("a file of what was sent could not be emptied: %s", error.code)


def _due() -> Any:
    return select(deletions).where(deletions.c.due_day <= clock.day())


def _was_seen(row: Any) -> bool:
    """Say whether a slot of another day, not earlier than the one before its day, saw it waiting.

    A vault that was locked all the time, or whose clock was set forward, lets one more day pass in
    which it can be stopped. Without a delay nothing is waited for.
    """
    before = clock.day(clock.seconds_of(row.due_day) - clock.DAY)
    return row.due_day <= row.day or bool(before <= row.seen_day < clock.day())


def _see(vault: Vault) -> None:
    """Note that a slot of today saw what waits; what may be carried out already stays so."""
    waiting = select(deletions).where(deletions.c.due_day.is_not(None))
    with vault.database.read() as connection:
        rows = connection.execute(waiting.where(deletions.c.seen_day != clock.day())).all()
    seen = [row.packet for row in rows if not _was_seen(row)]
    if seen:
        change = deletions.update().where(deletions.c.packet.in_(seen))
        with vault.database.write() as connection:
            connection.execute(change.values(seen_day=clock.day()))


def _lately(vault: Vault) -> bool:
    """Say whether something was erased since yesterday: whoever was killed may not have flushed."""
    since = clock.day(clock.now() - clock.DAY)
    query = select(cases.c.id).where(cases.c.status == ERASED, cases.c.changed_day >= since)
    with vault.database.read() as connection:
        return connection.execute(query.limit(1)).first() is not None


def _flush(vault: Vault) -> None:
    """Empty both write-ahead logs, in which what was deleted still stands."""
    for database in (vault.erasure, vault.database):
        try:
            database.flush()
        except BusyError:
            _log.warning("a write-ahead log is in use and is emptied at a later slot")
