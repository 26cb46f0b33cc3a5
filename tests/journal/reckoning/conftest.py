"""Entries as the reckoning reads them, without a log around them."""

from __future__ import annotations

from itertools import count
from zoneinfo import ZoneInfo

import pytest

from vault.journal.reckoning.read import read
from vault.ledger.entry import Entry

ANNA, BOLAT, AUDITOR = "a" * 32, "b" * 32, "f" * 32
ZONE = ZoneInfo("Asia/Almaty")


@pytest.fixture
def entry():
    """Make entries one after the other, each read as a stored leaf is."""
    places = count()

    def make(kind, actor, time, case=None, member=None, **detail):
        subject = {"case": case, "member": member}
        seq = next(places)
        made = Entry(
            seq=seq,
            time=time,
            kind=kind,
            actor=actor,
            subject={name: value for name, value in subject.items() if value},
            detail=detail,
        )
        return read(seq, made.encode(), ZONE)

    return make
