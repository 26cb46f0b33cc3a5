import dataclasses

import pytest

from vault.crypto.seal import OpeningKey
from vault.crypto.sign import SigningKey
from vault.roster.chain import sign_roster
from vault.roster.model import Roster, RosterMember

ROOT = SigningKey(b"root".ljust(32))
OFFICER, LAWYER = "11" * 16, "22" * 16


def key(name):
    return OpeningKey(name.encode().ljust(32))


def member(member_id=OFFICER, role="intake_officer", **changes):
    named = {
        "id": member_id,
        "roles": frozenset({role}),
        "signing": SigningKey(member_id.encode()).public,
        "opening": OpeningKey(member_id.encode()).public,
        "valid_from": "2026-11-01T00:00:00Z",
    }
    return RosterMember(**{**named, **changes})


def first(**changes):
    named = {
        "version": 1,
        "previous": None,
        "issued": "2026-11-01T00:00:00Z",
        "expires": "2027-05-01T00:00:00Z",
        "delay": 86_400,
        "root": ROOT.public,
        "recovery": key("recovery").public,
        "collector": key("collector").public,
        "ledger": "vault.example/log+00000000+AQ",
        "members": (member(OFFICER), member(LAWYER, "lawyer", reader_gender="female")),
    }
    return Roster(**{**named, **changes})


def after(roster, **changes):
    following = {"version": roster.version + 1, "previous": roster.hash}
    return dataclasses.replace(roster, **{**following, **changes})


class Rosters:
    """Makers of rosters for tests."""

    root, officer, lawyer = ROOT, OFFICER, LAWYER
    key, member, first, after = (staticmethod(f) for f in (key, member, first, after))

    @staticmethod
    def chain(*rosters, by=ROOT):
        return [sign_roster(roster, by) for roster in rosters]


@pytest.fixture(scope="session")
def rosters():
    return Rosters
