"""The collector: at each slot, what witnesses sent takes effect and enters the ledger, shuffled.

A packet is checked before anything is written, and one that is refused never stops the rest: it is
moved aside, with an entry. Accepting is idempotent: a tombstone under a key of its own answers a
replay like a first acceptance.
"""

from __future__ import annotations

import random as random_order
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from vault import clock
from vault.cases.access import store_grants
from vault.cases.model import NEW
from vault.crypto import suite
from vault.crypto.seal import OpeningKey
from vault.custody import erasure
from vault.errors import FormatError, StorageError, WitnessVaultError
from vault.journal.journal import Transaction
from vault.journal.vault import Vault
from vault.ledger.entry import SYSTEM, WITNESS
from vault.packet import collector
from vault.packet import format as packets
from vault.roster.chain import Pin, verify_chain
from vault.roster.model import RECOVERY, Roster
from vault.storage.tables.cases import cases, outbox, records, testimonies, tombstones

BATCH = 50
OFFICER = "intake_officer"
TOMBSTONE_LABEL = "tombstones"

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
    packet: packets.Testimony | packets.Addendum


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
            LockedError, StorageError: the vault cannot take anything now; everything waits.
        """
        self._vault.journal.flush_refusals()
        names = self._vault.letterbox.waiting()
        _shuffle(names)
        accepted = dropped = refused = 0
        for start in range(0, len(names), BATCH):
            checked, bad = self._check(names[start : start + BATCH])
            counts = self._accept(checked)
            accepted, dropped = accepted + counts[0], dropped + counts[1]
            refused += self._refuse([*bad, *counts[2]])
        return Collected(accepted, dropped, refused, self._deliver())

    # --- checking --------------------------------------------------------------------------------

    def _check(self, names: list[str]) -> tuple[list[_Checked], list[str]]:
        key = OpeningKey(self._vault.agent.collector_seed())
        history = self._history()
        good, bad = [], []
        for name in names:
            try:
                data = self._vault.letterbox.packet(name)
                if data is not None:
                    good.append(_Checked(name, self._parsed(data, key, history)))
            except (WitnessVaultError, KeyError, TypeError):
                bad.append(name)
        # Testimonies first, so that an addendum of the same batch finds its own.
        good.sort(key=lambda item: isinstance(item.packet, packets.Addendum))
        return good, bad

    def _history(self) -> dict[bytes, Roster]:
        """Return every roster there was, by its hash: a packet may be sealed to an older one."""
        chain = self._vault.chain()
        pin = Pin(self._vault.root_public())
        known = (verify_chain(chain[:count], pin) for count in range(1, len(chain) + 1))
        return {roster.hash: roster for roster in known}

    def _parsed(
        self, data: bytes, key: OpeningKey, history: dict[bytes, Roster]
    ) -> packets.Testimony | packets.Addendum:
        packet = packets.parse(data)
        part = collector.open_part(key, packet.testimony, packet.id, packet.collector)
        if isinstance(packet, packets.Instruction):
            raise FormatError("no instruction is known yet")
        if isinstance(packet, packets.Testimony):
            collector.check_commitment(packet.header, part)
            _check_recipients(packet, part, history)
        return packet

    # --- accepting -------------------------------------------------------------------------------

    def _accept(self, checked: list[_Checked]) -> tuple[int, int, list[str]]:
        if not checked:
            return 0, 0, []
        subjects = [c.packet.id for c in checked if isinstance(c.packet, packets.Testimony)]
        erasure.make(self._vault, subjects)
        fresh, orphans = [], []
        with self._vault.journal.transaction() as transaction:
            for item in checked:
                outcome = self._take(transaction, item.packet)
                if outcome is None:
                    orphans.append(item.name)
                elif outcome:
                    fresh.append(item)
        for item in checked:
            if item.name not in orphans:
                self._tidy(item)
        return len(fresh), len(checked) - len(fresh) - len(orphans), orphans

    def _take(
        self, transaction: Transaction, packet: packets.Testimony | packets.Addendum
    ) -> bool | None:
        """Return True if taken, False if it is there already, None if it cannot be."""
        connection = transaction.connection
        tombstone = suite.mac(self._vault.agent.subkey(TOMBSTONE_LABEL), packet.id.encode())
        if connection.execute(select(tombstones).where(tombstones.c.key == tombstone)).first():
            return False
        if _known_records(connection, packet):
            return None
        if isinstance(packet, packets.Testimony):
            case_id = self._take_testimony(connection, packet)
            subject = {"case": case_id, "testimony": packet.id}
            transaction.log("intake", WITNESS, subject)
        else:
            known = connection.execute(
                select(testimonies.c.case_id).where(testimonies.c.id == packet.testimony)
            ).scalar_one_or_none()
            if known is None:
                return None
            _insert_records(connection, packet)
            transaction.log("addendum", WITNESS, {"case": known, "testimony": packet.testimony})
        connection.execute(tombstones.insert().values(key=tombstone))
        return True

    def _take_testimony(self, connection: Connection, packet: packets.Testimony) -> str:
        case_id, today = suite.random(16).hex(), clock.day()
        connection.execute(
            cases.insert().values(id=case_id, status=NEW, slot_day=today, changed_day=today)
        )
        connection.execute(
            testimonies.insert().values(
                id=packet.id,
                case_id=case_id,
                header=packet.header.encode(),
                collector_part=packet.collector,
                slot_day=today,
            )
        )
        _insert_records(connection, packet)
        store_grants(self._vault, connection, packet.grants, None)
        return case_id

    def _tidy(self, item: _Checked) -> None:
        """Take the packet away, only now that everything of it is committed."""
        if isinstance(item.packet, packets.Testimony):
            self._vault.letterbox.put_first_boxes(item.packet.boxes)
        self._vault.letterbox.remove_packet(item.name)

    # --- refusing and delivering -----------------------------------------------------------------

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
        written = []
        for row in rows:
            try:
                self._vault.letterbox.put_box(row.locator.hex(), row.box)
            except StorageError:
                continue
            written.append(row.id)
        if written:
            with self._vault.journal.transaction() as transaction:
                transaction.connection.execute(outbox.delete().where(outbox.c.id.in_(written)))
                transaction.log("box.written", SYSTEM, {}, {"count": len(written)})
        return len(written)


def _check_recipients(
    packet: packets.Testimony, part: dict[str, Any], history: dict[bytes, Roster]
) -> None:
    """Accept grants only to those whom the roster named when the packet was made."""
    roster = history.get(packet.header.roster_hash)
    if roster is None or roster.version != packet.header.roster_version:
        raise FormatError("sealed to an unknown roster")
    officers = {member.id for member in roster.members if OFFICER in member.roles}
    recipients = [grant.recipient for grant in packet.grants]
    if not set(recipients) <= officers | {RECOVERY} or len(set(recipients)) != len(recipients):
        raise FormatError("a grant to somebody outside the roster")
    if bool(recipients) != (part["reading"] == "yes"):
        raise FormatError("grants that contradict the choice")


def _known_records(connection: Connection, packet: packets.Testimony | packets.Addendum) -> bool:
    """Return whether a record of this name is there: one bad packet must not stop its batch."""
    ids = [record.id for record in packet.records]
    return connection.execute(select(records.c.id).where(records.c.id.in_(ids))).first() is not None


def _insert_records(connection: Connection, packet: packets.Testimony | packets.Addendum) -> None:
    rows = [
        {
            "id": record.id,
            "subject": packet.testimony,
            "compartment": str(record.compartment),
            "epoch": record.epoch,
            "kind": record.kind,
            "sealed": record.sealed,
            "mac": record.mac,
            "author": None,
            "slot_day": clock.day(),
        }
        for record in packet.records
    ]
    connection.execute(records.insert(), rows)
