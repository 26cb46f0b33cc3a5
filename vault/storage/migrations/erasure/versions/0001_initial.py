"""The table that `erasure.db` starts with."""

# ruff: noqa: INP001 - Alembic loads these files by path, they are no package

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "erasure_keys",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("length(key) = 32", name=op.f("ck_erasure_keys_key")),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_erasure_keys")),
        sqlite_with_rowid=False,
    )
