"""`witness-vault rotate`: change keys. For the vault's own the vault is not served meanwhile.

The recovery key is changed by `recovery split`, `test` and `renew`; a member's keys by enrolling
anew.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from vault.agents.kdf import LocalKdf
from vault.cases.epochs import due
from vault.cases.lists import inbox
from vault.cli import common, sheet
from vault.cli.processes import check_unserved
from vault.crypto.sign import SigningKey
from vault.custody import keys, rotation
from vault.custody.rotation import Changed, Settled
from vault.errors import RefusedError, SettingError
from vault.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")

_EARLIER = {
    Settled.UNDONE: "An earlier change had stopped half-way; nothing of it counted.",
    Settled.FINISHED: "An earlier change had stopped at its end; it was finished first, so the"
    " passphrases on its sheet count.",
}


@click.group()
def rotate() -> None:
    """Change keys. A change that was interrupted goes on when it is run again."""


@rotate.command(epilog=common.example("witness-vault rotate vault --dir var"))
@common.directory
@click.option("--sheet-to-fd", type=click.IntRange(min=0), help="Write the sheet to this one.")
@common.as_json
@common.secret_options("passphrase")
@common.refusing
def vault(
    folder: Path,
    sheet_to_fd: int | None,
    as_json: bool,
    passphrase_fd: int | None,
    passphrase_file: Path | None,
) -> None:
    """Change the vault key and both of its passphrases; shows the new ones once.

    Encrypts both databases anew, which needs as much free space as they take. Asks for the present
    vault passphrase or the spare one. Members sign in as before; backups made before open with the
    earlier passphrases.
    """
    settings = _stopped(folder)
    sheet.check_destination(sheet_to_fd)
    present = _present(passphrase_fd, passphrase_file)

    def show(fresh: str, spare: str) -> None:
        sheet.hand_out(sheet.render_rotated(fresh, spare, as_json=as_json), sheet_to_fd)
        if sheet_to_fd is None and sys.stdin.isatty() and not click.confirm("Written down?"):
            raise RefusedError("nothing was changed")

    changed = rotation.change_vault_key(settings, present, LocalKdf(), show)
    _say(changed, "The vault key was changed. Only the new passphrases count.", as_json=as_json)


def _by_root(command: Callable[P, R]) -> Callable[P, R]:
    """Add what commands share that need the root key."""
    command = common.refusing(command)
    for name in ("root-passphrase", "passphrase"):
        command = common.secret_options(name)(command)
    return common.directory(common.as_json(command))


@rotate.command(epilog=common.example("witness-vault rotate ledger --dir var"))
@_by_root
def ledger(
    folder: Path,
    as_json: bool,
    passphrase_fd: int | None,
    passphrase_file: Path | None,
    root_passphrase_fd: int | None,
    root_passphrase_file: Path | None,
) -> None:
    """Let the access log go on under a new key.

    Auditors keep the key that they were handed at the beginning: the log itself leads from it to
    the new one. Asks for the vault passphrase and the root passphrase.
    """
    settings = _stopped(folder)
    present = _present(passphrase_fd, passphrase_file)
    root = partial(_root, root_passphrase_fd, root_passphrase_file)
    changed = rotation.change_ledger_key(settings, present, root, LocalKdf())
    _say(changed, "The access log goes on under a new key.", as_json=as_json)


@rotate.command(
    epilog=common.example("witness-vault rotate collector", "witness-vault rotate collector --drop")
)
@click.option(
    "--drop", is_flag=True, help="Forget the earlier keys: nothing comes for them any more."
)
@_by_root
def collector(
    drop: bool,
    folder: Path,
    as_json: bool,
    passphrase_fd: int | None,
    passphrase_file: Path | None,
    root_passphrase_fd: int | None,
    root_passphrase_file: Path | None,
) -> None:
    """Change the collector's key. What was sealed to the one before is taken for 30 days and more.

    Asks for the vault passphrase and the root passphrase; with --drop for the first only.
    """
    settings = _stopped(folder)
    present = _present(passphrase_fd, passphrase_file)
    if drop:
        count = rotation.drop_old_collector_keys(settings, present, LocalKdf())
        common.show({"dropped": count}, f"{count} earlier keys were forgotten.", as_json=as_json)
        return
    root = partial(_root, root_passphrase_fd, root_passphrase_file)
    changed = rotation.change_collector_key(settings, present, root, LocalKdf())
    _say(changed, "The collector's key was changed.", as_json=as_json)


@rotate.command(
    epilog=common.example("witness-vault rotate case ABCD-EFGH --by a.lawyer --dir var")
)
@click.argument("case", metavar="CASE")
@click.option("--by", required=True, metavar="LOGIN", help="Who holds it: you sign in as them.")
@common.directory
@common.as_json
@common.secret_options("passphrase")
@common.secret_options("code")
@common.refusing
def case(
    case: str,
    by: str,
    folder: Path,
    as_json: bool,
    passphrase_fd: int | None,
    passphrase_file: Path | None,
    code_fd: int | None,
    code_file: Path | None,
) -> None:
    """Give a case new keys, as somebody who holds it; the vault has to be served.

    CASE is its short code. What comes from now on is sealed to keys that nobody has who left.
    """
    opened = common.running_vault(folder)
    secrets = (passphrase_fd, passphrase_file), (code_fd, code_file)
    actor = common.sign_in(opened, by, *secrets)
    mine = inbox.my_cases(opened, actor)
    found = next((line.id for line in mine if case.upper() in {line.id.upper(), line.code}), "")
    begun = due.begin_anew(opened, actor, found)
    text = "New keys count." if begun else "New keys begin when another holder signs in."
    common.show({"begun": begun}, text, as_json=as_json)


def _stopped(folder: Path) -> Settings:
    settings = common.load(folder)
    if not keys.is_initialised(settings):
        raise common.no_vault(folder)
    try:
        check_unserved(settings)
    except SettingError:
        raise RefusedError("the vault is being served: stop it first") from None
    return settings


def _present(descriptor: int | None, file: Path | None) -> str:
    return common.read_secret("vault or spare passphrase", descriptor, file)


def _root(descriptor: int | None, file: Path | None, settings: Settings) -> SigningKey:
    passphrase = common.read_secret("root passphrase", descriptor, file, "root-passphrase")
    return keys.open_root_key(settings, passphrase, LocalKdf())


def _say(changed: Changed, text: str, *, as_json: bool) -> None:
    lines = [_EARLIER[changed.earlier]] if changed.earlier in _EARLIER else []
    value = {"changed": True, "earlier": changed.earlier.value}
    common.show(value, "\n".join([*lines, text]), as_json=as_json)
