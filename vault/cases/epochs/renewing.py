"""New epochs and the grants of them: made by somebody who holds the keys, inside a transaction.

Whoever is left out of a new epoch opens nothing that is sealed to it. `identity` is never part of
this: its seeds are made and released by the receipt (see docs/spec/grant.md).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from vault import clock
from vault.cases.epochs.keys import newest_epoch, store_grants
from vault.cases.holders import stated
from vault.cases.holders.access import Held
from vault.errors import NoGrantError, RefusedError
from vault.journal.transaction import Transaction
from vault.journal.vault import Vault
from vault.keyring import epochs as keyring_epochs
from vault.keyring.compartments import PASSED_ON, Compartment, Seeds
from vault.keyring.grants import Grant, seal_grant
from vault.members.actor import Actor
from vault.roster.model import RECOVERY, RosterMember
from vault.storage.tables.cases import cases, epochs, grants

WORK = Compartment.WORK
_EVERYTHING = frozenset({*PASSED_ON, WORK})


@dataclass(frozen=True)
class Reader:
    """Somebody who is to hold keys of a case: a rostered member, in a role that bounds them."""

    member: RosterMember
    role: str


Readers = Mapping[str, Reader]
"""By member id."""


def holders(connection: Connection, held: Held) -> frozenset[str]:
    """Return the members who hold any grant of a case."""
    query = select(grants.c.member_id).where(
        grants.c.subject.in_((held.testimony, held.line.id)), grants.c.member_id != RECOVERY
    )
    return frozenset(connection.execute(query).scalars())


def renew(
    vault: Vault, transaction: Transaction, actor: Actor, held: Held, readers: Readers
) -> Held:
    """Begin a new epoch for exactly these readers and the recovery key; all other grants go.

    Args:
        vault: the vault.
        transaction: of the caller.
        actor: holds account and medical.
        held: the case and the actor's keys of it.
        readers: who holds keys from now on.

    Returns:
        The case with the new seeds as well.

    Raises:
        NoGrantError: the actor does not hold what has to be passed on.
        RefusedError: somebody else began an epoch a moment ago.
    """
    connection, case_id = transaction.connection, held.line.id
    if not all(held.seeds.latest(compartment) for compartment in PASSED_ON):
        raise NoGrantError
    least = stated.renewals(connection, case_id) + 1  # of the newest that there was
    fresh = _begin(vault, connection, actor, (held.testimony, PASSED_ON), held.seeds, least)
    renewed = dataclasses.replace(held, seeds=held.seeds.merged(fresh))
    if any(WORK in vault.roles[reader.role].opens for reader in readers.values()):
        work = _begin(vault, connection, actor, (case_id, (WORK,)), held.work)
        renewed = dataclasses.replace(renewed, work=held.work.merged(work))
    _clear(transaction, actor, held, readers)
    made = [grant for who in readers.values() for grant in _for_member(vault, renewed, who)]
    store_grants(vault, connection, (*made, *_for_recovery(vault, renewed)), actor.id)
    connection.execute(cases.update().where(cases.c.id == case_id).values(keys_due=0))
    transaction.log(stated.RENEWED, actor.id, {"case": case_id}, {"count": len(readers)})
    return renewed


def pass_on(
    vault: Vault, transaction: Transaction, actor: Actor, held: Held, readers: Readers
) -> None:
    """Seal what the actor holds to more readers; nobody loses anything, so no epoch begins.

    Raises:
        NoGrantError: the actor does not hold all that one of them is to have.
    """
    made = []
    for reader in readers.values():
        due = vault.roles[reader.role].opens & _EVERYTHING
        sealed = _for_member(vault, held, reader)
        if {name for grant in sealed for name in grant.compartments} != due:
            raise NoGrantError
        made += sealed
    store_grants(vault, transaction.connection, made, actor.id)


def pass_identity(
    vault: Vault, transaction: Transaction, actor: Actor, held: Held, readers: Readers
) -> None:
    """Give those who open identity what the officer holds of it, where the witness chose so.

    Only the first giving does this; whoever gets the case later waits for the witness.
    """
    identity = frozenset({Compartment.IDENTITY})
    seeds = held.seeds.only(identity)
    made = [
        seal_grant(held.testimony, reader.member.id, reader.member.opening, seeds)
        for reader in readers.values()
        if seeds.by_epoch and identity <= vault.roles[reader.role].opens
    ]
    store_grants(vault, transaction.connection, made, actor.id)


def _begin(
    vault: Vault,
    connection: Connection,
    actor: Actor,
    what: tuple[str, tuple[Compartment, ...]],
    seeds: Seeds,
    least: int = 0,
) -> Seeds:
    """Make, sign and keep a subject's next epoch, beyond `least`; returns its seeds."""
    subject, compartments = what
    before = newest_epoch(vault, connection, subject)
    held = max(seeds.latest(compartment) for compartment in compartments)
    known = 0 if before is None else before[0].number
    if held and known > held:
        raise RefusedError("somebody else changed its keys a moment ago")
    number = max(held, known, least) + 1
    previous = None if before is None else before[0].hash
    epoch, fresh = keyring_epochs.begin(
        subject, number, compartments, previous, actor.id, clock.day()
    )
    # What stands there, if anything, did not verify: it must not stop the true one.
    connection.execute(epochs.delete().where(epochs.c.subject == subject, epochs.c.epoch == number))
    connection.execute(
        epochs.insert().values(
            subject=subject,
            epoch=number,
            document=epoch.encode(),
            signature=epoch.signed(actor.signing),
            made_by=actor.id,
        )
    )
    return fresh


def _clear(transaction: Transaction, actor: Actor, held: Held, readers: Readers) -> None:
    """Delete the grants that end: of who leaves all, of who stays those that are made anew.

    Identity that a witness released to somebody who stays is theirs until the witness says
    otherwise. What the recovery key holds of `work` stays where it cannot be made anew.
    """
    connection, case_id = transaction.connection, held.line.id
    for member_id in sorted(holders(connection, held) - readers.keys()):
        transaction.log("grant.removed", actor.id, {"case": case_id, "member": member_id})
    query = select(grants).where(grants.c.subject.in_((held.testimony, case_id)))
    gone = [row.id for row in connection.execute(query) if not _stays(row, held, readers)]
    connection.execute(grants.delete().where(grants.c.id.in_(gone)))


def _stays(row: Any, held: Held, readers: Readers) -> bool:
    if row.member_id == RECOVERY:
        return bool(row.subject == held.line.id) and not _is_whole(held.work)
    return row.member_id in readers and Compartment.IDENTITY in row.compartments


def _is_whole(work: Seeds) -> bool:
    """Say whether the seeds of all epochs of `work` are there."""
    held = {epoch for _, epoch in work.by_epoch}
    return bool(held) and held == set(range(1, max(held) + 1))


def _for_member(vault: Vault, held: Held, reader: Reader) -> list[Grant]:
    opens = vault.roles[reader.role].opens
    return _sealed(held, reader.member.id, reader.member.opening, opens & _EVERYTHING)


def _for_recovery(vault: Vault, held: Held) -> list[Grant]:
    return _sealed(held, RECOVERY, vault.roster().recovery, _EVERYTHING)


def _sealed(held: Held, who: str, public: bytes, opens: frozenset[str]) -> list[Grant]:
    allowed = frozenset(map(Compartment, opens))
    parts = ((held.testimony, held.seeds.only(allowed)), (held.line.id, held.work.only(allowed)))
    return [seal_grant(subject, who, public, seeds) for subject, seeds in parts if seeds.by_epoch]
