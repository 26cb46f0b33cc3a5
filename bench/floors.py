"""What this machine needs for the bare work in the same run: nothing can be faster than this."""

from __future__ import annotations

import tempfile
from pathlib import Path

from bench.report import Report, median, milliseconds
from vault.agents.kdf import LocalKdf
from vault.crypto import suite
from vault.crypto.passphrase import SALT_SIZE, Argon2Parameters
from vault.crypto.seal import OpeningKey, seal
from vault.letterbox import files

USUAL = Argon2Parameters(65_536, 3, 1)

# The messages of one testimony with one officer: held-back and stored grants, the collector's
# part, the fixed parts, three records, two boxes and what was sent from each; sizes in bytes.
MESSAGES = (512, 512, 512, 512, 1024, 1024, 1024, *[4096] * 4, *[8192] * 2, *[65_536] * 2)
DURABLE = 65_536


def measure(report: Report) -> None:
    """Add the floors."""
    public = OpeningKey.generate().public
    texts = [bytes(size) for size in MESSAGES]
    sealing = median(milliseconds(lambda: [seal(public, b"floor", text) for text in texts], 100))
    with tempfile.TemporaryDirectory() as name:
        folder, data = Path(name), suite.random(DURABLE)
        writing = median(milliseconds(lambda: files.write(folder / "file", data, folder), 100))
    salt = suite.random(SALT_SIZE)
    argon2 = median(milliseconds(lambda: LocalKdf().derive("a passphrase", salt, USUAL), 5))
    report.add(f"floor: {len(MESSAGES)} bare seals", sealing, "ms")
    report.add("floor: one durable write of 64 KiB", writing, "ms")
    report.add("floor: so intakes on one core", 1000 / (sealing + writing), "1/s")
    report.add("floor: Argon2id alone", argon2, "ms")
