"""The log as it grows to a million entries: proofs, an export, and verifying that export.

The steps to a thousand, ten thousand, … show how each cost grows; the targets count at the last.
Building the million takes most of the time: a minute or two.
"""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import million
from bench.report import Report, median, milliseconds
from bench.staff import small_vault
from vault.journal.vault import Vault
from vault.ledger.export import VKEY

SIZES = (1_000, 10_000, 100_000, 1_000_000)
PROOF_MS, VERIFY_SECONDS, VERIFY_MB = 5, 20, 300
PROOFS = 40

# In a process of its own: its peak memory is that of the command.
VERIFY = """
import resource, sys
from vault.cli import main
try:
    main(["ledger", "verify", *sys.argv[1:]], prog_name="witness-vault")
except SystemExit as end:
    assert not end.code
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def measure(report: Report) -> None:
    """Add the costs at each size."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        vault, _, _ = small_vault(folder / "var")
        for size in SIZES:
            _at(report, vault, size, folder / str(size))
        vault.close()


def _at(report: Report, vault: Vault, size: int, folder: Path) -> None:
    million.fill(vault, size - vault.journal.size())
    last = size == SIZES[-1]
    chance = random.Random(size)
    journal, note = vault.journal, vault.journal.latest_checkpoint()
    assert note is not None
    proof = median(milliseconds(lambda: journal.inclusion_proof(chance.randrange(size)), PROOFS))
    follows = median(
        milliseconds(lambda: journal.consistency_proof(chance.randrange(1, size), note), PROOFS)
    )
    report.add(f"ledger of {size}: a proof", proof, "ms", most=PROOF_MS if last else None)
    report.add(
        f"ledger of {size}: that one follows", follows, "ms", most=PROOF_MS if last else None
    )
    report.add(f"ledger of {size}: an export", _export(vault, folder), "s")
    seconds, megabytes = _verify(folder)
    report.add(
        f"ledger of {size}: verifying it", seconds, "s", most=VERIFY_SECONDS if last else None
    )
    report.add(
        f"ledger of {size}: memory of that", megabytes, "MB peak", most=VERIFY_MB if last else None
    )


def _export(vault: Vault, folder: Path) -> float:
    began = time.perf_counter()
    folder.mkdir()
    with vault.journal.exporting() as files:
        for name, pieces in files.items():
            with (folder / name).open("wb") as file:
                file.writelines(pieces)
    return time.perf_counter() - began


def _verify(folder: Path) -> tuple[float, float]:
    command = [sys.executable, "-c", VERIFY, str(folder), "--vkey-file", str(folder / VKEY)]
    began = time.perf_counter()
    ran = subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began, int(ran.stdout.split()[-1]) / 1000
