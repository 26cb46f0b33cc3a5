"""A box of nobody, opened where a receipt has none, so that both answers take about as long.

Whoever forces words out of somebody must not learn from the time of an answer whether they open
anything. The words of this box are forgotten with the process.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vault import clock
from vault.crypto.receipt import Receipt
from vault.errors import NotOpenYetError
from vault.packet import sent
from vault.packet.box import BoxContent
from vault.packet.build import Statement, build_testimony
from vault.packet.material import Material
from vault.packet.open_box import open_box
from vault.roster.model import Roster
from vault.testimony.boxes import box_locator
from vault.testimony.tell import recipients

FORM_WITHOUT_BOX = "victim"


@dataclass(frozen=True)
class _Made:
    receipt: Receipt = field(repr=False)
    box: bytes = field(repr=False)
    sent: bytes = field(repr=False)


class Nobody:
    """Opens a box, and the file beside it, that tell nothing."""

    def __init__(self) -> None:
        self._made: _Made | None = None

    def open_box(self, roster: Roster) -> BoxContent | None:
        """Open the box; without an officer there is none to be like."""
        made = self._get(roster)
        return open_box(made.receipt, made.box) if made else None

    def open_sent(self, roster: Roster) -> None:
        """Open the file of what was sent."""
        if made := self._get(roster):
            sent.open_sent(made.receipt, made.sent)

    def _get(self, roster: Roster) -> _Made | None:
        if self._made is None:
            try:
                self._made = _make(roster)
            except NotOpenYetError:
                return None
        return self._made


def _make(roster: Roster) -> _Made:
    material = Material.generate()
    form = {"id": FORM_WITHOUT_BOX, "version": 1}
    statement = Statement(form, "ru", clock.day(), parts={}, reading_allowed=True)
    packet = build_testimony(material, statement, roster, recipients(roster))
    own = box_locator(material.receipt)
    (first,) = (box for box in packet.boxes if box.locator == own)
    return _Made(material.receipt, first.box, first.sent)
