"""The command `witness-vault`: one file per command group."""

from __future__ import annotations

import click

from vault.cli import (
    backup,
    demo,
    doctor,
    form,
    initialise,
    ledger,
    lock,
    member,
    packet,
    passphrase,
    recovery,
    rotate,
    serve,
)

SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=SETTINGS)
@click.version_option(package_name="witness-vault")
def main() -> None:
    """Witness Vault: anonymous intake and sealed custody of testimony.

    Every command tells more with --help. Exit codes: 0 done, 1 refused with a reason, 2 wrong
    usage or setting.
    """


for command in (
    initialise.init,
    serve.serve,
    demo.demo,
    lock.lock,
    lock.unlock,
    passphrase.passphrase,
    backup.backup,
    recovery.recovery,
    rotate.rotate,
    member.member,
    packet.packet,
    ledger.ledger,
    form.form,
    doctor.doctor,
):
    main.add_command(command)
