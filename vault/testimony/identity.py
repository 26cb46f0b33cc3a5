"""Who the witness is: released to the lawyer who handles the case, and taken back, by the receipt.

The lawyer is the one whom the box names, and only if intake's own verified roster lets that member
be sealed to as a lawyer now: nobody vouches for what a box names. The vault checks the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
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
from vault.packet.sent import content_digest
from vault.roster.model import Roster, RosterMember
from vault.roster.roles import LAWYER
from vault.testimony import boxes
from vault.testimony.boxes import Known, Look


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


def known(seen: Look, roster: Roster) -> Known:
    """Return what a box shows."""
    position = _position(seen, roster)
    return Known(
        may_release=position.may_release and not position.has_it,
        released=position.released,
        withdrawn=None if position.released else position.standing.withdrawn,
        in_effect=position.lawyer is not None and position.lawyer.id in position.holders,
        # Of an unknown receipt and of an unopened box: the same.
        stand=position.stand() if position.lawyer or position.released else "",
    )


def newest_public(seen: Look) -> tuple[int, bytes]:
    """Return the epoch and the public key that `identity` is sealed to now."""
    epoch = identity.standing(seen.receipt, seen.items, _told_epoch(seen.content)).epoch
    return epoch, identity.public(seen.receipt, seen.content.fixed.identity_seed, epoch)


def release(letterbox: Letterbox, seen: Look, stand: str) -> bool:
    """Release identity to the lawyer in charge; once is enough.

    Returns:
        False if the page was older than what stands now: nothing was done.

    Raises:
        RefusedError: nobody is in charge who may be sealed to.
        RosterError, StorageError: as when telling.
    """
    roster = letterbox.roster()
    receipt, content, position = seen.receipt, seen.content, _position(seen, roster)
    lawyer = position.lawyer
    if lawyer is None or not position.may_release:
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
    _send(letterbox, seen, packet, (identity.RELEASED, epoch))
    return True


def withdraw(letterbox: Letterbox, seen: Look, stand: str) -> bool:
    """Take the release back: whoever held identity opens nothing that is added from now on.

    Returns, and raises, as `release`.
    """
    roster = letterbox.roster()
    receipt, position = seen.receipt, _position(seen, roster)
    if position.released is None:
        return suite.equal(stand.encode(), position.stand(back=1).encode())  # pressed twice
    if not suite.equal(stand.encode(), position.stand().encode()):
        return False
    epoch = position.standing.epoch + 1
    packet = build_instruction(
        identity.withdrawal_secret(receipt, epoch),
        receipt,
        seen.content.testimony,
        roster.collector,
        instruction=identity.withdrawal(epoch),
        day=clock.day(),
    )
    _send(letterbox, seen, packet, (identity.WITHDRAWN, epoch))
    return True


def _send(letterbox: Letterbox, seen: Look, packet: Instruction, choice: tuple[str, int]) -> None:
    """Put it into the letterbox, and only then remember it: a box claims nothing that was lost."""
    letterbox.put_packet(packet.encode(), kept=seen.there)
    line = identity.item(seen.receipt, *choice, packet.id, clock.day())
    boxes.remember_sent(letterbox, seen.receipt, line)


def _position(seen: Look, roster: Roster) -> _Position:
    told = _told_epoch(seen.content)
    standing = identity.standing(seen.receipt, seen.items, told)
    # What the vault says of an epoch that is over says nothing about now.
    holders = _holders(seen.content) if told == standing.epoch else {}
    return _Position(seen.receipt, standing, _lawyer(seen.content, roster), holders)


def _told_epoch(content: BoxContent) -> int:
    """Return the epoch that the box tells of; nobody vouches for it, so it is only bounded."""
    epoch = content.current.identity.get("epoch")
    return epoch if type(epoch) is int and 1 <= epoch <= identity.MAX_EPOCH else 1


def _holders(content: BoxContent) -> dict[str, str]:
    listed = content.current.identity.get("released")
    if not isinstance(listed, list):
        return {}
    held = [(item.get("member"), item.get("day")) for item in listed if isinstance(item, dict)]
    return {who: day for who, day in held if isinstance(who, str) and isinstance(day, str)}


def _lawyer(content: BoxContent, roster: Roster) -> RosterMember | None:
    """Return the lawyer in charge whom the roster lets be sealed to now."""
    handlers = content.current.handlers
    named = [item.get("member") for item in handlers if item.get("capacity") == LAWYER]
    if len(named) != 1 or not isinstance(named[0], str):
        return None
    member = roster.member(named[0])
    return member if member is not None and member.holds(LAWYER, clock.moment()) else None
