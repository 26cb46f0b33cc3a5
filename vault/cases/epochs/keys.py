"""Keys of cases as they lie in the database: grants and epochs kept, read, unwrapped, verified."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, select

from vault import canonical, clock
from vault.crypto import suite
from vault.crypto.seal import OpeningKey
from vault.custody import erasure
from vault.errors import FormatError, WitnessVaultError
from vault.journal.vault import Vault
from vault.keyring.compartments import Compartment, Seeds
from vault.keyring.epochs import Epoch, verified
from vault.keyring.grants import Grant, parse_compartments, wrap
from vault.keyring.opening import open_grant, unwrap
from vault.members.actor import Actor
from vault.packet.format import Header
from vault.roster.model import Roster
from vault.storage.tables.cases import epochs, grants


def store_grants(
    vault: Vault, connection: Connection, made: Iterable[Grant], made_by: str | None
) -> None:
    """Keep grants, each wrapped with its subject's erasure key.

    Raises:
        NotFoundError: a subject was erased.
    """
    made = tuple(made)
    keys = erasure.needed(vault, {grant.subject for grant in made})
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
    signed = [epoch for row in rows if (epoch := _verified_epoch(roster, row)) is not None]
    stated = {(c, epoch.number): key for epoch in signed for c, key in epoch.publics.items()}
    first = {} if header is None else {(c, 1): key for c, key in header.publics.items()}
    return stated | first


def _verified_epoch(roster: Roster, row: Any) -> Epoch | None:
    """Return the epoch of a row if a member who may make one signed it, for this place."""
    epoch = verified(row.document, row.signature, roster)
    if epoch is None or (epoch.subject, epoch.number) != (row.subject, row.epoch):
        return None
    return epoch


def _opened(key: bytes, row: Any, actor: Actor) -> Seeds:
    try:
        return open_grant(unwrap(key, _grant(row), row.id), actor.opening)
    except WitnessVaultError:
        return Seeds({})


def _grant(row: Any) -> Grant:
    compartments = parse_compartments(canonical.loads(row.compartments.encode()))
    return Grant(row.subject, row.member_id, compartments, row.epoch, row.sealed)
