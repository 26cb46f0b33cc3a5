"""Summaries in the database: made, opened for a list, kept up with what their member did.

Whatever does not open and verify is no summary: the line stands without one, and nothing that
somebody else wrote is shown. See docs/spec/summary.md.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, Select, select
from sqlalchemy.dialects.sqlite import insert

from vault import canonical
from vault.cases.holders.access import Held, hold
from vault.custody import erasure
from vault.errors import RefusedError, WitnessVaultError
from vault.forms.answers import clean_text
from vault.journal.vault import Vault
from vault.keyring.epochs import EPOCH_MAKERS
from vault.keyring.summaries import (
    MAX_LABEL,
    Keeper,
    Place,
    SigningKeyOf,
    Summary,
    is_posted,
    post,
    unwrap,
    wrap,
)
from vault.members.actor import Actor
from vault.packet import visit
from vault.roster.model import RosterMember
from vault.storage.tables.cases import OWN, summaries
from vault.storage.tables.ledger import ledger_entries

_WORDS = ("intake", "addendum", "message.sent")


def of_cases(
    vault: Vault, connection: Connection, actor: Actor, chosen: Select[Any]
) -> dict[str, Summary]:
    """Return the actor's summaries of some cases; posted ones are kept as their own from now on.

    Opening a posted one costs a key agreement, opening an own one next to nothing.

    Args:
        vault: the vault.
        connection: may write; the entry of the list stands in the same commit.
        actor: whose.
        chosen: selects case ids.
    """
    query = select(summaries).where(
        summaries.c.member_id == actor.id, summaries.c.case_id.in_(chosen)
    )
    rows = connection.execute(query).all()
    keys = erasure.find_many(vault, (row.testimony for row in rows))
    keeper, makers, found = Keeper(actor.id, actor.opening), _makers(vault), {}
    for row in rows:
        opened = _opened(keeper, keys.get(row.testimony), row, makers)
        if opened is not None:
            found[row.case_id], was_posted = opened
            if was_posted:
                place = keeper.place(row.case_id, row.testimony)
                _keep(connection, keeper, keys[row.testimony], place, found[row.case_id])
    return found


def read(vault: Vault, connection: Connection, actor: Actor, held: Held) -> Summary | None:
    """Return the actor's summary of one case, None if there is none."""
    query = select(summaries).where(
        summaries.c.member_id == actor.id, summaries.c.case_id == held.line.id
    )
    row = connection.execute(query).one_or_none()
    if row is None or row.testimony != held.testimony:
        return None
    keeper, key = Keeper(actor.id, actor.opening), erasure.find(vault, held.testimony)
    opened = _opened(keeper, key, row, _makers(vault))
    return None if opened is None else opened[0]


def keep(
    vault: Vault, connection: Connection, actor: Actor, held: Held, summary: Summary
) -> Summary:
    """Keep a summary as the actor's own; returns it."""
    keeper = Keeper(actor.id, actor.opening)
    key = erasure.needed(vault, [held.testimony])[held.testimony]
    _keep(connection, keeper, key, keeper.place(held.line.id, held.testimony), summary)
    return summary


def after_looking(
    vault: Vault,
    held: Held,
    content: Mapping[str, Any],
    urgency: Iterable[Any],
    before: Summary | None,
) -> Summary:
    """Return what the summary says once its member has looked at the case.

    Args:
        vault: the vault.
        held: the case as it was found: what came since is still unread.
        content: of the account.
        urgency: codes as the witness last gave them.
        before: the summary so far.
    """
    line = held.line
    fresh = _fresh(content, urgency)
    known = (
        fresh
        if before is None
        else dataclasses.replace(before, urgency=fresh.urgency, second=fresh.second)
    )
    known = dataclasses.replace(known, files=line.files)
    if (known.seen, known.replies) == (line.packets, line.replies):
        return known
    return dataclasses.replace(
        known,
        seen=line.packets,
        replies=line.replies,
        waiting=_witness_spoke_last(vault, line.id),
    )


def looked(vault: Vault, connection: Connection, actor: Actor, held: Held) -> None:
    """Note that the actor looks just now, who does not hold the account: it says nothing new."""
    before = read(vault, connection, actor, held)
    if before is not None:
        line = held.line
        seen = dataclasses.replace(before, seen=line.packets, files=line.files)
        now = dataclasses.replace(seen, replies=line.replies, waiting=False)
        keep(vault, connection, actor, held, now)


