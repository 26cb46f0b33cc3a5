"""What somebody outside signed comes back and is kept beside the checkpoint that it is about.

A cosigner sees three lines of a checkpoint and hashes, never an entry. Only keys that the settings
name count. What comes back is checked as if anybody had sent it; keeping it is an entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from vault import clock
from vault.errors import FormatError, NotFoundError, SignatureError
from vault.journal import reading
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.cosignature import MAX_TIME, verify_cosignature
from vault.ledger.note import COSIGNATURE, Note, NoteSignature, NoteVerifier
from vault.ledger.offer import Offer
from vault.storage.tables.ledger import checkpoints, cosignatures

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sqlalchemy import Connection

    from vault.journal.transaction import Transaction
    from vault.ledger.entry import Value

KIND = "checkpoint.cosigned"

# Of how many rows, the newest, the signatures are looked at to find the newest that is true.
_LOOKED_AT = 64


@dataclass(frozen=True)
class Seen:
    """A cosigner saw the checkpoint of `size` entries at `moment`, seconds since the epoch."""

    cosigner: str
    size: int
    moment: int


def parse(vkeys: Iterable[str]) -> tuple[NoteVerifier, ...]:
    """Return the cosigners that the settings name.

    Raises:
        FormatError: not the key of a cosigner.
    """
    return tuple(NoteVerifier.parse(vkey, COSIGNATURE) for vkey in vkeys)


def offer(connection: Connection, cosigner: str) -> Offer:
    """Return the newest checkpoint with the proof that it follows from what a cosigner last saw.

    Args:
        connection: open.
        cosigner: the name of its key; of one that has signed nothing yet, everything follows.

    Raises:
        NotFoundError: nothing was signed yet.
        LedgerError: what is stored does not lead to the checkpoint.
    """
    note = reading.last_checkpoint(connection)
    if note is None:
        raise NotFoundError("checkpoint")
    query = select(func.max(cosignatures.c.size)).where(cosignatures.c.cosigner == cosigner)
    old = connection.execute(query).scalar_one() or 0
    return Offer(old, reading.follows(connection, old, note), note)


def take(
    transaction: Transaction, note: bytes, cosigners: Sequence[NoteVerifier], actor: str
) -> list[Seen]:
    """Keep what cosigners signed under one of the log's own checkpoints; log each.

    Args:
        transaction: open.
        note: the signed checkpoint as it came back.
        cosigners: whose signatures count.
        actor: who brought it.

    Returns:
        What was kept.

    Raises:
        FormatError: not a checkpoint.
        NotFoundError: not one that this log signed.
        SignatureError: none of the cosigners signed it, or one of their signatures is false.
    """
    stated = Checkpoint.parse(Note.parse(note).text)
    _check_ours(transaction.connection, stated)
    lines = {(one.name, one.key_id): one for one in Note.parse(note).signatures}
    mine = [one for one in cosigners if (one.name, one.key_id) in lines]
    if not mine:
        raise SignatureError("not signed by a cosigner of the settings")
    kept = []
    for cosigner in mine:
        moment = verify_cosignature(note, cosigner)
        if moment > MAX_TIME:
            raise SignatureError("a cosigner's time beyond every calendar")
        if moment > clock.now() + clock.DAY:
            raise SignatureError("a cosigner's time that is still to come")
        row = {"size": stated.size, "cosigner": cosigner.name, "seen": moment}
        row["line"] = _line(note, cosigner, moment)
        transaction.connection.execute(cosignatures.insert().prefix_with("OR REPLACE"), [row])
        detail: dict[str, Value] = {
            "size": stated.size,
            "cosigner": cosigner.name,
            "seen": clock.moment(moment),
        }
        transaction.log(KIND, actor, {"checkpoint": stated.root.hex()}, detail)
        kept.append(Seen(cosigner.name, stated.size, moment))
    return kept


def latest(connection: Connection, cosigners: Sequence[NoteVerifier]) -> Seen | None:
    """Return the newest that one of these cosigners saw; None if nothing came back yet.

    Only what their signature says: whoever writes to the database adds a row, or changes its time.
    """
    by_name, columns = {one.name: one for one in cosigners}, cosignatures.c
    query = (
        select(columns.cosigner, columns.size, columns.line, checkpoints.c.note)
        .join(checkpoints, checkpoints.c.size == columns.size)
        .where(columns.cosigner.in_(by_name))
    )
    for row in connection.execute(query.order_by(columns.seen.desc()).limit(_LOOKED_AT)):
        moment = _moment(row.note + f"{row.line}\n".encode(), by_name[row.cosigner])
        if moment is not None and moment <= clock.now() + clock.DAY:
            return Seen(row.cosigner, row.size, moment)
    return None


def signed(connection: Connection, size: int, note: bytes) -> bytes:
    """Return the checkpoint of `size` with everything that cosigners put under it."""
    query = select(cosignatures.c.line).where(cosignatures.c.size == size)
    lines = connection.execute(query.order_by(cosignatures.c.cosigner)).scalars()
    return note + "".join(f"{line}\n" for line in lines).encode()


def _check_ours(connection: Connection, stated: Checkpoint) -> None:
    query = select(checkpoints.c.note).where(checkpoints.c.size == stated.size)
    own = connection.execute(query).scalar_one_or_none()
    if own is None or Note.parse(own).text != stated.text():
        raise NotFoundError("this log signed no such checkpoint")


def _moment(note: bytes, cosigner: NoteVerifier) -> int | None:
    try:
        return verify_cosignature(note, cosigner)
    except (FormatError, SignatureError):
        return None


def _line(note: bytes, cosigner: NoteVerifier, moment: int) -> str:
    """Return the signature line of that time: a cosigner may have signed more than once."""
    stamp = moment.to_bytes(8, "big")
    lines: Iterable[NoteSignature] = Note.parse(note).signatures
    return next(
        one.line()
        for one in lines
        if (one.name, one.key_id) == (cosigner.name, cosigner.key_id)
        and one.signature.startswith(stamp)
    )
