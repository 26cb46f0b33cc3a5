"""`witness-vault passphrase`: a new passphrase of the vault, or of its root key."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from vault.cli import common, sheet
from vault.custody import keys
from vault.custody import passphrase as custody
from vault.errors import RefusedError


@click.command(
    epilog=common.example(
        "witness-vault passphrase",
        "witness-vault passphrase --spare --dir var",
        "witness-vault passphrase --root",
    )
)
@common.directory
@click.option("--spare", is_flag=True, help="Make a new spare passphrase in place of the other.")
@click.option("--root", is_flag=True, help="Make a new root passphrase, given the present one.")
@click.option("--sheet-to-fd", type=click.IntRange(min=0), help="Write it to this descriptor.")
@common.as_json
@common.secret_options("passphrase")
@common.refusing
def passphrase(
    folder: Path,
    spare: bool,
    root: bool,
    sheet_to_fd: int | None,
    as_json: bool,
    passphrase_fd: int | None,
    passphrase_file: Path | None,
) -> None:
    """Make a new vault passphrase and show it once.

    Asks for the present one or the spare, either will do. The vault has to be served and unlocked;
    the one that is replaced ends at once. The keys stay the same: see witness-vault rotate.
    """
    if spare and root:
        raise click.UsageError("--spare or --root, not both")
    vault = common.running_vault(folder)
    sheet.check_destination(sheet_to_fd)
    name = keys.ROOT_KEY if root else keys.SPARE_KEY if spare else keys.VAULT_KEY
    asked = "root passphrase" if root else "vault or spare passphrase"
    present = common.read_secret(asked, passphrase_fd, passphrase_file)

    def show(fresh: str) -> None:
        sheet.hand_out(sheet.render_renewed(name, fresh, as_json=as_json), sheet_to_fd)
        if sheet_to_fd is None and sys.stdin.isatty() and not click.confirm("Written down?"):
            raise RefusedError("nothing was changed")

    if root:
        custody.renew_root(vault, present, show)
    else:
        custody.renew(vault, present, name, show)
    common.show({"changed": True}, "Changed.", as_json=as_json)