def answered(vault: Vault, connection: Connection, actor: Actor, held: Held) -> None:
    """Note that the actor replied just now."""
    summary = read(vault, connection, actor, held)
    if summary is not None:
        replies = held.line.replies + 1
        changed = dataclasses.replace(summary, replies=replies, waiting=False)
        keep(vault, connection, actor, held, changed)


def mark(vault: Vault, actor: Actor, case_id: str, label: str, *, waiting: bool) -> None:
    """Change what is the member's own in a summary: the label, and whether the witness waits.

    Raises:
        NotFoundError: no such case, or no key of it.
        RefusedError: there is no summary: the case has to be opened first.
        TooLongError, EncodingError: the label is over 80 characters, or holds controls.
    """
    label = " ".join(clean_text(label, MAX_LABEL).split())
    held = hold(vault, actor, case_id)
    with vault.journal.transaction() as transaction:
        connection = transaction.connection
        summary = read(vault, connection, actor, held)
        if summary is None:
            raise RefusedError("a case without a summary has to be opened first")
        changed = dataclasses.replace(summary, label=label, waiting=waiting)
        keep(vault, connection, actor, held, changed)
        transaction.log("mark.changed", actor.id, {"case": case_id})


def first(held: Held, content: Mapping[str, Any], urgency: Iterable[Any]) -> Summary:
    """Return what somebody finds in their list who is given a case."""
    return dataclasses.replace(_fresh(content, urgency), replies=held.line.replies)


def remove_others(connection: Connection, case_id: str, readers: Collection[str]) -> None:
    """Delete the summaries and drafts of everybody but its readers, given by member id."""
    for own in OWN:
        others = (own.c.case_id == case_id) & own.c.member_id.not_in(readers)
        connection.execute(own.delete().where(others))


def post_to(
    vault: Vault,
    connection: Connection,
    actor: Actor,
    held: Held,
    member: RosterMember,
    summary: Summary,
) -> None:
    """Put a summary into the list of a member who is given the case."""
    key = erasure.needed(vault, [held.testimony])[held.testimony]
    place = Place(held.line.id, held.testimony, member.id)
    _store(connection, key, place, post(place, member.opening, summary, actor.id, actor.signing))


def _fresh(content: Mapping[str, Any], urgency: Iterable[Any]) -> Summary:
    fresh = Summary.of_account(content["form"]["id"], content["language"], urgency)
    _, second = content["receipts"]["boxes"]
    key = visit.proof_key(canonical.unb64(second["addenda_key"]))
    return dataclasses.replace(fresh, second=key)


def _opened(
    keeper: Keeper, key: bytes | None, row: Any, makers: SigningKeyOf
) -> tuple[Summary, bool] | None:
    """Return a row's summary and whether it was posted; None if it is not this member's own."""
    if key is None:
        return None
    place = keeper.place(row.case_id, row.testimony)
    try:
        sealed = unwrap(key, place, row.sealed)
        return keeper.open(place, sealed, makers), is_posted(sealed)
    except WitnessVaultError:
        return None


def _makers(vault: Vault) -> SigningKeyOf:
    """Return who may post a summary: whoever may give a case keys. Asked for posted ones only."""

    @cache
    def keys() -> dict[str, bytes]:
        members = vault.roster().members
        return {member.id: member.signing for member in members if member.ever & EPOCH_MAKERS}

    return lambda member: keys().get(member)


def _keep(
    connection: Connection, keeper: Keeper, key: bytes, place: Place, summary: Summary
) -> None:
    _store(connection, key, place, keeper.keep(place, summary))


def _store(connection: Connection, key: bytes, place: Place, sealed: bytes) -> None:
    row = {
        "case_id": place.case,
        "member_id": place.member,
        "testimony": place.testimony,
        "sealed": wrap(key, place, sealed),
    }
    stated = insert(summaries).values(row)
    connection.execute(
        stated.on_conflict_do_update(index_elements=["member_id", "case_id"], set_=row)
    )


def _witness_spoke_last(vault: Vault, case_id: str) -> bool:
    """Ask the ledger, which alone keeps the order within a day."""
    query = (
        select(ledger_entries.c.kind)
        .where(ledger_entries.c.case_id == case_id, ledger_entries.c.kind.in_(_WORDS))
        .order_by(ledger_entries.c.seq.desc())
        .limit(1)
    )
    with vault.database.read() as connection:
        return bool(connection.execute(query).scalar_one_or_none() != "message.sent")
