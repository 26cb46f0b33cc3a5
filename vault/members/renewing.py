"""A new second factor in place of the old one: by its member, or by the root at the terminal.

Each change is in the log. None of them opens anything without the passphrase.
"""

from __future__ import annotations

from sqlalchemy import select

from vault.crypto.sign import SigningKey
from vault.errors import NotFoundError, RefusedError
from vault.journal.vault import Vault
from vault.ledger.entry import ROOT
from vault.members import factors, lanes, offer, passkeys, sessions, signin
from vault.members.actor import Actor, row_of
from vault.members.enrol import fold_login
from vault.members.factors import Pairing
from vault.members.passkeys import Answer
from vault.storage.tables.people import members

CHANGED = "factor.changed"


def renew_codes(vault: Vault, actor: Actor, passphrase: str, code: str | Answer) -> tuple[str, ...]:
    """Replace all recovery codes; returns the new ones, which are shown once.

    Raises:
        SignInError: passphrase or code is wrong, or the code was used before.
        BusyError: too many passphrases are being derived.
    """
    row = row_of(vault, actor.id)
    lane = lanes.inside(actor.id)
    proof = signin.check_code(vault, row, code, lane)
    signin.open_keys(vault, row, passphrase, lane, proof)
    codes = factors.new_codes(vault, actor.id)
    with vault.journal.transaction() as transaction:
        signin.spend(vault, transaction, actor.id, proof)
        factors.replace_codes(transaction.connection, actor.id, codes.values())
        transaction.log(CHANGED, actor.id, {"member": actor.id}, {"factor": "recovery_codes"})
    return tuple(codes)


def renew_authenticator(
    vault: Vault, actor: Actor, passphrase: str, code: str | Answer, pairing: Pairing
) -> None:
    """Replace the authenticator.

    Args:
        vault: the vault.
        actor: whose.
        passphrase: theirs.
        code: of the old authenticator, a recovery code, or a passkey's answer; not asked for after
            `reset`, which has left none.
        pairing: the new authenticator.

    Raises:
        InputError: the app does not have the new secret.
        SignInError: passphrase or code is wrong, or the code was used before.
        BusyError: too many passphrases are being derived.
    """
    row = row_of(vault, actor.id)
    lane = lanes.inside(actor.id)
    proof = None if row.totp is None else signin.check_code(vault, row, code, lane)
    step = pairing.step()
    signin.open_keys(vault, row, passphrase, lane, proof)
    sealed = factors.seal_secret(vault, actor.id, pairing.secret)
    with vault.journal.transaction() as transaction:
        if proof is not None:
            signin.spend(vault, transaction, actor.id, proof)
        # Only in place of what was looked at: a reset or another change meanwhile stands.
        same = members.c.totp.is_(None) if row.totp is None else members.c.totp == row.totp
        done = transaction.connection.execute(
            members.update()
            .where(members.c.id == actor.id, same)
            .values(totp=sealed, totp_step=step)
        )
        if not done.rowcount:
            raise RefusedError("it was changed meanwhile")
        transaction.log(CHANGED, actor.id, {"member": actor.id}, {"factor": "authenticator"})


def add_passkey(
    vault: Vault, actor: Actor, passphrase: str, code: str, name: str, made: Answer
) -> None:
    """Add a passkey beside the authenticator.

    Args:
        vault: the vault.
        actor: whose.
        passphrase: theirs.
        code: of their authenticator, or a recovery code.
        name: how they call it.
        made: what their authenticator answered.

    Raises:
        InputError: no name, not made for this page, one too many or the same again; see `detail`.
        SignInError: passphrase or code is wrong, or the code was used before.
        BusyError: too many passphrases are being derived.
    """
    row, lane = row_of(vault, actor.id), lanes.inside(actor.id)
    proof = signin.check_code(vault, row, code, lane)
    passkey = passkeys.read_new(vault, name, made)
    signin.open_keys(vault, row, passphrase, lane, proof)
    if made.challenge is not None:
        offer.end(vault, made.challenge)
    with vault.journal.transaction() as transaction:
        signin.spend(vault, transaction, actor.id, proof)
        passkeys.add(vault, transaction.connection, actor.id, passkey)
        transaction.log(CHANGED, actor.id, {"member": actor.id}, {"factor": "passkey"})


def remove_passkey(vault: Vault, actor: Actor, passkey_id: str) -> None:
    """Remove one of the member's passkeys.

    Raises:
        NotFoundError: no passkey of theirs has this id.
    """
    with vault.journal.transaction() as transaction:
        if not passkeys.remove(transaction.connection, actor.id, passkey_id):
            raise NotFoundError
        transaction.log(CHANGED, actor.id, {"member": actor.id}, {"factor": "passkey_removed"})


def reset(vault: Vault, login: str, root: SigningKey) -> str:
    """End authenticator, recovery codes, passkeys and sessions; return one new recovery code.

    Raises:
        RefusedError: the key is not this vault's.
        NotFoundError: no active member has this login.
    """
    if root.public != vault.roster().root:
        raise RefusedError("this is not the root key of this vault")
    query = select(members.c.id).where(
        members.c.login == fold_login(login), members.c.ended_day.is_(None)
    )
    with vault.database.read() as connection:
        member_id = connection.execute(query).scalar_one_or_none()
    if member_id is None:
        raise NotFoundError("no active member has this login")
    ((code, mac),) = factors.new_codes(vault, member_id, count=1).items()
    with vault.journal.transaction() as transaction:
        transaction.connection.execute(
            members.update().where(members.c.id == member_id).values(totp=None)
        )
        factors.replace_codes(transaction.connection, member_id, [mac])
        passkeys.remove(transaction.connection, member_id)
        transaction.log(CHANGED, ROOT, {"member": member_id}, {"factor": "reset"})
        sessions.end_within(transaction, ROOT, member_id)
    return code
