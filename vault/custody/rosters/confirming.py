"""Confirming: how somebody who enrolled becomes a person who may be sealed to."""

from __future__ import annotations

import dataclasses
from typing import Any

from sqlalchemy import Connection, select

from vault import canonical, clock
from vault.crypto.sign import SigningKey
from vault.custody.rosters.publishing import (
    check_root,
    following,
    is_founded,
    publish,
    show_to_intake,
)
from vault.errors import NotFoundError, RefusedError, WitnessVaultError
from vault.journal.vault import Vault
from vault.members.enrol import fold_login
from vault.roster.invitations import Enrolment
from vault.roster.model import Roster, RosterMember
from vault.roster.roles import check_together
from vault.storage.tables.people import enrolments, invitations, members


@dataclasses.dataclass(frozen=True)
class Waiting:
    """Somebody who enrolled, as a person at the terminal sees them before confirming.

    Name and roles stand in the database only, so whoever confirms has to agree to what will be
    signed, and `confirm` signs nothing else.
    """

    login: str
    name: str
    roles: frozenset[str]
    fingerprint: str


def waiting(vault: Vault, login: str) -> Waiting:
    """Return who waits under a login.

    Raises:
        NotFoundError: nobody of this login waits.
        RefusedError: what they enrolled with does not verify.
    """
    before = vault.roster()
    with vault.database.read() as connection:
        row = _waiting(connection, login)
    if before.member(row.member_id) is not None:
        raise NotFoundError("confirmed already")
    member = _member(vault, row, before, None)
    return Waiting(row.login, row.name, member.roles, member.fingerprint)


def confirm(
    vault: Vault, agreed: Waiting, root: SigningKey, gender: str | None = None
) -> RosterMember:
    """Confirm somebody who enrolled, by the root key at the terminal.

    Until the roster has held an administrator and two others they are valid at once; afterwards
    only after the configured delay, which everybody can see meanwhile.

    Args:
        vault: the vault.
        agreed: what the person at the terminal saw and agreed to.
        root: the root key.
        gender: "female" or "male" if they say so, for witnesses who wish for it.

    Raises:
        NotFoundError: nobody of this login waits.
        RefusedError: what they enrolled with does not verify, their roles exclude each other, or
            the key is not this vault's.
    """
    before = vault.roster()
    check_root(before, root)
    with vault.database.read() as connection:
        row = _waiting(connection, agreed.login)
    if before.member(row.member_id) is not None:
        raise NotFoundError("confirmed already")
    member = _member(vault, row, before, gender)
    if (row.name, member.roles, member.fingerprint) != (
        agreed.name,
        agreed.roles,
        agreed.fingerprint,
    ):
        raise RefusedError("this is not who was agreed to")
    after = following(vault, before, (*before.members, member))
    with vault.journal.transaction() as transaction:
        publish(transaction, after, root, member)
    show_to_intake(vault)
    return member


def _member(vault: Vault, row: Any, before: Roster, gender: str | None) -> RosterMember:
    enrolment = Enrolment(row.invitation, row.member_id, row.signing, row.opening)
    try:
        enrolment.check(row.by_invitation, row.by_member)
        roles = check_together(canonical.loads(row.roles.encode()), vault.roles)
    except WitnessVaultError as error:
        raise RefusedError("what this member enrolled with does not verify") from error
    delay = vault.settings.roster.delay if is_founded(before) else 0
    return RosterMember(
        id=row.member_id,
        roles=roles,
        signing=row.signing,
        opening=row.opening,
        valid_from=clock.moment(clock.now() + delay),
        reader_gender=gender,
    )


def _waiting(connection: Connection, login: str) -> Any:
    query = (
        select(enrolments, members.c.login, members.c.name)
        .join(members, members.c.id == enrolments.c.member_id)
        .join(invitations, invitations.c.used_by == members.c.id)
        .where(members.c.login == fold_login(login), members.c.ended_day.is_(None))
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NotFoundError("nobody of this login waits")
    return row
