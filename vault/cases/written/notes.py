"""Notes for those who work on a case: a little formatting, cleaned, sealed into `work`."""

from __future__ import annotations

import bleach

from vault.cases.holders.access import hold, sealing_key
from vault.cases.lists.lines import touch
from vault.cases.written import drafts
from vault.cases.written.drafts import NO_PAGE, Page
from vault.cases.written.messages import write_staff_record
from vault.cases.written.staff_records import NOTE
from vault.errors import InputError, RefusedError
from vault.forms.answers import clean_text
from vault.journal.vault import Vault
from vault.keyring.compartments import Compartment
from vault.members.actor import Actor
from vault.roster.roles import NOTES

ALLOWED_TAGS = frozenset({"b", "i", "ul", "ol", "li", "p", "br"})


def clean(html: str) -> str:
    """Return HTML with the allowed tags only, without any attribute; the rest shows as text."""
    return str(bleach.clean(html, tags=ALLOWED_TAGS, attributes={}, strip=False))


def write(vault: Vault, actor: Actor, case_id: str, html: str, page: Page = NO_PAGE) -> None:
    """Write a note; only holders of the case's `work` key can read it; the same from one page once.

    Raises:
        NotFoundError: no such case, or no key of it.
        RefusedError: they hold it in a role that writes none.
        NoGrantError: no key of its `work`, or the newest is not the one held.
        InputError: nothing to keep, too long, or characters that cannot be kept.
    """
    held = hold(vault, actor, case_id)
    if NOTES not in vault.roles[held.role].does:
        raise RefusedError("only who handles a case writes notes")
    text = clean(clean_text(html, vault.settings.staff.text_limit))
    if not text.strip():
        raise InputError("text")
    record_id = page.record_id(NOTE, case_id, actor, text)
    with vault.journal.transaction() as transaction:
        if drafts.is_sent(transaction.connection, actor, record_id):
            return
        public = sealing_key(vault, transaction.connection, held, Compartment.WORK)
        write_staff_record(transaction, actor, held, (case_id, NOTE, record_id), public, text)
        drafts.sent(transaction.connection, actor, case_id, page)
        touch(transaction.connection, case_id)
        transaction.log("note.written", actor.id, {"case": case_id})
