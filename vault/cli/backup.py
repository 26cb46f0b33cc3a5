"""`witness-vault backup`: make sealed backups of a vault that runs, verify and restore them."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import click

from vault.agents.kdf import LocalKdf
from vault.cli import common
from vault.custody import backup as custody
from vault.custody.backup import Made, Restored, Verified
from vault.custody.backup.header import LABEL, Header

QUICK = 1.0
LARGE = 100_000_000
_MEGA = 1_000_000

_file = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group()
def backup() -> None:
    """Make sealed backups of a vault that runs, verify and restore them."""


@backup.command(
    epilog=common.example(
        "witness-vault backup create /media/stick",
        "witness-vault backup create /media/stick --short-lived --json",
    )
)
@click.argument("target", metavar="FOLDER", type=click.Path(path_type=Path))
@click.option("--short-lived", is_flag=True, help="Only erasure keys and letterbox.")
@common.directory
@common.as_json
@common.refusing
def create(
    target: Path,
    short_lived: bool,
    folder: Path,
    as_json: bool,
) -> None:
    """Make a backup in FOLDER: a main file to keep, and a short-lived one.

    The short-lived file holds erasure keys and letterbox and must be destroyed after its last day,
    or deletions could be undone; this command removes those of earlier days from FOLDER.
    """
    vault = common.running_vault(folder)
    made = custody.create(
        vault, target, short_lived_only=short_lived, progress=_progress(silent=as_json)
    )
    lines = [f"{item.path.name}  {_until(item.last_day)}" for item in made]
    common.show({"backups": [_json(item) for item in made]}, "\n".join(lines), as_json=as_json)


@backup.command(
    epilog=common.example(
        "witness-vault backup verify witness-vault-1a2b3c4d-main-2026-11-26-9f8e7d6c.backup",
        "witness-vault backup verify stick/main.backup --dir var",
    )
)
@click.argument("file", type=_file)
@click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Ask the vault that runs there in place of a passphrase.",
)
@common.as_json
@common.secret_options("passphrase")
@common.refusing
def verify(
    file: Path,
    folder: Path | None,
    as_json: bool,
    passphrase_fd: int | None,
    passphrase_file: Path | None,
) -> None:
    """Read a backup to its end and say whether it is whole. Nothing is written."""
    if folder is not None:
        key = common.running_vault(folder).agent.subkey(LABEL)
        verified = custody.verify(file, lambda _: key)
    else:
        passphrase = _passphrase_of(file, passphrase_fd, passphrase_file)
        verified = custody.verify(file, custody.by_passphrase(passphrase, LocalKdf()))
    common.show(_verified(verified), _whole(verified), as_json=as_json)


@backup.command(
    epilog=common.example("witness-vault backup restore main.backup short-lived.backup --dir new")
)
@click.argument("files", type=_file, nargs=-1, required=True)
@click.option(
    "--dir",
    "folder",
    required=True,
    type=click.Path(path_type=Path),
    help="A new folder; the vault's new place.",
)
@common.as_json
@common.secret_options("passphrase")
@common.refusing
def restore(
    files: tuple[Path, ...],
    folder: Path,
    as_json: bool,
    passphrase_fd: int | None,
    passphrase_file: Path | None,
) -> None:
    """Make a vault of a main backup and, if you have one, a short-lived one.

    Asks for the vault passphrase of the day of the backup, or the spare one. Nothing has to run.
    """
    custody.check_free(folder)
    passphrase = _passphrase_of(files[0], passphrase_fd, passphrase_file)
    restored = custody.restore(files, folder, passphrase, LocalKdf())
    value = {
        "day": restored.day,
        "entries": restored.entries,
        "fault": restored.fault,
        "closed": restored.closed,
        "waiting": restored.waiting,
        "short_lived": restored.short_lived,
    }
    common.show(value, "\n".join(_told(restored, folder)), as_json=as_json)


def _passphrase_of(file: Path, descriptor: int | None, source: Path | None) -> str:
    # A passphrase that was made anew since does not open it, so the prompt says of which day.
    what = f"vault passphrase of {custody.stated(file).day}, or the spare passphrase"
    return common.read_secret(what, descriptor, source)


def _progress(*, silent: bool) -> Any:
    """Return what tells of the progress once it takes over a second, or surely will."""
    began, shown, last = time.monotonic(), 0.0, ""

    def tell(step: str, done: int, total: int) -> None:
        nonlocal shown, last
        now = time.monotonic()
        slow = now - began > QUICK or total > LARGE
        if not silent and slow and (step != last or now - shown > QUICK or done == total):
            shown, last = now, step
            sys.stderr.write(f"{step}: {done // _MEGA} of {total // _MEGA} MB\n")

    return tell


def _until(last_day: str | None) -> str:
    return f"destroy after {last_day}" if last_day else "keep"


def _json(item: Made) -> dict[str, Any]:
    return {
        "file": str(item.path),
        "kind": item.kind,
        "day": item.day,
        "last_day": item.last_day,
        "bytes": item.size,
    }


def _verified(found: Verified) -> dict[str, Any]:
    header: Header = found.header
    return {
        "kind": header.kind,
        "day": header.day,
        "last_day": header.last_day,
        "expired": header.expired,
        "files": found.files,
        "bytes": found.size,
    }


def _whole(found: Verified) -> str:
    header = found.header
    text = f"Whole: {header.kind}, made on {header.day}, {found.files} files, {found.size} bytes."
    if header.expired:
        return f"{text}\nExpired on {header.last_day}: it is not restored any more. Destroy it."
    return text if header.last_day is None else f"{text}\nDestroy it after {header.last_day}."


def _told(restored: Restored, folder: Path) -> list[str]:
    """Return what a person must know about a restored vault, the worst first."""
    lines = []
    if not restored.short_lived:
        lines.append(
            "Without a short-lived backup: no erasure keys and no letterbox. No testimony in this"
            " vault can be opened by anybody, and witnesses cannot come back to their boxes."
        )
    elif restored.closed:
        lines.append(
            f"{restored.closed} testimonies or cases cannot be opened: they were erased, or the"
            " short-lived backup is older than the main one."
        )
    if restored.fault is not None:
        lines.append(
            f"The access log does not verify from entry {restored.fault} on: tell the auditor."
        )
    lines.append(
        f"Restored as it was on {restored.day}: {restored.entries} entries in the access log,"
        f" {restored.waiting} packets wait for the collector."
    )
    lines.append(
        "What happened since is undone. Members who were ended since are members again: see"
        " witness-vault member list."
    )
    lines.append(f"Never let the old vault run beside it. Next: witness-vault serve --dir {folder}")
    return lines
