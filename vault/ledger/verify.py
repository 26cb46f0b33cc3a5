"""The verifier: reads only what was published, finds the first entry that is not as it was signed.

Three things are held against each other: the entries, their leaf hashes, and the signed
checkpoints. Whatever was changed, dropped, reordered or inserted up to the last checkpoint breaks
one of them. What this cannot see: a log rewritten as a whole by somebody who holds the ledger key;
against that stand checkpoints and hashes kept outside, which may be passed in.

It walks once, from the first entry to the last, and holds no more than a checkpoint's span of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING

from vault.errors import (
    ChangedError,
    DroppedError,
    ForkedError,
    FormatError,
    InsertedError,
    LedgerError,
    RewrittenError,
    RolledBackError,
    SignatureError,
)
from vault.ledger import faults, plain, succession
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.entry import Entry
from vault.ledger.merkle import Frontier, check_hashes, leaf_hash, verify_consistency
from vault.ledger.note import Note, NoteVerifier

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

# So many leaf hashes wait before they are put into the tree.
_AT_ONCE = 4_096


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
        until: the time of the last entry that the last checkpoint covers, as it says itself; empty
            if this holds none. An export that was made after it and ends there holds less than the
            log did.
    """

    entries: int
    verified: int
    unverified: int
    checkpoints: int
    held: int
    root: bytes
    vkey: str
    until: str


def verify_export(
    entries: Iterable[bytes],
    leaf_hashes: Iterable[bytes],
    checkpoints: Iterable[bytes],
    vkey: str,
    *,
    held_checkpoints: Sequence[bytes] = (),
    held_hashes: Iterable[bytes] = (),
    after: Frontier | None = None,
) -> Report:
    """Check an export as a whole and name the first entry at fault.

    Args:
        entries: the leaves as published, in order; not trusted in any way. Read once.
        leaf_hashes: their hashes as published, 32 bytes each. Read once.
        checkpoints: signed checkpoints as published, of growing size. Read once.
        vkey: the log's first verifier key, from somewhere the log cannot change; where it was
            changed since is followed by the entries.
        held_checkpoints: signed checkpoints kept outside, in any order.
        held_hashes: leaf hashes of an earlier export, kept outside.
        after: of a tree that was verified before; entries, hashes and checkpoints are then those
            beyond it, and `vkey` the key there. Goes with nothing held from before it.

    Returns:
        What was verified.

    Raises:
        FormatError: the vkey, a checkpoint or a hash is malformed.
        SignatureError: a checkpoint is not signed by the log.
        ChangedError, DroppedError, InsertedError, ReorderedError: what happened to an entry; `seq`
            is the first at which it shows.
        RewrittenError, ForkedError: entry and hash were both rewritten, so that only a checkpoint
            tells. `seq` is then the first entry that no checkpoint vouches for any more, and the
            detail says how far the fault may reach.
        RolledBackError: the log ends before what was kept of it.
        LedgerError: a change of key that the key before did not sign, or checkpoints that do not
            grow.
    """
    walk = _Walk(NoteVerifier.parse(vkey), checkpoints, held_checkpoints, after or Frontier())
    walk.all(iter(entries), iter(leaf_hashes), iter(held_hashes))
    return walk.report()


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
class _Signed:
    """A checkpoint as it was published or kept, not yet verified, and how a fault names it."""

    note: Note
    stated: Checkpoint
    what: str

    @classmethod
    def read(cls, data: bytes, what: str) -> _Signed:
        try:
            note = Note.parse(data)
            return cls(note, Checkpoint.parse(note.text), what)
        except FormatError as error:
            raise type(error)(what) from error

    def verify(self, *keys: NoteVerifier) -> None:
        for key in keys:
            try:
                key.verify(self.note)
            except SignatureError as error:
                raise SignatureError(self.what) from error
            if self.stated.origin != key.name:
                raise FormatError(f"{self.what} is of another log")


