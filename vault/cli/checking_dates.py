"""`witness-vault ledger check-date`: check a proof of date anywhere."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import click

from vault import canonical, clock
from vault.cli import common
from vault.cli.exported import read
from vault.errors import WitnessVaultError
from vault.ledger import export as layout
from vault.ledger import proof_of_date
from vault.ledger.proof_of_date import ProofOfDate, Proven
from vault.ledger.text import decode_utf8
from vault.packet.dating import FILE

held = click.option(
    "--held",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A checkpoint that was kept outside; may be given more than once.",
)


@click.command(
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
@held
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
        found = ProofOfDate.parse(read(file, proof_of_date.MAX_SIZE)).verify(
            layout.parse_vkey(read(vkey_file)),
            [read(path) for path in held],
            [decode_utf8(read(path)).removesuffix("\n") for path in cosigner_file],
        )
    except WitnessVaultError as error:
        if as_json:
            common.show({"ok": False, "reason": str(error)}, "", as_json=True)
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
        *(f"SHA-256 of file {name}: {digest}" for name, digest in _files(found)),
        *(f"{name} outside saw it on {day}." for name, day in seen.items()),
    ]
    if found.held:
        lines.append("The checkpoint held outside says the same.")
    if not seen and not found.held:
        lines.append("Nobody outside has confirmed it: it rests on the word of the log's keeper.")
    if found.others:
        names = ", ".join(json.dumps(name, ensure_ascii=False) for name in found.others)
        lines.append(f"Signatures that were not checked: {names}")
    lines.append("Not proven: who made it, that it is true, that it did not exist earlier.")
    return "\n".join(lines)


def _files(found: Proven) -> Iterator[tuple[str, str]]:
    """Yield id and digest of the files that are shown, as `sha256sum` prints it."""
    for name, value in found.shown.items():
        if name.startswith(FILE) and isinstance(value, dict):
            yield name.removeprefix(FILE), canonical.unb64(value.get("sha256")).hex()
