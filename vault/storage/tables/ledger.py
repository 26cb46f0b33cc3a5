"""The access log: stored leaves, the tree's head, checkpoints, sums of it, counted refusals.

The leaf is the truth; the other columns repeat parts of it for filters. The order of entries is the
ledger's content, so these tables need not hide it.
"""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Column, Index, Integer, PrimaryKeyConstraint

from vault.storage.tables.base import blob, sized, table, text

ledger_entries = table(
    "ledger_entries",
    Column("seq", Integer, primary_key=True, autoincrement=False),  # from 0
    blob("leaf"),
    blob("hash"),  # RFC 6962 leaf hash
    text("kind", index=True),
    text("actor"),
    text("member", nullable=True),  # whom it is about, if that is a member
    text("case_id", nullable=True),
    sized("hash", 32),
    # What a filter finds comes in the order of the log, so a page of it is read from where it
    # begins. (The place ends every index by itself: the table has no other row number.)
    Index(None, "actor", "seq", "kind"),
    Index(None, "member", "seq", "kind"),
    Index(None, "case_id", "kind"),  # one case's openings, among everybody's
)

ledger_head = table(
    "ledger_head",
    Column("id", Integer, primary_key=True, autoincrement=False),  # one row, 1
    Column("size", Integer, nullable=False),
    blob("frontier"),
    CheckConstraint("id = 1", name="one"),
)

checkpoints = table(
    "checkpoints",
    Column("size", Integer, primary_key=True, autoincrement=False),
    blob("note"),  # signed
    blob("frontier"),  # of the tree at this size; proven by the signed root
)

# What somebody outside signed: the line to put under the checkpoint of this size.
cosignatures = table(
    "cosignatures",
    Column("size", Integer, nullable=False),
    text("cosigner"),  # the name of its key
    Column("seen", Integer, nullable=False),  # seconds since the epoch, by the cosigner's clock
    text("line"),
    PrimaryKeyConstraint("size", "cosigner"),
)

# Roots of complete subtrees of 2^8, 2^16, … leaves, so that a proof need not read every leaf hash.
# Computed from leaves that were just signed; whoever uses them verifies what comes of it.
ledger_nodes = table(
    "ledger_nodes",
    Column("level", Integer, nullable=False),
    Column("place", Integer, nullable=False),  # among those of its level, from 0
    blob("hash"),
    PrimaryKeyConstraint("level", "place"),
    sized("hash", 32),
)

reckoning = table(
    "reckoning",
    Column("id", Integer, primary_key=True, autoincrement=False),  # one row, 1
    Column("size", Integer, nullable=False),
    blob("state"),  # what was counted so far
    blob("mac"),  # of the state, by a key that is not the database's
    sized("mac", 32),
    CheckConstraint("id = 1", name="one"),
)

refusals = table(
    "refusals",
    text("kind"),
    text("member"),
    Column("minute", Integer, nullable=False),  # minutes since the epoch
    Column("times", Integer, nullable=False),
    PrimaryKeyConstraint("kind", "member", "minute"),
    Index(None, "minute"),
)
