"""`witness-vault demo`: a throw-away vault with everybody in it, served at once.

Everything is real but the people: the same founding, enrolment, sealing and collecting as for a
vault of one's own. Only the delays and slots are 0, and every page says that nothing is kept.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from vault.cli import common
from vault.cli.demo_vault import Person, furnish
from vault.cli.initialise import new_settings
from vault.cli.processes import Addresses
from vault.cli.serve import FIRST_PORT, end_by_signal, run
from vault.custody import founding

_SETTINGS = """[letterbox]
slot = 0

[roster]
delay = 0

[erasure]
delay_days = 0

[consent]
delay = 0

[servers]
demonstration = true
staff_url = "{staff}/staff/"
audit_url = "{audit}/audit/"
"""


@dataclass(frozen=True)
class _Made:
    folder: Path
    people: tuple[Person, ...]
    receipt: str | None = field(repr=False)


@click.command(epilog=common.example("witness-vault demo", "witness-vault demo --port 9000 --json"))
@click.option("--dir", "folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--port", type=click.IntRange(1024, 65_533), default=FIRST_PORT, show_default=True)
@click.option("--empty", is_flag=True, help="Without the synthetic testimonies.")
@common.as_json
@common.refusing
def demo(
    folder: Path | None,
    port: int,
    empty: bool,
    as_json: bool,
) -> None:
    """Make a throw-away vault with one member per role and serve it.

    Prints the three addresses and everybody's sign-in. Without --dir the vault is made in a
    temporary folder and removed at the end.
    """
    addresses = Addresses(port)
    addresses.check_free()
    end_by_signal()
    temporary = folder is None
    chosen = folder or Path(tempfile.mkdtemp(prefix="witness-vault-demo-"))
    try:
        settings = new_settings(
            chosen, _SETTINGS.format(staff=addresses.staff, audit=addresses.audit)
        )
        sheet = founding.found(settings, "Demo administrator")
        people, receipt = furnish(settings, sheet, empty=empty)
        made = _Made(chosen, people, receipt)
        run(
            settings,
            addresses,
            lambda: sheet.vault_passphrase,
            lambda: _print(made, addresses, as_json=as_json),
        )
    finally:
        if temporary:
            shutil.rmtree(chosen, ignore_errors=True)


def _print(made: _Made, addresses: Addresses, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(_json(made, addresses), ensure_ascii=False))
    else:
        click.echo(f"A throw-away vault in {made.folder}; nothing in it is kept.\n")
        click.echo(f"{addresses.lines()}\n")
        for person in made.people:
            click.echo(f"{', '.join(person.roles):16} {person.login:16} {person.passphrase}")
            click.echo(f"{'':33} {person.totp_secret}")
        click.echo("\nSigning in asks for a code: put the second line of a member into an")
        click.echo("authenticator app, or paste it into: witness-vault member code")
        if made.receipt:
            click.echo(f"\nA witness's twelve words, to come back with:\n  {made.receipt}")
        click.echo("\nCtrl-C ends it.")


def _json(made: _Made, addresses: Addresses) -> dict[str, Any]:
    return {
        **addresses.to_json(),
        "data_dir": str(made.folder),
        "members": [
            {
                "name": person.name,
                "roles": list(person.roles),
                "login": person.login,
                "passphrase": person.passphrase,
                "totp_secret": person.totp_secret,
            }
            for person in made.people
        ],
    }
