"""The processes of one vault: two key agents, Argon2, three small gunicorns, one collector.

One more sends the daily notice, where the settings turn it on.

Each is a child of one supervisor, in one process group of its own, and ends with it. No secret
passes through arguments or environment; workers ask the agents.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field

from vault.agents import address
from vault.agents.client import SessionClient, VaultClient
from vault.agents.kdf import SocketKdf
from vault.agents.vault_keys import VaultKeys
from vault.custody import keys, rosters, rotation, told_settings
from vault.errors import AgentError, SettingError
from vault.journal.vault import Vault
from vault.settings import DIR_VARIABLE, Settings
from vault.storage import migrations
from vault.storage.tables.base import ERASURE, VAULT

HOST, PORTS = "127.0.0.1", 3
START_SECONDS = 30.0
STOP_SECONDS = 8.0
RESTART_SECONDS, RESTARTS = 60.0, 5
# A memory arena for each of many threads keeps what each once needed, and more old copies of it.
_FEW_ARENAS = {"MALLOC_ARENA_MAX": "2"}
AGENTS = (address.INTAKE, address.VAULT, address.KDF)


@dataclass(frozen=True)
class Addresses:
    """Where the three interfaces listen: intake at 127.0.0.1, staff and audit at localhost.

    Two names, because clearing the witness's site data must not sign staff out.
    """

    first_port: int

    @property
    def intake(self) -> str:
        """The witness's address."""
        return f"http://{HOST}:{self.first_port}"

    @property
    def staff(self) -> str:
        """The staff's address."""
        return f"http://localhost:{self.first_port + 1}"

    @property
    def audit(self) -> str:
        """The auditor's address."""
        return f"http://localhost:{self.first_port + 2}"

    def lines(self) -> str:
        """Return them for people, a line each."""
        return f"Intake  {self.intake}/\nStaff   {self.staff}/staff/\nAudit   {self.audit}/audit/"

    def to_json(self) -> dict[str, str]:
        """Return them for scripts."""
        return {"intake_url": self.intake, "staff_url": self.staff, "audit_url": self.audit}

    def check_free(self) -> None:
        """Refuse to start where somebody else listens: their answers would pass for ours.

        Raises:
            SettingError: names the port.
        """
        for port in range(self.first_port, self.first_port + PORTS):
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((HOST, port))
                except OSError:
                    raise SettingError(
                        f"port {port} is in use: choose another with --port"
                    ) from None


