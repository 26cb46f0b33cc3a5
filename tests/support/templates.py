"""Templates and addresses are compiled once in a process: a test makes applications of its own."""

from __future__ import annotations

import functools

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule

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
    Rule._compile_builder = _kept(Rule._compile_builder)


def _kept(compile_builder):
    """Keep what writes an address: it hangs on the words of the rule alone."""
    kept = {}

    @functools.wraps(compile_builder)
    def once(rule, append_unknown=True):  # noqa: FBT002 - as the library calls it
        key = rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown
        if key not in kept:
            kept[key] = compile_builder(rule, append_unknown)
        return kept[key]

    return once
