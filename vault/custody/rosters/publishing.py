"""Publishing a version of the roster: signed, kept with its entry, shown to intake.

A version signed by the root or by members is judged by the rule that every reader judges it by, so
that none is kept which a reader would refuse.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from sqlalchemy import func, select

from vault import clock
from vault.crypto.sign import SigningKey
from vault.custody.rosters import settling
from vault.errors import RefusedError
from vault.journal.transaction import Transaction
from vault.journal.vault import Vault
from vault.ledger.entry import ROOT
from vault.letterbox.store import MAX_CHAIN
from vault.members.actor import Actor
from vault.roster.chain import Link, Signed, follow, sign_roster
from vault.roster.model import Roster, RosterMember, Term, after
from vault.roster.signers import is_founded
from vault.storage.tables.people import rosters


def first_roster(vault: Vault, root: SigningKey, recovery: bytes, collector: bytes) -> Roster:
    """Return version 1: no members yet, but the keys that everything else hangs from."""
    return Roster(
        version=1,
        previous=None,
        issued=clock.moment(),
        expires=clock.moment(clock.now() + vault.settings.roster.lifetime),
        delay=vault.settings.roster.delay,
        root=root.public,
        recovery=recovery,
        collector=collector,
        ledger=vault.journal.verifier().vkey(),
        members=(),
    )


def following(
    vault: Vault, before: Roster, issued: str, changed: Iterable[RosterMember] = ()
) -> Roster:
    """Return the next version, unsigned: the members of `before`, some of them changed or added.

    Args:
        vault: the vault.
        before: the version that it follows.
        issued: `moment_of_issue`, asked once: begins and ends in `changed` count from it too.
        changed: the members who are not as before.
    """
    members = {member.id: member for member in (*before.members, *changed)}
    return dataclasses.replace(
        before,
        version=before.version + 1,
        previous=before.hash,
        issued=issued,
        expires=after(issued, vault.settings.roster.lifetime),
        members=tuple(member for _, member in sorted(members.items())),
    )


def moment_of_issue(before: Roster) -> str:
    """Return now, or the moment of the version before if a clock went back: none is earlier."""
    return max(clock.moment(), before.issued)


def begin_of(before: Roster, issued: str, *, waits: int = 0) -> str:
    """Return when somebody added now, or a role given now, begins.

    Args:
        before: the version that it is added to; its delay counts once it is founded.
        issued: the moment of the next version.
        waits: seconds that the version may wait for its second signature.
    """
    delayed = is_founded(before) and before.delay
    return after(issued, before.delay + waits if delayed else 0)


def term_of(vault: Vault, role: str, begin: str) -> Term:
    """Return the time of a role that is given from `begin` on: open, unless it is one that ends."""
    ends = vault.roles[role].ends
    return Term(role, begin, after(begin, vault.settings.roster.for_a_time) if ends else None)


def check_root(before: Roster, root: SigningKey) -> None:
    """Refuse another vault's root key: signed by it, no reader would follow the chain any further.

    Raises:
        RefusedError: the key is not this vault's.
    """
    if root.public != before.root:
        raise RefusedError("this is not the root key of this vault")


def sign_alone(before: Roster, roster: Roster, by: SigningKey | Actor) -> bytes:
    """Return the version signed by the root or by one member.

    Raises:
        RefusedError: not the root key of this vault.
    """
    if isinstance(by, Actor):
        return sign_roster(roster, by.signing, by.id)
    check_root(before, by)
    return sign_roster(roster, by)


def keep(
    transaction: Transaction,
    line: bytes,
    before: Roster | None,
    by: str = ROOT,
    changed: RosterMember | None = None,
) -> Roster:
    """Keep a signed version, with all that follows from it, inside a transaction.

    Args:
        transaction: of the caller; its entry says who changed.
        line: the next version, signed.
        before: the version before it; None for the first.
        by: whose act the entry is: the root's, or that of the member who signed last.
        changed: the member who was added, has other roles or has ended.

    Raises:
        FormatError, RosterError: what no reader would take.
        RefusedError: the chain would be longer than intake reads.
    """
    signed = Signed.parse(line)
    link = None if before is None else Link(before, is_founded(before))
    roster = follow(signed, link, signed.roster.root if before is None else before.root).roster
    _check_room(transaction, line)
    transaction.connection.execute(rosters.insert().values(version=roster.version, document=line))
    subject, detail = _about(roster, changed)
    if by != ROOT:
        detail["signed_by"] = list(signed.by)
    transaction.log("roster.published", by, subject, detail)
    if before is not None:
        settling.settle(transaction, before, roster, by)
    return roster


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

    The delay becomes that of the settings; once the roster is founded it only ever grows.

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
    delay = vault.settings.roster.delay
    renewed = dataclasses.replace(
        following(vault, before, moment_of_issue(before)),
        recovery=recovery or before.recovery,
        collector=collector or before.collector,
        ledger=ledger or before.ledger,
        delay=max(delay, before.delay) if is_founded(before) else delay,
    )
    line = sign_alone(before, renewed, root)
    with vault.journal.transaction() as transaction:
        keep(transaction, line, before)
    show_to_intake(vault)
    return renewed


def _check_room(transaction: Transaction, line: bytes) -> None:
    query = select(func.coalesce(func.sum(func.length(rosters.c.document) + 1), 0))
    if transaction.connection.execute(query).scalar_one() + len(line) + 1 > MAX_CHAIN:
        # Published, it would close intake for ever; refused, only the list stays as it is.
        raise RefusedError("the chain of rosters is as long as intake reads")


def _about(
    roster: Roster, changed: RosterMember | None
) -> tuple[dict[str, str], dict[str, str | int | list[str]]]:
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
        if changed.replaces is not None:
            detail["in_place_of"] = changed.replaces
    return subject, detail
