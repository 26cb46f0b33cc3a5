"""Coming back with the receipt: see the box, add to the testimony.

Whether a box exists is never said. A receipt that opens none shows an ordinary empty box, and what
is added there is not lost: it becomes a new testimony under those words, held back until reading is
allowed. Which questions are asked never depends on the box: every receipt is offered the same
pages, and the page says of which form it is.
"""

from __future__ import annotations

import contextlib
import dataclasses
from typing import Any

from vault import clock
from vault.agents.api import SessionAgent
from vault.consent.items import PAUSED, PAUSED_TOGETHER
from vault.crypto import suite
from vault.crypto.receipt import Receipt
from vault.errors import ConflictError, ErasedError, RefusedError, WitnessVaultError
from vault.forms import answers as checking
from vault.forms.model import Form, Forms
from vault.letterbox import Letterbox
from vault.packet import sent, visit
from vault.packet.build import (
    Beside,
    Parts,
    Statement,
    build_instruction,
    build_testimony,
)
from vault.packet.files import in_content
from vault.packet.format import Instruction
from vault.packet.material import Material
from vault.roster.model import Roster
from vault.settings import Settings
from vault.testimony import adding, boxes, deletion, identity, in_flight
from vault.testimony import send_id as ids
from vault.testimony.nobodys import FOLLOWUP, nobody
from vault.testimony.statement import limits, parts_of
from vault.testimony.tell import Outcome, recipients


