"""Files of a witness: sealed while they are read, looked into, and sent once their sender said how.

Two steps. `receive` seals each file as it comes, under a key of its own, and tells what it betrays.
The keys go back to the page in a field that only the agent opens; nothing is kept here but sealed
bytes. `made` makes what the witness chose of it: the file as it is, a cleaned copy, or both. What
is not chosen, or never answered, is swept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from vault import canonical, clock
from vault.agents.api import SessionAgent
from vault.crypto import padding, stream, suite
from vault.crypto.sealing import Sealing
from vault.crypto.stream import Piece
from vault.errors import (
    BusyError,
    CannotBeShownError,
    ConflictError,
    EmptyFileError,
    FormatError,
    InputError,
    SessionEndedError,
    TooLongError,
)
from vault.keyring.compartments import Compartment
from vault.letterbox.uploads import Uploads
from vault.packet.build import Beside
from vault.packet.files import KINDS, MAX_NAME, READERS, Attachment, SealedFile
from vault.safe import kinds
from vault.safe.findings import Findings
from vault.safe.process import Copy

PURPOSE = "files"
BOTH, ORIGINAL, CLEANED, NOTHING = KEEPS = ("both", "original", "cleaned", "nothing")
BODY = "body"
UNKNOWN = "application/octet-stream"
MAX_FACTS, MAX_FACT_NAME, MAX_FACT = 12, 40, 100
"""How much of what one file betrays is shown, in characters: the page carries it in its field, and
all of twenty files, in any writing, has to fit into one request to the agent."""

_TYPES = {"pdf": "application/pdf"}
_HELD = frozenset("id key size sha256 sealed name type cleans looked facts".split())


class Looks(Protocol):
    """What looks into files: `safe.process.SafeProcess`."""

    def inspect(self, data: bytes) -> Findings:
        """Return what a file betrays."""

    def clean(self, data: bytes) -> Copy:
        """Return a copy of nothing but pixels."""


@dataclass(frozen=True)
class Came:
    """A file that is sealed in the letterbox and waits for its sender's word.

    Args:
        id: of the sealed file.
        key: that opens it.
        size: in bytes, as it was sent.
        sha256: as it was sent.
        sealed: as a packet names it.
        name: as its sender calls it.
        type: by its content.
        cleans: a cleaned copy can be made.
        looked: it was looked into, so `facts` says what it betrays.
        facts: category, name and value, the first MAX_FACTS.
    """

    id: str
    key: bytes = field(repr=False)
    size: int
    sha256: bytes = field(repr=False)
    sealed: SealedFile
    name: str = field(repr=False)
    type: str
    cleans: bool = False
    looked: bool = False
    facts: tuple[tuple[str, str, str], ...] = field(default=(), repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return it for the sealed field of the page."""
        return {
            "id": self.id,
            "key": canonical.b64(self.key),
            "size": self.size,
            "sha256": canonical.b64(self.sha256),
            "sealed": self.sealed.to_json(),
            "name": self.name,
            "type": self.type,
            "cleans": self.cleans,
            "looked": self.looked,
            "facts": [list(fact) for fact in self.facts],
        }

    @classmethod
    def from_json(cls, value: Any) -> Came:
        """Return what `to_json` made; raises FormatError."""
        if not isinstance(value, dict) or value.keys() != _HELD:
            raise FormatError("file that came")
        key, digest = canonical.unb64(value["key"], 32), canonical.unb64(value["sha256"], 32)
        facts = tuple((str(one), str(name), str(said)) for one, name, said in value["facts"])
        held = {**value, "key": key, "sha256": digest, "facts": facts}
        return cls(**{**held, "sealed": SealedFile.from_json(value["sealed"])})


@dataclass(frozen=True)
class Chosen:
    """What the sender says of one file: one of KEEPS, KINDS and READERS, and where it is from."""

    keep: str
    kind: str
    may_see: str
    case_file: bool

    def __post_init__(self) -> None:
        """Raise InputError for anything else."""
        if self.keep not in KEEPS or self.kind not in KINDS or self.may_see not in READERS:
            raise InputError("a choice that is none")


def receive(
    uploads: Uploads, looks: Looks, file: tuple[str, Iterable[Piece]], most: tuple[int, int]
) -> Came:
    """Seal one file as it comes, and look into it if it is small enough.

    Args:
        uploads: where the sealed file goes.
        looks: the process for hostile files.
        file: its name and its pieces.
        most: bytes of a file, and bytes up to which it is looked into (kept in memory meanwhile).

    Raises:
        TooLongError: larger than allowed; nothing of it is left.
        EmptyFileError: it is empty.
        NoRoomError, StorageError: it could not be kept; nothing of it is left.
    """
    name, pieces = file
    limit, looked_at = most
    key, file_id = suite.random(suite.KEY_SIZE), suite.random(16).hex()
    kept = _Beginning(limit, looked_at)
    with Sealing(key) as sealing:
        uploads.put(file_id, sealing.through(kept.through(pieces)))
        plain, sealed = sealing.plain.said(), sealing.sealed.said()
    named = SealedFile(file_id, *sealed)
    came = Came(file_id, key, *plain, named, _name(name), UNKNOWN)
    return _looked(looks, came, kept.all)


