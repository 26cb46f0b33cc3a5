"""Who holds which keys of a case: grants read, unwrapped and opened. Keys decide, not roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, and_, case, func, select

from vault import canonical, clock
from vault.cases.model import CaseLine
from vault.crypto import suite
from vault.crypto.seal import OpeningKey
from vault.custody import erasure
from vault.errors import FormatError, NoGrantError, NotFoundError, WitnessVaultError
from vault.journal.vault import Vault
from vault.keyring.compartments import Compartment, Seeds
from vault.keyring.epochs import EPOCH_MAKERS, Epoch
from vault.keyring.grants import Grant, parse_compartments, wrap
from vault.keyring.opening import open_grant, unwrap
from vault.keyring.summaries import Summary
from vault.members.actor import Actor
from vault.packet.build import newest_publics
from vault.packet.format import Header
from vault.roster.model import Roster
from vault.storage.tables.cases import assignments, cases, epochs, grants, records, testimonies

REFUSED = "refused"

_PACKETS, _REPLIES = ("statement", "addendum"), ("reply",)
_NOTHING = (0, 0)


@dataclass(frozen=True)
class Held:
    """A case with the keys that one member holds of it.

    Args:
        line: the case.
        testimony: id of its testimony.
        header: verified to be that testimony's.
        seeds: of the testimony's compartments.
        work: seeds of the case's own compartment.
    """

    line: CaseLine
    testimony: str
    header: Header
    seeds: Seeds = field(repr=False)
    work: Seeds = field(repr=False)


def hold(vault: Vault, actor: Actor, case_id: str) -> Held:
    """Return a case and the actor's keys of it.

    Raises:
        NotFoundError: no such case, or no key of it: the same answer, and counted in the ledger.
    """
    held = _find(vault, actor, case_id)
    if held is None:
        vault.journal.count_refusal(REFUSED, actor.id)
        raise NotFoundError
    return held


def store_grants(
    vault: Vault, connection: Connection, made: Iterable[Grant], made_by: str | None
) -> None:
    """Keep grants, each wrapped with its subject's erasure key."""
    made = tuple(made)
    keys = erasure.make(vault, sorted({grant.subject for grant in made}))
    rows = []
    for grant in made:
        grant_id = suite.random(16).hex()
        rows.append(
            {
                "id": grant_id,
                "subject": grant.subject,
                "member_id": grant.recipient,
                "compartments": canonical.dumps(list(grant.compartments)).decode(),
                "epoch": grant.epoch,
                "sealed": wrap(keys[grant.subject], grant, grant_id),
                "made_by": made_by,
                "day": clock.day(),
            }
        )
    if rows:
        connection.execute(grants.insert(), rows)


def seeds_of(
    vault: Vault,
    connection: Connection,
    actor: Actor,
    subject: str,
    header: Header | None = None,
) -> Seeds:
    """Return all seeds of a subject that the actor's grants open; broken grants give nothing.

    Whoever can write to the database can seal a grant to a member's public key. A seed that does
    not give the public key of its header or of its signed epoch therefore gives nothing either.

    Args:
        vault: the vault.
        connection: open.
        actor: whose grants.
        subject: testimony or case.
        header: of the testimony: states the keys of epoch 1.
    """
    query = select(grants).where(grants.c.member_id == actor.id, grants.c.subject == subject)
    rows = connection.execute(query.order_by(grants.c.id)).all()
    key = erasure.find(vault, subject) if rows else None
    if key is None:
        return Seeds({})
    stated = _stated_publics(vault, connection, subject, header)
    seeds: dict[tuple[Compartment, int], bytes] = {}
    for row in rows:
        for place, seed in _opened(key, row, actor).by_epoch.items():
            if stated.get(place, b"") in {b"", OpeningKey(seed).public}:
                seeds.setdefault(place, seed)
    return Seeds(seeds)


def newest_epoch(vault: Vault, connection: Connection, subject: str) -> tuple[Epoch, bytes] | None:
    """Return a subject's newest epoch document and signature that verify, None if there are none.

    A row that does not verify is passed over; whoever seals compares with the keys they hold.
    """
    query = select(epochs).where(epochs.c.subject == subject).order_by(epochs.c.epoch.desc())
    roster = vault.roster()
    for row in connection.execute(query):
        epoch = _verified_epoch(roster, row)
        if epoch is not None:
            return epoch, row.signature
    return None


def sealing_key(
    vault: Vault, connection: Connection, held: Held, compartment: Compartment
) -> tuple[int, bytes]:
    """Return the newest epoch and public key of a compartment, for somebody who holds its seed.

    Nothing is sealed to a key that only the database names: a swapped key, or the return of one
    that somebody who lost access still opens, would show here.

    Raises:
        NoGrantError: the newest key that verifies is not the newest one held.
    """
    work = compartment is Compartment.WORK
    subject, seeds = (held.line.id, held.work) if work else (held.testimony, held.seeds)
    epoch = newest_epoch(vault, connection, subject)
    publics = newest_publics({} if work else held.header.publics, epoch and epoch[0])
    number, public = publics.get(compartment, (0, b""))
    key = seeds.key(compartment, number)
    if key is None or key.public != public or number != seeds.latest(compartment):
        raise NoGrantError("the newest key is not the one held")
    return number, public


