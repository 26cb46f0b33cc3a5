"""What is sent of the files that came: each as it is, as a cleaned copy, both or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from vault.crypto import padding, stream, suite
from vault.crypto.sealing import Sealing
from vault.errors import CannotBeShownError, ConflictError, InputError, StorageError
from vault.keyring.compartments import Compartment
from vault.letterbox.uploads import Uploads
from vault.packet.build import Beside
from vault.packet.files import KINDS, READERS, Attachment, SealedFile
from vault.safe import kinds
from vault.testimony.attaching import Looks, media_type
from vault.testimony.came import Came

BOTH, ORIGINAL, CLEANED, NOTHING = KEEPS = ("both", "original", "cleaned", "nothing")
BODY = "body"


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
    """Return the cleaned copy of a file; the same page sent again finds it and makes none anew."""
    if not one.cleans:
        raise CannotBeShownError
    # From what it is a copy of, so that the same page sent twice makes one file.
    key = suite.hkdf(one.key, b"witness-vault/copy/v1/key")
    file_id = suite.hkdf(one.key, b"witness-vault/copy/v1/id", 16).hex()
    with suppress(StorageError):
        return _stored(uploads, key, file_id, one.name)
    opened = stream.decrypt(one.key, uploads.read(one.id))
    copy = looks.clean(b"".join(padding.unfill(opened, one.size)))
    with Sealing(key) as sealing, suppress(ConflictError):  # made meanwhile, by the same page
        uploads.put(file_id, sealing.through([copy.data]))
    return _stored(uploads, key, file_id, one.name)


def _stored(uploads: Uploads, key: bytes, file_id: str, name: str) -> Came:
    """Return a copy that lies there; raises StorageError if there is none."""
    sealed = uploads.sealed(file_id)
    filled = b"".join(stream.decrypt(key, uploads.read(file_id)))
    data = filled.rstrip(b"\0")  # what fills it: no JPEG and no PDF ends with zeros
    kind = media_type(kinds.kind_of(data) or "")
    return Came(file_id, key, len(data), suite.sha256(data), sealed, name, kind)


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
