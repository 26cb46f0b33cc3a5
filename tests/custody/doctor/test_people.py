"""The list of members: signatures, what intake has seen, whose time ends."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support.attacks import drop
from vault import canonical, clock
from vault.errors import RosterError
from vault.roster.model import Term
from vault.storage.tables.people import rosters

DAY = 86_400


def test_every_version_is_verified(house, finding):
    found = finding("chain")
    assert (found.well, found.values["count"]) == (True, house.vault.roster().version)


def test_a_missing_link_is_a_fault(house, finding):
    drop(house, rosters, version=2)
    found = finding("chain")
    assert (found.well, type(found.error)) == (False, RosterError)


def test_what_intake_has_seen_and_trusts_is_compared(house, finding):
    house.letterbox.roster()
    folder, version = house.settings.paths.intake, house.vault.roster().version
    seen = canonical.loads((folder / "seen").read_bytes())
    (folder / "seen").write_bytes(canonical.dumps({**seen, "version": version + 1}))
    assert finding("chain").said == "ahead"
    (folder / "root").write_text(canonical.b64(bytes(32)))
    assert finding("chain").said == "foreign"
    (folder / "root").unlink()
    found = finding("chain")
    assert (found.well, found.said) == (False, "unpinned")


@pytest.mark.parametrize(
    ("days", "well"), [(-1, True), (1, False), (13, False), (15, True), (None, True)]
)
def test_whose_role_ends_within_two_weeks_is_named(house, finding, monkeypatch, days, well):
    now = clock.now()
    end = None if days is None else clock.moment(now + days * DAY)
    term = Term("lawyer", clock.moment(now - 30 * DAY), end)
    roster, lawyer = house.vault.roster(), house.actors["lawyer"]
    changed = tuple(
        dataclasses.replace(one, terms=(term,)) if one.id == lawyer.id else one
        for one in roster.members
    )
    monkeypatch.setattr(
        type(house.vault), "roster", lambda _: dataclasses.replace(roster, members=changed)
    )
    found = finding("ending")
    assert found.well is well
    if not well:
        assert found.values == {"names": f"{lawyer.name} ({end[:10]})"}
