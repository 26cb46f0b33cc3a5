"""What all tables share: one metadata per database file, names of constraints, kinds of columns.

Tables about witnesses have random primary keys and no hidden row number (`WITHOUT ROWID`): SQLite
counts rows in the order of their insertion, and that order must not betray the minute.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import CheckConstraint, Column, LargeBinary, MetaData, Table, Text

_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

VAULT = MetaData(naming_convention=_NAMES)
"""Everything in `vault.db`."""

ERASURE = MetaData(naming_convention=_NAMES)
"""Everything in `erasure.db`, whose backups live shorter."""


def table(name: str, *parts: Any, metadata: MetaData = VAULT) -> Table:
    """Return a table without row numbers."""
    return Table(name, metadata, *parts, sqlite_with_rowid=False)


def text(name: str, *parts: Any, **options: Any) -> Column[str]:
    """Return a text column; not null unless said otherwise."""
    return Column(name, Text, *parts, **{"nullable": False} | options)


def blob(name: str, *parts: Any, **options: Any) -> Column[bytes]:
    """Return a column of bytes; not null unless said otherwise."""
    return Column(name, LargeBinary, *parts, **{"nullable": False} | options)


def one_of(column: str, *values: str) -> CheckConstraint:
    """Allow only `values` in `column`."""
    stated = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({stated})", name=column)


def sized(column: str, size: int) -> CheckConstraint:
    """Allow only blobs of `size` bytes in `column`."""
    return CheckConstraint(f"length({column}) = {size}", name=column)
