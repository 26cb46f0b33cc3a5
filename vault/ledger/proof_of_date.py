"""The file by which anybody checks the day of a statement, offline (docs/spec/proof-of-date.md).

Four things hang on each other: the words shown are under the digests, the digests come to a
commitment, an entry of the log lists that commitment with its day, and the entry stands under a
signed checkpoint. The words at the head are part of the format, so that they cannot be changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vault import canonical
from vault.crypto import commitment, suite
from vault.errors import (
    AnotherCheckpointError,
    FormatError,
    LedgerError,
    NotCommittedError,
    NotNotedError,
    UnknownVersionError,
)
from vault.ledger.about_date import ABOUT
from vault.ledger.checkpoint import Checkpoint, open_checkpoint
from vault.ledger.cosignature import MAX_TIME, verify_cosignature
from vault.ledger.entry import SYSTEM, Entry
from vault.ledger.merkle import leaf_hash
from vault.ledger.note import COSIGNATURE, Note, NoteVerifier
from vault.ledger.proof import TlogProof
from vault.ledger.succession import Succession, follow

FORMAT = commitment.FORMAT
NOTED, DETAIL = "date.noted", "commitments"
MAX_SIZE = 8 * 1024 * 1024
MAX_DIGESTS = 4_096
MAX_KEYS = 64

_FIELDS = frozenset({"digests", "entry", "keys", "shown"})
_SHOWN = frozenset({"name", "salt", "value"})
_FAMILY = b"witness-vault/proof-of-date/"


@dataclass(frozen=True)
class Shown:
    """One part of the statement in words, with the salt that opens its digest."""

    name: str
    salt: bytes = field(repr=False)
    value: Any = field(repr=False)


@dataclass(frozen=True)
class Proven:
    """What was verified; it exists only if everything holds.

    Attributes:
        day: on which the log noted it.
        commitment: of the statement, 32 bytes.
        shown: the words shown, by name of their part.
        index: place of the entry.
        checkpoint: under which it stands.
        vkey: the key that signed that.
        held: a checkpoint kept outside says the same.
        seen: when each cosigner asked about saw the checkpoint, seconds since the epoch, by name.
        others: names of further signatures, which nobody has checked.
    """

    day: str
    commitment: bytes
    shown: Mapping[str, Any] = field(repr=False)
    index: int
    checkpoint: Checkpoint
    vkey: str
    held: bool
    seen: Mapping[str, int]
    others: tuple[str, ...]


@dataclass(frozen=True)
class ProofOfDate:
    """The content of the file.

    Attributes:
        entry: leaf of the entry that lists the commitment.
        digests: of all parts of the statement, sorted.
        shown: the parts shown, sorted by name; none: without the words.
        keys: leaves of the entries by which the log's key was changed, up to the checkpoint.
        proof: that the entry stands in the log.
    """

    entry: bytes
    digests: tuple[bytes, ...]
    shown: tuple[Shown, ...]
    keys: tuple[bytes, ...]
    proof: TlogProof

    def encode(self) -> bytes:
        """Return the file: the words at its head, one line of JSON, the proof."""
        content = {
            "digests": [canonical.b64(one) for one in self.digests],
            "entry": canonical.loads(self.entry),
            "keys": [canonical.loads(leaf) for leaf in self.keys],
            "shown": [
                {"name": one.name, "salt": canonical.b64(one.salt), "value": one.value}
                for one in self.shown
            ],
        }
        return ABOUT.encode() + canonical.dumps(content) + b"\n\n" + self.proof.encode()

    @classmethod
    def parse(cls, data: bytes) -> ProofOfDate:
        """Read a file, strictly. Nothing is verified yet.

        Raises:
            FormatError: not of this shape, out of bounds, or other words stand at its head.
            UnknownVersionError: another version.
        """
        if len(data) > MAX_SIZE:
            raise FormatError("the proof is too large")
        about = ABOUT.encode()
        if not data.startswith(about):
            first = data.partition(b"\n")[0]
            if first.startswith(_FAMILY) and first != FORMAT.encode():
                raise UnknownVersionError("proof of date")
            raise FormatError("the words at the head are not those of a proof of date")
        line, gap, proof = data[len(about) :].partition(b"\n\n")
        if not gap:
            raise FormatError("a proof of date without its proof")
        content = canonical.loads_object(line, _FIELDS)
        digests = _list(content["digests"], MAX_DIGESTS)
        shown = tuple(_shown(one) for one in _list(content["shown"], len(digests)))
        names = [one.name for one in shown]
        if names != sorted(set(names)):
            raise FormatError("what is shown is not sorted by its names")
        return cls(
            entry=canonical.dumps(content["entry"]),
            digests=tuple(canonical.unb64(one, commitment.DIGEST_SIZE) for one in digests),
            shown=shown,
            keys=tuple(canonical.dumps(one) for one in _list(content["keys"], MAX_KEYS)),
            proof=TlogProof.parse(proof),
        )

    def verify(
        self, vkey: str, held: Sequence[bytes] = (), cosigners: Sequence[str] = ()
    ) -> Proven:
        """Check everything.

        Args:
            vkey: the log's key, from somewhere the file cannot change: its first or a later one.
            held: signed checkpoints that were kept outside.
            cosigners: vkeys of those who must have cosigned the checkpoint.

        Raises:
            NotCommittedError: words or a salt that the digests do not hold.
            NotNotedError: the entry does not list what the digests come to.
            FormatError: an entry, a key or a checkpoint is malformed.
            LedgerError: the entry does not stand in the log at its place, or a change of key is
                not signed.
            SignatureError: the checkpoint is not signed by the log, or not by a cosigner.
            AnotherCheckpointError: none of those held is of the size of the file's, or one of that
                size says something else.
        """
        made = self._committed()
        entry = self._noted(made)
        stated = Checkpoint.parse(Note.parse(self.proof.checkpoint).text)
        keys = self._succession(NoteVerifier.parse(vkey), stated.size)
        if entry.seq != self.proof.index:
            raise LedgerError(f"entry {entry.seq} shown at place {self.proof.index}", seq=entry.seq)
        key = keys.at(stated.size)
        checkpoint = self.proof.verify(leaf_hash(self.entry), key)
        opened = [open_checkpoint(one, keys.at(_size(one))) for one in held]
        seen = [NoteVerifier.parse(one, COSIGNATURE) for one in cosigners]
        times = {one.name: verify_cosignature(self.proof.checkpoint, one) for one in seen}
        if max(times.values(), default=0) > MAX_TIME:
            raise FormatError("a cosigner's time beyond every calendar")
        signatures = Note.parse(self.proof.checkpoint).signatures
        known = {checkpoint.origin, *times}
        return Proven(
            day=entry.time,
            commitment=made,
            shown={one.name: one.value for one in self.shown},
            index=entry.seq,
            checkpoint=checkpoint,
            vkey=key.vkey(),
            held=_agree(checkpoint, opened),
            seen=times,
            others=tuple(sorted({one.name for one in signatures} - known)),
        )

    def _committed(self) -> bytes:
        for one in self.shown:
            if commitment.digest(one.salt, one.name, one.value) not in self.digests:
                raise NotCommittedError(one.name)
        if list(self.digests) != sorted(set(self.digests)):
            raise FormatError("digests are sorted and stand once")
        return commitment.commitment(self.digests)

    def _noted(self, made: bytes) -> Entry:
        entry = Entry.parse(self.entry)
        listed = entry.detail.get(DETAIL)
        if (entry.kind, entry.actor) != (NOTED, SYSTEM) or not isinstance(listed, tuple):
            raise NotNotedError("an entry of another kind")
        if len(entry.time) != len("2026-11-26") or canonical.b64(made) not in listed:
            raise NotNotedError
        return entry

    def _succession(self, first: NoteVerifier, size: int) -> Succession:
        """Follow the changes of key from wherever the reader's key stands among them."""
        changes: list[tuple[int, NoteVerifier]] = []
        current, seen = first, -1
        for leaf in self.keys:
            entry = Entry.parse(leaf)
            if not seen < entry.seq < size:
                raise FormatError("changes of the log's key out of order")
            seen = entry.seq
            try:
                after = follow(current, leaf, entry.seq)
            except LedgerError:
                # Signed by a key before the reader's own. If it is by no key at all, the checkpoint
                # will not be signed by the one that is reached.
                continue
            if after is not None:
                current = after
                changes.append((entry.seq + 1, current))
        return Succession(first, tuple(changes))


def _agree(checkpoint: Checkpoint, held: Sequence[Checkpoint]) -> bool:
    same = [one for one in held if one.size == checkpoint.size]
    if any(not suite.equal(one.root, checkpoint.root) for one in same):
        raise AnotherCheckpointError("the one held outside says something else")
    if held and not same:
        sizes = ", ".join(str(one.size) for one in held)
        raise AnotherCheckpointError(f"held: of {sizes} entries; in the file: {checkpoint.size}")
    return bool(same)


def _size(note: bytes) -> int:
    return Checkpoint.parse(Note.parse(note).text).size


def _shown(value: Any) -> Shown:
    if not isinstance(value, dict) or value.keys() != _SHOWN or not isinstance(value["name"], str):
        raise FormatError("a part that is shown")
    salt = canonical.unb64(value["salt"], commitment.SALT_SIZE)
    return Shown(value["name"], salt, value["value"])


def _list(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise FormatError("a list, and not too long")
    return value
