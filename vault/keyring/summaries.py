"""Summaries: what one member's list shows of one case, sealed to that member. Pure.

Two forms, told apart by their first byte. *Posted*: sealed to the member's public key and signed by
whoever gave the case, who had the account open. *Own*: sealed by the member under a key that only
their opening seed gives; cheap to open, so a list rewrites posted ones. Both name case, testimony
and member in their context, so that none can be moved. See docs/spec/summary.md.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from vault import canonical
from vault.crypto import padding, seal, sign, suite
from vault.errors import FormatError, SignatureError
from vault.keyring.grants import WRAP_FORMAT

FORMAT = "witness-vault/summary/v1"
SIZE = 1024
POSTED, OWN = 0x01, 0x02
POSTED_USE, OWN_USE = f"{FORMAT}/posted", f"{FORMAT}/own"
MAX_LABEL = 80
MAX_URGENCY = 9
SECOND_SIZE = 32

_FIELDS = frozenset(
    {"form", "language", "urgency", "label", "seen", "replies", "files", "waiting", "second"}
)
_CODE = re.compile(r"[A-Za-z0-9_.-]{0,32}")
_LABEL = re.compile(r"[^\x00-\x1f\x7f]{0,80}")

SigningKeyOf = Callable[[str], bytes | None]
"""Returns the public signing key of a member who may post summaries; None for anybody else."""


@dataclass(frozen=True)
class Place:
    """Where a summary belongs: it opens nowhere else.

    Args:
        case: case id.
        testimony: id of the testimony that it sums up, and whose erasure key wraps it.
        member: whose list it stands in.
    """

    case: str
    testimony: str
    member: str

    @cached_property
    def name(self) -> bytes:
        """The place as canonical JSON; what seals and signatures bind."""
        return canonical.dumps(
            {"case": self.case, "testimony": self.testimony, "member": self.member}
        )

    def context(self, use: str) -> bytes:
        """Return the context of one use: POSTED_USE, OWN_USE or the erasure format."""
        return use.encode() + b"\0" + self.name


@dataclass(frozen=True)
class Summary:
    """What a list shows of a case without opening it.

    Args:
        form: form id.
        language: of the page it was written on.
        urgency: codes of the list `urgency`, at most 9.
        label: the member's own words, at most 80 characters; never anything of the testimony.
        seen: how many packets of the witness stood there when the member last looked.
        replies: how many replies stood there then.
        files: how many files had come whole then.
        waiting: the witness had the last word then.
        second: proof key of the second receipt (docs/spec/packet.md), 32 bytes; empty: not known.

    Raises:
        FormatError: one of them is out of its bounds.
    """

    form: str = field(repr=False)
    language: str = field(repr=False)
    urgency: tuple[str, ...] = field(repr=False)
    label: str = field(default="", repr=False)
    seen: int = 0
    replies: int = 0
    files: int = 0
    waiting: bool = True
    second: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        codes = (self.form, self.language, *self.urgency)
        if len(self.urgency) > MAX_URGENCY or not all(_CODE.fullmatch(code) for code in codes):
            raise FormatError("summary codes")
        if not _LABEL.fullmatch(self.label):
            raise FormatError("summary label")
        if min(self.seen, self.replies, self.files) < 0:
            raise FormatError("summary counts")
        if len(self.second) not in {0, SECOND_SIZE}:
            raise FormatError("summary second")

    @classmethod
    def of_account(cls, form: str, language: str, urgency: Iterable[Any]) -> Summary:
        """Return the first summary of an account; what a packet maker made up is left out."""
        codes = [code for code in urgency if isinstance(code, str) and _CODE.fullmatch(code)]
        form, language = (text if _CODE.fullmatch(text) else "" for text in (form, language))
        return cls(form, language, tuple(codes[:MAX_URGENCY]))

    def to_json(self) -> dict[str, Any]:
        """Return the summary as a JSON object."""
        return {name: getattr(self, name) for name in _FIELDS} | {
            "urgency": list(self.urgency),
            "second": canonical.b64(self.second),
        }

    @classmethod
    def from_json(cls, value: Any) -> Summary:
        """Parse strictly; raises FormatError."""
        if not isinstance(value, dict) or value.keys() != _FIELDS:
            raise FormatError("summary")
        urgency = value["urgency"]
        if not isinstance(urgency, list):
            raise FormatError("summary urgency")
        texts = (value["form"], value["language"], value["label"], value["second"], *urgency)
        counts = (value["seen"], value["replies"], value["files"])
        if not all(isinstance(text, str) for text in texts):
            raise FormatError("summary texts")
        if not all(type(n) is int for n in counts) or type(value["waiting"]) is not bool:
            raise FormatError("summary counts")
        second = canonical.unb64(value["second"])
        return cls(**value | {"urgency": tuple(urgency), "second": second})


class Keeper:
    """One member's half: opens what lies in their list, and keeps it anew.

    Args:
        member: id.
        opening: their opening key.
    """

    def __init__(self, member: str, opening: seal.OpeningKey) -> None:
        self._member = member
        self._opening = opening
        self._key = suite.hkdf(opening.seed, OWN_USE.encode())

    def __repr__(self) -> str:
        return f"Keeper({self._member})"

    def place(self, case: str, testimony: str) -> Place:
        """Return the place of a case in this member's list."""
        return Place(case, testimony, self._member)

    def keep(self, place: Place, summary: Summary) -> bytes:
        """Return `summary` sealed in the form *own*."""
        sealed = suite.aead_seal(self._key, _padded(summary.to_json()), place.context(OWN_USE))
        return bytes((OWN,)) + sealed

    def open(self, place: Place, stored: bytes, signing_key_of: SigningKeyOf) -> Summary:
        """Open either form.

        Raises:
            FormatError: no summary, or more or less than one.
            SealError, WrongKeyError: changed, moved, or sealed to somebody else.
            SignatureError: posted by nobody who may.
        """
        form, sealed = stored[:1], stored[1:]
        if form == bytes((OWN,)):
            plain = suite.aead_open(self._key, sealed, place.context(OWN_USE))
            return Summary.from_json(canonical.loads(_unpadded(plain)))
        if form == bytes((POSTED,)):
            plain = self._opening.open(sealed, place.context(POSTED_USE))
            return _signed(place, canonical.loads(_unpadded(plain)), signing_key_of)
        raise FormatError("summary of an unknown form")


