"""Who the witness is: released to the lawyer who handles the case, and taken back, by the receipt.

The lawyer is the one whom the box names, and only if intake's own verified roster lets that member
be sealed to as a lawyer now: nobody vouches for what a box names. The vault checks the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from vault import canonical, clock
from vault.crypto import suite
from vault.crypto.receipt import Receipt
from vault.errors import RefusedError
from vault.letterbox import Letterbox
from vault.packet import identity
from vault.packet.box import BoxContent
from vault.packet.build import build_instruction, packet_id
from vault.packet.format import Instruction
from vault.packet.sent import SentItem, content_digest
from vault.roster.model import Roster, RosterMember
from vault.roster.roles import LAWYER
from vault.testimony import boxes
from vault.testimony.boxes import Known


@dataclass(frozen=True)
class _Position:
    """What was chosen, who is in charge, and to whom the vault says it gave identity."""

    receipt: Receipt
    standing: identity.Standing
    lawyer: RosterMember | None
    holders: Mapping[str, str]

    @property
    def released(self) -> str | None:
        days = (*(day for _, day in self.standing.released), *self.holders.values())
        return max(days, default=None)

    @property
    def has_it(self) -> bool:
        """Whether the lawyer in charge was given it, or will be at the next slot."""
        if self.lawyer is None or self.lawyer.id in self.holders:
            return self.lawyer is not None
        secret = identity.release_secret(self.receipt, self.standing.epoch, self.lawyer.id)
        return packet_id(secret) in dict(self.standing.released)

    @property
    def may_release(self) -> bool:
        return self.lawyer is not None and self.standing.epoch < identity.MAX_EPOCH

    def stand(self, back: int = 0) -> str:
        """Return what names this position in a form: the epoch and the lawyer."""
        lawyer = "" if self.lawyer is None else self.lawyer.id
        about = [identity.FORMAT, "stand", self.standing.epoch - back, lawyer]
        return canonical.b64(content_digest(self.receipt.entropy, about))


def known(
    content: BoxContent | None, receipt: Receipt, items: Iterable[SentItem], roster: Roster
) -> Known:
    """Return what a box shows."""
    position = _position(content, receipt, items, roster)
    return Known(
        may_release=position.may_release and not position.has_it,
        released=position.released,
        withdrawn=None if position.released else position.standing.withdrawn,
        in_effect=position.lawyer is not None and position.lawyer.id in position.holders,
        # Of an unknown receipt and of an unopened box: the same.
        stand=position.stand() if position.lawyer or position.released else "",
    )


def newest_public(
    content: BoxContent, receipt: Receipt, items: Iterable[SentItem]
) -> tuple[int, bytes]:
    """Return the epoch and the public key that `identity` is sealed to now."""
    epoch = identity.standing(receipt, items, _told_epoch(content)).epoch
    return epoch, identity.public(receipt, content.fixed.identity_seed, epoch)


def release(letterbox: Letterbox, receipt: Receipt, stand: str) -> bool:
    """Release identity to the lawyer in charge; once is enough.

    Returns:
        False if the page was older than what stands now: nothing was done.

    Raises:
        RefusedError: there is no box, or nobody in charge who may be sealed to.
        RosterError, StorageError: as when telling.
    """
    roster = letterbox.roster()
    content, position = _read(letterbox, receipt, roster)
    lawyer = position.lawyer
    if content is None or lawyer is None or not position.may_release:
        raise RefusedError("nobody to release it to")
    if not suite.equal(stand.encode(), position.stand().encode()):
        return False
    if position.has_it:
        return True
    epoch, first = position.standing.epoch, content.fixed.identity_seed
    recipient = (lawyer.id, lawyer.opening)
    instruction = identity.release(content.testimony, receipt, first, epoch, recipient)
    secret = identity.release_secret(receipt, epoch, lawyer.id)
    packet = build_instruction(
        secret,
        receipt,
        content.testimony,
        roster.collector,
        instruction=instruction,
        day=clock.day(),
    )
    _send(letterbox, receipt, packet, (identity.RELEASED, epoch))
    return True


def withdraw(letterbox: Letterbox, receipt: Receipt, stand: str) -> bool:
    """Take the release back: whoever held identity opens nothing that is added from now on.

    Returns, and raises, as `release`.
    """
    roster = letterbox.roster()
    content, position = _read(letterbox, receipt, roster)
    if content is None:
        raise RefusedError("nothing was released")
    if position.released is None:
        return suite.equal(stand.encode(), position.stand(back=1).encode())  # pressed twice
    if not suite.equal(stand.encode(), position.stand().encode()):
        return False
    epoch = position.standing.epoch + 1
    packet = build_instruction(
        identity.withdrawal_secret(receipt, epoch),
        receipt,
        content.testimony,
        roster.collector,
        instruction=identity.withdrawal(epoch),
        day=clock.day(),
    )
    _send(letterbox, receipt, packet, (identity.WITHDRAWN, epoch))
    return True


def _send(
    letterbox: Letterbox, receipt: Receipt, packet: Instruction, choice: tuple[str, int]
) -> None:
    """Put it into the letterbox, and only then remember it: a box claims nothing that was lost."""
    letterbox.put_packet(packet.encode())
    boxes.remember_sent(letterbox, receipt, identity.item(receipt, *choice, packet.id, clock.day()))


def _read(
    letterbox: Letterbox, receipt: Receipt, roster: Roster
) -> tuple[BoxContent | None, _Position]:
    content = boxes.read_box(letterbox, receipt)
    items = boxes.read_sent(letterbox, receipt)
    return content, _position(content, receipt, items, roster)


def _position(
    content: BoxContent | None, receipt: Receipt, items: Iterable[SentItem], roster: Roster
) -> _Position:
    told = _told_epoch(content)
    standing = identity.standing(receipt, items, told)
    # What the vault says of an epoch that is over says nothing about now.
    holders = _holders(content) if told == standing.epoch else {}
    return _Position(receipt, standing, _lawyer(content, roster), holders)


def _told_epoch(content: BoxContent | None) -> int:
    """Return the epoch that the box tells of; nobody vouches for it, so it is only bounded."""
    epoch = 1 if content is None else content.current.identity.get("epoch")
    return epoch if type(epoch) is int and 1 <= epoch <= identity.MAX_EPOCH else 1


def _holders(content: BoxContent | None) -> dict[str, str]:
    listed = [] if content is None else content.current.identity.get("released")
    if not isinstance(listed, list):
        return {}
    held = [(item.get("member"), item.get("day")) for item in listed if isinstance(item, dict)]
    return {who: day for who, day in held if isinstance(who, str) and isinstance(day, str)}


def _lawyer(content: BoxContent | None, roster: Roster) -> RosterMember | None:
    """Return the lawyer in charge whom the roster lets be sealed to now."""
    handlers = () if content is None else content.current.handlers
    named = [item.get("member") for item in handlers if item.get("capacity") == LAWYER]
    if len(named) != 1 or not isinstance(named[0], str):
        return None
    member = roster.member(named[0])
    return member if member is not None and member.holds(LAWYER, clock.moment()) else None
