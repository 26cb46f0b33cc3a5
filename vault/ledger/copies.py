"""Copies of one log, kept by different people or at different times: do they tell one history?

A copy is a whole export, or an export since a checkpoint together with the older ones that lead up
to it. Each is verified by itself first; then hash is held against hash. Nothing here knows where a
copy lies: it is given by functions that begin to read it anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice, takewhile, zip_longest
from typing import TYPE_CHECKING

from vault.errors import (
    ChangedError,
    ForkedError,
    LedgerError,
    RolledBackError,
    SignatureError,
)
from vault.ledger.checkpoint import Checkpoint, open_checkpoint
from vault.ledger.cosignature import MAX_TIME, verify_cosignature
from vault.ledger.merkle import Frontier
from vault.ledger.note import Note, NoteVerifier
from vault.ledger.verify import Report, verify_export

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    Read = Callable[[], Iterator[bytes]]


@dataclass(frozen=True)
class Copy:
    """One export, read as often as needed.

    Attributes:
        entries: leaves, from entry `after.size` on.
        hashes: their hashes as recorded.
        checkpoints: signed notes beyond `after.size`.
        after: the tree that it goes on from; of no entries, if it is whole.
        since: the signed checkpoint over that tree; None if it is whole.
    """

    entries: Read
    hashes: Read
    checkpoints: Read
    after: Frontier
    since: bytes | None = None

    def then(self, newer: Copy) -> Copy:
        """Return the copy that begins with this one and goes on with a newer one.

        Raises:
            LedgerError: entries between the two are missing.
        """
        begin, end = self.after.size, newer.after.size
        if end < begin:
            raise LedgerError("the copies are not in the order of their age")

        def checkpoints() -> Iterator[bytes]:
            yield from takewhile(lambda note: _size(note) <= end, self.checkpoints())
            yield from newer.checkpoints()

        return Copy(
            _chained(self.entries, newer.entries, begin, end),
            _chained(self.hashes, newer.hashes, begin, end),
            checkpoints,
            self.after,
            self.since,
        )

    def verify(self, vkey: str, held: Sequence[bytes] = ()) -> Report:
        """Verify this copy by itself; see `verify.verify_export`.

        Args:
            vkey: the log's first key; of a copy that is not whole, the key where it begins.
            held: signed checkpoints that were kept outside.

        Raises:
            LedgerError, FormatError, SignatureError: as there.
        """
        if self.since is not None:
            open_checkpoint(self.since, NoteVerifier.parse(vkey))
        return verify_export(
            self.entries(),
            self.hashes(),
            self.checkpoints(),
            vkey,
            held_checkpoints=held,
            after=self.after,
        )


@dataclass(frozen=True)
class Agreement:
    """Two copies that tell one history: how many entries both hold, and how many each."""

    common: int
    ours: int
    theirs: int


@dataclass(frozen=True)
class Cosigned:
    """Somebody outside signed the first `size` entries, at `moment`, seconds since the epoch."""

    size: int
    moment: int


def cosigned(copy: Copy, cosigner: NoteVerifier) -> Cosigned:
    """Return up to how many entries somebody outside signed, by the checkpoints of a copy.

    Args:
        copy: verified.
        cosigner: of type COSIGNATURE.

    Raises:
        SignatureError: they signed none of its checkpoints, or one falsely, or at no real time.
    """
    mine = (cosigner.name, cosigner.key_id)
    found = None
    for data in copy.checkpoints():
        note = Note.parse(data)
        if mine in {(one.name, one.key_id) for one in note.signatures}:
            moment = verify_cosignature(data, cosigner)
            if moment > MAX_TIME:
                raise SignatureError("a cosigner's time beyond every calendar")
            found = Cosigned(Checkpoint.parse(note.text).size, moment)
    if found is None:
        raise SignatureError(f"{cosigner.name} signed no checkpoint of this copy")
    return found


def compare(ours: Copy, theirs: Copy, signed: tuple[int, int]) -> Agreement:
    """Hold two copies, each verified by itself, against each other.

    Args:
        ours: one.
        theirs: the other.
        signed: how many entries of each its checkpoints cover.

    Raises:
        ForkedError: the log signed two histories; `seq` is the first entry in which they differ.
        ChangedError: they differ in an entry that not both have under a checkpoint.
        LedgerError: they have no entry in common.
    """
    begin = max(ours.after.size, theirs.after.size)
    sizes = [begin, begin]
    sides = [islice(copy.hashes(), begin - copy.after.size, None) for copy in (ours, theirs)]
    for place, both in enumerate(zip_longest(*sides), begin):
        for side in (0, 1):
            sizes[side] += both[side] is not None
        if None not in both and both[0] != both[1]:
            raise _different(place, signed)
    if min(sizes) <= begin:
        raise LedgerError("the copies have no entry in common")
    return Agreement(min(sizes), sizes[0], sizes[1])


def check_newer(newer: Copy, older: Copy, signed: tuple[int, int]) -> Agreement:
    """Check that a copy goes on from an older one; `signed` as in `compare`, the newer first.

    Raises:
        RolledBackError: it ends before the older one; `seq` is the first entry that is gone.
        LedgerError: as `compare`.
    """
    found = compare(newer, older, signed)
    if found.ours < found.theirs:
        what = f"the older copy has {found.theirs} entries, this one {found.ours}"
        raise RolledBackError(what, seq=found.ours)
    return found


def _chained(older: Read, newer: Read, begin: int, end: int) -> Read:
    def read() -> Iterator[bytes]:
        count = begin
        for item in islice(older(), end - begin):
            yield item
            count += 1
        if count < end:
            raise LedgerError(f"the older copy ends at {count} entries, the newer begins at {end}")
        yield from newer()

    return read


def _different(place: int, signed: tuple[int, int]) -> LedgerError:
    if min(signed) > place:
        return ForkedError(
            f"entry {place}: both copies are signed, and differ from there", seq=place
        )
    what = f"entry {place}: the copies differ there, past the last checkpoint of one of them"
    return ChangedError(what, seq=place)


def _size(note: bytes) -> int:
    return Checkpoint.parse(Note.parse(note).text).size
