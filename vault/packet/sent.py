"""The file beside each box: what was sent from it, so that a choice shows at once.

Fixed size, sealed to the box's own key, written by the intake side only. Each item carries a keyed
digest of its content, so that a resend is told from a changed text without keeping the text. The
key is the packet's secret and not the receipt: whoever forces the receipt out of a witness must
not be able to try guesses of what was written. (A choice has nothing to guess: its key is the
receipt.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from vault import canonical
from vault.crypto import padding, seal, suite
from vault.crypto.receipt import Receipt
from vault.errors import FormatError
from vault.packet.box import MAX_SENT, SENT_FORMAT, SENT_SIZE, context

DIGEST_SIZE = 16
ADDENDUM = "addendum"


@dataclass(frozen=True)
class SentItem:
    """One thing sent: kind, day, packet id and a keyed digest of its content."""

    kind: str
    day: str
    id: str
    digest: bytes

    def to_json(self) -> dict[str, Any]:
        """Return the item as a JSON object."""
        digest = canonical.b64(self.digest)
        return {"kind": self.kind, "day": self.day, "id": self.id, "digest": digest}


def content_digest(secret: bytes, content: Any) -> bytes:
    """Return 16 bytes that are equal for equal content sent under the same packet secret."""
    key = suite.hkdf(secret, b"witness-vault/sent/v1/digest")
    return suite.mac(key, canonical.dumps(content))[:DIGEST_SIZE]


def seal_sent(public: bytes, items: tuple[SentItem, ...]) -> bytes:
    """Seal the first item, the newest of each choice and the newest of all, MAX_SENT altogether.

    The first names the testimony, choices say what stands; the size is always the same.
    """
    kept = _kept(items)
    plain = canonical.dumps({"format": SENT_FORMAT, "items": [item.to_json() for item in kept]})
    padded = padding.pad(plain, SENT_SIZE)
    if len(padded) != SENT_SIZE:
        raise FormatError("what was sent does not fit its file")
    return seal.seal(public, context(SENT_FORMAT, public), padded)


def open_sent(receipt: Receipt, sealed: bytes) -> tuple[SentItem, ...]:
    """Open the file of what was sent.

    Raises:
        WrongKeyError, SealError, FormatError: not this receipt's, changed, or not such a file.
    """
    key = seal.OpeningKey(receipt.box_seed)
    plain = padding.unpad(key.open(sealed, context(SENT_FORMAT, key.public)), SENT_SIZE)
    value = canonical.loads_object(plain, frozenset({"format", "items"}))
    if value["format"] != SENT_FORMAT or not isinstance(value["items"], list):
        raise FormatError("sent")
    return tuple(_item(item) for item in value["items"])


def _kept(items: tuple[SentItem, ...]) -> tuple[SentItem, ...]:
    newest = {item.kind: place for place, item in enumerate(items) if item.kind != ADDENDUM}
    always = {0, *newest.values()}
    others = [place for place in range(len(items)) if place not in always]
    kept = always.union(others[max(0, len(others) + len(always) - MAX_SENT) :])
    return tuple(item for place, item in enumerate(items) if place in kept)


def _item(value: Any) -> SentItem:
    if not isinstance(value, dict) or value.keys() != {"kind", "day", "id", "digest"}:
        raise FormatError("sent item")
    kind, day, packet = value["kind"], value["day"], value["id"]
    if not all(isinstance(text, str) for text in (kind, day, packet)):
        raise FormatError("sent item")
    return SentItem(kind, day, packet, canonical.unb64(value["digest"], DIGEST_SIZE))
