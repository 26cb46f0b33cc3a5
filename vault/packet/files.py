"""Attachments: what a packet names of sealed files, and what the record that holds their keys says.

The sealed file itself is a stream (docs/spec/stream.md) and lies beside the packet. Whoever opens
the record opens the file; whoever cannot sees an id, a size and a hash of sealed bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from vault import canonical
from vault.crypto.suite import KEY_SIZE
from vault.errors import FormatError

FILES: Final = "files"
MOST = 40
"""In one packet: twenty files, and of each a cleaned copy."""
MAX_NAME = 200
MAX_SIZE = 2**53 - 1
KINDS = ("body", "paper", "recording", "other")
READERS = ("lawyer", "doctor", "court", "nobody")
"""Consent item C15: who may see it besides those who handle the case with the lawyer's rights."""

_ID = re.compile(r"[0-9a-f]{32}")
_TYPE = re.compile(r"[a-z]{1,20}/[a-z0-9.+-]{1,80}")
_HASH_SIZE = 32
_SEALED = frozenset({"id", "size", "sha256"})
_SAID = frozenset("id size sha256 name type kind may_see case_file original parent".split())


@dataclass(frozen=True)
class SealedFile:
    """A sealed file as a packet names it.

    Args:
        id: 16 bytes, hex; the file's name in the letterbox and in the vault.
        size: of the sealed bytes.
        sha256: of the sealed bytes, 32 bytes.
    """

    id: str
    size: int
    sha256: bytes

    def to_json(self) -> dict[str, Any]:
        """Return it as it stands in a packet."""
        return {"id": self.id, "size": self.size, "sha256": canonical.b64(self.sha256)}

    @classmethod
    def from_json(cls, value: Any) -> SealedFile:
        """Parse strictly; raises FormatError."""
        if not isinstance(value, dict) or value.keys() != _SEALED:
            raise FormatError("sealed file")
        digest = canonical.unb64(value["sha256"], _HASH_SIZE)
        return cls(_id(value["id"]), _size(value["size"]), digest)


@dataclass(frozen=True)
class Attachment:
    """A file as its record tells of it.

    Args:
        id: of the sealed file.
        key: 32 bytes, for this file alone.
        size: of the file as it was sent, in bytes.
        sha256: of the file as it was sent, 32 bytes.
        name: as its sender calls it; any text.
        type: by its content; "application/octet-stream" where that is not known.
        kind: one of KINDS, the sender's word.
        may_see: one of READERS.
        case_file: it comes from the file of a pre-trial investigation (Criminal Code, article 423).
        original: SHA-256 of what this is a cleaned copy of, sent or not, 32 bytes; None for what is
            none. So a phone that keeps the original can show later that it was there on that day.
        parent: id of what this is a cleaned copy of, where that was sent too.
    """

    id: str
    key: bytes = field(repr=False)
    size: int
    sha256: bytes = field(repr=False)
    name: str = field(repr=False)
    type: str
    kind: str
    may_see: str
    case_file: bool = False
    original: bytes | None = field(default=None, repr=False)
    parent: str | None = None

    def said(self) -> dict[str, Any]:
        """Return all of it but the key: what can be shown to prove something of the file."""
        return {
            "id": self.id,
            "size": self.size,
            "sha256": canonical.b64(self.sha256),
            "name": self.name,
            "type": self.type,
            "kind": self.kind,
            "may_see": self.may_see,
            "case_file": self.case_file,
            "original": None if self.original is None else canonical.b64(self.original),
            "parent": self.parent,
        }

    def to_json(self) -> dict[str, Any]:
        """Return it as it stands in a record."""
        return {**self.said(), "key": canonical.b64(self.key)}

    @classmethod
    def from_json(cls, value: Any) -> Attachment:
        """Parse strictly; raises FormatError."""
        if not isinstance(value, dict) or value.keys() != _SAID | {"key"}:
            raise FormatError("attachment")
        if type(value["case_file"]) is not bool:
            raise FormatError("attachment")
        return cls(
            id=_id(value["id"]),
            key=canonical.unb64(value["key"], KEY_SIZE),
            size=_size(value["size"]),
            sha256=canonical.unb64(value["sha256"], _HASH_SIZE),
            name=_name(value["name"]),
            type=_matching(_TYPE, value["type"]),
            kind=_one_of(KINDS, value["kind"]),
            may_see=_one_of(READERS, value["may_see"]),
            case_file=value["case_file"],
            original=_digest_or_none(value["original"]),
            parent=None if value["parent"] is None else _id(value["parent"]),
        )


def sealed_files(value: Any) -> tuple[SealedFile, ...]:
    """Parse the list of a packet: sorted by id, each once; raises FormatError."""
    if not isinstance(value, list) or len(value) > MOST:
        raise FormatError("a list of files, or too long")
    files = tuple(SealedFile.from_json(item) for item in value)
    ids = [file.id for file in files]
    if ids != sorted(set(ids)):
        raise FormatError("files sorted by id, each once")
    return files


def attachments_of(content: Any) -> tuple[Attachment, ...]:
    """Return what a record's content says of files, none if it holds none; raises FormatError."""
    value = content.get(FILES, [])
    if not isinstance(value, list) or len(value) > MOST:
        raise FormatError("a list of attachments, or too long")
    found = tuple(Attachment.from_json(item) for item in value)
    sent = {one.id: one for one in found}
    if len(sent) != len(found) or not all(_is_copy_of(one, sent) for one in found if one.parent):
        raise FormatError("each attachment once, and what it is a copy of beside it")
    return found


def in_content(attachments: Iterable[Attachment]) -> dict[str, Any]:
    """Return what a record's content holds of attachments: nothing where there are none."""
    items = [one.to_json() for one in attachments]
    return {FILES: items} if items else {}


def _is_copy_of(one: Attachment, sent: Mapping[str, Attachment]) -> bool:
    parent = sent.get(one.parent or "")
    return parent is not None and parent.original is None and parent.sha256 == one.original


def _digest_or_none(value: Any) -> bytes | None:
    return None if value is None else canonical.unb64(value, _HASH_SIZE)


def _id(value: Any) -> str:
    return _matching(_ID, value)


def _size(value: Any) -> int:
    if type(value) is not int or not 0 < value <= MAX_SIZE:
        raise FormatError("size of a file")
    return value


def _name(value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= MAX_NAME:
        raise FormatError("name of a file")
    return value


def _one_of(choices: tuple[str, ...], value: Any) -> str:
    if value not in choices:
        raise FormatError("unexpected text")
    return str(value)


def _matching(pattern: re.Pattern[str], value: Any) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise FormatError("unexpected text")
    return value
