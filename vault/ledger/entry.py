"""One entry of the log: who did what to what, in ids only (docs/spec/ledger.md).

The stored bytes are the leaf. An entry never holds a name, testimony, a passphrase or anything that
somebody typed; a random nonce keeps its leaf hash from being guessed.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from vault import canonical
from vault.errors import FormatError, UnknownVersionError

FORMAT = "witness-vault/entry/v1"

KINDS = frozenset(
    {
        # the vault itself
        "vault.init",
        "vault.unlock",
        "vault.lock",
        "vault.passphrase",
        "vault.restored",
        "backup",
        "backup.made",
        "recovery.requested",
        "recovery.accepted",
        "notice.sent",
        "notice.failed",
        "key.changed",
        "setting",
        # members
        "member.invited",
        "invitation.withdrawn",
        "member.enrolled",
        "roster.proposed",
        "roster.declined",
        "roster.published",
        "signin",
        "signin.refused",
        "signout",
        "sessions.ended",
        "factor.changed",
        "passphrase.changed",
        "notice.chosen",
        "notice.ended",
        "refused",
        # what witnesses send and ask for
        "intake",
        "addendum",
        "date.noted",
        "file.stored",
        "packet.refused",
        "consent.changed",
        "consent.stopped",
        "consent.note_read",
        "identity.released",
        "identity.withdrawn",
        "identity.opened",
        "proof.made",
        "box.visited",
        "erasure.asked",
        "erasure.stopped",
        "erased",
        # until when a case is kept
        "retention.set",
        "retention.held",
        "retention.freed",
        "retention.announced",
        # what members see
        "list",
        "search",
        "reveal",
        "file.shown",
        "file.small",
        "file.given",
        "file.confirmed",
        "ledger.read",
        "ledger.exported",
        "checkpoint.cosigned",
        "flag.explained",
        # what members do
        "message.sent",
        "note.written",
        "draft.saved",
        "draft.discarded",
        "mark.changed",
        "box.written",
        "grant.made",
        "grant.removed",
        "assign",
        "unassign",
        "revoke",
        "may_not_see",
        "may_not_see.undone",
        "keys.renewed",
        "set_aside",
        "set_aside.undone",
    }
)

# There is no `box`: the log must not tell which box belongs to which case.
SUBJECTS = frozenset(
    {
        "case",
        "testimony",
        "record",
        "member",
        "roster",
        "grant",
        "checkpoint",
        "packet",
        "file",
        "export",
        "backup",
    }
)

WITNESS, SYSTEM, ROOT = "witness", "system", "root"

MAX_ENTRY = 4_096
MAX_SEQ = 2**53 - 1
MAX_DETAILS = 16
MAX_ITEMS = 32
MAX_TEXT = 200
NONCE_SIZE = 16

Value = str | int | Sequence[str]

_FIELDS = frozenset({"format", "seq", "time", "kind", "actor", "subject", "detail", "nonce"})
_ID = re.compile(r"[0-9a-f]{16,64}")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,31}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True)
class Entry:
    """One entry.

    Attributes:
        seq: place in the tree, from 0.
        time: RFC 3339; a day for a witness, a moment in UTC to the second for a member, either for
            the system and root.
        kind: one of KINDS.
        actor: a member's id, WITNESS, SYSTEM or ROOT.
        subject: ids (16 to 64 hex digits) under keys from SUBJECTS.
        detail: at most 16 texts, integers or lists of texts; no free text of people.
        nonce: 16 random bytes.

    Raises:
        FormatError: one of them is out of its bounds, or all together are over MAX_ENTRY bytes.
    """

    seq: int
    time: str
    kind: str
    actor: str
    subject: Mapping[str, str] = field(default_factory=dict)
    detail: Mapping[str, Value] = field(default_factory=dict)
    nonce: bytes = field(default_factory=lambda: secrets.token_bytes(NONCE_SIZE))
    _leaf: bytes = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Frozen copies: what was checked is what will be encoded.
        object.__setattr__(self, "subject", MappingProxyType(_subject(self.subject)))
        object.__setattr__(self, "detail", MappingProxyType(_detail(self.detail)))
        _check_place(self.seq, self.kind)
        _check_time(self.actor, self.time)
        if len(self.nonce) != NONCE_SIZE:
            raise FormatError(f"a nonce has {NONCE_SIZE} bytes")
        object.__setattr__(self, "_leaf", self._encoded())

    def encode(self) -> bytes:
        """Return the bytes of the leaf: canonical JSON, at most MAX_ENTRY."""
        return self._leaf

    def _encoded(self) -> bytes:
        data = canonical.dumps(
            {
                "format": FORMAT,
                "seq": self.seq,
                "time": self.time,
                "kind": self.kind,
                "actor": self.actor,
                "subject": dict(self.subject),
                "detail": dict(self.detail),
                "nonce": canonical.b64(self.nonce),
            }
        )
        if len(data) > MAX_ENTRY:
            raise FormatError(f"an entry has at most {MAX_ENTRY} bytes")
        return data

    @classmethod
    def parse(cls, data: bytes) -> Entry:
        """Read a leaf, strictly: one spelling, exactly these fields, every bound.

        Raises:
            FormatError: not an entry.
            UnknownVersionError: an entry of another version.
        """
        if len(data) > MAX_ENTRY:
            raise FormatError(f"an entry has at most {MAX_ENTRY} bytes")
        fields = canonical.loads_object(data)
        if fields.get("format") != FORMAT:
            raise UnknownVersionError("entry")
        if fields.keys() != _FIELDS:
            raise FormatError("unexpected or missing field")
        nonce = canonical.unb64(fields["nonce"], NONCE_SIZE)
        taken = {name: fields[name] for name in _FIELDS - {"format", "nonce"}}
        return cls(**taken, nonce=nonce)


def _check_place(seq: Any, kind: Any) -> None:
    if type(seq) is not int or not 0 <= seq <= MAX_SEQ:
        raise FormatError("seq is out of bounds")
    if not isinstance(kind, str) or kind not in KINDS:
        raise FormatError("unknown kind of entry")


def _subject(subject: Any) -> dict[str, str]:
    if not isinstance(subject, Mapping) or not subject.keys() <= SUBJECTS:
        raise FormatError("unknown subject")
    if not all(isinstance(item, str) and _ID.fullmatch(item) for item in subject.values()):
        raise FormatError("a subject is named by its id")
    return dict(subject)


def _detail(detail: Any) -> dict[str, Value]:
    if not isinstance(detail, Mapping) or len(detail) > MAX_DETAILS:
        raise FormatError("too many details")
    if not all(isinstance(key, str) and _KEY.fullmatch(key) for key in detail):
        raise FormatError("not the name of a detail")
    return {key: _value(value) for key, value in detail.items()}


def _value(value: Any) -> Value:
    if type(value) is int:
        return value
    if isinstance(value, list | tuple):
        if len(value) > MAX_ITEMS:
            raise FormatError("a detail lists too much")
        return tuple(_text(item) for item in value)
    return _text(value)


def _text(value: Any) -> str:
    if not isinstance(value, str) or len(value) > MAX_TEXT or _CONTROL.search(value):
        raise FormatError("a detail is a short text, an integer or a list of short texts")
    return value


def _check_time(actor: Any, time: Any) -> None:
    if not isinstance(actor, str) or not isinstance(time, str):
        raise FormatError("actor and time are texts")
    if actor == WITNESS:
        right = _is_day(time)
    elif actor in (SYSTEM, ROOT):
        right = _is_day(time) or _is_moment(time)
    elif _ID.fullmatch(actor):
        right = _is_moment(time)
    else:
        raise FormatError("unknown actor")
    if not right:
        raise FormatError("not a time that this actor's entries carry")


def _is_day(text: str) -> bool:
    """Whether `text` is a real day, written as YYYY-MM-DD."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_moment(text: str) -> bool:
    """Whether `text` is a real moment, written as YYYY-MM-DDTHH:MM:SSZ."""
    try:
        moment = datetime.fromisoformat(text.removesuffix("Z"))
    except ValueError:
        return False
    # The length keeps out fractions of a second and offsets, which would spell themselves back.
    return len(text) == len("YYYY-MM-DDTHH:MM:SSZ") and f"{moment.isoformat()}Z" == text
