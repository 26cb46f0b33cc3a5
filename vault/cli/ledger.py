"""`witness-vault ledger`: export the access log; verify an export or a proof of date anywhere."""

from __future__ import annotations

import json
from pathlib import Path

import click

from vault import clock
from vault.cli import common
from vault.errors import (
    FormatError,
    LedgerError,
    SignatureError,
    StorageError,
    WitnessVaultError,
)
from vault.ledger import export as layout
from vault.ledger import proof_of_date
from vault.ledger.proof_of_date import ProofOfDate, Proven
from vault.ledger.text import decode_utf8
from vault.ledger.verify import Report, verify_export
from vault.letterbox import files

MAX_FILE = 2**31


_held = click.option(
    "--held",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that was kept outside; may be given more than once.",
)


@click.group()
def ledger() -> None:
    """Export the access log, and verify an export."""


@ledger.command(epilog=common.example("witness-vault ledger export ledger-2026-11"))
@click.argument("out", type=click.Path(file_okay=False, path_type=Path))
@common.directory
@common.as_json
@common.refusing
def export(out: Path, folder: Path, as_json: bool) -> None:
    """Write the whole log into the folder OUT; the export is itself an entry."""
    vault = common.running_vault(folder)
    if out.exists() and any(out.iterdir()):
        raise StorageError(f"{out.name} is not empty")
    with vault.journal.transaction() as transaction:
        transaction.log("ledger.exported", "system")
    exported = vault.journal.export()
    files.make_directories(out)
    contents = layout.files_of(
        exported.entries, exported.leaf_hashes, exported.checkpoints, vault.journal.first_verifier()
    )
    for name, data in contents.items():
        files.write(out / name, data, out)
    count = len(exported.entries)
    common.show({"entries": count}, f"{count} entries written.", as_json=as_json)


@ledger.command(
    epilog=common.example("witness-vault ledger verify ledger-2026-11 --held checkpoint-of-march")
)
@click.argument("exported", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_held
@click.option(
    "--vkey-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The log's key as it was handed over at the beginning, in place of the export's own.",
)
@common.as_json
@common.refusing
def verify(
    exported: Path,
    held: tuple[Path, ...],
    vkey_file: Path | None,
    as_json: bool,
) -> None:
    """Verify an exported log; needs nothing but the folder. Names the first entry at fault."""
    try:
        report = _verify(exported, held, vkey_file)
    except (LedgerError, FormatError, SignatureError) as error:
        if as_json:
            named, seq = (
                (error.named, error.seq) if isinstance(error, LedgerError) else ("fault", None)
            )
            found = {"ok": False, "named": named, "seq": seq, "reason": str(error)}
            click.echo(json.dumps(found))
        raise
    text = (
        f"{report.entries} entries, {report.verified} verified by {report.checkpoints} checkpoints"
        f", {report.unverified} newer than the last. "
        + (
            f"What is held outside agrees on the first {report.held} entries."
            if report.held
            else "No checkpoint held outside was given: only the log's own key vouches for it."
        )
    )
    common.show(
        {
            "ok": True,
            "entries": report.entries,
            "verified": report.verified,
            "unverified": report.unverified,
            "checkpoints": report.checkpoints,
            "held": report.held,
            "vkey": report.vkey,
        },
        text,
        as_json=as_json,
    )


@ledger.command(
    "check-date",
    epilog=common.example(
        "witness-vault ledger check-date proof-2026-11-26.txt --vkey-file key-of-the-log.txt"
    ),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--vkey-file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The log's key, from somewhere else than the file.",
)
@_held
@click.option(
    "--cosigner-file",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The key of somebody outside who must have signed the checkpoint.",
)
@common.as_json
@common.refusing
def check_date(
    file: Path,
    vkey_file: Path,
    held: tuple[Path, ...],
    cosigner_file: tuple[Path, ...],
    as_json: bool,
) -> None:
    """Check a proof of date; needs nothing but the file and the log's key."""
    try:
        found = ProofOfDate.parse(_read(file, proof_of_date.MAX_SIZE)).verify(
            layout.parse_vkey(_read(vkey_file)),
            [_read(path) for path in held],
            [decode_utf8(_read(path)).removesuffix("\n") for path in cosigner_file],
        )
    except WitnessVaultError as error:
        if as_json:
            click.echo(json.dumps({"ok": False, "reason": str(error)}))
        raise
    seen = {name: clock.day(moment) for name, moment in found.seen.items()}
    result = {
        "ok": True,
        "day": found.day,
        "commitment": found.commitment.hex(),
        "shown": dict(found.shown),
        "entry": found.index,
        "origin": found.checkpoint.origin,
        "size": found.checkpoint.size,
        "held": found.held,
        "cosigned": seen,
        "unchecked": found.others,
    }
    common.show(result, _said(found, seen), as_json=as_json)


def _said(found: Proven, seen: dict[str, str]) -> str:
    where = f"entry {found.index}, checkpoint of {found.checkpoint.size} entries"
    lines = [
        f"The log {found.checkpoint.origin} noted this statement on {found.day} ({where}).",
        f"Fingerprint of the statement: {found.commitment.hex()}",
        *(
            f"Shown: {json.dumps({name: value}, ensure_ascii=False)}"
            for name, value in found.shown.items()
        ),
        *(f"{name} outside saw it on {day}." for name, day in seen.items()),
    ]
    if found.held:
        lines.append("The checkpoint held outside says the same.")
    if not seen and not found.held:
        lines.append("Nobody outside has confirmed it: it rests on the word of the log's keeper.")
    if found.others:
        lines.append(f"Signatures that were not checked: {', '.join(found.others)}")
    lines.append("Not proven: who made it, that it is true, that it did not exist earlier.")
    return "\n".join(lines)


def _verify(exported: Path, held: tuple[Path, ...], vkey_file: Path | None) -> Report:
    return verify_export(
        layout.parse_entries(_read(exported / layout.ENTRIES)),
        layout.parse_hashes(_read(exported / layout.HASHES)),
        layout.parse_checkpoints(_read(exported / layout.CHECKPOINTS)),
        layout.parse_vkey(_read(vkey_file or exported / layout.VKEY)),
        held_checkpoints=tuple(_read(path) for path in held),
    )


def _read(path: Path, most: int = MAX_FILE) -> bytes:
    data = files.read(path, most)
    if data is None:
        raise StorageError(f"{path.name} is missing")
    return data
