"""Publishing a version of the roster: signed, kept with its entry, shown to intake."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from vault import clock
from vault.crypto.sign import SigningKey
from vault.errors import RefusedError
from vault.journal.journal import Transaction
from vault.journal.vault import Vault
from vault.ledger.entry import ROOT
from vault.roster.chain import sign_roster
from vault.roster.model import Roster, RosterMember
from vault.roster.roles import ADMINISTRATOR
from vault.storage.tables.people import rosters

FOUNDERS = 3


def first_roster(vault: Vault, root: SigningKey, recovery: bytes, collector: bytes) -> Roster:
    """Return version 1: no members yet, but the keys that everything else hangs from."""
    return Roster(
        version=1,
        previous=None,
        issued=clock.moment(),
        expires=clock.moment(clock.now() + vault.settings.roster.lifetime),
        root=root.public,
        recovery=recovery,
        collector=collector,
        ledger=vault.journal.verifier().vkey(),
        members=(),
    )


def following(vault: Vault, before: Roster, everybody: Iterable[RosterMember]) -> Roster:
    """Return the next version with these members, unsigned."""
    return dataclasses.replace(
        before,
        version=before.version + 1,
        previous=before.hash,
        issued=clock.moment(),
        expires=clock.moment(clock.now() + vault.settings.roster.lifetime),
        members=tuple(sorted(everybody, key=lambda member: member.id)),
    )


def check_root(before: Roster, root: SigningKey) -> None:
    """Refuse another vault's root key: signed by it, no reader would follow the chain any further.

    Raises:
        RefusedError: the key is not this vault's.
    """
    if root.public != before.root:
        raise RefusedError("this is not the root key of this vault")


def is_founded(roster: Roster) -> bool:
    """Return whether the roster ever held an administrator and two others.

    Once it did the delay stays: whoever has the root key could else take the administrator's role
    away for a moment, and add a reader whom nobody sees coming.
    """
    administrators = any(ADMINISTRATOR in member.ever for member in roster.members)
    return administrators and len(roster.members) >= FOUNDERS


def publish(
    transaction: Transaction,
    roster: Roster,
    root: SigningKey,
    changed: RosterMember | None = None,
) -> None:
    """Sign and keep a roster inside a transaction, with an entry that says who changed.

    Args:
        transaction: of the caller.
        roster: the next version.
        root: the root key.
        changed: the member who was added, has other roles or has ended.

    Raises:
        FormatError: over the bounds of a roster.
    """
    Roster.from_json(roster.to_json())  # what no reader would take is not signed
    subject = {"roster": roster.hash.hex()}
    detail: dict[str, str | int | list[str]] = {
        "version": roster.version,
        "members": len(roster.members),
    }
    if changed is not None:
        subject["member"] = changed.id
        detail["roles"] = sorted(changed.roles)
        detail["valid_from"] = changed.valid_from
        if changed.valid_to is not None:
            detail["valid_to"] = changed.valid_to
    transaction.connection.execute(
        rosters.insert().values(version=roster.version, document=sign_roster(roster, root))
    )
    transaction.log("roster.published", ROOT, subject, detail)


def show_to_intake(vault: Vault) -> None:
    """Put the chain of rosters into the letterbox; harmless to repeat."""
    vault.letterbox.pins.pin_root(vault.root_public())
    vault.letterbox.publish_chain(vault.chain())


def renew(
    vault: Vault,
    root: SigningKey,
    *,
    recovery: bytes | None = None,
    collector: bytes | None = None,
    ledger: str | None = None,
) -> Roster:
    """Publish the same members once more, with a new end of its time, and new keys if given.

    Args:
        vault: the vault.
        root: the root key.
        recovery: public key in place of the recovery key.
        collector: public key in place of the collector's.
        ledger: verifier key in place of the ledger's.

    Raises:
        RefusedError: the key is not this vault's.
    """
    before = vault.roster()
    check_root(before, root)
    after = dataclasses.replace(
        following(vault, before, before.members),
        recovery=recovery or before.recovery,
        collector=collector or before.collector,
        ledger=ledger or before.ledger,
    )
    with vault.journal.transaction() as transaction:
        publish(transaction, after, root)
    show_to_intake(vault)
    return after
