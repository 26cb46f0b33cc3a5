"""A vault for command lines: its own folder, its own settings file, agents that really answer."""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.house import LOW_COST, House
from vault.agents import address, operations
from vault.agents import memory as agent_memory
from vault.agents.kdf import KdfQueue
from vault.agents.server import Server
from vault.cli.common import _file_system
from vault.custody.doctor import machine

PLANTED = "Меня везли в белой машине"
MOST_KDF_MEMORY = 131_072


@pytest.fixture(autouse=True)
def no_swap(monkeypatch, tmp_path):
    """What `doctor` says of a machine is not about the machine that runs the tests."""
    monkeypatch.setattr(machine, "SWAPS", tmp_path / "swaps")
    monkeypatch.setattr(agent_memory, "state", lambda: agent_memory.LOCKED)


@pytest.fixture
def memory():
    """A folder on memory-backed storage."""
    made = Path(tempfile.mkdtemp(prefix="wv", dir="/dev/shm"))
    yield made
    shutil.rmtree(made)


@pytest.fixture
def place(monkeypatch):
    """An empty folder on a disk to stand in, with a path short enough for sockets."""
    on_disk = [path for path in ("/tmp", "/var/tmp") if _file_system(Path(path)) != "tmpfs"]
    made = Path(tempfile.mkdtemp(prefix="wv", dir=on_disk[0]))
    monkeypatch.chdir(made)
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr("sys.stdin", nothing)  # no terminal, whoever runs the tests
        yield made
    shutil.rmtree(made)


def write_settings(folder, **overrides):
    """Write the low cost of `House` where commands read it."""
    merged = {name: LOW_COST.get(name, {}) | overrides.get(name, {}) for name in LOW_COST}
    lines = []
    for section, values in merged.items():
        lines.append(f"[{section}]")
        lines += [f"{name} = {_toml(value)}" for name, value in values.items()]
    folder.mkdir(mode=0o700, exist_ok=True)
    (folder / "settings.toml").write_text("\n".join(lines) + "\n")


def _toml(value):
    return f'"{value}"' if isinstance(value, str) else value


@contextmanager
def agents(house):
    """Answer for the house's keys and for Argon2 on the sockets that commands ask."""
    targets = (
        (address.VAULT, house.vault.agent, operations.VAULT),
        (address.INTAKE, house.intake_agent, operations.SESSION),
        (address.KDF, KdfQueue(8, MOST_KDF_MEMORY), operations.KDF),
    )
    running = []
    for name, target, allowed in targets:
        server = Server(address.socket_path(house.settings, name), target, allowed)
        server.listen()
        thread = threading.Thread(target=server.serve)
        thread.start()
        running.append((server, thread))
    try:
        yield
    finally:
        for server, thread in running:
            server.stop()
            thread.join(10)


@pytest.fixture
def founded(place):
    """A vault in `var`, staffed, its passphrases in files beside it; nothing serves it."""
    write_settings(place / "var")
    house = House.found(place / "var").staff()
    (place / "vault.pass").write_text(house.sheet.vault_passphrase + "\n")
    (place / "spare.pass").write_text(house.sheet.spare_passphrase + "\n")
    (place / "root.pass").write_text(house.sheet.root_passphrase + "\n")
    yield house
    house.close()


@pytest.fixture
def served(founded):
    """The same with its agents answering, unlocked."""
    with agents(founded):
        yield founded