class Return:
    """Serves a witness who came back.

    Args:
        letterbox: where boxes lie and packets go.
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
        nobody()  # made now: the first who comes must not wait for it

    def open(self, receipt: Receipt) -> boxes.Box:
        """Return what the box of a receipt shows; an ordinary empty one if there is none.

        Raises:
            SealError, FormatError: a box of that name is there but damaged.
            RosterError: the published roster does not verify.
        """
        roster = self._letterbox.roster()
        try:
            seen = self._look(receipt)
        except ErasedError:
            return boxes.erased(self._letterbox, receipt)
        known = identity.known(seen, roster)
        asked = deletion.known(seen, self._settings.erasure.delay_days)
        rule = self._settings.retention
        kept = boxes.keeping(seen, (rule.years, rule.notice_days))
        shown = boxes.view(seen, roster)
        return dataclasses.replace(shown, identity=known, deletion=asked, keeping=kept)

    def visited(self, receipt: Receipt) -> None:
        """Say that somebody came: one packet a day for each receipt, alike for both of a testimony.

        Where there is no box as much is done, and nothing is left. What fails here keeps nobody
        from their box.
        """
        with contextlib.suppress(WitnessVaultError):
            roster = self._letterbox.roster()
            seen = self._look(receipt)
            packet = _visit(receipt, seen.content.testimony, roster)
            self._letterbox.put_visit(packet.id, packet.encode(), kept=seen.there)

    def check(self, receipt: Receipt) -> None:
        """Return if something can be added under these words; takes as long without a box.

        Raises:
            ErasedError: it was deleted.
            SealError, FormatError: a box of that name is there but damaged.
            RosterError: the published roster does not verify.
        """
        self._letterbox.roster()
        self._look(receipt)

    def new_send_id(self) -> str:
        """Return the hidden field of a new page."""
        return ids.issue(self._agent)

    def add(
        self,
        receipt: Receipt,
        language: str,
        answers: dict[str, Any],
        send_id: str,
        form_id: str = FOLLOWUP,
    ) -> Outcome:
        """Seal an addendum and put it into the letterbox; the same page again changes nothing.

        Args:
            receipt: whose testimony.
            language: of the page.
            answers: as given.
            send_id: hidden field of the page.
            form_id: whose page it is.

        Raises:
            InputError, UnknownFormError: nothing was taken; the page keeps what was typed.
            NotOpenYetError, RosterError, StorageError: as when telling.
        """
        return self._once(receipt, (language, answers, send_id), self._forms.get(form_id))

    def attach(self, receipt: Receipt, language: str, beside: Beside, send_id: str) -> Outcome:
        """Send files; the same page again changes nothing. Raises as `add`."""
        form = self._forms.get(FOLLOWUP)
        return self._once(receipt, (language, {}, send_id), form, beside=beside)

    def pause(self, receipt: Receipt, language: str, send_id: str) -> Outcome:
        """Pause everything that goes further than those who handle the case; once is enough.

        It is said to each item, so that answering one anew undoes it for that one.

        Raises:
            NotOpenYetError, RosterError, StorageError: as when telling.
        """
        seen = self._look(receipt)
        if seen.items and seen.items[-1].kind == boxes.PAUSED:
            return Outcome.SAME
        answers = {"consent": dict.fromkeys(PAUSED_TOGETHER, PAUSED)}
        form = self._forms.get(FOLLOWUP)
        return self._once(receipt, (language, answers, send_id), form, boxes.PAUSED)

    def _once(
        self,
        receipt: Receipt,
        page: tuple[str, dict[str, Any], str],
        form: Form,
        kind: str | None = None,
        beside: Beside | None = None,
    ) -> Outcome:
        beside = beside or Beside()
        try:
            return self._add(receipt, page, form, kind, beside)
        except ConflictError:
            # The same page is on its way in another request, which makes the box.
            if in_flight.until(lambda: self._look(receipt).there or None) is None:
                raise
            return self._add(receipt, page, form, kind, beside)

    def _add(
        self,
        receipt: Receipt,
        page: tuple[str, dict[str, Any], str],
        form: Form,
        kind: str | None,
        beside: Beside,
    ) -> Outcome:
        language, answers, send_id = page
        roster = self._letterbox.roster()
        seen = self._look(receipt)
        checked = checking.check(form, answers, limits(self._settings), whole=False)
        kind = kind or (boxes.CONSENT if checked.get("consent") else sent.ADDENDUM)
        parts = parts_of(form, checked)
        judged = ids.read(self._agent, send_id, self._settings.intake.send_valid)
        secret = (
            ids.secret(self._agent, judged, "addendum")
            if judged.fresh
            else Material.generate().secret
        )
        said = {name: dict(part) for name, part in parts.items()}
        for name, attachments in beside.attached.items():
            said.setdefault(name, {}).update(in_content(attachments))
        digest = sent.content_digest(secret, said)
        if any(item.digest == digest for item in seen.items):
            return Outcome.SAME
        if not seen.there:
            material = _ReturnedMaterial(secret, receipt)
            packet_id = self._begin(material, (form, language), (parts, beside), roster)
        else:
            # Ids derive from page and content, so that changed text of one page is kept as well.
            own = Material(secret).bytes_for(f"again/{digest.hex()}")
            packet_id = self._continue(own, seen, (form, language), (parts, beside), roster)
        # The same line for both: whether there was a box before is not to be seen here either.
        item = sent.SentItem(kind, clock.day(), packet_id, digest)
        boxes.remember_sent(self._letterbox, receipt, item)
        return Outcome.NEW

    def allow(self, receipt: Receipt) -> Outcome:
        """Allow reading: take the held grants out of the box and send them; once is enough.

        Raises:
            RefusedError: nothing is held back in this box.
            RosterError, StorageError: as when telling.
        """
        roster = self._letterbox.roster()
        seen = self._look(receipt)
        held = seen.content.fixed.held
        if not held:
            raise RefusedError("nothing is held back")
        if any(item.kind == boxes.ALLOWED for item in seen.items):
            return Outcome.SAME
        packet = build_instruction(
            # From the receipt, so that allowing twice is one instruction.
            suite.hkdf(receipt.entropy, b"witness-vault/allow/v1"),
            receipt,
            seen.content.testimony,
            roster.collector,
            instruction={"name": "allow", "grants": [grant.to_json() for grant in held]},
            day=clock.day(),
        )
        self._letterbox.put_packet(packet.encode())
        digest = sent.content_digest(receipt.entropy, boxes.ALLOWED)
        item = sent.SentItem(boxes.ALLOWED, clock.day(), packet.id, digest)
        boxes.remember_sent(self._letterbox, receipt, item)
        return Outcome.NEW

    def release(self, receipt: Receipt, stand: str) -> bool:
        """Release identity to the lawyer in charge; see `identity.release`."""
        return identity.release(self._letterbox, self._look(receipt), stand)

    def withdraw(self, receipt: Receipt, stand: str) -> bool:
        """Take the release of identity back; see `identity.withdraw`."""
        return identity.withdraw(self._letterbox, self._look(receipt), stand)

    def delete(self, receipt: Receipt, stand: str) -> bool:
        """Ask for deletion; see `deletion.ask`."""
        return deletion.ask(self._letterbox, self._look(receipt), stand)

    def keep(self, receipt: Receipt, stand: str) -> bool:
        """Stop a deletion; see `deletion.stop`."""
        return deletion.stop(self._letterbox, self._look(receipt), stand)

    def _look(self, receipt: Receipt) -> boxes.Look:
        return boxes.look(self._letterbox, receipt)

    def _continue(
        self,
        secret: bytes,
        seen: boxes.Look,
        page: tuple[Form, str],
        said: tuple[Parts, Beside],
        roster: Roster,
    ) -> str:
        form, language = page
        content = {
            "form": {"id": form.id, "version": form.version},
            "language": language,
            "day": clock.day(),
            "number": len(seen.items),
        }
        own = (secret, seen.receipt)
        place = boxes.place(seen.content, roster, identity.newest_public(seen))
        return adding.put(self._letterbox, roster, own, place, (content, *said))

    def _begin(
        self,
        material: Material,
        page: tuple[Form, str],
        said: tuple[Parts, Beside],
        roster: Roster,
    ) -> str:
        (form, language), (parts, beside) = page, said
        statement = Statement(
            form={"id": form.id, "version": form.version},
            language=language,
            day=clock.day(),
            parts=parts,
            reading_allowed=False,  # nobody was asked on this page, and silence means no
            beside=beside,
        )
        packet = build_testimony(material, statement, roster, recipients(roster))
        self._letterbox.put_testimony(packet.encode(), packet.boxes)
        return packet.id


def _visit(receipt: Receipt, testimony: str, roster: Roster) -> Instruction:
    day = clock.day()
    return build_instruction(
        visit.secret(receipt, day),
        receipt,
        testimony,
        roster.collector,
        instruction=visit.instruction(receipt, testimony, day),
        day=day,
    )


class _ReturnedMaterial(Material):
    """Material of a testimony under words that the witness already has."""

    def __init__(self, secret: bytes, receipt: Receipt) -> None:
        super().__init__(secret)
        self.__dict__["receipt"] = receipt