@dataclass
class Processes:
    """The running children of one supervisor."""

    settings: Settings
    addresses: Addresses
    _children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _arguments: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _ends: list[float] = field(default_factory=list)

    def start_agents(self) -> Vault:
        """Start the agents and return the vault that goes through them, still locked.

        Raises:
            SettingError: this vault is being served already.
            AgentError: an agent does not answer.
        """
        paths = {name: address.socket_path(self.settings, name) for name in AGENTS}
        check_unserved(self.settings)
        for name in AGENTS:
            self._start(f"{name} agent", "-m", "vault.agents", name)
        SessionClient(paths[address.INTAKE]).wait(START_SECONDS)
        kdf, agent = SocketKdf(paths[address.KDF]), VaultClient(paths[address.VAULT])
        kdf.wait(START_SECONDS)
        agent.wait(START_SECONDS)
        return Vault(self.settings, agent, kdf)

    def start_servers(self) -> None:
        """Start the three interfaces and the collector, and wait until they answer."""
        chosen, port = self.settings.servers, self.addresses.first_port
        self._gunicorn("intake", port, chosen.intake_workers, chosen.intake_threads)
        self._gunicorn("staff", port + 1, 1, chosen.staff_threads)
        self._gunicorn("audit", port + 2, 1, chosen.staff_threads)
        self._start("collector", "-m", "vault.cli.collector")
        if self.settings.notices.enabled:
            self._start("notices", "-m", "vault.cli.notices")
        for url in (
            f"{self.addresses.intake}/healthz",
            f"{self.addresses.staff}/staff/healthz",
            f"{self.addresses.audit}/audit/healthz",
        ):
            self._wait_for(url)

    def watch(self) -> str:
        """Start again whatever ends; returns its name when too much ends in a minute.

        The vault's agent comes back locked: nobody here keeps its passphrase.
        """
        while True:
            for name, child in self._children.items():
                if child.poll() is not None:
                    if self._ends_too_often():
                        return name
                    self._start_again(name)
            time.sleep(0.2)

    def stop(self) -> None:
        """End every child: servers first, so that nobody asks an agent that is gone."""
        for child in reversed(self._children.values()):
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for child in self._children.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        self._children.clear()

    def _gunicorn(self, name: str, port: int, workers: int, threads: int) -> None:
        self._start(
            name,
            "-m",
            "gunicorn",
            "--config",
            "python:vault.web.gunicorn_settings",
            "--bind",
            f"{HOST}:{port}",
            "--workers",
            str(workers),
            "--threads",
            str(threads),
            f"wsgi:{name}_app",
        )

    def _start(self, name: str, *arguments: str) -> None:
        self._arguments[name] = arguments
        environment = os.environ | {DIR_VARIABLE: str(self.settings.paths.root), **_FEW_ARENAS}
        self._children[name] = subprocess.Popen(  # noqa: S603 - our own interpreter and modules
            [sys.executable, *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # servers have nothing to say there
            start_new_session=True,  # Ctrl-C reaches the supervisor only, which ends them in order
        )

    def _ends_too_often(self) -> bool:
        now = time.monotonic()
        self._ends = [then for then in self._ends if now - then < RESTART_SECONDS] + [now]
        return len(self._ends) > RESTARTS

    def _start_again(self, name: str) -> None:
        locked = name == f"{address.VAULT} agent"
        advice = "; the vault is locked: witness-vault unlock" if locked else ""
        sys.stderr.write(f"{name} ended and was started again{advice}\n")
        self._start(name, *self._arguments[name])

    def _wait_for(self, url: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            for name, child in self._children.items():
                if child.poll() is not None:
                    raise SettingError(f"{name} did not start; its reason stands above")
            try:
                with urllib.request.urlopen(url, timeout=2):  # noqa: S310 - our own http address
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.05)
        raise AgentError(f"nothing answers at {url}")


def check_unserved(settings: Settings) -> None:
    """Refuse a vault whose agent answers.

    Raises:
        SettingError: it is being served.
    """
    try:
        VaultClient(address.socket_path(settings, address.VAULT)).wait(0)
    except AgentError:
        return
    raise SettingError(f"the vault in {settings.paths.root.name} is being served already")


def unlock(vault: Vault, passphrase: str) -> None:
    """Unlock a vault's agent with the operator's passphrase, with an entry.

    Settings that are others than at the last unlocking are entered as well.

    A change of keys that was interrupted is finished or undone first; then databases of an older
    version are migrated, while nobody else has their key.

    Raises:
        BusyError: keys are being changed now.
        WrongPassphraseError: not the passphrase.
        StorageError: a key file is missing.
    """
    rotation.settle(vault.settings)
    secrets = keys.open_vault_keys(vault.settings, passphrase, vault.kdf)
    _migrate(vault, secrets)
    secrets.open(vault.agent)
    with vault.journal.transaction() as transaction:
        transaction.log("vault.unlock", "system")
        told_settings.enter(transaction, vault.settings)
    rosters.show_to_intake(vault)  # the newest may have been made while nothing was served


def _migrate(vault: Vault, secrets: keys.VaultSecrets) -> None:
    own = VaultKeys(vault.settings.ledger.origin)
    secrets.open(own)
    opened = Vault(vault.settings, own, vault.kdf)
    try:
        migrations.upgrade(opened.database, VAULT)
        migrations.upgrade(opened.erasure, ERASURE)
    finally:
        opened.close()
        own.lock()
