"""Rewriting both boxes of a testimony: rebuilt from records, assignments and the ledger.

Whoever holds the account can do it; the fixed parts are carried over unread. The new boxes go
through the outbox, without any case id, and reach the letterbox at the next slot.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from vault import canonical, clock
from vault.cases import tombstones
from vault.cases.arriving import identity
from vault.cases.ending import deleting, retention
from vault.cases.epochs.keys import newest_epoch
from vault.cases.holders import handlers
from vault.cases.holders.access import Held, sealing_key
from vault.cases.reveal.opened import (
    GIVEN,
    IDENTITY_OPENED,
    PROOF_MADE,
    REVEAL,
    SHOWN,
    SMALL,
    Opened,
)
from vault.cases.reveal.reading import Account, opened_documents
from vault.cases.stored import stored_records
from vault.cases.written.staff_records import REPLY
from vault.crypto import suite
from vault.errors import FormatError
from vault.journal.transaction import Transaction
from vault.journal.vault import Vault
from vault.keyring.compartments import Compartment
from vault.ledger.entry import Entry
from vault.packet.box import LEFT, PROOF, SAVED, Current, locator
from vault.packet.deletion import Left
from vault.packet.files import FILES
from vault.packet.seal_box import seal_boxes
from vault.storage.tables.cases import outbox
from vault.storage.tables.ledger import ledger_entries

_OPENING = ("day", "role", "compartment", "purpose")
# As which part a box tells of what is no opening of records.
_PARTS = {SHOWN: FILES, SMALL: FILES, GIVEN: SAVED, PROOF_MADE: PROOF}
ACCOUNT_ONLY = frozenset({Compartment.ACCOUNT})


def queue_boxes(vault: Vault, transaction: Transaction, held: Held, account: Account) -> None:
    """Seal both boxes anew and queue them, inside the transaction of what changed.

    Raises:
        FormatError: two boxes of one key.
        NoGrantError: the newest key of the account is not the one held: witnesses are not told it.
    """
    connection = transaction.connection
    parts = account.receipts.parts
    current = _current(vault, transaction, account.opened.with_keys(held))
    sealed = seal_boxes(held.header, parts, current, account.content["day"])
    rows = [
        {
            "id": suite.random(16).hex(),
            "locator": bytes.fromhex(locator(part.public)),
            "box": box,
        }
        for part, box in zip(parts, sealed, strict=True)
    ]
    if rows[0]["locator"] == rows[1]["locator"]:
        raise FormatError("two boxes of one key")
    rows = [row for row in rows if not _closed(vault, connection, row)]
    connection.execute(
        outbox.delete().where(outbox.c.locator.in_([row["locator"] for row in rows]))
    )
    if rows:
        connection.execute(outbox.insert(), rows)


def _closed(vault: Vault, connection: Connection, row: Mapping[str, Any]) -> bool:
    """Say whether a box holds the certificate of its deletion, which nothing replaces."""
    return tombstones.stands(vault, connection, tombstones.of_box(row["locator"].hex()))


def _current(vault: Vault, transaction: Transaction, opened: Opened) -> Current:
    connection, held = transaction.connection, opened.held
    stored = stored_records(connection, (held.testimony,), ACCOUNT_ONLY)
    sealing_key(vault, connection, held, Compartment.ACCOUNT)  # a swapped one is not passed on
    epoch = newest_epoch(vault, connection, held.testimony)
    return Current(
        day=clock.day(),
        epoch=None
        if epoch is None
        else {"document": epoch[0].to_json(), "signature": canonical.b64(epoch[1])},
        handlers=_handlers(transaction, held.line.id),
        replies=tuple(opened_documents(opened, stored, REPLY, vault.roster())),
        openings=openings(connection, held.line.id),
        identity=_identity(connection, held),
        deletion=deleting.told(vault, connection, held.testimony),
        keeping=_keeping(transaction, held.line.id),
    )


def _keeping(transaction: Transaction, case_id: str) -> dict[str, Any] | None:
    stated = retention.of_case(transaction.connection, case_id, transaction.drafts)
    return None if stated is None else {"until": stated.ends, "reason": stated.reason}


def _handlers(transaction: Transaction, case_id: str) -> tuple[dict[str, str], ...]:
    found = handlers.of_case(transaction.connection, case_id, transaction.drafts)
    return tuple({"member": one.member, "capacity": one.capacity} for one in found)


def _identity(connection: Connection, held: Held) -> dict[str, Any]:
    released = identity.released_to(connection, held.testimony)
    return {
        "epoch": identity.epoch_of(connection, held.testimony),
        "released": [{"member": member, "day": day} for member, day in released.items()],
    }


def left(connection: Connection, case_id: str) -> tuple[Left, ...]:
    """Return what left the house of a case, oldest first, each once for a day and role."""
    return tuple(
        Left(one["day"], one["role"], one["compartment"])
        for one in openings(connection, case_id)
        if one["compartment"] in LEFT
    )


def openings(connection: Connection, case_id: str) -> tuple[dict[str, str], ...]:
    """Return who opened what on which day, each once, from the ledger; of identity also why.

    The team's own notes are nothing of the witness's.
    """
    query = (
        select(ledger_entries.c.leaf)
        .where(
            ledger_entries.c.case_id == case_id,
            ledger_entries.c.kind.in_((REVEAL, IDENTITY_OPENED, *_PARTS)),
        )
        .order_by(ledger_entries.c.seq)
    )
    seen: dict[tuple[str, ...], dict[str, str]] = {}
    for row in connection.execute(query):
        entry = parsed_entry(row.leaf)
        if entry is None:
            continue
        who = (entry.time[:10], str(entry.detail.get("as", "")))
        if entry.kind == IDENTITY_OPENED:
            parts: list[tuple[str, ...]] = [("identity", str(entry.detail.get("for", "")))]
        elif entry.kind in _PARTS:
            parts = [(_PARTS[entry.kind],)]
        else:
            names = listed(entry.detail.get("compartments"))
            parts = [(name,) for name in names if name != Compartment.WORK]
        for key in (who + what for what in parts):
            seen[key] = dict(zip(_OPENING, key, strict=False))
    return tuple(seen.values())


def parsed_entry(leaf: bytes) -> Entry | None:
    """Return an entry; None for a changed row, which is the verifier's to name."""
    try:
        return Entry.parse(leaf)
    except FormatError:
        return None


def listed(value: Any) -> tuple[str, ...]:
    """Return a list of an entry's detail; empty when it is none."""
    return tuple(value) if isinstance(value, (list, tuple)) else ()
