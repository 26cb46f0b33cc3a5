"""The sheet: printed once when a vault is founded, then gone."""

from __future__ import annotations

import fcntl
import os
import sys

import click

from vault.custody.founding import Sheet
from vault.errors import InputError

_TEXT = """
================ Keep this sheet. It is shown once. ================

Vault passphrase (starts the vault after a power cut)
    {vault}

Root passphrase (confirms members at the terminal; keep it apart)
    {root}

Recovery shares: one for each trustee; any {threshold} of {count} together
{shares}

First invitation, for the administrator (type it at {staff}/staff/enrol)
    {invitation}

Then confirm the administrator here:
    witness-vault member confirm LOGIN --dir {folder}
====================================================================
"""


def render(sheet: Sheet, folder: str, staff: str) -> str:
    """Return the sheet as text."""
    shares = "\n".join(
        f"  {number}.  {share}" for number, share in enumerate(sheet.recovery_shares, 1)
    )
    return _TEXT.format(
        vault=sheet.vault_passphrase,
        root=sheet.root_passphrase,
        threshold=sheet.recovery_threshold,
        count=len(sheet.recovery_shares),
        shares=shares,
        invitation=sheet.invitation,
        folder=folder,
        staff=staff,
    )


def check_destination(descriptor: int | None) -> None:
    """Refuse to found a vault when nobody could see its sheet.

    Raises:
        InputError: no terminal, and not told where the sheet goes; or it cannot be written there.
    """
    if descriptor is None:
        if not sys.stdout.isatty():
            raise InputError(
                "no terminal to show the sheet on: say where it goes with --sheet-to-fd N"
            )
        return
    try:
        mode = fcntl.fcntl(descriptor, fcntl.F_GETFL) & os.O_ACCMODE
    except OSError:
        mode = os.O_RDONLY
    if mode == os.O_RDONLY:
        raise InputError(f"the sheet cannot be written to descriptor {descriptor}")


def hand_out(text: str, descriptor: int | None) -> None:
    """Show the sheet on the terminal, or write it to a descriptor."""
    if descriptor is None:
        click.echo(text)
        return
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(text)
    except OSError as error:
        raise InputError("the sheet's descriptor cannot be written") from error