def seal(agent: SessionAgent, came: Sequence[Came]) -> str:
    """Return the field that holds what came until the page is sent."""
    held = {"at": clock.now(), "files": [one.to_json() for one in came]}
    return canonical.b64(agent.seal(PURPOSE, suite.random(16), canonical.dumps(held)))


def opened(agent: SessionAgent, text: str, valid: int) -> list[Came]:
    """Return what a page's field holds.

    Raises:
        SessionEndedError: it does not open, or is older than `valid` seconds.
    """
    try:
        _, plain = agent.open(PURPOSE, canonical.unb64(text))
        held = canonical.loads_object(plain, frozenset({"at", "files"}))
        came = [Came.from_json(one) for one in held["files"]]
    except FormatError:
        raise SessionEndedError from None
    if clock.now() - held["at"] > valid:
        raise SessionEndedError
    return came


def made(uploads: Uploads, looks: Looks, came: Sequence[Came], chosen: Sequence[Chosen]) -> Beside:
    """Return what goes with a packet: the files that were chosen, and cleaned copies made now.

    Raises:
        CannotBeShownError: a copy was wanted of what cannot be cleaned.
        NoRoomError, StorageError: a copy could not be kept, or a file is gone.
    """
    attached: dict[Compartment, list[Attachment]] = {}
    files: list[SealedFile] = []
    for one, choice in zip(came, chosen, strict=True):
        place = attached.setdefault(
            Compartment.MEDICAL if choice.kind == BODY else Compartment.ACCOUNT, []
        )
        if choice.keep in {ORIGINAL, BOTH}:
            place.append(_attachment(one, choice))
            files.append(one.sealed)
        if choice.keep in {CLEANED, BOTH}:
            copy = _copy(uploads, looks, one)
            parent = one.id if choice.keep == BOTH else None
            place.append(_attachment(copy, choice, one.sha256, parent))
            files.append(copy.sealed)
    return Beside(attached, tuple(sorted(files, key=lambda file: file.id)))


def _copy(uploads: Uploads, looks: Looks, one: Came) -> Came:
    if not one.cleans:
        raise CannotBeShownError
    opened = stream.decrypt(one.key, uploads.read(one.id))
    copy = looks.clean(b"".join(padding.unfill(opened, one.size)))
    # From what it is a copy of, so that the same page sent twice makes one file.
    key = suite.hkdf(one.key, b"witness-vault/copy/v1/key")
    file_id = suite.hkdf(one.key, b"witness-vault/copy/v1/id", 16).hex()
    try:
        with Sealing(key) as sealing:
            uploads.put(file_id, sealing.through([copy.data]))
            named = SealedFile(file_id, *sealing.sealed.said())
    except ConflictError:  # made before, by the same page
        named = uploads.sealed(file_id)
    digest = suite.sha256(copy.data)
    return Came(file_id, key, len(copy.data), digest, named, one.name, copy.media_type)


def _attachment(
    one: Came, choice: Chosen, original: bytes | None = None, parent: str | None = None
) -> Attachment:
    return Attachment(
        id=one.id,
        key=one.key,
        size=one.size,
        sha256=one.sha256,
        name=one.name,
        type=one.type,
        kind=choice.kind,
        may_see=choice.may_see,
        case_file=choice.case_file,
        original=original,
        parent=parent,
    )


def _looked(looks: Looks, came: Came, data: bytes | None) -> Came:
    """Return it with what it betrays.

    While too many are looked into it is told by its beginning: it must not have to be sent again.
    """
    if data is None:
        return came
    try:
        return _with(came, looks.inspect(data))
    except CannotBeShownError:
        return came
    except BusyError:
        kind = kinds.kind_of(data)
        return came if kind is None else replace(came, type=_type(kind))


def _with(came: Came, found: Findings) -> Came:
    facts = tuple(
        (fact.category, fact.name[:MAX_FACT_NAME], fact.value[:MAX_FACT])
        for fact in found.facts[:MAX_FACTS]
    )
    return replace(came, type=_type(found.kind), cleans=found.shown, looked=True, facts=facts)


def _type(kind: str) -> str:
    return _TYPES.get(kind, f"image/{kind}")


def _name(name: str) -> str:
    """Return a file's name as it is kept: no folders, nothing that does not print, not too long."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    plain = "".join(one for one in last if one.isprintable()).strip()
    return plain[-MAX_NAME:] or "?"


class _Beginning:
    """Counts what comes, and keeps it as long as it could be looked into."""

    def __init__(self, limit: int, keep: int) -> None:
        self._limit, self._keep = limit, keep
        self._kept: bytearray | None = bytearray()
        self.size = 0

    def through(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """Give the pieces on; raises TooLongError past the limit, EmptyFileError if all is none."""
        for piece in pieces:
            self.size += len(piece)
            if self.size > self._limit:
                raise TooLongError("file")
            self._hold(piece)
            yield piece
        if not self.size:
            raise EmptyFileError

    def _hold(self, piece: Piece) -> None:
        if self._kept is None:
            return
        self._kept += piece
        known = self.size - len(piece) < kinds.BEGINNING <= self.size
        if self.size > self._keep or (known and kinds.kind_of(bytes(self._kept)) is None):
            self._kept = None

    @property
    def all(self) -> bytes | None:
        """The file, if it is small enough and of a kind that is looked into."""
        return None if self._kept is None else bytes(self._kept)
