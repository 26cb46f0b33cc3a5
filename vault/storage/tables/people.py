"""Members, invitations and the history of the roster."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, PrimaryKeyConstraint

from vault.storage.tables.base import blob, sized, table, text

members = table(
    "members",
    text("id", primary_key=True),  # 16 random bytes, hex
    text("login", unique=True),
    text("name"),  # only here: roster and ledger know ids
    blob("key_file"),  # signing and opening key, sealed by the member's passphrase
    text("enrolled_day"),
    text("ended_day", nullable=True),
    blob("totp", nullable=True),  # secret of the authenticator, sealed; none after a reset
    Column("totp_step", Integer, nullable=False),  # last step used
    Column("session_generation", Integer, nullable=False),  # sessions of an earlier one are over
)

recovery_codes = table(
    "recovery_codes",
    text("member_id", ForeignKey("members.id")),
    blob("mac"),
    PrimaryKeyConstraint("member_id", "mac"),
    sized("mac", 32),
)

passkeys = table(
    "passkeys",
    text("id", primary_key=True),  # 16 random bytes, hex
    text("member_id", ForeignKey("members.id"), index=True),
    blob("sealed"),  # public key, name, count: nobody else writes one
)

notices = table(
    "notices",  # who wants the daily notice; the address lies nowhere else
    text("member_id", ForeignKey("members.id"), primary_key=True),
    text("address"),
    text("sent_day"),  # the last day that was claimed
    text("failed_day", nullable=True),
)

invitations = table(
    "invitations",
    text("id", primary_key=True),
    blob("public_key", unique=True),
    text("name"),
    text("roles"),  # canonical JSON list
    text("made_by"),
    Column("made_at", Integer, nullable=False),  # seconds since the epoch
    Column("expires_at", Integer, nullable=False),
    text("used_by", nullable=True),
    text("replaces", nullable=True),  # id of the member whose new keys it is for
    sized("public_key", 32),
)

enrolments = table(
    "enrolments",  # public keys of who enrolled, until and after the roster confirms them
    text("member_id", ForeignKey("members.id"), primary_key=True),
    blob("invitation"),
    blob("signing"),
    blob("opening"),
    blob("by_invitation"),
    blob("by_member"),
    text("roles"),  # canonical JSON list, as invited
)

rosters = table(
    "rosters",
    Column("version", Integer, primary_key=True, autoincrement=False),
    blob("document"),
)

proposals = table(
    "proposals",  # next versions of the roster that wait for a second signature
    text("id", primary_key=True),  # 16 random bytes, hex
    text("member_id", ForeignKey("members.id")),  # who is added or changed
    blob("document"),  # signed by the administrator who proposed
)
