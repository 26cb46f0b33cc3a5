"""The sheet: printed once when a vault is founded, then gone."""

from __future__ import annotations

import fcntl
import json
import os
import sys
from collections.abc import Iterable
from dataclasses import asdict

import click

from vault.crypto.seal import key_id
from vault.custody.founding import Sheet
from vault.custody.keys import ROOT_KEY, SPARE_KEY, VAULT_KEY
from vault.custody.recovery.documents import PublicKey
from vault.errors import InputError

_TEXT = """
================ Keep this sheet. It is shown once. ================

Vault passphrase (starts the vault after a power cut; opens its backups)
    {vault}
    If this is lost: the spare passphrase below does the same; then set a
    new one with witness-vault passphrase.

Spare passphrase (the same once more: sealed, in another house)
    {spare}
    If this is lost: make another with witness-vault passphrase --spare.
    If both are lost, everything is lost. Nobody can help, we neither.
    Intake goes on taking accounts, but nothing can ever be opened.

Root passphrase (confirms the first three members; keep it apart)
    {root}
    It opens {folder}/keys/root.key: when three are confirmed, move that file
    to a stick that stays offline, and bring it to renew the list of members
    or to change the vault's keys.
    If this is lost: members go on confirming each other, and each change of
    their list gives it more time. The vault's keys cannot be changed then.

Recovery shares: one for each trustee; any {threshold} of {count} together
{shares}
    On the paper of each share also write the root key's fingerprint:
    {root_fingerprint}
    Trustees compare it before they type a share.
    If some are lost: nothing happens while {threshold} are left. With fewer,
    the cases of members who are gone cannot be recovered.

First invitation, for the administrator
    {invitation}
    To be typed at {staff}/staff/enrol
    If this is lost: witness-vault member invite makes another.

Then confirm the administrator here:
    witness-vault member confirm LOGIN --dir {folder}
====================================================================
"""

_IN_A_ROW = 5

_RENEWED = """
================ Keep this. It is shown once. ================

New {title}
    {passphrase}
    {note}
==============================================================
"""


_BACKUPS = "Backups made before today still open with the earlier one."
_TITLES = {
    VAULT_KEY: ("vault passphrase", _BACKUPS),
    SPARE_KEY: ("spare passphrase", _BACKUPS),
    ROOT_KEY: (
        "root passphrase",
        "Copies of root.key made before today still open with the earlier one.",
    ),
}

_ROTATED = """
================ Keep this. It is shown once. ================

New vault passphrase
    {passphrase}
New spare passphrase (in another house)
    {spare}
    They count from the next words on this screen. Backups made before
    today open with the earlier two: keep that sheet as long as those.
==============================================================
"""

_SHARES = """
================ Keep this. It is shown once. ================

Recovery key {id} of {day}
One share for each trustee; any {threshold} of {count} together
{shares}

On the paper of each share also write: {id}, {day}, and the fingerprint
of the vault's root key as it stands on the paper of the earlier shares.
Then type {threshold} of them from paper: witness-vault recovery test
==============================================================
"""


def render(sheet: Sheet, folder: str, staff: str, *, as_json: bool) -> str:
    """Return the sheet as text for people, or as one line of JSON."""
    if as_json:
        return json.dumps(asdict(sheet))
    return _TEXT.format(
        vault=sheet.vault_passphrase,
        spare=sheet.spare_passphrase,
        root=sheet.root_passphrase,
        threshold=sheet.recovery_threshold,
        count=len(sheet.recovery_shares),
        shares=_in_rows(sheet.recovery_shares),
        root_fingerprint=sheet.root_fingerprint,
        invitation=sheet.invitation,
        folder=folder,
        staff=staff,
    )


def render_renewed(name: str, passphrase: str, *, as_json: bool) -> str:
    """Return what is shown when a passphrase was made anew, as `render` does."""
    title, note = _TITLES[name]
    if as_json:
        return json.dumps({title.replace(" ", "_"): passphrase})
    return _RENEWED.format(title=title, passphrase=passphrase, note=note)


def render_rotated(passphrase: str, spare: str, *, as_json: bool) -> str:
    """Return what is shown when the vault key was changed, as `render` does."""
    if as_json:
        return json.dumps({"vault_passphrase": passphrase, "spare_passphrase": spare})
    return _ROTATED.format(passphrase=passphrase, spare=spare)


def render_shares(key: PublicKey, made: tuple[str, ...], *, as_json: bool) -> str:
    """Return what is shown when a new recovery key was split, as `render` does."""
    if as_json:
        return json.dumps({"recovery_shares": made, "recovery_threshold": key.threshold})
    return _SHARES.format(
        day=key.day,
        id=key_id(key.public).hex()[:8],
        threshold=key.threshold,
        count=key.shares,
        shares=_in_rows(made),
    )


def _in_rows(shares: Iterable[str]) -> str:
    """Return shares in rows that begin with the number of their first word, to be copied by hand.

    Whoever types a share later is told a wrong word by its number.
    """
    lines = []
    for number, share in enumerate(shares, 1):
        words = share.split()
        lines.append(f"  Share {number}")
        starts = range(0, len(words), _IN_A_ROW)
        lines += [f"  {at + 1:4}  {' '.join(words[at : at + _IN_A_ROW])}" for at in starts]
    return "\n".join(lines)


def check_destination(descriptor: int | None) -> None:
    """Refuse to make secrets when nobody could see their sheet.

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
