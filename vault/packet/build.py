"""Packet makers: from answers to the sealed unit that leaves the witness's side.

Pure: the day, the recipients and the secret are passed in, so four makers (the server, the
browser, the offline page, the command line) can make the same bytes but for the seals' randomness.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vault import canonical
from vault.crypto import suite
from vault.crypto.commitment import SALT_SIZE
from vault.crypto.receipt import Receipt
from vault.crypto.seal import OVERHEAD
from vault.errors import RosterError
from vault.keyring.compartments import OF_TESTIMONY, PASSED_ON, Compartment, Seeds
from vault.keyring.epochs import Epoch
from vault.keyring.grants import Grant, seal_grant
from vault.packet import collector, identity, sent
from vault.packet.box import Current, Fixed, locator, seal_fixed
from vault.packet.dating import SALT, commitment_of
from vault.packet.files import Attachment, SealedFile, in_content
from vault.packet.format import Addendum, FirstBox, Header, Instruction, Record, Testimony
from vault.packet.material import Material, account_commitment, collector_commitment
from vault.packet.records import seal_record
from vault.packet.seal_box import BoxPart, seal_boxes
from vault.packet.vouch import vouch
from vault.roster.model import RECOVERY, Roster

Parts = Mapping[Compartment, Mapping[str, Any]]
Attached = Mapping[Compartment, Sequence[Attachment]]


@dataclass(frozen=True)
class Beside:
    """Files that go with a packet: what its records say of them, and the sealed files."""

    attached: Attached = field(default_factory=dict)
    files: tuple[SealedFile, ...] = ()


@dataclass(frozen=True)
class Statement:
    """What a witness sends first.

    Args:
        form: {"id", "version"} of the form.
        language: of the page.
        day: RFC 3339 day; a witness's time is never finer.
        parts: answers by compartment; a missing compartment is sent empty.
        reading_allowed: consent C02; False holds every grant back, sealed to the receipt.
        own_reading: the witness wants to read later what they tell now: a copy of the account's
            answers lies in their box.
        identity_now: those who handle the case may know who the witness is; counts with reading
            allowed only.
        readers: gender of those who may be sealed to; empty for everybody.
        deliver: "slot", or "now" when the witness is in danger.
        beside: files.
    """

    form: Mapping[str, Any]
    language: str
    day: str
    parts: Parts = field(repr=False)
    reading_allowed: bool
    own_reading: bool = False
    identity_now: bool = False
    readers: str = ""
    deliver: str = "slot"
    beside: Beside = field(default_factory=Beside)

    @property
    def known(self) -> bool:
        """Whether identity is given at once."""
        return self.identity_now and self.reading_allowed


@dataclass(frozen=True)
class Place:
    """Where an addendum goes, as the box tells it: the newest public key of each compartment."""

    testimony: str
    publics: Mapping[Compartment, tuple[int, bytes]]


def build_testimony(
    material: Material,
    statement: Statement,
    roster: Roster,
    recipients: tuple[tuple[str, bytes], ...],
) -> Testimony:
    """Seal a testimony.

    Args:
        material: its secrets.
        statement: what the witness says and chose.
        roster: verified and in time; its recovery and collector keys are used, its hash recorded.
        recipients: (member id, opening public key) of the intake officers, as in the roster.

    Raises:
        RosterError: a recipient is not in the roster with this key, or not of the wished gender.
        FormatError: answers without canonical form.
    """
    for who, public in recipients:
        member = roster.member(who)
        if member is None or member.opening != public:
            raise RosterError("a recipient who is not in it")
        if statement.readers not in {"", member.reader_gender}:
            raise RosterError("a recipient of another gender than is wished for")
    header = _header(material, roster)
    everyone = (*recipients, (RECOVERY, roster.recovery))
    grants = _grants(header, {c: material.compartments[c].seed for c in PASSED_ON}, everyone)
    noise = _grants(header, {c: material.bytes_for(f"noise/{c}") for c in PASSED_ON}, everyone)
    named = _grants(header, {Compartment.IDENTITY: _named(material, statement)}, recipients)
    held, given = (((), ()), grants) if statement.reading_allowed else ((grants, noise), ())
    fixed = _fixed_parts(material, header, statement, held)
    contents = _first_contents(material, statement, fixed)
    return Testimony(
        header=header,
        collector=_collector_part(material, header, statement, roster, contents),
        grants=given,
        identity_grants=named if statement.reading_allowed else (),
        records=_first_records(material, header, contents),
        boxes=_first_boxes(material, header, statement, fixed),
        files=statement.beside.files,
    )


def build_addendum(
    secret: bytes,
    receipt: Receipt,
    place: Place,
    collector_public: bytes,
    *,
    content: Mapping[str, Any],
    parts: Parts,
    beside: Beside | None = None,
) -> Addendum:
    """Seal an addendum under a receipt's MAC key.

    Args:
        secret: 32 bytes, fresh for each addendum; equal secrets give equal ids, so that a resend
            is dropped.
        receipt: whose key makes the MACs.
        place: testimony and newest public keys.
        collector_public: from the roster.
        content: {"form", "language", "day", "number"}; the number keeps the order within a day.
        parts: answers by compartment.
        beside: files.
    """
    name = packet_id(secret)
    beside = beside or Beside()
    contents = {
        compartment: {
            **_added(secret, compartment, content, parts),
            **in_content(beside.attached.get(compartment, ())),
        }
        for compartment in OF_TESTIMONY
    }
    part = {
        "day": content["day"],
        "deliver": "slot",
        "commitments": _commitments("addendum", contents),
    }
    records = tuple(
        seal_record(
            place.testimony,
            compartment,
            *place.publics[compartment],
            record_id=_derived(secret, compartment).hex(),
            kind="addendum",
            content=contents[compartment],
            addenda_key=receipt.addenda_key,
        )
        for compartment in OF_TESTIMONY
    )
    sealed = collector.seal_part(collector_public, place.testimony, name, part)
    return Addendum(name, place.testimony, sealed, records, beside.files)


def vouch_for(
    secret: bytes, receipt: Receipt, testimony: str, *, content: Mapping[str, Any], parts: Parts
) -> bytes:
    """Return what vouches for the addendum that `build_addendum` makes of the same."""
    account = _added(secret, Compartment.ACCOUNT, content, parts)
    return vouch(receipt.addenda_key, testimony, account)


def build_instruction(
    secret: bytes,
    receipt: Receipt,
    testimony: str,
    collector_public: bytes,
    *,
    instruction: dict[str, Any],
    day: str,
) -> Instruction:
    """Seal an instruction under a receipt's instruction MAC key."""
    name = packet_id(secret)
    part = collector.instruction_part(receipt, testimony, name, instruction, day)
    return Instruction(
        name, testimony, collector.seal_part(collector_public, testimony, name, part)
    )