def post(
    place: Place, public: bytes, summary: Summary, made_by: str, signing: sign.SigningKey
) -> bytes:
    """Return `summary` in the form *posted*, for a member who does not hold it yet.

    Sealing needs only a public key, and whoever writes to the database has that: the signature is
    what makes it a summary.

    Args:
        place: its member is the recipient.
        public: the recipient's opening key, from the verified roster.
        summary: as the account says.
        made_by: member id of the signer.
        signing: their key.
    """
    document = summary.to_json()
    signature = signing.sign(FORMAT, _statement(place, document))
    content = {"summary": document, "by": made_by, "signature": canonical.b64(signature)}
    return bytes((POSTED,)) + seal.seal(public, place.context(POSTED_USE), _padded(content))


def wrap(erasure_key: bytes, place: Place, sealed: bytes) -> bytes:
    """Wrap a summary under its testimony's erasure key: deleting that deletes it."""
    return suite.aead_seal(erasure_key, sealed, place.context(WRAP_FORMAT))


def unwrap(erasure_key: bytes, place: Place, stored: bytes) -> bytes:
    """Return what `wrap` wrapped.

    Raises:
        FormatError, SealError: not the wrapping of a summary of this place under this key.
    """
    return suite.aead_open(erasure_key, stored, place.context(WRAP_FORMAT))


def is_posted(sealed: bytes) -> bool:
    """Say whether an unwrapped summary is in the form *posted*."""
    return sealed[:1] == bytes((POSTED,))


def _signed(place: Place, value: Any, signing_key_of: SigningKeyOf) -> Summary:
    if not isinstance(value, dict) or value.keys() != {"summary", "by", "signature"}:
        raise FormatError("posted summary")
    if not isinstance(value["by"], str):
        raise FormatError("posted summary")
    public = signing_key_of(value["by"])
    if public is None:
        raise SignatureError("by nobody who may post summaries")
    signature = canonical.unb64(value["signature"], sign.SIGNATURE_SIZE)
    sign.verify(public, FORMAT, _statement(place, value["summary"]), signature)
    return Summary.from_json(value["summary"])


def _statement(place: Place, document: Any) -> bytes:
    """Return what is signed: where the summary belongs, and the summary."""
    return place.name + b"\0" + canonical.dumps(document)


def _padded(content: Any) -> bytes:
    padded = padding.pad(canonical.dumps(content), SIZE)
    if len(padded) != SIZE:
        raise FormatError("summary too long")
    return padded


def _unpadded(padded: bytes) -> bytes:
    if len(padded) != SIZE:
        raise FormatError("summary of another size")
    return padding.unpad(padded, SIZE)
