"""Asking for deletion and stopping it, by the receipt.

Words without a box are answered alike, after the same work: it is remembered beside where a box
would be, and nothing waits in the letterbox.
"""

from __future__ import annotations

from vault import canonical, clock
from vault.crypto import suite
from vault.crypto.receipt import Receipt
from vault.errors import RefusedError
from vault.letterbox import Letterbox
from vault.packet import deletion
from vault.packet.build import build_instruction
from vault.packet.deletion import MAX_NUMBER, Standing
from vault.packet.sent import content_digest
from vault.testimony import boxes
from vault.testimony.boxes import Deleting, Look


def known(seen: Look, delay_days: int) -> Deleting:
    """Return what a box shows; `delay_days` is how long it can be stopped."""
    stands = _standing(seen)
    due = "" if stands.asked is None else _later(stands.asked, delay_days)
    return Deleting(
        asked=stands.asked,
        due=due,
        late=bool(due) and due < clock.day(),
        stopped=stands.stopped,
        may_ask=stands.asked is None and stands.number < MAX_NUMBER,
        stand=_stand(seen.receipt, stands.number, asked=stands.asked is not None),
    )


def ask(letterbox: Letterbox, seen: Look, stand: str) -> bool:
    """Ask for deletion; once is enough.

    Returns:
        False if the page was older than what stands now: nothing was done.

    Raises:
        RefusedError: it was asked for and stopped too often.
        RosterError, StorageError: as when telling.
    """
    receipt, stands = seen.receipt, _standing(seen)
    if stands.asked is not None:  # pressed twice
        return _same(stand, _stand(receipt, stands.number - 1, asked=False))
    if not _same(stand, _stand(receipt, stands.number, asked=False)):
        return False
    number = stands.number + 1
    if number > MAX_NUMBER:
        raise RefusedError("asked for and stopped too often")
    _send(letterbox, seen, (deletion.DELETE, deletion.ASKED, number))
    return True


def stop(letterbox: Letterbox, seen: Look, stand: str) -> bool:
    """Stop what was asked for. Returns, and raises, as `ask`."""
    receipt, stands = seen.receipt, _standing(seen)
    if stands.asked is None:
        return _same(stand, _stand(receipt, stands.number, asked=True))  # pressed twice
    if not _same(stand, _stand(receipt, stands.number, asked=True)):
        return False
    _send(letterbox, seen, (deletion.KEEP, deletion.STOPPED, stands.number))
    return True


def _send(letterbox: Letterbox, seen: Look, choice: tuple[str, str, int]) -> None:
    """Put it into the letterbox, and only then remember it: a box claims nothing that was lost."""
    name, kind, number = choice
    receipt, secret = seen.receipt, deletion.secret(seen.receipt, name, number)
    asks = deletion.delete(receipt, number) if name == deletion.DELETE else deletion.keep(number)
    packet = build_instruction(
        secret,
        receipt,
        seen.content.testimony,
        letterbox.roster().collector,
        instruction=asks,
        day=clock.day(),
    )
    letterbox.put_packet(packet.encode(), kept=seen.there)
    line = deletion.item(receipt, kind, number, packet.id, clock.day())
    boxes.remember_sent(letterbox, receipt, line)


def _standing(seen: Look) -> Standing:
    return deletion.standing(seen.receipt, seen.items, seen.content.current.deletion)


def _stand(receipt: Receipt, number: int, *, asked: bool) -> str:
    """Return what names this position in a form."""
    about = [deletion.FORMAT, "stand", number, "asked" if asked else "not"]
    return canonical.b64(content_digest(receipt.entropy, about))


def _same(given: str, expected: str) -> bool:
    return suite.equal(given.encode(), expected.encode())


def _later(day: str, days: int) -> str:
    return clock.day(clock.seconds_of(day) + days * clock.DAY)
