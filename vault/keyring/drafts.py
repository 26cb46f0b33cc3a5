"""Drafts: what a member began to write and has not sent, sealed to nobody but themselves. Pure.

The key comes from the member's own opening seed, which lies nowhere unsealed; the testimony's
erasure key wraps it once more, so that deleting that deletes the draft. See docs/spec/draft.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vault import canonical
from vault.crypto import padding, suite
from vault.crypto.seal import OpeningKey
from vault.errors import FormatError
from vault.keyring.grants import WRAP_FORMAT

FORMAT = "witness-vault/draft/v1"
KINDS = ("reply", "note")
MINIMUM = 4096

_FIELDS = frozenset({"saved", "text"})


@dataclass(frozen=True)
class Place:
    """Where a draft belongs: it opens nowhere else.

    Args:
        id: of this saving, 16 random bytes, hex.
        case: case id.
        testimony: id of the testimony whose erasure key wraps it.
        member: whose.
        kind: one of KINDS: what it is to become.
    """

    id: str
    case: str
    testimony: str
    member: str
    kind: str

    def context(self, use: str) -> bytes:
        """Return the additional data of one of the two layers: FORMAT or the erasure format."""
        names = ("id", "case", "testimony", "member", "kind")
        stated = {name: getattr(self, name) for name in names}
        return use.encode() + b"\0" + canonical.dumps(stated)


@dataclass(frozen=True)
class Written:
    """A draft as it was typed.

    Args:
        text: not changed in any way.
        saved: moment of saving, RFC 3339.
    """

    text: str = field(repr=False)
    saved: str


def seal(opening: OpeningKey, erasure_key: bytes, place: Place, written: Written) -> bytes:
    """Return a draft for its place: only its member opens it, and nobody once the key is gone."""
    content = canonical.dumps({"saved": written.saved, "text": written.text})
    padded = padding.pad(content, MINIMUM)
    own = suite.aead_seal(_key(opening), padded, place.context(FORMAT))
    return suite.aead_seal(erasure_key, own, place.context(WRAP_FORMAT))


def open_draft(opening: OpeningKey, erasure_key: bytes, place: Place, stored: bytes) -> Written:
    """Return what was typed.

    Raises:
        FormatError: no draft.
        SealError: changed, moved, of another member, or under another erasure key.
    """
    own = suite.aead_open(erasure_key, stored, place.context(WRAP_FORMAT))
    padded = suite.aead_open(_key(opening), own, place.context(FORMAT))
    value = canonical.loads_object(padding.unpad(padded, MINIMUM), _FIELDS)
    if not all(isinstance(value[name], str) for name in _FIELDS):
        raise FormatError("draft")
    return Written(value["text"], value["saved"])


def _key(opening: OpeningKey) -> bytes:
    return suite.hkdf(opening.seed, FORMAT.encode())