def _added(
    secret: bytes, compartment: Compartment, content: Mapping[str, Any], parts: Parts
) -> dict[str, Any]:
    """Return the content of one record of an addendum."""
    return {
        **content,
        "answers": parts.get(compartment, {}),
        SALT: canonical.b64(_derived(secret, f"proof/{compartment}", SALT_SIZE)),
    }


def packet_id(secret: bytes) -> str:
    """Return the id of an addendum or instruction made from a secret, hex."""
    return _derived(secret, "packet").hex()


def _header(material: Material, roster: Roster) -> Header:
    first, second = material.boxes
    return Header(
        publics={name: key.public for name, key in material.compartments.items()},
        account_commitment=account_commitment(
            material.bytes_for("account-salt"),
            (first.public, second.public),
            (material.receipt.addenda_key, material.second.addenda_key),
        ),
        collector_commitment=collector_commitment(
            material.bytes_for("collector-salt"),
            (material.receipt.instructions_key, material.second.instructions_key),
        ),
        roster_version=roster.version,
        roster_hash=roster.hash,
    )


def _grants(
    header: Header, seeds: Mapping[Compartment, bytes], everyone: tuple[tuple[str, bytes], ...]
) -> tuple[Grant, ...]:
    first_epoch = Seeds({(compartment, 1): seed for compartment, seed in seeds.items()})
    return tuple(seal_grant(header.testimony, who, public, first_epoch) for who, public in everyone)


def _named(material: Material, statement: Statement) -> bytes:
    """Return the seed that the identity grants of a packet hold.

    Every packet that may be read carries them; where identity is not given they hold a seed that
    opens nothing, and the vault drops them. So no packet shows what was chosen.
    """
    if statement.known:
        return material.compartments[Compartment.IDENTITY].seed
    return material.bytes_for("noise/identity-grant")


def _fixed_parts(
    material: Material,
    header: Header,
    statement: Statement,
    held: tuple[tuple[Grant, ...], tuple[Grant, ...]],
) -> tuple[BoxPart, BoxPart]:
    """Seal both fixed parts at equal size.

    Whoever forces the second receipt out of a witness must find nothing in it that gives it away.
    Noise is therefore sealed like the real thing (random bytes in place of a seal are told apart:
    an X25519 share never has its top bit set), and a copy of the account is left out.
    """
    own = dict(statement.parts.get(Compartment.ACCOUNT, {})) if statement.own_reading else None
    common = (str(statement.form["id"]), statement.language, statement.day)
    real = Fixed(material.compartments[Compartment.IDENTITY].seed, own, held[0], *common)
    noise = Fixed(material.bytes_for("noise/identity"), None, held[1], *common)
    place = (header.testimony, header.publics)
    first = seal_fixed(material.receipt, *place, real)
    second = seal_fixed(material.second, *place, noise, len(first) - OVERHEAD)
    one, other = material.boxes
    return BoxPart(one.public, first), BoxPart(other.public, second)


