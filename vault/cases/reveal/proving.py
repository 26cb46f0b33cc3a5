"""Proofs of date: what of a case can be proven, and the file for one record of it.

For the case's lawyer and deputy. Looking and making are an opening of the account, and entered
first; making has an entry of its own as well. See docs/spec/proof-of-date.md.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from vault.cases.arriving import dating
from vault.cases.holders.access import REFUSED, Held, hold
from vault.cases.model import CaseLine, RecordView
from vault.cases.reveal import custody
from vault.cases.reveal.identity import tell_witness
from vault.cases.reveal.opened import PROOF_MADE
from vault.cases.reveal.opening import enter, has_content, order
from vault.cases.reveal.reading import ORIGINS, Account, read_account, view_record
from vault.cases.stored import Stored, stored_records
from vault.crypto import commitment
from vault.errors import (
    CannotProveError,
    FormatError,
    NoGrantError,
    NotFoundError,
)
from vault.journal.vault import Vault
from vault.keyring.compartments import Compartment
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.entry import Entry
from vault.ledger.note import MAX_NOTE, Note
from vault.ledger.proof_of_date import ProofOfDate, Proven, Shown
from vault.members.actor import Actor
from vault.packet import dating as packet_dating
from vault.roster.roles import DEPUTY, LAWYER

PURPOSE = "date"
SUFFIX, FILE = packet_dating.ANSWER, packet_dating.FILE
_READ = frozenset({Compartment.ACCOUNT, Compartment.MEDICAL})


@dataclass(frozen=True)
class Provable:
    """A record of the witness, and the day on which the log noted it.

    Args:
        view: the record, opened.
        day: None: the log holds no commitment that fits; its day cannot be proven.
    """

    view: RecordView = field(repr=False)
    day: str | None


@dataclass(frozen=True)
class Dates:
    """What of a case can be proven, oldest first; `files`: ids of those that may be shown."""

    line: CaseLine
    form: str
    records: tuple[Provable, ...]
    files: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Made:
    """A proof that was made and has been checked: the file, and what it proves."""

    data: bytes = field(repr=False)
    proven: Proven = field(repr=False)
    view: RecordView = field(repr=False)
    checkpoint: str
    form: str


def look(vault: Vault, actor: Actor, case_id: str) -> Dates:
    """Return what of a case can be proven. The entry is committed before anything is decrypted.

    Raises:
        NotFoundError: no such case, or the actor is neither its lawyer nor its deputy.
        FormatError, NoGrantError, SealError: the account does not open.
        LedgerError, StorageError, LockedError: the entry could not be made; nothing was opened.
    """
    held = _handled(vault, actor, case_id)
    account = _opened(vault, actor, held)
    records = _records(vault, account)
    found = [
        Provable(view, entry.time if (entry := _entry(vault, account, stored)) else None)
        for stored, view in records
    ]
    shown = sorted(found, key=lambda one: order(one.view))
    named = _open(held, records)
    return Dates(held.line, account.content["form"]["id"], tuple(shown), named)


def make(
    vault: Vault,
    actor: Actor,
    case_id: str,
    record_id: str,
    answers: Collection[str] = (),
    under: str = "",
    files: Collection[str] = (),
) -> Made:
    """Make the proof of one record.

    Args:
        vault: the vault.
        actor: the case's lawyer or deputy.
        case_id: which case.
        record_id: of what the witness sent; empty: the first statement.
        answers: names of the answers whose words are shown; none: without words.
        under: a signed checkpoint that somebody outside keeps or signed; empty: the newest one.
        files: ids of files of which is shown what the record says of them, their hash above all.

    Raises:
        NotFoundError, LedgerError, StorageError, LockedError, SealError, NoGrantError: as `look`;
            also for a record that is not the witness's.
        CannotProveError: the log holds no commitment of it.
        FormatError, SignatureError: what was given is no checkpoint of this log, or covers too
            little.
    """
    held = _handled(vault, actor, case_id)
    note = _checkpoint(under)
    _enter(vault, actor, held, record_id, {*answers, *files})
    account = _opened(vault, actor, held, left=True)
    records = _records(vault, account)
    stored, view = _chosen(records, record_id)
    content = _content(account, stored)
    entry = _entry(vault, account, stored)
    if entry is None:
        raise CannotProveError
    try:
        proof = vault.journal.inclusion_proof(entry.seq, note)
    except NotFoundError:
        raise FormatError("this checkpoint is older than what was sent") from None
    wanted = {f"{SUFFIX}{name}" for name in answers} | {
        f"{FILE}{name}" for name in _open(held, records) & set(files)
    }
    digests, shown = _parts(stored, content, wanted)
    made = ProofOfDate(
        entry=entry.encode(),
        digests=digests,
        shown=shown,
        keys=vault.journal.key_changes(Checkpoint.parse(Note.parse(proof.checkpoint).text).size),
        proof=proof,
    )
    data = made.encode()
    # As whoever gets it will: nothing is handed out that does not hold.
    proven = ProofOfDate.parse(data).verify(vault.journal.first_verifier().vkey())
    text = proof.checkpoint.decode()
    return Made(data, proven, view, text, account.content["form"]["id"])


def _handled(vault: Vault, actor: Actor, case_id: str) -> Held:
    held = hold(vault, actor, case_id)
    if held.line.capacity not in {LAWYER, DEPUTY}:
        vault.journal.count_refusal(REFUSED, actor.id)
        raise NotFoundError
    return held


def _opened(vault: Vault, actor: Actor, held: Held, *, left: bool = False) -> Account:
    """Open the account, entry first, and tell the witness of what no box tells of.

    Args:
        vault: the vault.
        actor: who acts.
        held: the case and their keys of it.
        left: a proof that leaves the house was entered just now.
    """
    opened = enter(vault, actor, held, _READ, PURPOSE)
    with vault.database.read() as connection:
        stored = stored_records(connection, (held.testimony,), _READ)
    account = read_account(opened, stored)
    if opened.untold or left:
        tell_witness(vault, actor, held, account)
    return account


def _enter(
    vault: Vault, actor: Actor, held: Held, record_id: str, answers: Collection[str]
) -> None:
    subject = {"case": held.line.id, "testimony": held.testimony}
    with vault.database.read() as connection:
        stored = stored_records(connection, (held.testimony,), _READ)
    if record_id:
        if record_id not in {one.record.id for one in stored if one.author is None}:
            raise NotFoundError
        subject["record"] = record_id
    detail = {"as": held.role, "words": "yes" if answers else "no"}
    with vault.journal.transaction() as transaction:
        transaction.log(PROOF_MADE, actor.id, subject, detail)


def _checkpoint(under: str) -> bytes | None:
    """Return a pasted checkpoint as its bytes; browsers send other line ends."""
    if not under.strip():
        return None
    data = (under.replace("\r\n", "\n").strip("\n") + "\n").encode()
    if len(data) > MAX_NOTE:
        raise FormatError("no checkpoint is this long")
    Checkpoint.parse(Note.parse(data).text)
    return data


def _records(vault: Vault, account: Account) -> list[tuple[Stored, RecordView]]:
    """Return what came from either receipt and says something."""
    opened = account.opened
    with vault.database.read() as connection:
        stored = stored_records(connection, (opened.held.testimony,), _READ)
    roster = vault.roster()
    views = [(one, view_record(opened, one, account, roster)) for one in stored if not one.author]
    return [(one, view) for one, view in views if view.origin in ORIGINS and has_content(view)]


def _open(held: Held, records: list[tuple[Stored, RecordView]]) -> frozenset[str]:
    """Return the ids of the files that the witness lets whoever asks see."""
    listed = custody.of_records((view for _, view in records), {}, held.line.capacity)
    return frozenset(one.file.id for one in listed if one.open)


def _chosen(records: list[tuple[Stored, RecordView]], record_id: str) -> tuple[Stored, RecordView]:
    first = min(records, key=lambda one: order(one[1]), default=None)
    wanted = first[0].record.id if first and not record_id else record_id
    for stored, view in records:
        if stored.record.id == wanted:
            return stored, view
    raise NotFoundError


def _content(account: Account, stored: Stored) -> dict[str, Any]:
    return account.opened.read(stored.subject, stored.record)


def _parts(
    stored: Stored, content: dict[str, Any], wanted: Collection[str]
) -> tuple[tuple[bytes, ...], tuple[Shown, ...]]:
    """Return the digests of all parts of a record, and the parts that are shown whole."""
    parts = packet_dating.parts_of(stored.record.compartment, stored.record.kind, content)
    salt = packet_dating.salt_in(content)
    chosen = sorted(parts.keys() & {*wanted})
    names = sorted(["compartment", "day", "kind", *chosen]) if chosen else []
    shown = tuple(Shown(name, commitment.salt_of(salt, name), parts[name]) for name in names)
    return commitment.digests(salt, parts), shown


def _entry(vault: Vault, account: Account, stored: Stored) -> Entry | None:
    record = stored.record
    try:
        content = _content(account, stored)
        made = packet_dating.commitment_of(record.compartment, record.kind, content)
    except (FormatError, NoGrantError):
        return None
    with vault.database.read() as connection:
        return dating.find(connection, made)
