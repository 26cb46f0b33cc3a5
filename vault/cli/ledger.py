"""`witness-vault ledger`: export the access log, verify and compare copies of it anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from vault import clock
from vault.cli import checking_dates, common, cosigning
from vault.cli.exported import copy_of, read, vkey_of
from vault.errors import FormatError, LedgerError, SignatureError, StorageError
from vault.ledger import copies
from vault.ledger import export as layout
from vault.ledger.copies import Cosigned
from vault.ledger.note import COSIGNATURE, NoteVerifier
from vault.ledger.text import decode_utf8
from vault.ledger.verify import Report
from vault.letterbox import files

_folder = click.Path(exists=True, file_okay=False, path_type=Path)
_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_vkey = click.option(
    "--vkey-file",
    type=_file,
    help="The log's key as it was handed over at the beginning, in place of the export's own.",
)


@click.group()
def ledger() -> None:
    """Export the access log, verify it, compare copies, and have checkpoints cosigned."""


for command in (checking_dates.check_date, *cosigning.COMMANDS):
    ledger.add_command(command)


@ledger.command(
    epilog=common.example(
        "witness-vault ledger export ledger-2026-11",
        "witness-vault ledger export ledger-2026-12 --since checkpoint-2026-11-30.txt",
    )
)
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@click.option("--since", type=_file, help="A checkpoint that was kept: only what came after it.")
@common.directory
@common.as_json
@common.refusing
def export(out: Path, since: Path | None, folder: Path, as_json: bool) -> None:
    """Write the log into the folder OUT; the export is itself an entry."""
    vault = common.running_vault(folder)
    kept = None if since is None else read(since)
    if out.exists() and any(out.iterdir()):
        raise StorageError(f"{out.name} is not empty")
    with vault.journal.transaction() as transaction:
        transaction.log("ledger.exported", "system")
    with vault.journal.exporting(kept) as contents:
        files.make_directories(out)
        counts = {name: _write(out / name, pieces) for name, pieces in contents.items()}
    count = counts[layout.ENTRIES]
    common.show({"entries": count}, f"{count} entries written.", as_json=as_json)


@ledger.command(
    epilog=common.example(
        "witness-vault ledger verify ledger-2026-11 --held checkpoint-of-march",
        "witness-vault ledger verify ledger-2026-12 --older ledger-2026-11",
    )
)
@click.argument("exported", type=_folder)
@click.option(
    "--older",
    multiple=True,
    type=_folder,
    help="An older export: it must lead to this one. Several: the oldest first.",
)
@checking_dates.held
@click.option(
    "--cosigner-file",
    multiple=True,
    type=_file,
    help="The key of somebody outside: up to which entry did they sign?",
)
@_vkey
@common.as_json
@common.refusing
def verify(
    exported: Path,
    older: tuple[Path, ...],
    held: tuple[Path, ...],
    cosigner_file: tuple[Path, ...],
    vkey_file: Path | None,
    as_json: bool,
) -> None:
    """Verify an exported log; needs nothing but the folder. Names the first entry at fault."""
    folders = (*older, exported)
    vkey = layout.parse_vkey(read(vkey_file)) if vkey_file else vkey_of(folders[0])
    cosigners = [_cosigner(path) for path in cosigner_file]
    with _telling(as_json=as_json):
        report = _verified(folders, vkey, [read(path) for path in held])
        signed = {one.name: copies.cosigned(copy_of(folders), one) for one in cosigners}
    found = {
        name: {"entries": one.size, "seen": clock.moment(one.moment)}
        for name, one in signed.items()
    }
    value = {"ok": True, **_facts(report), "cosigned": found}
    said = _said(report, signed, older=len(older), own_key=vkey_file is None)
    common.show(value, said, as_json=as_json)


@ledger.command(
    epilog=common.example("witness-vault ledger compare ledger-of-anna ledger-of-berik")
)
@click.argument("one", type=_folder)
@click.argument("other", type=_folder)
@_vkey
@common.as_json
@common.refusing
def compare(one: Path, other: Path, vkey_file: Path | None, as_json: bool) -> None:
    """Verify two exports and compare them: do they tell one history? Needs nothing but both."""
    vkey = layout.parse_vkey(read(vkey_file)) if vkey_file else vkey_of(one)
    with _telling(as_json=as_json):
        ours, theirs = copy_of([one]), copy_of([other])
        signed = (ours.verify(vkey).verified, theirs.verify(vkey).verified)
        found = copies.compare(ours, theirs, signed)
    value = {"ok": True, "common": found.common, "one": found.ours, "other": found.theirs}
    text = f"One history: the first {found.common} entries are the same. "
    if found.ours == found.theirs:
        text += "Neither goes on further."
    else:
        larger, most = (one, found.ours) if found.ours > found.theirs else (other, found.theirs)
        text += f"{larger.name} goes on to {most}."
    common.show(value, text, as_json=as_json)


@contextmanager
def _telling(*, as_json: bool) -> Iterator[None]:
    """Print a fault as JSON as well, before it is refused in words."""
    try:
        yield
    except (LedgerError, FormatError, SignatureError) as error:
        if as_json:
            ledger_fault = error if isinstance(error, LedgerError) else LedgerError()
            found = {"ok": False, "named": ledger_fault.named, "seq": ledger_fault.seq}
            common.show({**found, "reason": str(error)}, "", as_json=True)
        raise


def _verified(folders: tuple[Path, ...], vkey: str, held: list[bytes]) -> Report:
    """Verify each older copy, then the newest, then that one leads to the next."""
    report, before = None, None
    for number in range(1, len(folders) + 1):
        newest = number == len(folders)
        copy = copy_of(folders[:number])
        found = copy.verify(vkey, held if newest else ())
        if report is not None and before is not None:
            copies.check_newer(copy, before, (found.verified, report.verified))
        report, before = found, copy
    assert report is not None
    return report


def _facts(report: Report) -> dict[str, Any]:
    return {
        "entries": report.entries,
        "verified": report.verified,
        "unverified": report.unverified,
        "checkpoints": report.checkpoints,
        "held": report.held,
        "vkey": report.vkey,
        "until": report.until,
    }


def _cosigner(path: Path) -> NoteVerifier:
    return NoteVerifier.parse(decode_utf8(read(path)).removesuffix("\n"), COSIGNATURE)


def _said(report: Report, cosigned: Mapping[str, Cosigned], *, older: int, own_key: bool) -> str:
    lines = [
        f"{report.entries} entries,",
        f"{report.verified} verified by {report.checkpoints} checkpoints,",
        f"{report.unverified} newer than the last.",
    ]
    if report.until:
        lines.append(f"The last verified entry is of {report.until}.")
    if older:
        lines.append("The older export leads to this one.")
    lines += [
        f"{name} signed the first {one.size} entries at {clock.moment(one.moment)}."
        for name, one in cosigned.items()
    ]
    if report.held:
        lines.append(f"What is held outside agrees on the first {report.held} entries.")
    elif not cosigned:
        lines.append("No checkpoint held outside was given: only the log's own key vouches for it.")
    if own_key:
        lines.append("No key was given: whoever makes up a log puts a key of their own into it.")
    return " ".join(lines)


def _write(path: Path, pieces: Iterable[bytes]) -> int:
    """Write a file piece by piece; return how many there were."""
    try:
        with path.open("xb") as file:
            return sum(1 for piece in pieces if file.write(piece))
    except OSError as error:
        raise StorageError(f"{path.name} cannot be written") from error
