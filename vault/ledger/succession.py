"""The log goes on under another key: the entry by which one key names the next.

A log keeps its name for ever, its key may change. The entry `key.changed` states the new key, and
carries a signature of the key before over both. So whoever was handed the log's
first key can follow to the newest by the log alone, and whoever only writes to the database cannot
make the log follow a key of theirs. The checkpoint that first covers such an entry is signed by
both keys; every later one by the new key alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from vault import canonical
from vault.crypto.sign import SIGNATURE_SIZE, SigningKey, verify
from vault.errors import FormatError, LedgerError, SignatureError
from vault.ledger.entry import Entry, Value
from vault.ledger.note import NoteVerifier

FORMAT = "witness-vault/ledger-key/v1"
KIND, WHICH = "key.changed", "ledger"

_MARK = f'"kind":"{KIND}"'.encode()


def statement(origin: str, before: bytes, after: bytes) -> bytes:
    """Return what the key before signs: that this log goes on under the key after."""
    stated = {"origin": origin, "before": canonical.b64(before), "public": canonical.b64(after)}
    return canonical.dumps(stated)


def detail(origin: str, before: SigningKey, after: bytes) -> dict[str, Value]:
    """Return the detail of the entry by which `before` names the public key `after`."""
    signature = before.sign(FORMAT, statement(origin, before.public, after))
    return {
        "key": WHICH,
        "public": after.hex(),
        "signature": canonical.b64(signature),
    }


@dataclass(frozen=True)
class Succession:
    """Which key signs a checkpoint of which size.

    Attributes:
        first: the key until the first change.
        changes: from which size on which key signs, growing.
    """

    first: NoteVerifier
    changes: tuple[tuple[int, NoteVerifier], ...] = ()

    def at(self, size: int) -> NoteVerifier:
        """Return the key that must have signed a checkpoint of this size."""
        return next((key for begin, key in reversed(self.changes) if begin <= size), self.first)


def may_change(leaf: bytes) -> bool:
    """Say at sight whether an entry can be one that changes a key; `follow` says if it is."""
    return _MARK in leaf


def follow(current: NoteVerifier, leaf: bytes, seq: int) -> NoteVerifier | None:
    """Return the key that an entry names; None if it is no change of the log's key.

    Raises:
        LedgerError: the current key did not sign it.
    """
    try:
        stated = Entry.parse(leaf)
        if (stated.kind, stated.detail.get("key")) != (KIND, WHICH):
            return None
        after = NoteVerifier(current.name, bytes.fromhex(str(stated.detail.get("public"))))
        message = statement(current.name, current.public_key, after.public_key)
        signature = canonical.unb64(stated.detail.get("signature"), SIGNATURE_SIZE)
        verify(current.public_key, FORMAT, message, signature)
    except (FormatError, SignatureError, ValueError):
        what = f"entry {seq}: a change of the log's key that the key before did not sign"
        raise LedgerError(what, seq=seq) from None
    return after
