"""What each agent process is: its object, its socket, and that its memory stays in it."""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from vault.agents import address, memory, operations
from vault.agents.kdf import KdfQueue
from vault.agents.server import MAX_CONNECTIONS, Server
from vault.agents.sessions import SessionKeys
from vault.agents.vault_keys import VaultKeys

if TYPE_CHECKING:
    from vault.settings import Settings

_LOW_PRIORITY = 10
# Twice the usual cost, for key files made under other settings; keeps the process under 200 MB.
_KDF_MEMORY_KIB = 131_072


def intake_server(settings: Settings) -> Server:
    """Return the intake side's agent: sessions only."""
    path = address.socket_path(settings, address.INTAKE)
    return Server(path, SessionKeys(), operations.SESSION)


def vault_server(settings: Settings) -> Server:
    """Return the vault side's agent, locked."""
    path = address.socket_path(settings, address.VAULT)
    return Server(path, VaultKeys(settings.ledger.origin), operations.VAULT)


def kdf_server(settings: Settings) -> Server:
    """Return the Argon2 process's server."""
    path = address.socket_path(settings, address.KDF)
    waiting = settings.passphrase.queue
    queue = KdfQueue(waiting, max(settings.passphrase.memory, _KDF_MEMORY_KIB))
    return Server(path, queue, operations.KDF, max_connections=MAX_CONNECTIONS + waiting)


SERVERS = {
    address.INTAKE: intake_server,
    address.VAULT: vault_server,
    address.KDF: kdf_server,
}


def run(agent: str, settings: Settings) -> None:
    """Be the agent until SIGTERM or SIGINT.

    Raises:
        SettingError: the socket cannot be taken.
    """
    memory.harden()
    memory.lock()
    if agent == address.KDF:
        os.nice(_LOW_PRIORITY)
    server = SERVERS[agent](settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.stop())
    server.listen()
    server.serve()
