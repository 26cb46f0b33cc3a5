"""Cases, the sealed testimonies in them, and who may open what.

The plain columns are all that a seizure of the database with its key shows: how many cases, their
status, the day of their slot, who is assigned. `subject` is the id of a testimony or of a case.
Days, never moments.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, PrimaryKeyConstraint

from vault.storage.tables.base import blob, one_of, sized, table, text

cases = table(
    "cases",
    text("id", primary_key=True),  # 16 random bytes, hex
    text("status", index=True),
    text("slot_day"),
    text("changed_day"),
    # 1: somebody lost access; the next holder who signs in begins a new epoch
    Column("keys_due", Integer, nullable=False, server_default="0", index=True),
    # from which day on it is erased by itself, for lists; the access log is what counts
    text("ends_day", nullable=True, index=True),
    # of one that was erased on its changed_day: the last day of a backup that still opens it
    text("opens_until", nullable=True),
    one_of("status", "new", "assigned", "set_aside", "erased"),
)

testimonies = table(
    "testimonies",
    text("id", primary_key=True),  # SHA-256 of the header, hex
    text("case_id", ForeignKey("cases.id"), index=True),
    blob("header"),
    blob("collector_part"),  # the instruction MAC keys, sealed to the collector key
    # the newest that the receipt told of; its keys are the receipt's
    Column("identity_epoch", Integer, nullable=False, server_default="1"),
    text("slot_day"),
)

epochs = table(
    "epochs",
    text("subject"),
    Column("epoch", Integer, nullable=False),
    blob("document"),
    blob("signature"),
    text("made_by", ForeignKey("members.id")),
    PrimaryKeyConstraint("subject", "epoch"),
)

grants = table(
    "grants",
    text("id", primary_key=True),  # 16 random bytes, hex
    text("subject", index=True),
    text("member_id"),  # or "recovery": no reference
    text("compartments"),  # canonical JSON list; stands in the seal's context as well
    Column("epoch", Integer, nullable=False),
    blob("sealed"),
    text("made_by", nullable=True),  # null: made by the witness's packet
    text("day"),
    Index(None, "member_id", "subject"),
)

records = table(
    "records",
    text("id", primary_key=True),
    text("subject"),
    text("compartment"),
    Column("epoch", Integer, nullable=False),
    text("kind"),
    blob("sealed"),
    blob("mac", nullable=True),  # of what a witness sent
    text("author", nullable=True),  # a member's id; null: the witness
    text("slot_day"),
    one_of("compartment", "account", "medical", "identity", "work"),
    Index(None, "subject", "compartment", "kind"),  # lists count by it without reading rows
)

attachments = table(
    "attachments",
    text("id", primary_key=True),  # of the sealed file, 16 random bytes, hex
    text("testimony", index=True),
    Column("size", Integer, nullable=False),  # of the sealed bytes, as is the hash
    blob("sha256"),
    text("slot_day"),
    text("stored_day", nullable=True),  # null: the sealed file has not come, or not whole
)

visits = table(
    "visits",
    # says to whoever holds the account on which day, and with which receipt (docs/spec/packet.md)
    blob("proof", primary_key=True),
    text("subject", index=True),
    sized("proof", 32),
)

assignments = table(
    "assignments",
    text("case_id", ForeignKey("cases.id")),
    text("member_id", ForeignKey("members.id"), index=True),
    text("capacity"),
    text("from_day"),
    text("until_day", nullable=True),  # the last day of it; null: open
    PrimaryKeyConstraint("case_id", "member_id"),
    one_of("capacity", "lawyer", "deputy", "doctor", "interpreter"),
)

summaries = table(
    "summaries",  # what one member's list shows of one case (docs/spec/summary.md)
    text("case_id", ForeignKey("cases.id")),
    text("member_id", ForeignKey("members.id")),
    text("testimony", index=True),
    blob("sealed"),
    PrimaryKeyConstraint("member_id", "case_id"),
)

drafts = table(
    "drafts",  # what a member has not sent yet (docs/spec/draft.md)
    text("id", primary_key=True),  # 16 random bytes, hex
    text("case_id", ForeignKey("cases.id"), index=True),
    text("member_id", ForeignKey("members.id")),
    text("kind"),
    blob("sealed"),
    one_of("kind", "reply", "note"),
    Index(None, "member_id", "case_id"),
)

OWN = (summaries, drafts)
"""What one member keeps of one case for themselves, by `member_id` and `case_id`."""

tombstones = table(
    "tombstones",
    blob("key", primary_key=True),  # keyed hash of what was erased; answers replays
)

deletions = table(
    "deletions",  # what receipts instructed about deletion, as it came
    text("packet", primary_key=True),
    text("testimony", index=True),  # no reference: rows outlive it
    blob("sealed"),  # the instruction and its MAC, sealed to the collector key
    text("day"),
    text("due_day", nullable=True, index=True),  # null: a stop, or stopped, or of no effect
    text("seen_day"),  # the last on which a slot saw it: while locked nobody can stop anything
    text("stopped_day", nullable=True),  # by the lawyer
)

outbox = table(
    "outbox",
    text("id", primary_key=True),  # random: the order of writing stays unknown
    blob("locator", index=True),
    blob("box"),
    sized("locator", 16),
)