def lines_of(
    connection: Connection, wanted: Select[Any], summaries: Mapping[str, Summary]
) -> list[CaseLine]:
    """Return the lines of cases in the order of `wanted`, with three queries however many.

    Args:
        connection: open.
        wanted: selects the columns of `cases` and `capacity` (of the reader, or null).
        summaries: the reader's, by case.
    """
    rows = connection.execute(wanted).all()
    chosen = wanted.order_by(None).with_only_columns(cases.c.id)
    counts = _counts(connection, chosen)
    held = _held(connection, chosen)
    return [
        CaseLine(
            id=row.id,
            status=row.status,
            day=row.slot_day,
            active=row.changed_day,
            capacity=row.capacity,
            packets=counts.get(row.id, _NOTHING)[0],
            replies=counts.get(row.id, _NOTHING)[1],
            readable=row.id in held,
            summary=summaries.get(row.id),
        )
        for row in rows
    ]


def _counts(connection: Connection, chosen: Select[Any]) -> dict[str, tuple[int, int]]:
    """Return how many packets of the witness, and how many replies, each case holds.

    Every packet has one record in each compartment, so those of the account count packets.
    """
    packets, replies = (
        func.count(case((records.c.kind.in_(kinds), 1))) for kinds in (_PACKETS, _REPLIES)
    )
    query = (
        select(testimonies.c.case_id, packets, replies)
        .join(records, records.c.subject == testimonies.c.id)
        .where(testimonies.c.case_id.in_(chosen), records.c.compartment == "account")
        .group_by(testimonies.c.case_id)
    )
    return {row[0]: (row[1], row[2]) for row in connection.execute(query)}


def _held(connection: Connection, chosen: Select[Any]) -> frozenset[str]:
    """Return the cases with a testimony of which anybody holds a key."""
    query = (
        select(testimonies.c.case_id)
        .join(grants, grants.c.subject == testimonies.c.id)
        .where(testimonies.c.case_id.in_(chosen))
        .distinct()
    )
    return frozenset(connection.execute(query).scalars())


def _find(vault: Vault, actor: Actor, case_id: str) -> Held | None:
    mine = and_(assignments.c.case_id == cases.c.id, assignments.c.member_id == actor.id)
    wanted = select(cases, assignments.c.capacity).outerjoin(assignments, mine)
    with vault.database.read() as connection:
        lines = lines_of(connection, wanted.where(cases.c.id == case_id), {})
        query = select(testimonies).where(testimonies.c.case_id == case_id)
        for testimony in connection.execute(query.order_by(testimonies.c.id)).all():
            header = checked_header(testimony.id, testimony.header)
            seeds = seeds_of(vault, connection, actor, testimony.id, header)
            if lines and header is not None and seeds.by_epoch:
                work = seeds_of(vault, connection, actor, case_id)
                return Held(lines[0], testimony.id, header, seeds, work)
    return None


def touch(connection: Connection, case_id: str) -> None:
    """Note the day of the last change."""
    connection.execute(cases.update().where(cases.c.id == case_id).values(changed_day=clock.day()))


def checked_header(testimony: str, data: bytes) -> Header | None:
    """Return a stored header; None if it is not the one whose hash is the testimony's id."""
    try:
        header = Header.from_json(canonical.loads(data))
    except FormatError:
        return None
    return header if header.testimony == testimony else None


def _stated_publics(
    vault: Vault, connection: Connection, subject: str, header: Header | None
) -> dict[tuple[Compartment, int], bytes]:
    """Return the public keys that the header and the signed epochs state."""
    roster = vault.roster()
    rows = connection.execute(select(epochs).where(epochs.c.subject == subject))
    verified = [epoch for row in rows if (epoch := _verified_epoch(roster, row)) is not None]
    stated = {(c, epoch.number): key for epoch in verified for c, key in epoch.publics.items()}
    first = {} if header is None else {(c, 1): key for c, key in header.publics.items()}
    return stated | first


def _verified_epoch(roster: Roster, row: Any) -> Epoch | None:
    """Return the epoch of a row if a member who may make one signed it, for this place."""
    try:
        epoch = Epoch.from_json(canonical.loads(row.document))
        member = roster.member(epoch.made_by)
        if member is None or not member.ever & EPOCH_MAKERS:
            return None
        if (epoch.subject, epoch.number) != (row.subject, row.epoch):
            return None
        return epoch.check(row.signature, member.signing)
    except WitnessVaultError:
        return None


def _opened(key: bytes, row: Any, actor: Actor) -> Seeds:
    try:
        return open_grant(unwrap(key, _grant(row), row.id), actor.opening)
    except WitnessVaultError:
        return Seeds({})


def _grant(row: Any) -> Grant:
    compartments = parse_compartments(canonical.loads(row.compartments.encode()))
    return Grant(row.subject, row.member_id, compartments, row.epoch, row.sealed)
