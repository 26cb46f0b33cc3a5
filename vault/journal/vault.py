"""One opened vault: its databases, its journal, its letterbox and the agents that hold its keys."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Connection, select

from vault.agents import address
from vault.agents.api import Kdf, VaultAgent
from vault.agents.client import VaultClient
from vault.agents.kdf import SocketKdf
from vault.crypto import suite
from vault.crypto.passphrase import Argon2Parameters
from vault.errors import FormatError, NotOpenYetError, RosterError, StorageError
from vault.journal.journal import Journal
from vault.ledger.entry import Entry
from vault.letterbox import Letterbox
from vault.resources import resource
from vault.roster.chain import Pin, verify_chain
from vault.roster.model import Roster
from vault.roster.roles import Role, parse_roles
from vault.settings import Settings
from vault.storage.engine import Database
from vault.storage.tables.ledger import ledger_entries
from vault.storage.tables.people import rosters

DATABASE_LABEL = "database"
ERASURE_LABEL = "erasure-database"
ROOT_PUBLIC = "root.public"


@dataclass(frozen=True)
class Vault:
    """What every service of the vault side is given.

    Args:
        settings: of this vault.
        agent: holds the vault key, the ledger key and the session key.
        kdf: derives keys from passphrases, in its own process.
        create: make the database files if they are missing.
    """

    settings: Settings
    agent: VaultAgent
    kdf: Kdf
    create: bool = False

    @cached_property
    def database(self) -> Database:
        """The vault's database; its key is asked from the agent for every connection."""
        return self._open("vault.db", DATABASE_LABEL)

    @cached_property
    def erasure(self) -> Database:
        """The small separate store of erasure keys."""
        return self._open("erasure.db", ERASURE_LABEL)

    def _open(self, name: str, label: str) -> Database:
        return Database(
            self.settings.paths.vault / name,
            lambda: self.agent.subkey(label),
            locked=self.agent.locked,
            create=self.create,
        )

    @cached_property
    def journal(self) -> Journal:
        """The access log."""
        return Journal(self.database, self.agent, self.settings.ledger.origin)

    @cached_property
    def letterbox(self) -> Letterbox:
        """The letterbox between the two houses."""
        return Letterbox(self.settings.paths.letterbox, self.settings.letterbox)

    @cached_property
    def roles(self) -> Mapping[str, Role]:
        """The roles as declared."""
        return parse_roles(tomllib.loads(resource("config/roles.toml").read_text("utf-8")))

    @cached_property
    def _verified(self) -> dict[bytes, Roster]:
        """The last chain that verified, by its hash: verifying it again would say the same."""
        return {}

    @property
    def passphrase_parameters(self) -> Argon2Parameters:
        """The cost of Argon2id for new key files."""
        chosen = self.settings.passphrase
        return Argon2Parameters(chosen.memory, chosen.time, chosen.parallelism)

    def root_public(self) -> bytes:
        """Return the pinned root key, 32 bytes: a file, so that no write to the database moves it.

        Raises:
            StorageError: it is missing or unreadable.
        """
        try:
            return bytes.fromhex((self.settings.paths.keys / ROOT_PUBLIC).read_text("ascii"))
        except (OSError, ValueError) as error:
            raise StorageError("the pinned root key cannot be read") from error

    def chain(self) -> list[bytes]:
        """Return all signed rosters, oldest first."""
        with self.database.read() as connection:
            return _chain(connection)

    def roster(self) -> Roster:
        """Return the newest roster, verified from the pinned root key.

        It must hold the version that the access log last saw published: to take a roster back,
        somebody would have to change the log too, which an auditor finds.

        Raises:
            NotOpenYetError: there is none.
            RosterError: the chain does not verify, or was rolled back.
        """
        with self.database.read() as connection:
            chain, announced = _chain(connection), _announced(connection)
        if not chain and announced is None:
            raise NotOpenYetError
        digest = suite.sha256(b"\n".join((*chain, announced or b"")))
        if digest not in self._verified:
            verified = verify_chain(chain, _pin(self.root_public(), announced))
            self._verified.clear()
            self._verified[digest] = verified
        return self._verified[digest]

    def close(self) -> None:
        """Close all connections: after the agent was locked, nothing stays open."""
        self.database.dispose()
        self.erasure.dispose()


def _chain(connection: Connection) -> list[bytes]:
    rows = connection.execute(select(rosters.c.document).order_by(rosters.c.version))
    return [row.document for row in rows]


def _announced(connection: Connection) -> bytes | None:
    """Return the leaf of the entry that last announced a roster."""
    query = select(ledger_entries.c.leaf).where(ledger_entries.c.kind == "roster.published")
    leaf = connection.execute(query.order_by(ledger_entries.c.seq.desc()).limit(1)).scalar()
    return None if leaf is None else bytes(leaf)


def _pin(root: bytes, announced: bytes | None) -> Pin:
    if announced is None:
        return Pin(root)
    try:
        entry = Entry.parse(announced)
        version, digest = entry.detail["version"], bytes.fromhex(entry.subject["roster"])
    except (FormatError, KeyError, ValueError) as error:
        raise RosterError("the entry of its publication cannot be read") from error
    if not isinstance(version, int):
        raise RosterError("the entry of its publication cannot be read")
    return Pin(root, version, digest)


def connect(settings: Settings) -> Vault:
    """Return the vault that runs beside this process, through its agents' sockets."""
    return Vault(
        settings,
        VaultClient(address.socket_path(settings, address.VAULT)),
        SocketKdf(address.socket_path(settings, address.KDF)),
    )
