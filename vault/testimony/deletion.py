"""Asking for deletion and stopping it, by the receipt.

A receipt without a box is answered alike: it is remembered beside where a box would be, and there
is nothing to delete.
"""

from __future__ import annotations

from collections.abc import Iterable

from vault import canonical, clock
from vault.crypto import suite
from vault.crypto.receipt import Receipt
from vault.errors import RefusedError
from vault.letterbox import Letterbox
from vault.packet import deletion
from vault.packet.box import BoxContent
from vault.packet.build import build_instruction, packet_id
from vault.packet.deletion import MAX_NUMBER, Standing
from vault.packet.sent import SentItem, content_digest
from vault.testimony import boxes
from vault.testimony.boxes import Deleting


def known(
    content: BoxContent | None, receipt: Receipt, items: Iterable[SentItem], delay_days: int
) -> Deleting:
    """Return what a box shows; `delay_days` is how long it can be stopped."""
    stands = _standing(content, receipt, items)
    due = "" if stands.asked is None else _later(stands.asked, delay_days)
    return Deleting(
        asked=stands.asked,
        due=due,
        late=bool(due) and due < clock.day(),
        stopped=stands.stopped,
        may_ask=stands.asked is None and stands.number < MAX_NUMBER,
        stand=_stand(receipt, stands.number, asked=stands.asked is not None),
    )


def ask(letterbox: Letterbox, receipt: Receipt, stand: str) -> bool:
    """Ask for deletion; once is enough.

    Returns:
        False if the page was older than what stands now: nothing was done.

    Raises:
        RefusedError: it was asked for and stopped too often.
        ErasedError: it was deleted.
        RosterError, StorageError: as when telling.
    """
    content, stands = _read(letterbox, receipt)
    if stands.asked is not None:  # pressed twice
        return _same(stand, _stand(receipt, stands.number - 1, asked=False))
    if not _same(stand, _stand(receipt, stands.number, asked=False)):
        return False
    number = stands.number + 1
    if number > MAX_NUMBER:
        raise RefusedError("asked for and stopped too often")
    _send(letterbox, receipt, content, (deletion.DELETE, deletion.ASKED, number))
    return True


def stop(letterbox: Letterbox, receipt: Receipt, stand: str) -> bool:
    """Stop what was asked for. Returns, and raises, as `ask`."""
    content, stands = _read(letterbox, receipt)
    if stands.asked is None:
        return _same(stand, _stand(receipt, stands.number, asked=True))  # pressed twice
    if not _same(stand, _stand(receipt, stands.number, asked=True)):
        return False
    _send(letterbox, receipt, content, (deletion.KEEP, deletion.STOPPED, stands.number))
    return True


def _send(
    letterbox: Letterbox,
    receipt: Receipt,
    content: BoxContent | None,
    choice: tuple[str, str, int],
) -> None:
    """Put it into the letterbox, and only then remember it: a box claims nothing that was lost."""
    name, kind, number = choice
    secret = deletion.secret(receipt, name, number)
    asks = deletion.delete(receipt, number) if name == deletion.DELETE else deletion.keep(number)
    if content is not None:
        packet = build_instruction(
            secret,
            receipt,
            content.testimony,
            letterbox.roster().collector,
            instruction=asks,
            day=clock.day(),
        )
        letterbox.put_packet(packet.encode())
    line = deletion.item(receipt, kind, number, packet_id(secret), clock.day())
    boxes.remember_sent(letterbox, receipt, line)


def _read(letterbox: Letterbox, receipt: Receipt) -> tuple[BoxContent | None, Standing]:
    content = boxes.read_box(letterbox, receipt)
    return content, _standing(content, receipt, boxes.read_sent(letterbox, receipt))


def _standing(content: BoxContent | None, receipt: Receipt, items: Iterable[SentItem]) -> Standing:
    told = None if content is None else content.current.deletion
    return deletion.standing(receipt, tuple(items), told)


def _stand(receipt: Receipt, number: int, *, asked: bool) -> str:
    """Return what names this position in a form."""
    about = [deletion.FORMAT, "stand", number, "asked" if asked else "not"]
    return canonical.b64(content_digest(receipt.entropy, about))


def _same(given: str, expected: str) -> bool:
    return suite.equal(given.encode(), expected.encode())


def _later(day: str, days: int) -> str:
    return clock.day(clock.seconds_of(day) + days * clock.DAY)
