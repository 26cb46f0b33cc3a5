"""`witness-vault doctor`: is everything well?"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from vault.cli import common
from vault.custody.doctor import examine
from vault.journal.vault import connect
from vault.web.shared import findings, wording


@click.command(epilog=common.example("witness-vault doctor --dir var"))
@common.directory
@common.as_json
@common.refusing
def doctor(folder: Path, as_json: bool) -> None:
    """Check a vault that is being served; exit code 1 if something is not well."""
    words = wording.load("staff")["en"]
    lines = [findings.line(words, found) for found in examine(connect(common.load(folder)))]
    well = all(line.well for line in lines)
    value = {"well": well, "checks": [asdict(line) for line in lines]}
    common.show(value, "\n".join(map(_shown, lines)), as_json=as_json)
    if not well:
        sys.exit(1)


def _shown(line: findings.Line) -> str:
    below = ([line.advice] if line.advice else []) + [f"  {command}" for command in line.commands]
    return "\n      ".join(
        [f"{'well' if line.well else 'LOOK'}  {line.title}: {line.text}", *below]
    )
