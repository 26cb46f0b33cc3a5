"""Brings a database file to the present schema (Alembic, one line of revisions per file).

Run by the program itself, in one write transaction; no `alembic.ini`, so an installed wheel is
enough. The schema that results equals `tables` exactly; a test compares them.

Alembic is loaded only here and only then: of all processes of a vault one migrates, once.
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from vault.errors import StorageError
from vault.storage.tables import ERASURE, VAULT

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy import MetaData

    from vault.storage.engine import Database

_HERE = Path(__file__).parent
_ALEMBIC = threading.Lock()  # Alembic hands its state to env.py through a module


def upgrade(database: Database, metadata: MetaData = VAULT) -> None:
    """Bring `database` to the newest revision; does nothing when it is there already.

    Args:
        database: opened with `create=True` if its file may be missing.
        metadata: `tables.VAULT` or `tables.ERASURE`: which line of revisions applies.

    Raises:
        StorageError: the file was made by a newer version of the program, or cannot be written.
    """
    from alembic import command  # noqa: PLC0415 - half of what the program would load at its start
    from alembic.util import CommandError  # noqa: PLC0415 - as above

    config = _config(metadata)
    with _ALEMBIC, database.write() as connection:
        config.attributes["connection"] = connection
        config.attributes["metadata"] = metadata
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StorageError(f"{database.path.name} is of an unknown revision") from error


def _config(metadata: MetaData) -> Config:
    from alembic.config import Config  # noqa: PLC0415 - as above

    line = {id(VAULT): "vault", id(ERASURE): "erasure"}[id(metadata)]
    config = Config()
    config.set_main_option("path_separator", "newline")
    config.set_main_option("script_location", _escaped(_HERE))
    config.set_main_option("version_locations", _escaped(_HERE / line / "versions"))
    return config


def _escaped(path: Path) -> str:
    """Return the path with `%` doubled: Alembic interpolates its options."""
    return str(path).replace("%", "%%")
