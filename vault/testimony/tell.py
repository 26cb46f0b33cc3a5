"""Telling: from a page's answers to a sealed packet in the letterbox and a receipt.

Holds no secret of its own. What was typed is sealed inside the request and never kept in clear.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from vault import canonical, clock
from vault.agents.api import SessionAgent
from vault.crypto.receipt import Receipt
from vault.errors import (
    ConflictError,
    FormatError,
    NobodyFitsError,
    NotOpenYetError,
    SealError,
    TooLongError,
)
from vault.forms.model import Forms
from vault.keyring.compartments import Compartment
from vault.letterbox import Letterbox
from vault.packet import box, identity, sent
from vault.packet.build import Beside, Place, Statement, build_testimony
from vault.packet.material import Material
from vault.roster.model import Roster
from vault.roster.roles import INTAKE_OFFICER
from vault.settings import Settings
from vault.testimony import adding, in_flight
from vault.testimony import send_id as ids
from vault.testimony.boxes import remember_sent
from vault.testimony.statement import statement_of

# Bytes of a copy for the witness. With all else of the fixed part it stays under 512 KiB, so that
# two boxes and the account record, which hold that part twice, stay under the packet's bound.
OWN_LIMIT = 480_000


class Outcome(StrEnum):
    """What became of something that was sent."""

    NEW = "new"
    SAME = "same"
    ADDED = "added"
    COPY = "copy"


@dataclass(frozen=True)
class Told:
    """The receipt to show, and what became of the testimony."""

    receipt: Receipt = field(repr=False)
    outcome: Outcome


def recipients(roster: Roster, gender: str = "") -> tuple[tuple[str, bytes], ...]:
    """Return the intake officers who may be sealed to now.

    Args:
        roster: verified and in time.
        gender: that the witness wishes for; empty for no wish.

    Raises:
        NotOpenYetError: there is none.
        NobodyFitsError: none of them is of that gender.
    """
    officers = roster.holders(INTAKE_OFFICER, clock.moment())
    if not officers:
        raise NotOpenYetError
    fitting = tuple(
        (member.id, member.opening)
        for member in officers
        if not gender or member.reader_gender == gender
    )
    if not fitting:
        raise NobodyFitsError
    return fitting


def _with_copy(statement: Statement) -> Statement:
    """Return the statement with a copy for its witness.

    Raises:
        TooLongError: the packet, which holds it several times, could be too large.
    """
    told = canonical.dumps(dict(statement.parts.get(Compartment.ACCOUNT, {})))
    if len(told) > OWN_LIMIT:
        raise TooLongError("copy")
    return dataclasses.replace(statement, own_reading=True)


class Tell:
    """Takes testimonies on the intake side.

    Args:
        letterbox: where packets and boxes go.
        agent: memory-only key.
        forms: the forms as data.
        settings: bounds and times.
    """

    def __init__(
        self, letterbox: Letterbox, agent: SessionAgent, forms: Forms, settings: Settings
    ) -> None:
        self._letterbox = letterbox
        self._agent = agent
        self._forms = forms
        self._settings = settings

    def check_open(self) -> None:
        """Return if testimony can be taken now.

        Raises:
            NotOpenYetError: no intake officer could receive it.
            RosterError, RosterExpiredError: the published roster does not verify or is over.
        """
        recipients(self._letterbox.roster())

    def new_send_id(self) -> str:
        """Return the hidden field of a new form page."""
        return ids.issue(self._agent)

    def receipt_of(self, send_id: str, *, second: bool = False) -> Receipt | None:
        """Return the receipt of a page that was sent, or its second one.

        None when the page is too old. Both are made at every sending; nothing is kept of which was
        asked for.
        """
        judged = ids.read(self._agent, send_id, self._settings.intake.send_valid)
        if not judged.fresh:
            return None
        material = self._material(judged)
        return material.second if second else material.receipt

    def send(
        self,
        form_id: str,
        language: str,
        answers: dict[str, Any],
        send_id: str,
        *,
        unfit: str = "",
        own: bool = False,
    ) -> Told:
        """Seal answers and put them into the letterbox.

        The same page sent again changes nothing and gives the same words; changed text under the
        same page becomes an addendum.

        Args:
            form_id: of the form.
            language: of the page.
            answers: as given.
            send_id: hidden field of the page.
            unfit: the wished gender of which the page said that nobody fits. Then it is held back
                as with "not yet", for whoever may be allowed later.
            own: the witness wants to read later what they tell now.

        Raises:
            NobodyFitsError: nobody fits and the page has not said so; nothing was taken.
            UnknownFormError, InputError: nothing was taken; the page keeps what was typed.
            NotOpenYetError, RosterError: nobody could receive it.
            StorageError: it could not be kept; nothing was half-written.
        """
        form = self._forms.get(form_id)
        statement = statement_of(form, language, answers, self._settings)
        if statement.readers and statement.readers == unfit:
            statement = self._held_back_if_nobody_fits(statement)
        if own:
            statement = _with_copy(statement)
        judged = ids.read(self._agent, send_id, self._settings.intake.send_valid)
        try:
            return self._send(self._material(judged), statement, fresh=judged.fresh)
        except (FormatError, SealError):
            # What was sent from this page is damaged, so a change could not be told from a resend:
            # taken again under new words, nothing is lost.
            return self._send(Material.generate(), statement, fresh=False)

    def _held_back_if_nobody_fits(self, statement: Statement) -> Statement:
        try:
            recipients(self._letterbox.roster(), statement.readers)
        except NobodyFitsError:
            return dataclasses.replace(statement, readers="", reading_allowed=False)
        return statement

    def _material(self, judged: ids.SendId) -> Material:
        if not judged.fresh:
            return Material.generate()
        return Material(ids.secret(self._agent, judged, "testimony"))

    def _send(self, material: Material, statement: Statement, *, fresh: bool) -> Told:
        if self._sent_before(material) is None and self._begin(material, statement):
            return Told(material.receipt, Outcome.NEW if fresh else Outcome.COPY)
        before = in_flight.until(lambda: self._standing(material)) or self._sent_before(material)
        if before is None:
            # Another request took the place and did not end; it may have been its last.
            return self._send(Material.generate(), statement, fresh=False)
        return Told(material.receipt, self._again(material, statement, before))

    def _begin(self, material: Material, statement: Statement) -> bool:
        """Put a testimony into the letterbox; return False if another request was faster."""
        roster = self._letterbox.roster()
        chosen = recipients(roster, statement.readers)
        packet = build_testimony(material, statement, roster, chosen)
        try:
            self._letterbox.put_testimony(packet.encode(), packet.boxes)
        except ConflictError:
            return False
        return True

    def _standing(self, material: Material) -> tuple[sent.SentItem, ...] | None:
        """Return what was sent before once it cannot be undone: with all boxes, not with some."""
        locators = [box.locator(key.public) for key in material.boxes]
        return self._sent_before(material) if self._letterbox.has_boxes(locators) else None

    def _sent_before(self, material: Material) -> tuple[sent.SentItem, ...] | None:
        data = self._letterbox.sent(box.locator(material.boxes[0].public))
        if data is None:
            return None
        items = sent.open_sent(material.receipt, data)
        if not items or items[0].kind != "testimony":
            raise FormatError("what was sent does not begin with the testimony")
        return items

    def _again(
        self, material: Material, statement: Statement, before: tuple[sent.SentItem, ...]
    ) -> Outcome:
        content = {name: dict(part) for name, part in statement.parts.items()}
        digest = sent.content_digest(material.secret, content)
        if any(item.digest == digest for item in before):
            return Outcome.SAME
        roster = self._letterbox.roster()
        # The ids derive from page and content, so that resending the changed text adds it once.
        secret = material.bytes_for(f"again/{digest.hex()}")
        head = {
            "form": statement.form,
            "language": statement.language,
            "day": statement.day,
            "number": len(before),
        }
        own, place = (secret, material.receipt), self._place(material, before)
        packet_id = adding.put(
            self._letterbox, roster, own, place, (head, statement.parts, Beside())
        )
        item = sent.SentItem("addendum", statement.day, packet_id, digest)
        remember_sent(self._letterbox, material.receipt, item)
        return Outcome.ADDED

    def _place(self, material: Material, before: tuple[sent.SentItem, ...]) -> Place:
        """Return where the addendum goes: the keys are this page's own, epoch 1.

        But for identity, which may have been taken back since.
        """
        publics = {name: (1, key.public) for name, key in material.compartments.items()}
        epoch = identity.standing(material.receipt, before).epoch
        first = material.compartments[Compartment.IDENTITY].seed
        named = (epoch, identity.public(material.receipt, first, epoch))
        return Place(before[0].id, {**publics, Compartment.IDENTITY: named})
