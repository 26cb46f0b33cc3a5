"""`witness-vault init`: found a vault."""

from __future__ import annotations

from pathlib import Path

import click

from vault.cli import common, sheet
from vault.custody import founding, keys
from vault.errors import RefusedError, StorageError
from vault.settings import Settings

STAFF = "http://localhost:8001"


@click.command(epilog=common.example("witness-vault init --dir var"))
@common.directory
@click.option(
    "--sheet-to-fd", type=click.IntRange(min=0), help="Write the sheet to this descriptor."
)
@common.as_json
@common.refusing
def init(
    folder: Path,
    sheet_to_fd: int | None,
    as_json: bool,
) -> None:
    """Found a vault and print its sheet, once."""
    found_and_show(folder, sheet_to_fd, STAFF, as_json=as_json)


def found_and_show(
    folder: Path, descriptor: int | None, staff: str, *, as_json: bool
) -> tuple[Settings, founding.Sheet]:
    """Found a vault and hand out its sheet; returns both for a server that starts with it."""
    sheet.check_destination(descriptor)
    settings = new_settings(folder)
    made = founding.found(settings)
    sheet.hand_out(sheet.render(made, str(folder), staff, as_json=as_json), descriptor)
    return settings, made


def new_settings(folder: Path, extra: str = "") -> Settings:
    """Write a new vault's settings and return them.

    Raises:
        RefusedError: the folder holds a vault already.
        StorageError: the file cannot be written.
    """
    path = folder / "settings.toml"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            origin = founding.new_origin()
            path.write_text(
                "# Overrides of config/defaults.toml; only what differs.\n"
                f'[ledger]\norigin = "{origin}"\n{extra}',
                "utf-8",
            )
    except OSError as error:
        raise StorageError("the folder cannot be written") from error
    settings = common.load(folder)
    if keys.is_initialised(settings):
        raise RefusedError("there is a vault in this folder already")
    return settings
