"""`witness-vault ledger`: export the access log, and verify an export anywhere."""

from __future__ import annotations

import json
from pathlib import Path

import click

from vault.cli import common
from vault.errors import FormatError, LedgerError, SignatureError, StorageError
from vault.ledger import export as layout
from vault.ledger.verify import Report, verify_export
from vault.letterbox import files

MAX_FILE = 2**31


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
@click.option(
    "--held",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that was kept outside; may be given more than once.",
)
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
        seq = error.seq if isinstance(error, LedgerError) else None
        if as_json:
            click.echo(json.dumps({"ok": False, "seq": seq, "reason": str(error)}))
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


def _verify(exported: Path, held: tuple[Path, ...], vkey_file: Path | None) -> Report:
    return verify_export(
        layout.parse_entries(_read(exported / layout.ENTRIES)),
        layout.parse_hashes(_read(exported / layout.HASHES)),
        layout.parse_checkpoints(_read(exported / layout.CHECKPOINTS)),
        layout.parse_vkey(_read(vkey_file or exported / layout.VKEY)),
        held_checkpoints=tuple(_read(path) for path in held),
    )


def _read(path: Path) -> bytes:
    data = files.read(path, MAX_FILE)
    if data is None:
        raise StorageError(f"{path.name} is missing")
    return data
