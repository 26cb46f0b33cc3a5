"""The three files of recovery, to and from bytes. Specification: docs/spec/recovery.md.

    request  made by the vault, carried to the trustees: recovery grants as sealed, signed rosters
    answer   made offline by k trustees: grants sealed to one member
    key      made offline at the yearly ceremony: the public half of a new recovery key

None of them holds a secret. All are canonical JSON and read strictly; parsing proves nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from vault import canonical
from vault.crypto import seal, sign, suite
from vault.errors import FormatError, UnknownVersionError
from vault.keyring.grants import Grant
from vault.packet.format import Header

REQUEST = "witness-vault/recovery-request/v1"
ANSWER = "witness-vault/recovery-answer/v1"
KEY = "witness-vault/recovery-key/v1"
MAX_FILE = 256 * 1024 * 1024
MAX_SUBJECTS = 50_000
MAX_VERSIONS = 10_000
MAX_EPOCHS = 400
MAX_GRANTS = 400

_ID = re.compile(r"[0-9a-f]{32}")
_SUBJECT = re.compile(r"[0-9a-f]{32}|[0-9a-f]{64}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_REQUEST = frozenset({"format", "log", "id", "day", "recipient", "chain", "subjects"})
_SUBJECT_FIELDS = frozenset({"subject", "header", "epochs", "grants"})
_EPOCH = frozenset({"document", "signature"})
_ANSWER = frozenset({"format", "request", "digest", "recipient", "grants"})
_KEY = frozenset({"format", "public", "proof_key", "threshold", "shares", "day", "proof"})


@dataclass(frozen=True)
class Subject:
    """One testimony, or one case for its `work`, whose keys are asked for.

    Attributes:
        subject: testimony or case id.
        header: of a testimony; its hash is the id. None for a case.
        epochs: signed epoch documents, as (canonical JSON, signature).
        grants: to "recovery", as they were sealed.
    """

    subject: str
    header: Header | None
    epochs: tuple[tuple[bytes, bytes], ...]
    grants: tuple[Grant, ...]

    def to_json(self) -> dict[str, Any]:
        """Return it as it stands in a request."""
        return {
            "subject": self.subject,
            "header": None if self.header is None else self.header.to_json(),
            "epochs": [
                {"document": canonical.loads(document), "signature": canonical.b64(signature)}
                for document, signature in self.epochs
            ],
            "grants": [grant.to_json() for grant in self.grants],
        }

    @classmethod
    def from_json(cls, value: Any) -> Subject:
        """Parse strictly; raises FormatError."""
        _fields(value, _SUBJECT_FIELDS)
        subject, header = _matching(_SUBJECT, value["subject"]), value["header"]
        epochs = [_fields(item, _EPOCH) for item in _listed(value["epochs"], MAX_EPOCHS)]
        return cls(
            subject,
            None if header is None else Header.from_json(header),
            tuple(
                (
                    canonical.dumps(item["document"]),
                    canonical.unb64(item["signature"], sign.SIGNATURE_SIZE),
                )
                for item in epochs
            ),
            tuple(Grant.from_json(subject, item) for item in _listed(value["grants"], MAX_GRANTS)),
        )


@dataclass(frozen=True)
class Request:
    """What the vault asks of the trustees.

    Attributes:
        log: whose: the first 16 bytes of SHA-256 of the log's name, hex.
        id: 16 random bytes, hex; the access log names it.
        day: when it was made.
        recipient: id of the member to whom keys are to be sealed.
        chain: all signed rosters, oldest first.
        subjects: sorted by id, each once.
    """

    log: str
    id: str
    day: str
    recipient: str
    chain: tuple[bytes, ...] = field(repr=False)
    subjects: tuple[Subject, ...] = field(repr=False)

    @cached_property
    def data(self) -> bytes:
        """The file."""
        return canonical.dumps(
            {
                "format": REQUEST,
                "log": self.log,
                "id": self.id,
                "day": self.day,
                "recipient": self.recipient,
                "chain": [line.decode() for line in self.chain],
                "subjects": [subject.to_json() for subject in self.subjects],
            }
        )

    @property
    def digest(self) -> bytes:
        """SHA-256 of the file: what an answer answers."""
        return suite.sha256(self.data)

    @classmethod
    def parse(cls, data: bytes) -> Request:
        """Read a request.

        Raises:
            FormatError, UnknownVersionError: it is none, or of another version.
        """
        value = _document(data, REQUEST, _REQUEST)
        chain = _listed(value["chain"], MAX_VERSIONS)
        if not all(isinstance(line, str) for line in chain):
            raise FormatError("chain")
        subjects = [Subject.from_json(item) for item in _listed(value["subjects"], MAX_SUBJECTS)]
        _check_sorted([subject.subject for subject in subjects])
        return cls(
            log=_matching(_ID, value["log"]),
            id=_matching(_ID, value["id"]),
            day=_matching(_DAY, value["day"]),
            recipient=_matching(_ID, value["recipient"]),
            chain=tuple(line.encode() for line in chain),
            subjects=tuple(subjects),
        )


@dataclass(frozen=True)
class Answer:
    """What k trustees give back: grants of one member, one for each subject.

    Attributes:
        request: id of the request.
        digest: SHA-256 of the request's file.
        recipient: member id.
        grants: sorted by subject, each once.
    """

    request: str
    digest: bytes
    recipient: str
    grants: tuple[Grant, ...]

    def encode(self) -> bytes:
        """Return the file."""
        return canonical.dumps(
            {
                "format": ANSWER,
                "request": self.request,
                "digest": canonical.b64(self.digest),
                "recipient": self.recipient,
                "grants": [
                    {"subject": grant.subject, "grant": grant.to_json()} for grant in self.grants
                ],
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> Answer:
        """Read an answer.

        Raises:
            FormatError, UnknownVersionError: it is none, or of another version.
        """
        value = _document(data, ANSWER, _ANSWER)
        items = [
            _fields(item, frozenset({"subject", "grant"}))
            for item in _listed(value["grants"], MAX_SUBJECTS)
        ]
        grants = [Grant.from_json(_matching(_SUBJECT, i["subject"]), i["grant"]) for i in items]
        _check_sorted([grant.subject for grant in grants])
        return cls(
            request=_matching(_ID, value["request"]),
            digest=canonical.unb64(value["digest"], 32),
            recipient=_matching(_ID, value["recipient"]),
            grants=tuple(grants),
        )


@dataclass(frozen=True)
class PublicKey:
    """The public half of a new recovery key, and whether it was put together from its shares.

    Attributes:
        public: 1,216 bytes.
        proof_key: Ed25519 key that comes from the same secret.
        threshold: how many shares are needed.
        shares: how many there are.
        day: when it was made.
        proof: signature by `proof_key` over all of this; None until shares were typed from paper.
    """

    public: bytes
    proof_key: bytes
    threshold: int
    shares: int
    day: str
    proof: bytes | None = None

    def _stated(self) -> dict[str, Any]:
        return {
            "format": KEY,
            "public": canonical.b64(self.public),
            "proof_key": canonical.b64(self.proof_key),
            "threshold": self.threshold,
            "shares": self.shares,
            "day": self.day,
        }

    def statement(self) -> bytes:
        """Return what the proof signs."""
        return canonical.dumps(self._stated())

    def encode(self) -> bytes:
        """Return the file."""
        proof = None if self.proof is None else canonical.b64(self.proof)
        return canonical.dumps({**self._stated(), "proof": proof})

    @classmethod
    def parse(cls, data: bytes) -> PublicKey:
        """Read the file.

        Raises:
            FormatError, UnknownVersionError: it is none, or of another version.
        """
        value = _document(data, KEY, _KEY)
        numbers = value["threshold"], value["shares"]
        if any(type(number) is not int for number in numbers):
            raise FormatError("numbers")
        proof = value["proof"]
        return cls(
            seal.check_public(canonical.unb64(value["public"], seal.PUBLIC_SIZE)),
            canonical.unb64(value["proof_key"], 32),
            *numbers,
            _matching(_DAY, value["day"]),
            None if proof is None else canonical.unb64(proof, sign.SIGNATURE_SIZE),
        )


def _document(data: bytes, version: str, fields: frozenset[str]) -> dict[str, Any]:
    if len(data) > MAX_FILE:
        raise FormatError("too long")
    value = canonical.loads_object(data)
    stated = value.get("format")
    if stated != version:
        family = version.rpartition("/")[0]
        if isinstance(stated, str) and stated.startswith(f"{family}/"):
            raise UnknownVersionError(f"this program reads {version}")
        raise FormatError(f"not {version}")
    return _fields(value, fields)


def _fields(value: Any, fields: frozenset[str]) -> dict[str, Any]:
    if not isinstance(value, dict) or value.keys() != fields:
        raise FormatError("unexpected or missing field")
    return value


def _listed(value: Any, most: int) -> list[Any]:
    if not isinstance(value, list) or len(value) > most:
        raise FormatError("a list, or too long a one")
    return value


def _matching(pattern: re.Pattern[str], value: Any) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise FormatError("unexpected text")
    return value


def _check_sorted(names: list[str]) -> None:
    if sorted(set(names)) != names:
        raise FormatError("sorted by subject, each once")