class _Walk:
    """One way through a log. What it has passed stands; the first fault ends it."""

    def __init__(
        self,
        key: NoteVerifier,
        checkpoints: Iterable[bytes],
        held: Sequence[bytes],
        before: Frontier,
    ) -> None:
        self._keys = [key]  # in force now; and those before it until a checkpoint bears them all
        self._place = self._vouched = self._kept = before.size
        self._frontier, self._waiting = before, list[bytes]()
        self._published = _growing(checkpoints, before.size - 1)
        self._next = next(self._published, None)
        kept = [_Signed.read(note, f"held checkpoint {n}") for n, note in enumerate(held, 1)]
        self._held = sorted(kept, key=lambda one: one.stated.size)
        if kept and self._held[0].stated.size < before.size:
            raise LedgerError("a checkpoint kept outside is older than what this begins with")
        self._count, self._held_to, self._root = 0, 0, before.root()
        self._verified, self._vkey = before.size, key
        self._leaf, self._last = b"", b""  # that was passed, and that a checkpoint covers

    def all(self, entries: Iterator[bytes], hashes: Iterator[bytes], kept: Iterator[bytes]) -> None:
        due = self._checkpoints(hashes)
        for leaf in entries:
            recorded = next(hashes, None)
            if leaf_hash(leaf) != recorded or plain.seq_of(leaf) != self._place:
                self._entry(leaf, recorded, entries)
            assert recorded is not None
            outside = next(kept, None)
            if outside is not None:
                self._outside(recorded, outside)
            if succession.may_change(leaf):
                self._key(leaf)
            self._waiting.append(recorded)
            self._leaf = leaf
            self._place += 1
            if self._place == due or len(self._waiting) == _AT_ONCE:
                due = self._checkpoints(hashes)
        if next(hashes, None) is not None:
            raise DroppedError(f"entry {self._place}", seq=self._place)
        self._end(next(kept, None))

    def report(self) -> Report:
        return Report(
            entries=self._place,
            verified=self._verified,
            unverified=self._place - self._verified,
            checkpoints=self._count,
            held=self._held_to,
            root=self._root,
            vkey=self._vkey.vkey(),
            until=Entry.parse(self._last).time if self._last else "",
        )

    def _entry(self, leaf: bytes, recorded: bytes | None, later: Iterator[bytes]) -> None:
        place = self._place
        if recorded is None:
            raise InsertedError(f"entry {place}: no hash was recorded for it", seq=place)
        if leaf_hash(leaf) != recorded:
            check_hashes((recorded,))
            raise faults.not_as_recorded(place, leaf, later)
        number = faults.number_of(leaf)
        if number != place:
            raise faults.misnumbered(place, number, later, self._vouched)

    def _outside(self, recorded: bytes, kept: bytes) -> None:
        check_hashes((kept,))
        if kept != recorded:
            what = f"entry {self._place}: it does not have the hash that was kept outside"
            raise ChangedError(what, seq=self._place)
        self._held_to = self._place + 1

    def _key(self, leaf: bytes) -> None:
        after = succession.follow(self._keys[0], leaf, self._place)
        if after is not None:
            self._keys = [after, *self._keys]

    def _checkpoints(self, hashes: Iterator[bytes]) -> int:
        """Hold every checkpoint of this size against the tree; return the size of the next one."""
        self._grow()
        while self._next is not None and self._next.stated.size == self._place:
            self._hold(self._next, self._vouched, RewrittenError)
            self._next.verify(*self._keys)
            self._keys = self._keys[:1]
            self._vouched = self._verified = self._place
            self._last = self._leaf
            self._count += 1
            self._next = next(self._published, None)
        while self._held and self._held[0].stated.size == self._place:
            self._keep(self._held.pop(0), hashes)
            if not self._held or self._held[0].stated.size > self._place:
                self._kept = self._place
        coming = (self._next, *self._held[:1])
        return min((one.stated.size for one in coming if one), default=-1)

    def _hold(self, signed: _Signed, good: int, fault: type[LedgerError]) -> None:
        root = self._frontier.root()
        if root == signed.stated.root:
            self._root, self._vkey = root, self._keys[0]
            return
        signed.verify(self._keys[0])  # a false checkpoint is a fault of its own
        what = f"the checkpoint at {signed.stated.size} entries signed something else"
        raise fault(f"{_span(good, signed.stated.size)}: {what}", seq=good)

    def _keep(self, signed: _Signed, hashes: Iterator[bytes]) -> None:
        signed.verify(self._keys[0])
        same = self._frontier.root() == signed.stated.root
        # By themselves: what a rewritten log published since vouches for nothing.
        self._hold(signed, self._kept, RewrittenError if same else self._otherwise(hashes))
        self._held_to = max(self._held_to, self._place)
        self._verified, self._last = self._place, self._leaf

    def _otherwise(self, hashes: Iterator[bytes]) -> type[LedgerError]:
        """Say whether the log signed what it shows now as well: if so, it has two histories."""
        if self._verified == self._place:
            return ForkedError
        if self._next is None:
            return RewrittenError
        self._next.verify(self._keys[0])
        beyond = self._frontier
        while part := list(islice(hashes, min(self._next.stated.size - beyond.size, _AT_ONCE))):
            beyond = beyond.extend(part)
        return ForkedError if beyond.root() == self._next.stated.root else RewrittenError

    def _grow(self) -> None:
        self._frontier, self._waiting = self._frontier.extend(self._waiting), []

    def _end(self, kept: bytes | None) -> None:
        self._grow()
        if kept is not None:
            what = f"entry {self._place} was dropped since the hashes were kept"
            raise RolledBackError(what, seq=self._place)
        for signed, fault, good in (
            *((one, RolledBackError, self._kept) for one in self._held[:1]),
            *((one, DroppedError, self._vouched) for one in (self._next,) if one),
        ):
            signed.verify(self._keys[0])
            what = f"a checkpoint covers {signed.stated.size} entries, unproven from {good} on"
            raise fault(f"entry {self._place}: {what}", seq=self._place)


def _growing(notes: Iterable[bytes], size: int) -> Iterator[_Signed]:
    for number, note in enumerate(notes, 1):
        signed = _Signed.read(note, f"checkpoint {number}")
        if signed.stated.size <= size:
            raise LedgerError(f"checkpoint {number} does not grow")
        size = signed.stated.size
        yield signed


def _span(first: int, end: int) -> str:
    last = max(end - 1, 0)
    return f"entry {first}" if first == last else f"one of the entries {first} to {last}"
