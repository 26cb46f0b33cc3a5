"""Identity at the vault: who was given it, and what the receipt's instructions change.

A witness gives it and nobody else. The one exception they choose themselves: "those who handle my
case may know now" gives it to the intake officers, and their first giving passes it on. Grants of
identity are rows of their own, so that taking them away takes nothing else.

The epoch that stands here is a number only: the keys are the receipt's. An instruction of an older
one has no effect, so that a slot may take them in any order.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from vault import canonical, clock
from vault.cases.epochs.keys import store_grants
from vault.cases.holders import handlers
from vault.cases.holders.access import Held
from vault.crypto import seal
from vault.errors import FormatError
from vault.journal.vault import Vault
from vault.keyring.compartments import Compartment
from vault.keyring.grants import Grant
from vault.members.actor import Actor
from vault.packet.identity import Release, Withdrawal
from vault.roster.model import RECOVERY, Roster
from vault.roster.roles import LAWYER
from vault.storage.tables.cases import grants, testimonies

IDENTITY = frozenset({Compartment.IDENTITY})
_LABEL = canonical.dumps([Compartment.IDENTITY]).decode()


def check_release(vault: Vault, release: Release) -> None:
    """Return if the vault's own roster lets its recipient be given identity now.

    Raises:
        FormatError: no lawyer of now, or another key than the roster's.
    """
    member = vault.roster().member(release.grant.recipient)
    if member is None or not member.holds(LAWYER, clock.moment()):
        raise FormatError("a release to somebody who is no lawyer now")
    if Compartment.IDENTITY not in vault.roles[LAWYER].opens:
        raise FormatError("roles.toml does not let a lawyer open this")
    if seal.sealed_for(release.grant.sealed) != seal.key_id(member.opening):
        raise FormatError("a release to another key than the roster's")


def take(vault: Vault, connection: Connection, row: Any, asked: Release | Withdrawal) -> None:
    """Do what the first receipt asks; what is older than what stands changes nothing.

    Args:
        vault: the vault.
        connection: of the transaction.
        row: of the testimony.
        asked: checked.
    """
    if isinstance(asked, Withdrawal):
        if asked.epoch > row.identity_epoch:
            _begin(connection, row, asked.epoch)
    elif asked.epoch >= row.identity_epoch:
        if asked.epoch > row.identity_epoch:
            _begin(connection, row, asked.epoch)
        if _handles(connection, row.case_id, asked.grant.recipient):
            _remove(connection, row.id, asked.grant.recipient)
            store_grants(vault, connection, (asked.grant,), None)


def released_to(connection: Connection, testimony: str) -> dict[str, str]:
    """Return who holds identity, by member id, and the day it was given."""
    query = select(grants.c.member_id, grants.c.day).where(
        grants.c.subject == testimony, grants.c.compartments == _LABEL
    )
    return {row.member_id: row.day for row in connection.execute(query.order_by(grants.c.day))}


def released_on(connection: Connection, actor: Actor, held: Held) -> str | None:
    """Return the day on which the actor was given identity of a case that they hold; None if not.

    A row of the database says nothing alone: the seed has to be there as well.
    """
    if not held.seeds.latest(Compartment.IDENTITY):
        return None
    return released_to(connection, held.testimony).get(actor.id)


def epoch_of(connection: Connection, testimony: str) -> int:
    """Return the newest epoch that a receipt's instruction told of."""
    query = select(testimonies.c.identity_epoch).where(testimonies.c.id == testimony)
    return int(connection.execute(query).scalar_one())


def check_given(named: tuple[Grant, ...], made: tuple[Grant, ...], roster: Roster) -> None:
    """Check the identity grants of a packet: to the officers it names, each once, at epoch 1.

    Args:
        named: the identity grants.
        made: its other grants, whose recipients were checked against `roster`.
        roster: that the packet was sealed to.

    Raises:
        FormatError: more, less, or to somebody else.
    """
    officers = sorted(grant.recipient for grant in made if grant.recipient != RECOVERY)
    if sorted(grant.recipient for grant in named) != officers:
        raise FormatError("identity to others than the officers")
    for grant in named:
        member = roster.member(grant.recipient)
        if (grant.compartments, grant.epoch) != (tuple(IDENTITY), 1) or member is None:
            raise FormatError("a grant of more than identity")
        if seal.sealed_for(grant.sealed) != seal.key_id(member.opening):
            raise FormatError("a grant to another key than the roster's")


def end(connection: Connection, testimony: str) -> None:
    """Take it from everybody, though the witness has not: they give it anew to whom they wish."""
    _remove(connection, testimony)


def _begin(connection: Connection, row: Any, epoch: int) -> None:
    _remove(connection, row.id)
    own = testimonies.c.id == row.id
    connection.execute(testimonies.update().where(own).values(identity_epoch=epoch))


def _remove(connection: Connection, testimony: str, member: str | None = None) -> None:
    gone = grants.delete().where(grants.c.subject == testimony, grants.c.compartments == _LABEL)
    connection.execute(gone if member is None else gone.where(grants.c.member_id == member))


def _handles(connection: Connection, case_id: str, member: str) -> bool:
    return any(one.member == member for one in handlers.of_case(connection, case_id))
