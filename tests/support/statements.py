"""Statements are compiled once for all databases of a process; a test opens some of each."""

from __future__ import annotations

import functools

from sqlalchemy import create_engine

from vault.storage import engine


class Statements(dict):
    """Keeps what was compiled, whichever of the databases asked: all speak the same dialect."""

    def get(self, key, default=None):
        return super().get(key[1:], default)

    def __setitem__(self, key, compiled):
        super().__setitem__(key[1:], compiled)


def compile_statements_once() -> None:
    options = {"compiled_cache": Statements()}
    engine.create_engine = functools.partial(create_engine, execution_options=options)
