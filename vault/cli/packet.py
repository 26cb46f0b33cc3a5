"""`witness-vault packet`: seal a testimony from a file of answers, deliver a sealed packet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from vault.cli import common
from vault.crypto.receipt import encode, encode_digits
from vault.errors import InputError, StorageError
from vault.forms.codes import LANGUAGES
from vault.forms.load import load_forms
from vault.letterbox import Letterbox, files
from vault.packet import format as packets
from vault.packet.build import build_testimony
from vault.packet.material import Material
from vault.testimony.statement import statement_of
from vault.testimony.tell import recipients


@click.group()
def packet() -> None:
    """Seal testimony into a packet, and deliver packets."""


@packet.command(
    epilog=common.example("witness-vault packet seal victim answers.json --language ru")
)
@click.argument("form_id", metavar="FORM")
@click.argument("answers_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--language", type=click.Choice(LANGUAGES), default="ru", show_default=True)
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Write the packet here."
)
@common.directory
@common.as_json
@common.refusing
def seal(
    form_id: str,
    answers_file: Path,
    language: str,
    out: Path | None,
    folder: Path,
    as_json: bool,
) -> None:
    """Seal the answers of a JSON file; prints the receipt once.

    The packet goes into the vault's letterbox, or with --out into a file that travels by hand and
    is delivered there with `packet deliver`. Sealing needs no passphrase and no running vault: the
    published roster and the pinned root key are enough.
    """
    settings = common.load(folder)
    letterbox = Letterbox(settings.paths.letterbox, settings.letterbox)
    form = load_forms().get(form_id)
    statement = statement_of(form, language, _answers(answers_file), settings)
    roster = letterbox.roster()
    material = Material.generate()
    sealed = build_testimony(material, statement, roster, recipients(roster, statement.readers))
    _hand_over(letterbox, sealed, out)
    words = encode(material.receipt.entropy, language)
    digits = encode_digits(material.receipt.entropy)
    common.show(
        {"testimony": sealed.id, "receipt": " ".join(words), "digits": digits},
        f"Receipt, shown once:\n{' '.join(words)}\n{digits}",
        as_json=as_json,
    )


@packet.command(epilog=common.example("witness-vault packet deliver testimony.packet"))
@click.argument("packet_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@common.directory
@common.as_json
@common.refusing
def deliver(
    packet_file: Path,
    folder: Path,
    as_json: bool,
) -> None:
    """Put a sealed packet that came by hand into the letterbox."""
    settings = common.load(folder)
    data = files.read(packet_file, settings.letterbox.packet_limit)
    parsed = packets.parse(data or b"")
    letterbox = Letterbox(settings.paths.letterbox, settings.letterbox)
    if isinstance(parsed, packets.Testimony):
        letterbox.put_testimony(parsed.encode(), parsed.boxes)
    else:
        letterbox.put_packet(parsed.encode())
    common.show({"packet": parsed.id}, "Delivered.", as_json=as_json)


def _answers(file: Path) -> dict[str, Any]:
    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(dict(pairs)) < len(pairs):
            raise InputError(f"{file.name} answers something twice")  # one would be lost unseen
        return dict(pairs)

    try:
        value = json.loads(file.read_bytes().decode("utf-8", "strict"), object_pairs_hook=once)
    except (OSError, ValueError, RecursionError):
        raise InputError(f"{file.name} is not JSON in UTF-8") from None
    if not isinstance(value, dict):
        raise InputError(f"{file.name} does not hold an object of answers")
    return value


def _hand_over(letterbox: Letterbox, sealed: packets.Testimony, out: Path | None) -> None:
    if out is None:
        letterbox.put_testimony(sealed.encode(), sealed.boxes)
        return
    if out.exists():
        raise StorageError(f"{out.name} exists already")
    files.write(out, sealed.encode(), out.absolute().parent)
