"""One opened vault: its databases, its journal, its letterbox and the agents that hold its keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from vault.agents import address
from vault.agents.api import Kdf, VaultAgent
from vault.agents.client import VaultClient
from vault.agents.kdf import SocketKdf
from vault.crypto.passphrase import Argon2Parameters
from vault.journal import cosigning
from vault.journal.journal import Journal
from vault.journal.rosters import Rosters
from vault.ledger.note import NoteVerifier
from vault.letterbox.hosts import Hub
from vault.letterbox.uploads import Uploads
from vault.roster.model import Roster
from vault.roster.roles import Role
from vault.settings import Settings, roles
from vault.storage.engine import Database

DATABASE_LABEL = "database"
ERASURE_LABEL = "erasure-database"


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
        stated = self.settings.ledger
        return Journal(
            self.database,
            self.agent,
            stated.origin,
            self._rosters.first_ledger_key,
            stated.sign_within / 1000,
        )

    @property
    def cosigners(self) -> tuple[NoteVerifier, ...]:
        """Who outside signs checkpoints, by the settings.

        Raises:
            FormatError: one of them is not the key of a cosigner.
        """
        return cosigning.parse(self.settings.ledger.cosigners)

    @cached_property
    def letterbox(self) -> Hub:
        """The letterbox between the two houses, and those of other hosts behind it."""
        paths = self.settings.paths
        return Hub(paths.letterbox, self.settings.letterbox, paths.hosts)

    @cached_property
    def uploads(self) -> Uploads:
        """The sealed files that wait in the letterbox."""
        return Uploads(self.settings.paths.letterbox, self.settings.uploads)

    @property
    def roles(self) -> Mapping[str, Role]:
        """The roles as declared."""
        return roles()

    @cached_property
    def _rosters(self) -> Rosters:
        return Rosters(self.database, self.settings.paths.keys)

    @property
    def passphrase_parameters(self) -> Argon2Parameters:
        """The cost of Argon2id for new key files."""
        chosen = self.settings.passphrase
        return Argon2Parameters(chosen.memory, chosen.time, chosen.parallelism)

    def root_public(self) -> bytes:
        """Return the pinned root key; see `rosters.Rosters.root_public`."""
        return self._rosters.root_public()

    def chain(self) -> list[bytes]:
        """Return all signed rosters, oldest first."""
        return self._rosters.chain()

    def roster(self) -> Roster:
        """Return the newest roster, verified; see `rosters.Rosters.newest`."""
        return self._rosters.newest()

    def roster_history(self) -> Mapping[bytes, Roster]:
        """Return every roster there was, by its hash; see `rosters.Rosters.history`."""
        return self._rosters.history()

    def close(self) -> None:
        """Close all connections: after the agent was locked, nothing stays open."""
        if "journal" in self.__dict__:
            self.journal.settle()
        self.database.dispose()
        self.erasure.dispose()


def connect(settings: Settings) -> Vault:
    """Return the vault that runs beside this process, through its agents' sockets."""
    return Vault(
        settings,
        VaultClient(address.socket_path(settings, address.VAULT)),
        SocketKdf(address.socket_path(settings, address.KDF)),
    )
