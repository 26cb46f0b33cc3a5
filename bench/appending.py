"""`python -m bench.appending [COUNT …]`: entries a second, each a durable commit, as the log grows.

A vault's own engine and journal: SQLCipher, WAL, `synchronous=FULL`, the settings as shipped. What
the disk itself can do, one small synced write after another, stands beside it.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from bench import million
from bench.million import EVERY
from vault.agents.kdf import LocalKdf
from vault.agents.vault_keys import VaultKeys
from vault.custody import founding, keys
from vault.journal.vault import Vault
from vault.settings import load

SIZES = (1_000, 10_000, 100_000)
ROUNDS = 500
MEMBER, CASE, TESTIMONY = "a" * 32, "b" * 32, "c" * 64


def main(sizes: tuple[int, ...]) -> None:
    """Print one line for the disk and one for each size."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        disk = per_second(_synced_write(Path(folder) / "synced"))
        print(f"{'synced writes':>16} {disk:8.0f} a second, which nothing can beat")
        vault = _founded(Path(folder) / "vault")
        for size in sizes:
            _fill(vault, size)
            before = time.process_time()
            rate = per_second(lambda: _append(vault))
            cost = (time.process_time() - before) / ROUNDS * 1_000
            print(f"{vault.journal.size():>8} entries {rate:8.0f} a second, {cost:.2f} ms of CPU")
        vault.close()


def per_second(act: Callable[[], None], rounds: int = ROUNDS) -> float:
    """Return how often something can be done in a second."""
    begun = time.perf_counter()
    for _ in range(rounds):
        act()
    return rounds / (time.perf_counter() - begun)


def _append(vault: Vault) -> None:
    detail = {"as": "lawyer", "compartments": ["account", "medical", "work"], "for": "read"}
    with vault.journal.transaction() as transaction:
        transaction.log("reveal", MEMBER, {"case": CASE, "testimony": TESTIMONY}, detail)


def _synced_write(path: Path) -> Callable[[], None]:
    opened = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)

    def write() -> None:
        os.write(opened, bytes(4096))
        os.fdatasync(opened)

    return write


def _founded(folder: Path) -> Vault:
    settings = load(folder, {"ledger": {"origin": "bench.invalid/log"}})
    sheet = founding.found(settings)
    agent = VaultKeys(settings.ledger.origin)
    keys.open_vault_keys(settings, sheet.vault_passphrase, LocalKdf()).open(agent)
    return Vault(settings, agent, LocalKdf())


def _fill(vault: Vault, size: int) -> None:
    """Let the log hold about as many entries as asked for, all signed."""
    missing = (size - vault.journal.size()) // EVERY * EVERY
    if missing > 0:
        vault.journal.settle()
        million.fill(vault, missing)


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or SIZES)
