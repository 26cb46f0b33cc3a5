"""`witness-vault lock` and `unlock`: empty the vault's keys from memory, and bring them back."""

from __future__ import annotations

from pathlib import Path

import click

from vault.agents import address
from vault.agents.client import SessionClient
from vault.cli import common
from vault.cli.processes import unlock as unlock_vault
from vault.errors import AgentError
from vault.journal.vault import Vault, connect

_ELSEWHERE = "Intake's agent does not answer here; visits end when it is restarted."


@click.command(epilog=common.example("witness-vault lock --dir var"))
@common.directory
@common.as_json
@common.refusing
def lock(folder: Path, as_json: bool) -> None:
    """Lock a vault that is being served, at once; every session and visit ends, intake goes on."""
    vault = common.running_vault(folder)
    try:
        with vault.journal.transaction() as transaction:
            transaction.log("vault.lock", "system")
    finally:  # a full disk must not keep the keys in memory
        vault.close()
        vault.agent.lock()
        there = _end_visits(vault)
    text = "Locked." if there else f"Locked. {_ELSEWHERE}"
    common.show({"locked": True, "visits_ended": there}, text, as_json=as_json)


def _end_visits(vault: Vault) -> bool:
    """End what witnesses have open, so that no page left open still leads into a box."""
    try:
        SessionClient(address.socket_path(vault.settings, address.INTAKE)).forget()
    except AgentError:
        return False
    return True


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
