"""Replies, notes and words about consent: documents signed inside.

So nobody who can merely write to the database forges one. A reply is `witness-vault/reply/v1`
(docs/spec/box.md); a note has the same shape, and so has what a lawyer states about consent
(docs/spec/consent.md).
"""

from __future__ import annotations

from typing import Any

from vault import canonical, clock
from vault.cases.stored import Stored
from vault.crypto import sign
from vault.errors import FormatError
from vault.members.actor import Actor
from vault.packet.box import REPLY_FORMAT
from vault.roster.model import Roster
from vault.roster.roles import WRITER

REPLY, NOTE, CONSENT = "reply", "note", "consent"
FORMATS = {
    REPLY: REPLY_FORMAT,
    NOTE: "witness-vault/note/v1",
    CONSENT: "witness-vault/consent/v1",
}

_FIELDS = {"format", "subject", "id", "author", "day", "number", "text"}


def make_document(
    kind: str, subject: str, actor: Actor, number: int, text: str, record_id: str
) -> dict[str, Any]:
    """Return the content of a staff record: {"document", "signature"}.

    Args:
        kind: REPLY, NOTE or CONSENT.
        subject: case id for a note, testimony id for the others.
        actor: who writes.
        number: 1 for the first of its kind in the case; keeps the order within a day.
        text: as checked by the caller.
        record_id: 16 bytes, hex.
    """
    document = {
        "format": FORMATS[kind],
        "subject": subject,
        "id": record_id,
        "author": actor.id,
        "day": clock.day(),
        "number": number,
        "text": text,
    }
    signature = actor.signing.sign(FORMATS[kind], canonical.dumps(document))
    return {"document": document, "signature": canonical.b64(signature)}


def check_document(
    content: dict[str, Any], kind: str, stored: Stored, roster: Roster
) -> dict[str, Any]:
    """Return the document of an opened staff record.

    Raises:
        FormatError: not one of this kind, of this record, of this subject, or by this author.
        SignatureError: not signed by that member.
    """
    document = content["document"]
    member = roster.member(document["author"])
    expected = (FORMATS[kind], stored.subject, stored.record.id, stored.author)
    named = tuple(document[name] for name in ("format", "subject", "id", "author"))
    if document.keys() != _FIELDS or named != expected or member is None:
        raise FormatError("staff record")
    if WRITER not in member.ever:
        raise FormatError("by somebody whose role writes none")
    if type(document["number"]) is not int or not all(
        isinstance(document[name], str) for name in ("day", "text")
    ):
        raise FormatError("staff record")
    signature = canonical.unb64(content["signature"], sign.SIGNATURE_SIZE)
    sign.verify(member.signing, FORMATS[kind], canonical.dumps(document), signature)
    return dict(document)
