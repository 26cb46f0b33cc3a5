"""Enrolling: from an invitation's code to a member with keys that nobody else holds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from vault import clock
from vault.crypto import suite
from vault.crypto.keyfile import seal_keyfile
from vault.crypto.passphrase import SALT_SIZE, generate_passphrase
from vault.crypto.seal import OpeningKey
from vault.crypto.sign import SigningKey
from vault.errors import ConflictError, InputError
from vault.journal.vault import Vault
from vault.members import estimate, factors
from vault.members.factors import Pairing
from vault.members.people import PARKED, MemberLine
from vault.roster.invitations import Enrolment, key_of
from vault.roster.model import RosterMember
from vault.storage.tables.people import enrolments, invitations, members

PURPOSE = "member"

_LOGIN = re.compile(r"[\w.-]{2,40}")


def suggest_passphrase() -> str:
    """Return a passphrase of seven random words, about 77 bits."""
    return generate_passphrase()


def fold_login(login: str) -> str:
    """Return a login as it is compared: NFKC, without case and outer spaces."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


def parked_login(member_id: str) -> str:
    """Return what stands as the login of somebody who has none: it cannot be typed as one."""
    return f"{PARKED}{member_id}"


@dataclass(frozen=True)
class Enrolled:
    """What a new member is shown, once."""

    line: MemberLine
    recovery_codes: tuple[str, ...] = field(repr=False)


def enrol(vault: Vault, code: str, login: str, passphrase: str, pairing: Pairing) -> Enrolled:
    """Make a member's keys and keep them sealed by their passphrase, with their second factor.

    They wait until the roster confirms them; nothing is sealed to them before. An invitation in
    place of a member asks for the login they have; it becomes theirs again when they are confirmed.

    Args:
        vault: the vault.
        code: as typed.
        login: 2 to 40 letters, digits, dots, hyphens, underscores.
        passphrase: one that `estimate` takes.
        pairing: their authenticator.

    Raises:
        InputError: no open invitation has this code (unknown, used, over), the login is taken,
            malformed or not the one they have, or the app does not have the secret; `detail` says
            which.
        WeakPassphraseError: the passphrase could be guessed.
        BusyError: too many passphrases are being derived; try again.
    """
    invitation_key = key_of(code)
    folded = fold_login(login)
    if not _LOGIN.fullmatch(folded):
        raise InputError("login")
    with vault.database.read() as connection:  # before anything costly
        invitation = _find(connection, invitation_key.public)
        _check_login(connection, invitation, folded)
    step = pairing.step()  # before what takes a while: digits go out of date
    estimate.check(passphrase, (invitation.name, folded), vault.settings.passphrase)
    member_id = suite.random(16).hex()
    signing, opening = SigningKey(suite.random(32)), OpeningKey.generate()
    key_file = seal_member_keys(vault, member_id, passphrase, signing, opening)
    enrolment = Enrolment(invitation_key.public, member_id, signing.public, opening.public)
    signatures = enrolment.sign(invitation_key, signing)
    codes = factors.new_codes(vault, member_id)
    sealed = {
        "key_file": key_file,
        "totp": factors.seal_secret(vault, member_id, pairing.secret),
        "totp_step": step,
    }
    with vault.journal.transaction() as transaction:
        row = _take_invitation(transaction.connection, invitation_key.public, member_id)
        line = _insert(transaction.connection, row, folded, sealed, enrolment, signatures)
        factors.replace_codes(transaction.connection, member_id, codes.values())
        transaction.log("member.enrolled", member_id, {"member": member_id})
    return Enrolled(line, tuple(codes))


def seal_member_keys(
    vault: Vault, member_id: str, passphrase: str, signing: SigningKey, opening: OpeningKey
) -> bytes:
    """Return a member's key file: signing and opening seed, sealed to nobody else."""
    salt, parameters = suite.random(SALT_SIZE), vault.passphrase_parameters
    return seal_keyfile(
        {"signing": signing.seed, "opening": opening.seed},
        purpose=PURPOSE,
        owner=member_id,
        passphrase_key=vault.kdf.derive(passphrase, salt, parameters),
        salt=salt,
        parameters=parameters,
    )


def _find(connection: Connection, public: bytes) -> Any:
    query = select(invitations).where(
        invitations.c.public_key == public,
        invitations.c.used_by.is_(None),
        invitations.c.expires_at > clock.now(),
    )
    row = connection.execute(query).one_or_none()
    if row is None:
        raise InputError("code")
    return row


def _check_login(connection: Connection, invitation: Any, login: str) -> None:
    query = select(members.c.id).where(members.c.login == login)
    holder = connection.execute(query).scalar_one_or_none()
    if invitation.replaces is not None and holder != invitation.replaces:
        raise InputError("login kept")
    if invitation.replaces is None and holder is not None:
        raise InputError("login taken")


def _take_invitation(connection: Connection, public: bytes, member_id: str) -> Any:
    row = _find(connection, public)
    connection.execute(
        invitations.update().where(invitations.c.id == row.id).values(used_by=member_id)
    )
    return row


def _insert(
    connection: Connection,
    invitation: Any,
    login: str,
    sealed: Mapping[str, Any],
    enrolment: Enrolment,
    signatures: tuple[bytes, bytes],
) -> MemberLine:
    _check_login(connection, invitation, login)
    own = login if invitation.replaces is None else parked_login(enrolment.member)
    try:
        connection.execute(
            members.insert().values(
                id=enrolment.member,
                login=own,
                name=invitation.name,
                enrolled_day=clock.day(),
                session_generation=0,
                **sealed,
            )
        )
    except ConflictError as error:
        raise InputError("login taken") from error
    connection.execute(
        enrolments.insert().values(
            member_id=enrolment.member,
            invitation=enrolment.invitation,
            signing=enrolment.signing,
            opening=enrolment.opening,
            by_invitation=signatures[0],
            by_member=signatures[1],
            roles=invitation.roles,
        )
    )
    shown = RosterMember(enrolment.member, frozenset(), enrolment.signing, enrolment.opening, "")
    return MemberLine(enrolment.member, invitation.name, login, (), "waiting", shown.fingerprint)
