"""Drafts of replies and notes: kept for their author alone, until they are sent or discarded.

Each saving is a draft of its own and replaces the one that its page began with. So where two pages
are open, neither overwrites what the other saved: both stand. See docs/decisions/0030-drafts.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, select

from vault import canonical, clock
from vault.cases.holders.access import Held, hold
from vault.cases.model import Draft
from vault.cases.written.staff_records import NOTE, REPLY
from vault.crypto import suite
from vault.custody import erasure
from vault.errors import InputError, RefusedError, TooManyDraftsError, WitnessVaultError
from vault.forms.answers import clean_text
from vault.journal.vault import Vault
from vault.keyring.drafts import Place, Written, open_draft, seal
from vault.members.actor import Actor
from vault.roster.roles import MESSAGES, NOTES
from vault.storage.tables.cases import drafts, records

DOES = {REPLY: MESSAGES, NOTE: NOTES}
MAX_DRAFTS = 5
"""Of one kind, in one case, of one member: more windows than anybody has open."""

_ONCE = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Page:
    """The page on which something was typed.

    Args:
        once: 16 random bytes of this page, hex: the same text from it is sent once; empty: not
            known.
        draft: id of the draft that it began with, or empty.
    """

    once: str = ""
    draft: str = ""

    def record_id(self, kind: str, subject: str, actor: Actor, text: str) -> str:
        """Return the id of what is sent from this page: the same for the same words."""
        if not _ONCE.fullmatch(self.once):
            return suite.random(16).hex()
        stated = ["witness-vault/once/v1", self.once, kind, subject, actor.id, text]
        return suite.sha256(canonical.dumps(stated))[:16].hex()


NO_PAGE = Page()


def save(vault: Vault, actor: Actor, case_id: str, what: tuple[str, str], replaces: str) -> None:
    """Keep what was typed, for its author alone.

    Args:
        vault: the vault.
        actor: who typed it.
        case_id: for which case.
        what: REPLY or NOTE, and the text.
        replaces: id of the draft that its page began with; any other one stays.

    Raises:
        NotFoundError: no such case, or no key of it.
        RefusedError: their role does not write these.
        TooManyDraftsError: there are MAX_DRAFTS others.
        InputError: nothing to keep, too long, or characters that cannot be kept.
    """
    kind, text = what
    held = hold(vault, actor, case_id)
    if DOES[kind] not in vault.roles[held.role].does:
        raise RefusedError("not written in this role")
    text = clean_text(text, vault.settings.staff.text_limit)
    if not text.strip():
        raise InputError("text")
    with vault.journal.transaction() as transaction:
        # Once more, under the lock: it may have been erased, or taken away, a moment ago.
        held, connection = hold(vault, actor, case_id), transaction.connection
        key = erasure.needed(vault, [held.testimony])[held.testimony]
        for draft in of_case(vault, connection, actor, held):
            same = draft.kind == kind and draft.written.text == text  # pressed twice
            if same or draft.id == replaces:
                _delete(connection, actor, case_id, draft.id)
        if len(_rows(connection, actor, case_id, kind)) >= MAX_DRAFTS:
            raise TooManyDraftsError
        place = Place(suite.random(16).hex(), case_id, held.testimony, actor.id, kind)
        row = {"id": place.id, "case_id": case_id, "member_id": actor.id, "kind": kind}
        sealed = seal(actor.opening, key, place, Written(text, clock.moment()))
        connection.execute(drafts.insert().values(**row, sealed=sealed))
        transaction.log("draft.saved", actor.id, {"case": case_id})


def discard(vault: Vault, actor: Actor, case_id: str, draft_id: str) -> None:
    """Delete one of the actor's drafts; one that is gone already is no fault.

    Raises:
        NotFoundError: no such case, or no key of it.
    """
    hold(vault, actor, case_id)
    with vault.journal.transaction() as transaction:
        if _delete(transaction.connection, actor, case_id, draft_id):
            transaction.log("draft.discarded", actor.id, {"case": case_id})


def of_case(vault: Vault, connection: Connection, actor: Actor, held: Held) -> tuple[Draft, ...]:
    """Return the actor's drafts in a case, newest first; what does not open is none."""
    key = erasure.find(vault, held.testimony)
    if key is None:
        return ()
    found = []
    for row in _rows(connection, actor, held.line.id):
        place = Place(row.id, held.line.id, held.testimony, actor.id, row.kind)
        try:
            written = open_draft(actor.opening, key, place, row.sealed)
        except WitnessVaultError:
            continue
        found.append(Draft(row.id, row.kind, written))
    return tuple(sorted(found, key=lambda draft: (draft.written.saved, draft.id), reverse=True))


def unsent(connection: Connection, actor: Actor, chosen: Select[Any]) -> frozenset[str]:
    """Return the cases, among some, in which the actor keeps a draft."""
    mine = (drafts.c.member_id == actor.id) & drafts.c.case_id.in_(chosen)
    return frozenset(connection.execute(select(drafts.c.case_id).where(mine)).scalars())


def is_sent(connection: Connection, actor: Actor, record_id: str) -> bool:
    """Say whether the actor sent this already: a form that came twice."""
    query = select(records.c.id).where(records.c.id == record_id, records.c.author == actor.id)
    return connection.execute(query).first() is not None


def sent(connection: Connection, actor: Actor, case_id: str, page: Page) -> None:
    """Delete the draft that was just sent; the entry of the sending says it."""
    _delete(connection, actor, case_id, page.draft)


def _delete(connection: Connection, actor: Actor, case_id: str, draft_id: str) -> bool:
    mine = (drafts.c.member_id == actor.id) & (drafts.c.case_id == case_id)
    done = connection.execute(drafts.delete().where(mine, drafts.c.id == draft_id))
    return bool(done.rowcount)


def _rows(connection: Connection, actor: Actor, case_id: str, kind: str | None = None) -> list[Any]:
    query = select(drafts).where(drafts.c.member_id == actor.id, drafts.c.case_id == case_id)
    rows = connection.execute(query).all()
    return [row for row in rows if kind in {None, row.kind}]
