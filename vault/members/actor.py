"""The signed-in member: who they are by the roster, and their unwrapped keys."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select

from vault import canonical, clock
from vault.crypto.seal import OpeningKey
from vault.crypto.sign import SigningKey
from vault.errors import FormatError, SessionEndedError
from vault.journal.vault import Vault
from vault.roster.model import RosterMember
from vault.storage.tables.people import members


@dataclass(frozen=True)
class Actor:
    """A member with their keys in hand; lives for one request.

    Args:
        id: member id.
        name: as the administrator wrote it.
        login: as they chose it.
        roles: from the signed roster, never from the database.
        signing: their Ed25519 key.
        opening: their X-Wing key.
    """

    id: str
    name: str = field(repr=False)
    login: str = field(repr=False)
    roles: frozenset[str]
    signing: SigningKey = field(repr=False)
    opening: OpeningKey = field(repr=False)

    def to_secret(self) -> bytes:
        """Return what the sealed session carries."""
        return canonical.dumps(
            {
                "id": self.id,
                "signing": canonical.b64(self.signing.seed),
                "opening": canonical.b64(self.opening.seed),
            }
        )

    @classmethod
    def from_secret(cls, vault: Vault, secret: bytes) -> Actor:
        """Return the member of a session as the roster and database know them now.

        Raises:
            SessionEndedError: the member has ended, or their keys were replaced.
        """
        try:
            value = canonical.loads_object(secret, frozenset({"id", "signing", "opening"}))
            signing = SigningKey(canonical.unb64(value["signing"], 32))
            opening = OpeningKey(canonical.unb64(value["opening"], 32))
        except FormatError as error:
            raise SessionEndedError from error
        member = rostered(vault, value["id"])
        if member is None or (member.signing, member.opening) != (signing.public, opening.public):
            raise SessionEndedError
        name, login = _names(vault, member.id)
        return cls(member.id, name, login, member.roles, signing, opening)


def rostered(vault: Vault, member_id: str) -> RosterMember | None:
    """Return a member of the verified roster whose time has not ended; waiting ones included."""
    member = vault.roster().member(member_id)
    moment = clock.moment()
    if member is None or (member.valid_to is not None and member.valid_to <= moment):
        return None
    return member


def _names(vault: Vault, member_id: str) -> tuple[str, str]:
    with vault.database.read() as connection:
        query = select(members.c.name, members.c.login).where(members.c.id == member_id)
        row = connection.execute(query).one_or_none()
    if row is None:
        raise SessionEndedError
    return row.name, row.login
