"""`witness-vault lock` and `unlock`: empty the vault's keys from memory, and bring them back."""

from __future__ import annotations

from pathlib import Path

import click

from vault.cli import common
from vault.cli.processes import unlock as unlock_vault
from vault.journal.vault import connect


@click.command(epilog=common.example("witness-vault lock --dir var"))
@common.directory
@common.as_json
@common.refusing
def lock(folder: Path, as_json: bool) -> None:
    """Lock a vault that is being served, at once; every session ends, intake goes on."""
    vault = common.running_vault(folder)
    try:
        with vault.journal.transaction() as transaction:
            transaction.log("vault.lock", "system")
    finally:  # a full disk must not keep the keys in memory
        vault.close()
        vault.agent.lock()
    common.show({"locked": True}, "Locked.", as_json=as_json)


@click.command(epilog=common.example("witness-vault unlock --dir var"))
@common.directory
@common.as_json
@common.secret_options("passphrase")
@common.refusing
def unlock(
    folder: Path,
    as_json: bool,
    passphrase_fd: int | None,
    passphrase_file: Path | None,
) -> None:
    """Unlock a vault that is being served."""
    vault = connect(common.load(folder))
    vault.agent.locked()  # says at once if nothing is being served
    passphrase = common.read_secret("vault passphrase", passphrase_fd, passphrase_file)
    unlock_vault(vault, passphrase)
    common.show({"locked": False}, "Unlocked.", as_json=as_json)
