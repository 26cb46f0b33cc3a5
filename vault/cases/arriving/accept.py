"""Taking one packet into the vault: checked against the roster, once, with its entry.

A tombstone under a key of its own answers a replay like a first acceptance, also after everything
else of a testimony is gone.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from sqlalchemy import Connection, select

from vault import canonical, clock
from vault.cases import tombstones
from vault.cases.arriving import arrived, identity, visits
from vault.cases.arriving.instructed import claimed, collector_keys, instructed, stored_header
from vault.cases.ending import deleting, retention
from vault.cases.epochs.keys import store_grants
from vault.cases.holders import withdrawn
from vault.cases.holders.stated import CHANGED, VOUCH
from vault.cases.lists.lines import touch
from vault.cases.model import NEW
from vault.consent import instruction as consent
from vault.consent import items
from vault.crypto import seal, suite
from vault.custody import bars, erasure
from vault.errors import FormatError, MacError
from vault.journal.transaction import Transaction
from vault.journal.vault import Vault
from vault.keyring.compartments import PASSED_ON, Compartment
from vault.keyring.grants import Grant
from vault.ledger.entry import WITNESS, Value
from vault.packet import collector, deletion, visit
from vault.packet import format as packets
from vault.packet.box import locator
from vault.packet.identity import Release, Withdrawal
from vault.packet.identity import parse as parse_identity
from vault.roster.model import RECOVERY, Roster
from vault.roster.roles import INTAKE_OFFICER
from vault.storage.tables.cases import cases, grants, records, testimonies

ALLOW = "allow"
RELEASED, WITHDRAWN = "identity.released", "identity.withdrawn"
MAX_GRANTS = packets.MAX_GRANTS

_ALLOW_FIELDS = frozenset({"name", "grants"})


class Outcome(Enum):
    """What became of one packet."""

    TAKEN = "taken"
    VISITED = "visited"
    KNOWN = "known"
    ERASED = "erased"
    WAITS = "waits"
    ORPHAN = "orphan"
    REFUSED = "refused"


class Taking:
    """Checks and takes packets, for one run.

    Args:
        vault: opened and unlocked.

    Raises:
        LockedError, AgentError: the collector key is not in memory.
        RosterError: the rosters do not verify; packets wait.
    """

    def __init__(self, vault: Vault) -> None:
        # Asked before any packet is looked at: what fails here is no packet's fault.
        self._vault = vault
        self._keys = collector_keys(vault)
        self._history = vault.roster_history()

    def checked(self, data: bytes) -> packets.Packet:
        """Parse a packet and check all that does not need the database.

        Raises:
            FormatError, SealError: it is no packet of this vault.
        """
        packet = packets.parse(data)
        part = self._part(packet)
        if isinstance(packet, packets.Testimony):
            collector.check_commitment(packet.header, part)
            _check_boxes(packet, part)
            roster = self._roster_of(packet.header)
            _check_recipients(packet.grants, roster)
            identity.check_given(packet.identity_grants, packet.grants, roster)
            if bool(packet.grants) != (part["reading"] == "yes"):
                raise FormatError("grants that contradict the choice")
            if (part["reading"], part["identity"]) == ("not_yet", "now"):
                raise FormatError("identity known where nothing may be read")
        return packet

    def take(self, transaction: Transaction, packet: packets.Packet) -> Outcome:
        """Take a checked packet inside a transaction, with its entry."""
        connection = transaction.connection
        if self._erased(connection, packet.testimony):
            self._after_erasure(transaction, packet)
            return Outcome.ERASED
        if tombstones.stands(self._vault, connection, packet.id):
            return Outcome.KNOWN
        if isinstance(packet, packets.Testimony):
            outcome = self._begin(transaction, packet)
        else:
            outcome = self._continue(transaction, packet)
        if outcome in {Outcome.TAKEN, Outcome.VISITED}:
            tombstones.put(self._vault, connection, packet.id)
        return outcome

    def commitments(self, packet: packets.Packet) -> tuple[bytes, ...]:
        """Return what the records of a checked packet commit to; see `dating.note`."""
        return collector.commitments(self._part(packet))

    def _erased(self, connection: Connection, testimony: str) -> bool:
        """Say whether a testimony was taken once and is gone: what comes for it leaves nothing."""
        there = select(testimonies.c.id).where(testimonies.c.id == testimony)
        if connection.execute(there).first() is not None:
            return False
        return tombstones.stands(self._vault, connection, testimony)

    def _after_erasure(self, transaction: Transaction, packet: packets.Packet) -> None:
        """Note an asking from the box that is left, so that it is answered as ever: once, later."""
        came, connection = (packet.id, packet.collector), transaction.connection
        known = tombstones.stands(self._vault, connection, packet.id)
        if known or not isinstance(packet, packets.Instruction):
            return
        which, instruction = claimed(self._keys, packet.testimony, *came)
        if instruction.get("name") in {deletion.DELETE, deletion.KEEP}:
            given = (*came, which, deletion.parse(instruction))
            subject = {"testimony": packet.testimony}
            deleting.take(self._vault, transaction, self._keys, subject, given)
            tombstones.put(self._vault, connection, packet.id)

    # --- one kind each ---------------------------------------------------------------------------

    def _begin(self, transaction: Transaction, packet: packets.Testimony) -> Outcome:
        connection = transaction.connection
        if _is_known(connection, packet):
            return Outcome.REFUSED
        case_id, today = suite.random(16).hex(), clock.day()
        still = self._still(packet.grants)
        ends = retention.first_day(self._vault)
        row = {"id": case_id, "status": NEW, "slot_day": today, "changed_day": today}
        erasure.make(self._vault, (packet.id, case_id))
        due = int(still != packet.grants)
        connection.execute(cases.insert().values(**row, ends_day=ends, keys_due=due))
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
        arrived.expect(connection, packet)
        store_grants(self._vault, connection, still, None)
        subject = {"case": case_id, "testimony": packet.id}
        transaction.log(retention.INTAKE, WITNESS, subject, {"until": ends})
        officers_may = Compartment.IDENTITY in self._vault.roles[INTAKE_OFFICER].opens
        if self._part(packet)["identity"] == "now" and officers_may:
            store_grants(self._vault, connection, self._still(packet.identity_grants), None)
            transaction.log(RELEASED, WITNESS, subject)
        return Outcome.TAKEN

    def _continue(
        self, transaction: Transaction, packet: packets.Addendum | packets.Instruction
    ) -> Outcome:
        query = select(testimonies).where(testimonies.c.id == packet.testimony)
        row = transaction.connection.execute(query).one_or_none()
        if row is None:
            return Outcome.ORPHAN
        if isinstance(packet, packets.Instruction):
            outcome = self._instruct(transaction, packet, row)
        else:
            outcome = self._add(transaction, packet, row)
        if outcome is Outcome.TAKEN:  # what is refused changes nothing, so it needs no entry here
            touch(transaction.connection, row.case_id)
        return outcome

    def _add(self, transaction: Transaction, packet: packets.Addendum, row: Any) -> Outcome:
        if _is_known(transaction.connection, packet):
            return Outcome.REFUSED
        _insert_records(transaction.connection, packet)
        arrived.expect(transaction.connection, packet)
        subject = {"case": row.case_id, "testimony": packet.testimony}
        transaction.log("addendum", WITNESS, subject)
        return Outcome.TAKEN

    def _instruct(self, transaction: Transaction, packet: packets.Instruction, row: Any) -> Outcome:
        """Do what a receipt instructs; only the first receipt's instructions have an effect.

        Both are taken alike and leave the same entry, so that nobody who looks on, also later in
        the log, can tell the second receipt from the first by it.
        """
        try:
            which, instruction = instructed(self._keys, row, packet.id, packet.collector)
            if instruction["name"] == visit.NAME:
                # With which receipt is not looked at here; the entry counts all visits of a slot.
                visits.keep(transaction.connection, row.id, visit.parse(instruction))
                return Outcome.VISITED
            if instruction["name"] == ALLOW:
                self._allow(transaction, row, which, self._allowed(packet, row, instruction))
            elif instruction["name"] == consent.NAME:
                _consent(transaction, row, which, consent.parse(instruction))
            elif instruction["name"] in {deletion.DELETE, deletion.KEEP}:
                given = (packet.id, packet.collector, which, deletion.parse(instruction))
                subject = {"case": row.case_id, "testimony": row.id}
                deleting.take(self._vault, transaction, self._keys, subject, given)
            else:
                asked = parse_identity(packet.testimony, instruction)
                self._identify(transaction, row, which, asked)
        except (FormatError, MacError, KeyError, TypeError):
            return Outcome.REFUSED
        return Outcome.TAKEN

    def _allow(
        self, transaction: Transaction, row: Any, which: int, allowed: tuple[Grant, ...]
    ) -> None:
        known = select(grants.c.id).where(grants.c.subject == row.id)
        if which == 0 and transaction.connection.execute(known).first() is None:
            barred = bars.of_case(transaction.connection, row.case_id)
            still = self._still(allowed)
            fit = [grant for grant in still if grant.recipient not in barred]
            store_grants(self._vault, transaction.connection, fit, None)
            if still != allowed:
                own = cases.update().where(cases.c.id == row.case_id)
                transaction.connection.execute(own.values(keys_due=1))
        subject = {"case": row.case_id, "testimony": row.id}
        transaction.log(CHANGED, WITNESS, subject, {"item": "C02", "value": "yes"})

    def _identify(
        self, transaction: Transaction, row: Any, which: int, asked: Release | Withdrawal
    ) -> None:
        """Release identity or take it back."""
        subject = {"case": row.case_id, "testimony": row.id}
        if isinstance(asked, Release):
            identity.check_release(self._vault, asked)
            subject["member"] = asked.grant.recipient
        if which == 0:
            identity.take(self._vault, transaction.connection, row, asked)
        transaction.log(RELEASED if isinstance(asked, Release) else WITHDRAWN, WITNESS, subject)

    def _allowed(
        self, packet: packets.Instruction, row: Any, instruction: dict[str, Any]
    ) -> tuple[Grant, ...]:
        """Return the grants that an "allow" hands over: those that were held back in the box."""
        given = instruction["grants"]
        if instruction.keys() != _ALLOW_FIELDS or instruction["name"] != ALLOW:
            raise FormatError("no instruction of this name is known")
        if not isinstance(given, list) or not 0 < len(given) <= MAX_GRANTS:
            raise FormatError("an allowance without grants, or with too many")
        made = tuple(Grant.from_json(packet.testimony, item) for item in given)
        _check_recipients(made, self._roster_of(stored_header(row)))
        return made

    # --- keys and rosters ------------------------------------------------------------------------

    def _still(self, made: tuple[Grant, ...]) -> tuple[Grant, ...]:
        """Return the grants to those who may be sealed to now: who left since gets none.

        They may have a copy of the packet; so an epoch that they have no key of becomes due.
        """
        roster, now = self._vault.roster(), clock.moment()
        there = {member.id for member in roster.holders(INTAKE_OFFICER, now)} | {RECOVERY}
        return tuple(grant for grant in made if grant.recipient in there)

    def _part(self, packet: packets.Packet) -> dict[str, Any]:
        return collector.open_part(self._keys, packet.testimony, packet.id, packet.collector)

    def _roster_of(self, header: packets.Header) -> Roster:
        roster = self._history.get(header.roster_hash)
        if roster is None or roster.version != header.roster_version:
            raise FormatError("sealed to an unknown roster")
        return roster


def _consent(
    transaction: Transaction, row: Any, which: int, said: tuple[tuple[str, ...], bytes]
) -> None:
    """End readers whom the witness lets read no more; what else was said stands in the account.

    The entry vouches for it, of either receipt: whoever opens the account knows of which.
    """
    end, vouch = said
    if which == 0 and end:
        capacities = [who for who, item in items.BESIDE.items() if item in end]
        withdrawn.take_from(transaction, row.case_id, capacities)
    subject = {"case": row.case_id, "testimony": row.id}
    detail: dict[str, Value] = {VOUCH: canonical.b64(vouch), **({"item": end} if end else {})}
    transaction.log(CHANGED, WITNESS, subject, detail)


def _check_boxes(packet: packets.Testimony, part: dict[str, Any]) -> None:
    """Accept only keys of the boxes that came with it: no other box is ever closed for it."""
    if {locator(key) for key in collector.boxes_of(part)} != {b.locator for b in packet.boxes}:
        raise FormatError("keys of other boxes")


def _check_recipients(made: tuple[Grant, ...], roster: Roster) -> None:
    """Accept grants only to those whom the roster named when the packet was made."""
    now = clock.moment()  # who was not to be sealed to yet is not even now; who left may have been
    begun = [m for m in roster.members if any(t.valid_from <= now for t in m.times(INTAKE_OFFICER))]
    keys = {member.id: member.opening for member in begun}
    keys[RECOVERY] = roster.recovery
    if any(grant.compartments != PASSED_ON for grant in made):
        raise FormatError("a grant of other compartments")
    recipients = [grant.recipient for grant in made]
    if not set(recipients) <= keys.keys() or len(set(recipients)) != len(recipients):
        raise FormatError("a grant to somebody outside the roster")
    if any(seal.sealed_for(item.sealed) != seal.key_id(keys[item.recipient]) for item in made):
        raise FormatError("a grant to another key than the roster's")


def _is_known(connection: Connection, packet: packets.Testimony | packets.Addendum) -> bool:
    """Return whether a record of its names is there, or a file of another testimony.

    One bad packet stops no batch.
    """
    ids = [record.id for record in packet.records]
    known = connection.execute(select(records.c.id).where(records.c.id.in_(ids))).first()
    return known is not None or arrived.are_of_another(connection, packet)


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
