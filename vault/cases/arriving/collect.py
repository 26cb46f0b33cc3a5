"""The collector: at each slot, what witnesses sent takes effect and enters the ledger, shuffled.

A packet is checked before anything is written, and one that is refused never stops the rest: it is
moved aside, with an entry. What belongs to a testimony that came in the same slot waits until that
one was taken. Accepting is idempotent (see `accept`).
"""

from __future__ import annotations

import logging
import random as random_order
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from vault.cases import tombstones
from vault.cases.arriving import arrived, dating
from vault.cases.arriving.accept import Outcome, Taking
from vault.cases.ending import retention
from vault.cases.ending.erasing import erase_due
from vault.cases.holders.revoke import end_overdue
from vault.errors import FormatError, NotFoundError, SealError, StorageError
from vault.journal.transaction import Transaction
from vault.journal.vault import Vault
from vault.ledger.entry import SYSTEM
from vault.packet import format as packets
from vault.storage.tables.cases import outbox

BATCH = 50

_log = logging.getLogger(__name__)
_shuffle = random_order.SystemRandom().shuffle


@dataclass(frozen=True)
class Collected:
    """What one run did."""

    accepted: int = 0
    dropped: int = 0
    refused: int = 0
    boxes: int = 0


@dataclass(frozen=True)
class _Checked:
    name: str
    packet: packets.Packet


class Collector:
    """Takes packets from the letterbox into the vault, and boxes the other way.

    Args:
        vault: opened and unlocked.
    """

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    def run(self) -> Collected:
        """Do one slot.

        Raises:
            LockedError, RosterError, StorageError: the vault cannot take anything now; all waits.
        """
        self._vault.journal.flush_refusals()
        end_overdue(self._vault)
        self._vault.letterbox.hosts.fetch()
        names = self._vault.letterbox.waiting()
        _shuffle(names)
        done: dict[Outcome, list[str]] = {outcome: [] for outcome in Outcome}
        self._pass(names, done)
        # What found no testimony may belong to one of a later batch: once more, then it is refused.
        again, done[Outcome.ORPHAN] = done[Outcome.ORPHAN], []
        self._pass(again, done)
        arrived.fetch(self._vault)
        refused = self._refuse([*done[Outcome.REFUSED], *done[Outcome.ORPHAN]])
        # After what came now: a stop of this slot still counts.
        retention.announce(self._vault)
        erase_due(self._vault)
        arrived.sweep(self._vault)
        counts = (len(done[Outcome.TAKEN]), len(done[Outcome.KNOWN]) + len(done[Outcome.ERASED]))
        collected = Collected(*counts, refused, self._deliver())
        self._vault.letterbox.hosts.give(self._is_closed)
        return collected

    def _is_closed(self, locator: str) -> bool:
        """Say whether a box tells of an erasure."""
        with self._vault.database.read() as connection:
            return tombstones.stands(self._vault, connection, tombstones.of_box(locator))

    def _pass(self, names: list[str], done: dict[Outcome, list[str]]) -> None:
        taking = Taking(self._vault)
        for start in range(0, len(names), BATCH):
            checked = self._check(taking, names[start : start + BATCH], done)
            if checked:
                self._accept(taking, checked, done)

    def _check(
        self, taking: Taking, names: list[str], done: dict[Outcome, list[str]]
    ) -> list[_Checked]:
        checked = []
        for name in names:
            try:
                data = self._vault.letterbox.packet(name)
                if data is not None:
                    checked.append(_Checked(name, taking.checked(data)))
            except (FormatError, SealError, StorageError, KeyError, TypeError):
                done[Outcome.REFUSED].append(name)
        # Testimonies first, so that what belongs to one of the same batch finds it.
        return sorted(checked, key=lambda item: not isinstance(item.packet, packets.Testimony))

    def _accept(
        self, taking: Taking, checked: list[_Checked], done: dict[Outcome, list[str]]
    ) -> None:
        """Take a batch in one commit; only then take its packets away."""
        with self._vault.journal.transaction() as transaction:
            outcomes = [(item, _taken(taking, transaction, item.packet)) for item in checked]
            taken = [item.packet for item, outcome in outcomes if outcome is Outcome.TAKEN]
            dating.note(transaction, [c for one in taken for c in taking.commitments(one)])
            visits = sum(outcome is Outcome.VISITED for _, outcome in outcomes)
            if visits:
                transaction.log("box.visited", SYSTEM, {}, {"count": visits})
        for item, outcome in outcomes:
            done[outcome].append(item.name)
            if outcome in {Outcome.ORPHAN, Outcome.REFUSED, Outcome.WAITS}:
                continue
            # A replay must not bring back the boxes of what was erased.
            if outcome is Outcome.ERASED or self._has_boxes(item.packet):
                self._vault.letterbox.remove_packet(item.name)

    def _has_boxes(self, packet: packets.Packet) -> bool:
        """Write the boxes of a testimony; where they cannot be, its packet stays and is known."""
        try:
            if isinstance(packet, packets.Testimony):
                self._vault.letterbox.put_first_boxes(packet.boxes)
        except StorageError as error:
            _log.warning("first boxes could not be written: %s", error.code)
            return False
        return True

    def _refuse(self, names: list[str]) -> int:
        if names:
            with self._vault.journal.transaction() as transaction:
                transaction.log("packet.refused", SYSTEM, {}, {"count": len(names)})
            for name in names:
                self._vault.letterbox.set_aside(name)
        return len(names)

    def _deliver(self) -> int:
        """Write the boxes of the outbox, shuffled; a box that cannot be written stays queued."""
        with self._vault.database.read() as connection:
            rows = list(connection.execute(select(outbox)))
        _shuffle(rows)
        written = [row.id for row in rows if self._written(row)]
        if written:
            with self._vault.journal.transaction() as transaction:
                transaction.connection.execute(outbox.delete().where(outbox.c.id.in_(written)))
                transaction.log("box.written", SYSTEM, {}, {"count": len(written)})
        return len(written)

    def _written(self, row: Any) -> bool:
        try:
            self._vault.letterbox.put_box(row.locator.hex(), row.box)
        except (FormatError, StorageError) as error:
            _log.warning("a box of the outbox could not be written: %s", error.code)
            return False
        return True


def _taken(taking: Taking, transaction: Transaction, packet: packets.Packet) -> Outcome:
    """Take one packet, or nothing of it: a row that was changed must not stop the batch."""
    savepoint = transaction.connection.begin_nested()
    try:
        outcome = taking.take(transaction, packet)
    except (FormatError, SealError, KeyError, TypeError):
        savepoint.rollback()
        return Outcome.REFUSED
    except NotFoundError:
        # Its erasure key is gone and its rows are not: the sweeping is due, or the key is in a
        # backup that was not restored.
        savepoint.rollback()
        return Outcome.WAITS
    savepoint.commit()
    return outcome
