"""`witness-vault serve`: everything of one vault, one command, one Ctrl-C."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from types import FrameType

import click

from vault.agents import memory
from vault.cli import common
from vault.cli.initialise import found_and_show
from vault.cli.processes import Addresses, Processes, unlock
from vault.custody import keys
from vault.errors import AgentError, WitnessVaultError
from vault.journal.vault import Vault
from vault.settings import Settings

FIRST_PORT = 8000

Passphrase = Callable[[], str]
# A terminal that is closed hangs up: its vault must not go on unseen.
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@click.command(
    epilog=common.example(
        "witness-vault serve --dir var",
        "witness-vault serve --dir var --passphrase-file /dev/shm/passphrase",
    )
)
@common.directory
@click.option("--port", type=click.IntRange(1024, 65_533), default=FIRST_PORT, show_default=True)
@click.option("--init-if-missing", is_flag=True, help="Found a vault if the folder holds none.")
@click.option(
    "--sheet-to-fd", type=click.IntRange(min=0), help="Where the sheet of a new vault goes."
)
@click.option("--locked", is_flag=True, help="Start without unlocking: intake works, staff waits.")
@common.as_json
@common.secret_options("passphrase")
@common.refusing
def serve(
    folder: Path,
    port: int,
    init_if_missing: bool,
    sheet_to_fd: int | None,
    locked: bool,
    as_json: bool,
    passphrase_fd: int | None,
    passphrase_file: Path | None,
) -> None:
    """Serve a vault: intake at PORT, staff at PORT+1, audit at PORT+2."""
    addresses = Addresses(port)
    addresses.check_free()
    settings, passphrase = _prepare(
        folder, addresses, init_if_missing, sheet_to_fd, as_json=as_json
    )
    ask: Passphrase | None = None
    if passphrase is not None:
        ask = partial(str, passphrase)
    elif not locked:
        ask = partial(common.read_secret, "vault passphrase", passphrase_fd, passphrase_file)
    announce = partial(_announce, addresses, locked=ask is None, as_json=as_json)
    run(settings, addresses, ask, announce)


def end_by_signal() -> None:
    """Let every ending signal unwind this process, so that what it made is cleared away."""
    for number in ENDING:
        signal.signal(number, _interrupt)


def run(
    settings: Settings,
    addresses: Addresses,
    ask: Passphrase | None,
    announce: Callable[[], None],
) -> None:
    """Start everything, announce it when all of it answers, and wait for Ctrl-C.

    The passphrase is asked for when intake answers already: after a power cut a witness must not
    wait for whoever knows it.

    Args:
        settings: of the vault.
        addresses: where to listen.
        ask: gives the vault passphrase; None leaves the vault locked.
        announce: says where everything is.

    Raises:
        WrongPassphraseError, SettingError, AgentError: it did not start; nothing is left running.
    """
    memory.harden()  # the passphrase passes through here; children begin without core dumps as well
    processes = Processes(settings, addresses)
    vault: Vault | None = None
    end_by_signal()
    try:
        vault = processes.start_agents()
        processes.start_servers()
        if ask is not None:
            unlock(vault, ask())
        announce()
        sys.stdout.flush()
        ended = processes.watch()
        raise AgentError(f"{ended} ended again and again; everything was stopped")
    except KeyboardInterrupt:
        for number in ENDING:
            signal.signal(number, signal.SIG_IGN)  # ending is short, and done once
        if vault is not None:
            _say_locked(vault)
    finally:
        processes.stop()


def _prepare(
    folder: Path,
    addresses: Addresses,
    init_if_missing: bool,
    sheet_to_fd: int | None,
    *,
    as_json: bool,
) -> tuple[Settings, str | None]:
    if keys.is_vault(folder):
        return common.load(folder), None
    if not init_if_missing:
        raise common.no_vault(folder)
    settings, sheet = found_and_show(folder, sheet_to_fd, addresses.staff, as_json=as_json)
    return settings, sheet.vault_passphrase


def _announce(addresses: Addresses, *, locked: bool, as_json: bool) -> None:
    lines = [addresses.lines()]
    if locked:
        lines.append("The vault is locked: intake works, staff waits for witness-vault unlock.")
    lines.append("Ctrl-C ends everything.")
    common.show(addresses.to_json() | {"locked": locked}, "\n".join(lines), as_json=as_json)


def _say_locked(vault: Vault) -> None:
    """Write that the vault is locked, and lock it; ending must not fail for a log's sake."""
    try:
        if not vault.agent.locked():
            with vault.journal.transaction() as transaction:
                transaction.log("vault.lock", "system")
            vault.close()
            vault.agent.lock()
    except WitnessVaultError as error:
        click.echo(f"witness-vault: {error.code}", err=True)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
