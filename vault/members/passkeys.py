"""Passkeys in place of the six digits: Web Authentication Level 2, section 7, by `webauthn`.

A passkey is a signing key in a phone, a computer or a security key; only its public key is kept
here, sealed to one member, so that whoever writes to the database can neither add one nor move one.
The passphrase is asked for in any case: a passkey unwraps nothing. All are discoverable
credentials, so no page ever lists which ones a login has. Format: docs/spec/factor.md.
"""

from __future__ import annotations

import dataclasses
import json
import secrets
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from sqlalchemy import Connection, select

from vault import canonical, clock
from vault.crypto import suite
from vault.errors import FormatError, InputError, SealError
from vault.journal.vault import Vault
from vault.members.offer import Offer
from vault.settings import Settings
from vault.storage.tables.people import passkeys

LABEL = "passkeys"
MAX = 5
MAX_NAME = 60
MAX_ANSWER = 8192

_NOBODY = ""
_CONTEXT = b"witness-vault/passkey/v1/"
_HANDLE = b"witness-vault/passkey-user/v1/"
_HANDLE_SIZE = 16
_FIELDS = frozenset({"count", "credential", "day", "key", "last", "name", "stopped"})
_LONGEST = 1024  # bytes of a credential's id or public key
# A COSE key (RFC 9053, section 7.1.1) for ES256, without its two coordinates of 32 bytes.
_COSE = ("a5010203262001215820", "225820")


@dataclass(frozen=True)
class Site:
    """For which host passkeys are, and from which addresses they may come.

    Both interfaces are one host: the port is no part of a passkey's scope, only of an origin.
    """

    host: str
    origins: tuple[str, ...]

    @classmethod
    def of(cls, settings: Settings) -> Site:
        """Return what the settings say."""
        parts = [urlsplit(url) for url in (settings.servers.staff_url, settings.servers.audit_url)]
        return cls(parts[0].hostname or "", tuple(f"{one.scheme}://{one.netloc}" for one in parts))


@dataclass(frozen=True)
class Answer:
    """What a browser returned of an authenticator, and the challenge that it was asked with.

    Attributes:
        challenge: None if it counts no more.
    """

    response: str = field(repr=False)
    challenge: Offer | None = field(repr=False)


@dataclass(frozen=True)
class Passkey:
    """One passkey as it is stored.

    Attributes:
        count: the authenticator's count of its uses; 0 if it keeps none.
        last: SHA-256 of the last challenge that it signed.
        stopped: its count went back, so that somebody may hold a copy; it counts no more.
    """

    id: str
    name: str = field(repr=False)
    day: str
    credential: bytes = field(repr=False)
    key: bytes = field(repr=False)
    count: int
    last: bytes = field(repr=False)
    stopped: bool


@dataclass(frozen=True)
class Use:
    """A passkey before and after it signed; the row changes only if it still is as it was."""

    before: bytes = field(repr=False)
    after: Passkey
    challenge: Offer = field(repr=False)


def of_member(vault: Vault, member_id: str) -> list[Passkey]:
    """Return a member's passkeys, oldest first.

    Raises:
        SealError: a stored one was changed, or is another member's.
    """
    return sorted(
        (passkey for _, passkey in _stored(vault, member_id)), key=lambda one: (one.day, one.id)
    )


def handle_of(vault: Vault, member_id: str) -> bytes:
    """Return how authenticators know a member: 16 bytes that name nobody."""
    return suite.mac(vault.agent.subkey(LABEL), _HANDLE + member_id.encode())[:_HANDLE_SIZE]


def prove(vault: Vault, member_id: str | None, answer: Answer) -> Use | None:
    """Return the use of the passkey that signed; None if none of this member's did.

    A login that nobody has costs the same: its answer is verified with a key that nobody holds.

    Raises:
        SealError: a stored one was changed, or is another member's.
    """
    held = _stored(vault, member_id or _NOBODY)
    handle = handle_of(vault, member_id or _NOBODY)
    try:
        credential, user = _named(answer.response)
    except InputError:
        credential, user = b"", None
    found = next((one for one in held if one[1].credential == credential), None)
    key = found[1].key if found else _nobodys_key()
    count = _verified(vault, answer, key)
    if found is None or count is None or answer.challenge is None or found[1].stopped:
        return None
    before, passkey = found
    challenge = suite.sha256(answer.challenge.secret)
    if passkey.last == challenge or (user is not None and not suite.equal(user, handle)):
        return None
    went_back = bool(count or passkey.count) and count <= passkey.count
    after = dataclasses.replace(passkey, count=count, last=challenge, stopped=went_back)
    return Use(before, after, answer.challenge)


def spend(vault: Vault, connection: Connection, member_id: str, use: Use) -> bool:
    """Store a use; false if another sign-in was faster."""
    done = connection.execute(
        passkeys.update()
        .where(
            passkeys.c.id == use.after.id,
            passkeys.c.member_id == member_id,
            passkeys.c.sealed == use.before,
        )
        .values(sealed=_seal(vault, member_id, use.after))
    )
    return bool(done.rowcount)


