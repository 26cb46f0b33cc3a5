"""The verifier: reads only what was published, finds the first entry that is not as it was signed.

Three things are held against each other: the entries, their leaf hashes, and the signed
checkpoints. Whatever was changed, dropped, reordered or inserted up to the last checkpoint breaks
one of them. What this cannot see: a log rewritten as a whole by somebody who holds the ledger key;
against that stand checkpoints and hashes kept outside, which may be passed in.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from vault.errors import FormatError, LedgerError, SignatureError
from vault.ledger.checkpoint import Checkpoint, open_checkpoint
from vault.ledger.entry import Entry
from vault.ledger.merkle import Frontier, check_hashes, leaf_hash, verify_consistency
from vault.ledger.note import Note, NoteVerifier
from vault.ledger.succession import Succession, succession

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True)
class Report:
    """What was verified. It exists only if no fault was found.

    Attributes:
        entries: how many entries the export holds.
        verified: how many of them the last checkpoint covers.
        unverified: how many stand after it; nothing is claimed about these.
        checkpoints: how many checkpoints of the export were verified.
        held: up to which entry a checkpoint or hashes held outside vouch; 0 if none were given.
        root: the root hash at `verified`, 32 bytes.
        vkey: the log's key at `verified`; another than the first if it was changed since.
    """

    entries: int
    verified: int
    unverified: int
    checkpoints: int
    held: int
    root: bytes
    vkey: str


def verify_export(
    entries: Sequence[bytes],
    leaf_hashes: Sequence[bytes],
    checkpoints: Sequence[bytes],
    vkey: str,
    *,
    held_checkpoints: Sequence[bytes] = (),
    held_hashes: Sequence[bytes] = (),
    after: Frontier | None = None,
) -> Report:
    """Check an export as a whole and name the first entry at fault.

    Args:
        entries: the leaves as published, in order; not trusted in any way.
        leaf_hashes: their hashes as published, 32 bytes each.
        checkpoints: signed checkpoints as published, of growing size.
        vkey: the log's first verifier key, from somewhere the log cannot change; where it was
            changed since is followed by the entries.
        held_checkpoints: signed checkpoints kept outside, in any order.
        held_hashes: leaf hashes of an earlier export, kept outside.
        after: of a tree that was verified before; entries, hashes and checkpoints are then those
            beyond it, and `vkey` the key there. Goes with nothing held.

    Returns:
        What was verified.

    Raises:
        FormatError: the vkey, a checkpoint or a hash is malformed.
        SignatureError: a checkpoint is not signed by the log.
        LedgerError: an entry was changed, dropped, reordered or inserted. `seq` is the first at
            which it shows: exact, unless both the entry and its hash were rewritten. Then only a
            checkpoint tells: `seq` is then the first entry that no checkpoint vouches for any more,
            and the detail says how far the fault may reach.
    """
    before = after or Frontier()
    check_hashes((*leaf_hashes, *held_hashes))
    keys = succession(NoteVerifier.parse(vkey), entries, leaf_hashes, before.size)
    published = _open_all(checkpoints, keys, "checkpoint")
    held = _open_all(held_checkpoints, keys, "held checkpoint")
    _check_growing(published)
    keys.check_handovers(
        (opened.size, Note.parse(note)) for opened, note in zip(published, checkpoints, strict=True)
    )
    faults = (
        _first_bad_entry(entries, leaf_hashes, before.size),
        _first_bad_hash(leaf_hashes, held_hashes),
        _first_bad_span(leaf_hashes, published, before),
        # By themselves: what a rewritten log published since vouches for nothing.
        _first_bad_span(leaf_hashes, held, before),
    )
    _raise_first(faults)
    last = max((*published, *held), key=lambda item: item.size, default=None)
    verified = last.size if last else before.size
    total = before.size + len(entries)
    return Report(
        entries=total,
        verified=verified,
        unverified=total - verified,
        checkpoints=len(published),
        held=max((len(held_hashes), *(item.size for item in held))),
        root=last.root if last else before.root(),
        vkey=keys.at(verified).vkey(),
    )


def check_follows(
    previous: Checkpoint | None, new: Checkpoint, proof: Sequence[bytes] = ()
) -> None:
    """Check that `new` may be signed or cosigned by somebody who last signed `previous`.

    Args:
        previous: the last checkpoint that was signed; None for the very first one.
        new: the checkpoint to be signed.
        proof: the consistency proof from one to the other.

    Raises:
        LedgerError: it does not follow: another log, smaller, or not an extension.
    """
    if previous is None:
        return
    if previous.origin != new.origin:
        raise LedgerError("a checkpoint of another log")
    verify_consistency(previous.size, new.size, proof, previous.root, new.root)


@dataclass(frozen=True)
class _Fault:
    """Something is wrong between entry `first` and entry `last`; `exact` if `first` is known."""

    first: int
    last: int
    what: str

    @property
    def exact(self) -> bool:
        return self.first == self.last

    def error(self) -> LedgerError:
        if self.exact:
            return LedgerError(f"entry {self.first}: {self.what}", seq=self.first)
        span = f"one of the entries {self.first} to {self.last}"
        return LedgerError(f"{span}: {self.what}", seq=self.first)


def _raise_first(faults: Iterable[_Fault | None]) -> None:
    """Raise the earliest fault; a known entry says more than a span that it lies in."""
    found = [fault for fault in faults if fault is not None]
    if not found:
        return
    exact = min((f for f in found if f.exact), key=lambda f: f.first, default=None)
    span = min((f for f in found if not f.exact), key=lambda f: f.last, default=None)
    if exact is not None and (span is None or exact.first <= span.last):
        raise exact.error()
    assert span is not None
    raise span.error()


def _first_bad_entry(
    entries: Sequence[bytes], leaf_hashes: Sequence[bytes], first: int
) -> _Fault | None:
    for place, (data, expected) in enumerate(zip(entries, leaf_hashes, strict=False), first):
        if not hmac.compare_digest(leaf_hash(data), expected):
            return _Fault(place, place, "it does not have the hash that was recorded")
        fault = _misplaced(place, data)
        if fault is not None:
            return fault
    if len(entries) == len(leaf_hashes):
        return None
    end = first + min(len(entries), len(leaf_hashes))
    missing = len(entries) < len(leaf_hashes)
    return _Fault(end, end, "it was dropped" if missing else "no hash was recorded for it")


def _misplaced(place: int, data: bytes) -> _Fault | None:
    try:
        seq = Entry.parse(data).seq
    except FormatError:
        return _Fault(place, place, "it is not in the format of an entry")
    if seq == place:
        return None
    # A number that came before: an entry was put in where two now claim one place. A number ahead:
    # the entry of this place is gone or stands elsewhere.
    first = min(place, seq)
    return _Fault(first, first, f"the entry at place {place} says it is number {seq}")


def _first_bad_hash(leaf_hashes: Sequence[bytes], held: Sequence[bytes]) -> _Fault | None:
    for place, kept in enumerate(held):
        if place >= len(leaf_hashes):
            return _Fault(place, place, "it was dropped since the hashes were kept")
        if not hmac.compare_digest(kept, leaf_hashes[place]):
            return _Fault(place, place, "it does not have the hash that was kept outside")
    return None


def _first_bad_span(
    leaf_hashes: Sequence[bytes], checkpoints: Sequence[Checkpoint], before: Frontier
) -> _Fault | None:
    frontier, good = before, before.size
    for checkpoint in sorted(checkpoints, key=lambda item: item.size):
        size, missing = checkpoint.size, before.size + len(leaf_hashes)
        if size > frontier.size:
            good = frontier.size
        if size > missing:
            what = f"it was dropped; a checkpoint covers {size} entries, unproven from {good} on"
            return _Fault(missing, missing, what)
        reached = frontier.size - before.size
        frontier = frontier.extend(leaf_hashes[reached : size - before.size])
        if not hmac.compare_digest(frontier.root(), checkpoint.root):
            last = max(size - 1, 0)
            what = f"the checkpoint at {size} entries signed something else"
            return _Fault(good, last, what)
    return None


def _open_all(notes: Sequence[bytes], keys: Succession, what: str) -> tuple[Checkpoint, ...]:
    opened = []
    for number, note in enumerate(notes, 1):
        try:
            stated = Checkpoint.parse(Note.parse(note).text)
            opened.append(open_checkpoint(note, keys.at(stated.size)))
        except (FormatError, SignatureError) as error:
            raise type(error)(f"{what} {number}") from error
    return tuple(opened)


def _check_growing(checkpoints: Sequence[Checkpoint]) -> None:
    for number, (before, after) in enumerate(pairwise(checkpoints), 2):
        if after.size <= before.size:
            raise LedgerError(f"checkpoint {number} does not grow")
