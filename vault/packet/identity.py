"""Identity in the witness's hands: its later keys, and the instructions that release it.

Whoever holds the receipt opens `identity` and nobody else, until they release it to the lawyer who
handles the case. Taking that back begins a new epoch. Its seed comes from the receipt and the
epoch's number, so nothing has to be stored for it and nobody else can make it; whoever held the
earlier seeds opens nothing that is sealed to it. See docs/spec/box.md.

Instructions carry the epoch they speak of, so that the order in which a slot takes them does not
matter: an older one than what stands has no effect.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from vault.crypto import suite
from vault.crypto.receipt import Receipt
from vault.crypto.seal import OpeningKey
from vault.errors import FormatError
from vault.keyring.compartments import Compartment, Seeds
from vault.keyring.grants import Grant, seal_grant
from vault.packet.sent import SentItem, content_digest

FORMAT = "witness-vault/identity/v1"
RELEASE, WITHDRAW = "release", "withdraw"
# Kinds of what was sent; `known` was chosen when telling and is a release as well.
KNOWN, RELEASED, WITHDRAWN = "known", "released", "withdrawn"
# Bounds what a witness can do with one testimony; the last epoch can no longer be released.
MAX_EPOCH = 64

_RELEASE = frozenset({"name", "epoch", "grant"})
_WITHDRAW = frozenset({"name", "epoch"})


@dataclass(frozen=True)
class Release:
    """What a release asks for: at this epoch, keep this grant."""

    epoch: int
    grant: Grant


@dataclass(frozen=True)
class Withdrawal:
    """What a withdrawal asks for: this epoch begins, and nobody else holds anything."""

    epoch: int


def seeds(receipt: Receipt, first: bytes, newest: int) -> Seeds:
    """Return the seeds of `identity` of all epochs up to `newest`.

    Args:
        receipt: whose testimony it is.
        first: seed of epoch 1, from the box's fixed part, 32 bytes.
        newest: 1 to MAX_EPOCH.
    """
    later = range(2, newest + 1)
    made = {number: _derived(receipt, f"epoch/{number}", 32) for number in later}
    return Seeds({(Compartment.IDENTITY, n): seed for n, seed in {1: first, **made}.items()})


def public(receipt: Receipt, first: bytes, newest: int) -> bytes:
    """Return the public key that `identity` is sealed to at an epoch; arguments as for `seeds`."""
    return OpeningKey(seeds(receipt, first, newest).by_epoch[Compartment.IDENTITY, newest]).public


def release_secret(receipt: Receipt, epoch: int, member: str) -> bytes:
    """Return the packet secret of a release: releasing twice to one lawyer is one packet."""
    return _derived(receipt, f"{RELEASE}/{epoch}/{member}", 32)


def withdrawal_secret(receipt: Receipt, epoch: int) -> bytes:
    """Return the packet secret of a withdrawal that begins an epoch."""
    return _derived(receipt, f"{WITHDRAW}/{epoch}", 32)


def release(
    testimony: str, receipt: Receipt, first: bytes, epoch: int, recipient: tuple[str, bytes]
) -> dict[str, Any]:
    """Return the instruction that hands the seeds of all epochs to one lawyer.

    Args:
        testimony: its id.
        receipt: of the box.
        first: seed of epoch 1.
        epoch: the newest.
        recipient: member id and opening public key, from the verified roster.
    """
    grant = seal_grant(testimony, *recipient, seeds(receipt, first, epoch))
    return {"name": RELEASE, "epoch": epoch, "grant": grant.to_json()}


def withdrawal(epoch: int) -> dict[str, Any]:
    """Return the instruction that begins an epoch."""
    return {"name": WITHDRAW, "epoch": epoch}


def parse(testimony: str, instruction: Any) -> Release | Withdrawal:
    """Parse an instruction about identity strictly.

    Raises:
        FormatError: anything else, or a release of more than identity.
    """
    if not isinstance(instruction, dict):
        raise FormatError("instruction")
    name, epoch = instruction.get("name"), instruction.get("epoch")
    if type(epoch) is not int or not 1 <= epoch <= MAX_EPOCH:
        raise FormatError("instruction epoch")
    if name == WITHDRAW and instruction.keys() == _WITHDRAW and epoch > 1:
        return Withdrawal(epoch)
    if name == RELEASE and instruction.keys() == _RELEASE and epoch < MAX_EPOCH:
        grant = Grant.from_json(testimony, instruction["grant"])
        if (grant.compartments, grant.epoch) == ((Compartment.IDENTITY,), epoch):
            return Release(epoch, grant)
    raise FormatError("no instruction of this name is known")


def item(receipt: Receipt, kind: str, epoch: int, packet: str, day: str) -> SentItem:
    """Return the line that the file of what was sent keeps of a choice about identity."""
    return SentItem(kind, day, packet, _digest(receipt, kind, epoch))


@dataclass(frozen=True)
class Standing:
    """What a witness chose last, read from the file of what was sent.

    Args:
        epoch: the newest that was begun from this box.
        released: packets that released it at this epoch, as (packet id, day), oldest first.
        withdrawn: the day on which this epoch began; None for the first.
    """

    epoch: int
    released: tuple[tuple[str, str], ...] = field(repr=False)
    withdrawn: str | None


def standing(receipt: Receipt, items: Iterable[SentItem], at_least: int = 1) -> Standing:
    """Return what stands; `at_least` is the epoch that the box tells of, if it is newer."""
    items = tuple(items)
    begun = {one.digest: one.day for one in items if one.kind == WITHDRAWN}
    own = next(
        (n for n in range(MAX_EPOCH, 1, -1) if _digest(receipt, WITHDRAWN, n) in begun),
        1,
    )
    epoch = max(own, at_least)
    kinds = {_digest(receipt, kind, epoch): kind for kind in (KNOWN, RELEASED)}
    released = [(one.id, one.day) for one in items if kinds.get(one.digest) == one.kind]
    return Standing(epoch, tuple(released), begun.get(_digest(receipt, WITHDRAWN, epoch)))


def _digest(receipt: Receipt, kind: str, epoch: int) -> bytes:
    return content_digest(receipt.entropy, [FORMAT, kind, epoch])


def _derived(receipt: Receipt, use: str, size: int) -> bytes:
    return suite.hkdf(receipt.entropy, f"{FORMAT}/{use}".encode(), size)