def read_new(vault: Vault, name: str, answer: Answer) -> Passkey:
    """Return a passkey that an authenticator has just made.

    Raises:
        InputError: no name, or not made for this challenge, host and person; `detail` says which.
    """
    name = name.strip()
    if not 0 < len(name) <= MAX_NAME or not name.isprintable():
        raise InputError("name")
    made = _registered(vault, answer)
    return Passkey(
        secrets.token_hex(16),
        name,
        clock.day(),
        made.credential_id,
        made.credential_public_key,
        made.sign_count,
        b"",
        stopped=False,
    )


def add(vault: Vault, connection: Connection, member_id: str, passkey: Passkey) -> None:
    """Store a new passkey, inside a write transaction.

    Raises:
        InputError: the member has MAX already, or this very one.
    """
    held = [one.credential for _, one in _opened(vault, connection, member_id)]
    if len(held) >= MAX:
        raise InputError("too many")
    if passkey.credential in held:
        raise InputError("twice")
    sealed = _seal(vault, member_id, passkey)
    connection.execute(passkeys.insert().values(id=passkey.id, member_id=member_id, sealed=sealed))


def remove(connection: Connection, member_id: str, passkey_id: str | None = None) -> int:
    """Remove one passkey of a member, or all of them; return how many there were."""
    chosen = {"id": passkey_id} if passkey_id is not None else {}
    gone = connection.execute(passkeys.delete().filter_by(member_id=member_id, **chosen))
    return int(gone.rowcount)


def _stored(vault: Vault, member_id: str) -> list[tuple[bytes, Passkey]]:
    with vault.database.read() as connection:
        return _opened(vault, connection, member_id)


def _opened(vault: Vault, connection: Connection, member_id: str) -> list[tuple[bytes, Passkey]]:
    query = select(passkeys.c.id, passkeys.c.sealed).filter_by(member_id=member_id)
    rows = connection.execute(query.limit(MAX)).all()
    return [(row.sealed, _open(vault, member_id, row.id, row.sealed)) for row in rows]


def _seal(vault: Vault, member_id: str, passkey: Passkey) -> bytes:
    held = {
        "count": passkey.count,
        "credential": canonical.b64(passkey.credential),
        "day": passkey.day,
        "key": canonical.b64(passkey.key),
        "last": canonical.b64(passkey.last),
        "name": passkey.name,
        "stopped": int(passkey.stopped),
    }
    key, context = vault.agent.subkey(LABEL), _context(member_id, passkey.id)
    return suite.aead_seal(key, canonical.dumps(held), context)


def _open(vault: Vault, member_id: str, passkey_id: str, sealed: bytes) -> Passkey:
    plain = suite.aead_open(vault.agent.subkey(LABEL), sealed, _context(member_id, passkey_id))
    try:
        held = canonical.loads_object(plain, _FIELDS)
        return Passkey(
            passkey_id,
            held["name"],
            held["day"],
            canonical.unb64(held["credential"]),
            canonical.unb64(held["key"]),
            held["count"],
            canonical.unb64(held["last"]),
            stopped=bool(held["stopped"]),
        )
    except FormatError as error:
        raise SealError("not a passkey") from error


def _context(member_id: str, passkey_id: str) -> bytes:
    return _CONTEXT + member_id.encode() + b"/" + passkey_id.encode()


def _named(response: str) -> tuple[bytes, bytes | None]:
    """Return which credential and which user an answer names.

    Raises:
        InputError: none.
    """
    if len(response) > MAX_ANSWER:
        raise InputError("passkey")
    try:
        found = json.loads(response)
        user = found["response"].get("userHandle")
        return canonical.unb64(found["id"]), canonical.unb64(user) if user else None
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, FormatError):
        raise InputError("passkey") from None


def _verified(vault: Vault, answer: Answer, key: bytes) -> int | None:
    """Return the count that the authenticator signed; None if the signature does not count."""
    from webauthn import verify_authentication_response  # noqa: PLC0415 - costs 0.2 s to import

    site = Site.of(vault.settings)
    try:
        verified = verify_authentication_response(
            credential=answer.response[:MAX_ANSWER],
            expected_challenge=answer.challenge.secret if answer.challenge else b"",
            expected_rp_id=site.host,
            expected_origin=list(site.origins),
            credential_public_key=key,
            credential_current_sign_count=0,  # compared above, where a copy can be stopped
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001 - whatever it is about hostile bytes, they are no proof
        return None
    return verified.new_sign_count


def _registered(vault: Vault, answer: Answer) -> Any:
    from webauthn import verify_registration_response  # noqa: PLC0415 - as above

    site = Site.of(vault.settings)
    if answer.challenge is None or len(answer.response) > MAX_ANSWER:
        raise InputError("passkey")
    try:
        made = verify_registration_response(
            credential=answer.response,
            expected_challenge=answer.challenge.secret,
            expected_rp_id=site.host,
            expected_origin=list(site.origins),
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001 - as above
        raise InputError("passkey") from None
    if max(len(made.credential_id), len(made.credential_public_key)) > _LONGEST:
        raise InputError("passkey")
    return made


@cache
def _nobodys_key() -> bytes:
    """Return a public key whose private part is thrown away."""
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    head, between = map(bytes.fromhex, _COSE)
    return head + numbers.x.to_bytes(32, "big") + between + numbers.y.to_bytes(32, "big")
