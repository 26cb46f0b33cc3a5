"""Requests to the trustees: an answer is taken only to one that was made here."""

from __future__ import annotations

from sqlalchemy import ForeignKey

from vault.storage.tables.base import blob, sized, table, text

recovery_requests = table(
    "recovery_requests",
    text("id", primary_key=True),  # 16 random bytes, hex; stands in request and answer
    text("member_id", ForeignKey("members.id")),  # to whom keys are to be sealed
    text("made_by", ForeignKey("members.id")),
    text("day"),
    blob("digest"),  # SHA-256 of the file
    sized("digest", 32),
)
