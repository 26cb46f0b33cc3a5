"""The first line of a backup: what it is, and how its one file key is come by.

In clear stands only what a person needs to choose among files, and the two key files, which are
sealed by passphrases: so a backup and the sheet are enough on a bare machine. The file key is
wrapped with all of that as its context; whoever changes a letter of it gets nothing opened.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, BinaryIO

from vault import canonical, clock
from vault.crypto import suite
from vault.crypto.keyfile import MAX_SIZE
from vault.custody.keys import PURPOSES
from vault.errors import FormatError, SealError, UnknownVersionError

FORMAT = "witness-vault/backup/v1"
MAIN, SHORT_LIVED = "main", "short-lived"
KINDS = (MAIN, SHORT_LIVED)
LABEL = "backup/v1"
MAX_HEADER = 4 * MAX_SIZE

_FAMILY = "witness-vault/backup/"
_FIELDS = frozenset({"format", "kind", "log", "id", "day", "last_day", "keys", "key"})
_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True)
class Header:
    """What stands in clear before the sealed part.

    Attributes:
        kind: MAIN or SHORT_LIVED.
        log: whose it is: the first 16 bytes of SHA-256 of the log's name, hex.
        id: 16 random bytes, hex; the entries of the access log name it.
        day: when it was made.
        last_day: after which it may not be used any more; None for a main backup.
        keys: the key files `vault.key` and `vault.spare`, whichever there are, at least one.
    """

    kind: str
    log: str
    id: str
    day: str
    last_day: str | None
    keys: Mapping[str, bytes] = field(repr=False)

    @property
    def expired(self) -> bool:
        """Return whether its last day is over."""
        return self.last_day is not None and self.last_day < clock.day()

    def seal(self, backup_key: bytes, file_key: bytes) -> bytes:
        """Return the first line, with its line feed."""
        wrapped = suite.aead_seal(backup_key, file_key, self.context())
        return canonical.dumps({**self._stated(), "key": canonical.b64(wrapped)}) + b"\n"

    def _stated(self) -> dict[str, Any]:
        keys = {name: canonical.b64(data) for name, data in self.keys.items()}
        return {
            "format": FORMAT,
            "kind": self.kind,
            "log": self.log,
            "id": self.id,
            "day": self.day,
            "last_day": self.last_day,
            "keys": keys,
        }

    def context(self) -> bytes:
        """Return what the file key is bound to: everything that stands in clear."""
        return canonical.dumps(self._stated())


@dataclass(frozen=True)
class Sealed:
    """A header as it was read; nothing of it is authentic before `file_key` has returned."""

    header: Header
    wrapped: bytes = field(repr=False)

    def file_key(self, backup_key: bytes) -> bytes:
        """Return the key of the sealed part.

        Raises:
            SealError: the header was changed, or another vault's key was given.
        """
        key = suite.aead_open(backup_key, self.wrapped, self.header.context())
        if len(key) != suite.KEY_SIZE:
            raise SealError("file key")
        return key


def backup_key_of(vault_key: bytes) -> bytes:
    """Return what the running vault's agent gives as `subkey(LABEL)`."""
    return suite.hkdf(vault_key, f"witness-vault/vault/v1/{LABEL}".encode())


def read_header(stream: BinaryIO) -> Sealed:
    """Read the first line, strictly, and leave the stream at the sealed part.

    Raises:
        FormatError: not a backup.
        UnknownVersionError: one of another version.
    """
    line = stream.readline(MAX_HEADER + 1)
    if not line.endswith(b"\n"):
        raise FormatError("not a backup, or cut off in its first line")
    value = canonical.loads_object(line[:-1])
    version = value.get("format")
    if version != FORMAT:
        if isinstance(version, str) and version.startswith(_FAMILY):
            raise UnknownVersionError(f"this program reads {FORMAT}")
        raise FormatError("not a backup")
    if value.keys() != _FIELDS:
        raise FormatError("unexpected or missing field")
    return Sealed(_header(value), canonical.unb64(value["key"]))


def _header(value: dict[str, Any]) -> Header:
    if value["kind"] not in KINDS or (value["last_day"] is None) != (value["kind"] == MAIN):
        raise FormatError("kind")
    for name, pattern in (("log", _ID), ("id", _ID), ("day", _DAY), ("last_day", _DAY)):
        stated = value[name]
        if stated is None and name == "last_day":
            continue
        if not isinstance(stated, str) or not pattern.fullmatch(stated):
            raise FormatError(name)
    keys = value["keys"]
    if not isinstance(keys, dict) or not keys or not keys.keys() <= PURPOSES.keys():
        raise FormatError("keys")
    # In the order in which they are tried, not that of the alphabet.
    read = {name: canonical.unb64(keys[name]) for name in PURPOSES if name in keys}
    return Header(value["kind"], value["log"], value["id"], value["day"], value["last_day"], read)
