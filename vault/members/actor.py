"""The signed-in member: who they are by the roster, and their unwrapped keys."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from vault import canonical, clock
from vault.crypto.seal import OpeningKey
from vault.crypto.sign import SigningKey
from vault.errors import FormatError, SessionEndedError
from vault.journal.vault import Vault
from vault.roster import roles as declared
from vault.roster.model import RosterMember
from vault.settings import roles
from vault.storage.tables.people import members

_FIELDS = frozenset({"id", "generation", "signing", "opening"})


@dataclass(frozen=True)
class Actor:
    """A member with their keys in hand; lives for one request.

    Args:
        id: member id.
        name: as the administrator wrote it.
        login: as they chose it.
        roles: those held now by the signed roster, never by the database.
        signing: their Ed25519 key.
        opening: their X-Wing key.
        generation: of their sessions, as it was when they signed in.
    """

    id: str
    name: str = field(repr=False)
    login: str = field(repr=False)
    roles: frozenset[str]
    signing: SigningKey = field(repr=False)
    opening: OpeningKey = field(repr=False)
    generation: int

    def may(self, does: str) -> bool:
        """Say whether a role that they hold now does this; a word of `roster.roles.DOES`."""
        return declared.may(self.roles, does, roles())

    def to_secret(self) -> bytes:
        """Return what the sealed session carries."""
        return canonical.dumps(
            {
                "id": self.id,
                "generation": self.generation,
                "signing": canonical.b64(self.signing.seed),
                "opening": canonical.b64(self.opening.seed),
            }
        )

    @classmethod
    def from_secret(cls, vault: Vault, secret: bytes) -> Actor:
        """Return the member of a session as the roster and database know them now.

        Raises:
            SessionEndedError: the member has ended, their keys were replaced, or this session was
                ended from another one.
        """
        try:
            value = canonical.loads_object(secret, _FIELDS)
            signing = SigningKey(canonical.unb64(value["signing"], 32))
            opening = OpeningKey(canonical.unb64(value["opening"], 32))
        except FormatError as error:
            raise SessionEndedError from error
        member = rostered(vault, value["id"])
        if member is None or (member.signing, member.opening) != (signing.public, opening.public):
            raise SessionEndedError
        row = _row(vault, member.id)
        if row.session_generation != value["generation"]:
            raise SessionEndedError
        held = member.held(clock.moment())
        return cls(member.id, row.name, row.login, held, signing, opening, value["generation"])


def rostered(vault: Vault, member_id: str) -> RosterMember | None:
    """Return a member of the verified roster whose time has not ended; waiting ones included."""
    member = vault.roster().member(member_id)
    moment = clock.moment()
    if member is None or (member.valid_to is not None and member.valid_to <= moment):
        return None
    return member


def row_of(vault: Vault, member_id: str) -> Any:
    """Return everything that is stored of a member."""
    with vault.database.read() as connection:
        return connection.execute(select(members).where(members.c.id == member_id)).one()


def _row(vault: Vault, member_id: str) -> Any:
    columns = (members.c.name, members.c.login, members.c.session_generation)
    with vault.database.read() as connection:
        query = select(*columns).where(members.c.id == member_id)
        row = connection.execute(query).one_or_none()
    if row is None:
        raise SessionEndedError
    return row
