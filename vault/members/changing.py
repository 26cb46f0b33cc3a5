"""A new passphrase in place of the old one, by the member themselves.

The keys stay: they are only sealed anew. So whoever has an old copy of the key file and the old
passphrase still opens what these keys open; a passphrase that somebody else knows calls for new
keys. A lost one cannot be changed here, and nobody else can change it.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from vault.errors import RefusedError, WeakPassphraseError
from vault.journal.vault import Vault
from vault.members import estimate, lanes, sessions, signin
from vault.members.actor import Actor, row_of
from vault.members.enrol import seal_member_keys
from vault.members.passkeys import Answer
from vault.storage.tables.people import members

CHANGED = "passphrase.changed"


def change_passphrase(
    vault: Vault, actor: Actor, present: str, code: str | Answer, chosen: str
) -> Actor:
    """Seal the member's keys by another passphrase and end their sessions everywhere.

    Args:
        vault: the vault.
        actor: whose.
        present: their passphrase until now.
        code: of their authenticator, a recovery code, or a passkey's answer.
        chosen: the new passphrase.

    Returns:
        The member as of now, for the session that asked to go on with.

    Raises:
        SignInError: the present passphrase or the code is wrong, or the code was used before.
        InputError: the new passphrase is weak, or it is the present one.
        BusyError: too many passphrases are being derived.
        RefusedError: it was changed meanwhile from elsewhere.
    """
    row = row_of(vault, actor.id)
    lane = lanes.inside(actor.id)
    proof = signin.check_code(vault, row, code, lane)
    _check(vault, row, present, chosen)
    signin.open_keys(vault, row, present, lane, proof)
    key_file = seal_member_keys(vault, actor.id, chosen, actor.signing, actor.opening)
    with vault.journal.transaction() as transaction:
        signin.spend(vault, transaction, actor.id, proof)
        done = transaction.connection.execute(
            members.update()
            .where(members.c.id == actor.id, members.c.key_file == row.key_file)
            .values(key_file=key_file)
        )
        if not done.rowcount:
            raise RefusedError("it was changed meanwhile")
        transaction.log(CHANGED, actor.id, {"member": actor.id})
        generation = sessions.end_within(transaction, actor.id, actor.id)
    return dataclasses.replace(actor, generation=generation)


def _check(vault: Vault, row: Any, present: str, chosen: str) -> None:
    # What is about the member, never the present passphrase: the estimator keeps what it is given.
    estimate.check(chosen, (row.name, row.login), vault.settings.passphrase)
    if chosen == present:
        raise WeakPassphraseError(estimate.SAME)