def _collector_part(
    material: Material,
    header: Header,
    statement: Statement,
    roster: Roster,
    contents: Mapping[Compartment, Mapping[str, Any]],
) -> bytes:
    keys = (material.receipt.instructions_key, material.second.instructions_key)
    content = {
        "day": statement.day,
        "deliver": statement.deliver,
        "reading": "yes" if statement.reading_allowed else "not_yet",
        "identity": "now" if statement.known else "later",
        "salt": canonical.b64(material.bytes_for("collector-salt")),
        "instructions_keys": [canonical.b64(key) for key in keys],
        "commitments": _commitments("statement", contents),
        "boxes": [canonical.b64(box.public) for box in material.boxes],
    }
    testimony = header.testimony
    return collector.seal_part(roster.collector, testimony, testimony, content)


def _first_contents(
    material: Material, statement: Statement, fixed: tuple[BoxPart, BoxPart]
) -> dict[Compartment, dict[str, Any]]:
    receipts = {
        "salt": canonical.b64(material.bytes_for("account-salt")),
        "boxes": [
            {
                "public": canonical.b64(part.public),
                "fixed": canonical.b64(part.fixed),
                "addenda_key": canonical.b64(receipt.addenda_key),
            }
            for part, receipt in zip(fixed, (material.receipt, material.second), strict=True)
        ],
    }
    return {
        compartment: {
            "form": dict(statement.form),
            "language": statement.language,
            "day": statement.day,
            "answers": dict(statement.parts.get(compartment, {})),
            SALT: canonical.b64(material.bytes_for(f"proof/{compartment}", SALT_SIZE)),
            **in_content(statement.beside.attached.get(compartment, ())),
            **({"receipts": receipts} if compartment is Compartment.ACCOUNT else {}),
        }
        for compartment in OF_TESTIMONY
    }


def _first_records(
    material: Material, header: Header, contents: Mapping[Compartment, dict[str, Any]]
) -> tuple[Record, ...]:
    return tuple(
        seal_record(
            header.testimony,
            compartment,
            1,
            header.publics[compartment],
            record_id=material.record_id(compartment),
            kind="statement",
            content=contents[compartment],
            addenda_key=material.receipt.addenda_key,
        )
        for compartment in OF_TESTIMONY
    )


def _commitments(kind: str, contents: Mapping[Compartment, Mapping[str, Any]]) -> list[str]:
    """Return what the log is to hold of a packet's records: it tells neither what nor whose."""
    made = (commitment_of(name, kind, content) for name, content in contents.items())
    return [canonical.b64(one) for one in made]


def _first_boxes(
    material: Material, header: Header, statement: Statement, fixed: tuple[BoxPart, BoxPart]
) -> tuple[FirstBox, ...]:
    sealed = seal_boxes(header, fixed, Current(statement.day), statement.day)
    content = {name: dict(part) for name, part in statement.parts.items()}
    digest = sent.content_digest(material.secret, content)
    item = sent.SentItem("testimony", statement.day, header.testimony, digest)
    # In the first box alone: the second is that of somebody who chose nothing.
    own = identity.item(material.receipt, identity.KNOWN, 1, header.testimony, statement.day)
    items = ((item, own) if statement.known else (item,), (item,))
    boxes = (
        FirstBox(locator(part.public), box, sent.seal_sent(part.public, lines))
        for part, box, lines in zip(fixed, sealed, items, strict=True)
    )
    return tuple(sorted(boxes, key=lambda first: first.locator))


def _derived(secret: bytes, use: str, size: int = 16) -> bytes:
    return suite.hkdf(secret, f"witness-vault/addendum/v1/{use}".encode(), size)


def newest_publics(
    publics: Mapping[Compartment, bytes], epoch: Epoch | None
) -> dict[Compartment, tuple[int, bytes]]:
    """Return epoch number and public key of each compartment: the first, or a later epoch's.

    Args:
        publics: of epoch 1, from the header or an opened box.
        epoch: a verified later one, or None.
    """
    newest = {name: (1, key) for name, key in publics.items()}
    if epoch is not None:
        newest.update({name: (epoch.number, key) for name, key in epoch.publics.items()})
    return newest
