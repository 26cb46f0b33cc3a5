"""Adding to a testimony: the page, and beside it what the vault has to hear of it itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vault.consent import instruction as consent
from vault.crypto.receipt import Receipt
from vault.keyring.compartments import Compartment
from vault.letterbox import Letterbox
from vault.packet.build import Beside, Parts, Place, build_addendum, build_instruction, vouch_for
from vault.packet.material import Material
from vault.roster.model import Roster


def put(
    letterbox: Letterbox,
    roster: Roster,
    own: tuple[bytes, Receipt],
    place: Place,
    page: tuple[Mapping[str, Any], Parts, Beside],
) -> str:
    """Put an addendum into the letterbox, with an instruction if it says what is allowed.

    Args:
        letterbox: where packets go.
        roster: verified.
        own: a secret that derives from page and content, so that the same adds once; the receipt.
        place: testimony and newest public keys.
        page: "form", "language", "day" and "number"; answers by compartment; files.

    Returns:
        The addendum's id.

    Raises:
        StorageError: it could not be kept; sent again it is the same.
    """
    content, parts, beside = page
    packet = build_addendum(
        *own, place, roster.collector, content=content, parts=parts, beside=beside
    )
    letterbox.put_packet(packet.encode())
    answers = parts.get(Compartment.ACCOUNT, {})
    if consent.is_concerned(answers):
        made = vouch_for(*own, place.testimony, content=content, parts=parts)
        said = consent.instruction(answers, made), str(content["day"])
        _instruct(letterbox, roster, own, place.testimony, said)
    return packet.id


def _instruct(
    letterbox: Letterbox,
    roster: Roster,
    own: tuple[bytes, Receipt],
    testimony: str,
    said: tuple[dict[str, Any], str],
) -> None:
    """Tell the vault; the id derives from the page, as the answers' does."""
    secret, receipt = own
    instruction, day = said
    beside = Material(secret).bytes_for("consent")
    collector = roster.collector
    packet = build_instruction(
        beside, receipt, testimony, collector, instruction=instruction, day=day
    )
    letterbox.put_packet(packet.encode())
