"""`witness-vault doctor`: is everything well?"""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from vault.cli import common
from vault.custody.doctor import examine
from vault.journal.vault import connect


@click.command(epilog=common.example("witness-vault doctor --dir var"))
@common.directory
@common.as_json
@common.refusing
def doctor(folder: Path, as_json: bool) -> None:  # noqa: FBT001 - named by click
    """Check a vault that is being served; exit code 1 if something is not well."""
    findings = examine(connect(common.load(folder)))
    text = "\n".join(
        f"{'well' if item.well else 'LOOK'}  {item.name}: {item.text}"
        + (f"\n      {item.advice}" if item.advice else "")
        for item in findings
    )
    well = all(item.well for item in findings)
    common.show({"well": well, "checks": [asdict(i) for i in findings]}, text, as_json=as_json)
    if not well:
        sys.exit(1)
