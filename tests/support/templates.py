"""Templates are compiled once for all applications of a process; a test makes one for each rule."""

from __future__ import annotations

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from vault.web.shared.application import QuietFlask


class Compiled(BytecodeCache):
    """Keeps in memory what was compiled, by the template's name, file and text."""

    def __init__(self) -> None:
        self._kept = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.code


def compile_once() -> None:
    QuietFlask.jinja_options["bytecode_cache"] = Compiled()
