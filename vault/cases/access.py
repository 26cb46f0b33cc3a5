"""Who holds which keys of a case: grants read, unwrapped and opened. Keys decide, not roles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from vault import canonical, clock
from vault.cases.model import CaseLine
from vault.crypto import suite
from vault.custody import erasure
from vault.errors import NotFoundError
from vault.journal.vault import Vault
from vault.keyring.compartments import Compartment, Seeds
from vault.keyring.epochs import Epoch
from vault.keyring.grants import Grant, wrap
from vault.keyring.opening import open_grant, unwrap
from vault.members.actor import Actor
from vault.packet.format import Header
from vault.storage.tables.cases import assignments, cases, epochs, grants, records, testimonies

REFUSED = "refused"


@dataclass(frozen=True)
class Held:
    """A case with the keys that one member holds of it.

    Args:
        line: the case.
        testimony: id of its testimony.
        header: verified to be that testimony's.
        seeds: of the testimony's compartments; empty when no grant is held.
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
    if held is None or not held.seeds.by_epoch:
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


def seeds_of(vault: Vault, connection: Connection, actor: Actor, subject: str) -> Seeds:
    """Return all seeds of a subject that the actor's grants open; broken grants give nothing."""
    query = select(grants).where(grants.c.member_id == actor.id, grants.c.subject == subject)
    rows = connection.execute(query).all()
    seeds = Seeds({})
    if not rows:
        return seeds
    key = erasure.key_of(vault, subject)
    for row in rows:
        stored = _grant(row)
        seeds = seeds.merged(open_grant(unwrap(key, stored, row.id), actor.opening))
    return seeds


def newest_epoch(vault: Vault, connection: Connection, subject: str) -> tuple[Epoch, bytes] | None:
    """Return a subject's newest epoch document and signature, verified against the roster.

    Raises:
        SignatureError, FormatError: it does not verify: a key in the database was swapped.
        NotFoundError: whoever made it is in no roster.
    """
    query = select(epochs).where(epochs.c.subject == subject).order_by(epochs.c.epoch.desc())
    row = connection.execute(query).first()
    if row is None:
        return None
    epoch = Epoch.from_json(canonical.loads(row.document))
    member = vault.roster().member(epoch.made_by)
    if member is None or epoch.subject != subject:
        raise NotFoundError("an epoch made by nobody")
    return epoch.check(row.signature, member.signing), row.signature


def line_of(connection: Connection, row: Any, capacity: str | None) -> CaseLine:
    """Return the line of a case row."""
    subject = select(testimonies.c.id).where(testimonies.c.case_id == row.id)
    ids = [item.id for item in connection.execute(subject)]
    held = connection.execute(select(grants.c.id).where(grants.c.subject.in_(ids))).first()
    count = len(
        connection.execute(
            select(records.c.id).where(
                records.c.subject.in_([*ids, row.id]), records.c.compartment != "identity"
            )
        ).all()
    )
    return CaseLine(row.id, row.status, row.slot_day, capacity, count, held is not None)


def _find(vault: Vault, actor: Actor, case_id: str) -> Held | None:
    with vault.database.read() as connection:
        row = connection.execute(select(cases).where(cases.c.id == case_id)).one_or_none()
        if row is None:
            return None
        testimony = connection.execute(
            select(testimonies).where(testimonies.c.case_id == case_id)
        ).one()
        capacity = connection.execute(
            select(assignments.c.capacity).where(
                assignments.c.case_id == case_id, assignments.c.member_id == actor.id
            )
        ).scalar_one_or_none()
        header = checked_header(testimony.id, testimony.header)
        return Held(
            line_of(connection, row, capacity),
            testimony.id,
            header,
            seeds_of(vault, connection, actor, testimony.id),
            seeds_of(vault, connection, actor, case_id),
        )


def checked_header(testimony: str, data: bytes) -> Header:
    """Return a stored header if it is the one whose hash is the testimony's id.

    Raises:
        NotFoundError: it is another: a row of the database was changed.
    """
    header = Header.from_json(canonical.loads(data))
    if header.testimony != testimony:
        raise NotFoundError("a header that is not its testimony's")
    return header


def _grant(row: Any) -> Grant:
    compartments = tuple(Compartment(name) for name in canonical.loads(row.compartments.encode()))
    return Grant(row.subject, row.member_id, compartments, row.epoch, row.sealed)
