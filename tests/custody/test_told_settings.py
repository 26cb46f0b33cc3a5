"""What the log says of settings: each that changed, once, and no text that may name somebody."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support.exported import exported
from tests.support.house import House
from vault.custody import told_settings
from vault.settings import described


@pytest.fixture
def house(tmp_path):
    built = House.found(tmp_path)
    _told(built)
    yield built
    built.close()


def _told(house, **sections):
    """Return what is entered when the vault begins with some settings changed."""
    settings = house.settings
    for section, values in sections.items():
        changed = dataclasses.replace(getattr(settings, section), **values)
        settings = dataclasses.replace(settings, **{section: changed})
    size = house.vault.journal.size()
    with house.vault.journal.transaction() as transaction:
        transaction.log("vault.unlock", "system")
        told_settings.enter(transaction, settings)
    house.settings = settings
    return [dict(entry.detail) for entry in house.vault.journal.read()[size + 1 :]]


def test_at_first_each_that_is_not_its_default_is_told(tmp_path):
    house = House.found(tmp_path)
    odd = {
        f"{one.section}.{one.name}" for one in described(house.settings) if one.value != one.default
    }
    assert {detail["setting"] for detail in _told(house)} == odd
    assert "ledger.origin" in odd
    house.close()


def test_what_did_not_change_is_not_told_again(house):
    assert _told(house) == []


def test_a_number_and_a_switch_are_told_as_they_are(house):
    assert _told(house, staff={"session_idle": 600}) == [
        {"setting": "staff.session_idle", "now": 600}
    ]
    assert _told(house, notices={"enabled": True}) == [{"setting": "notices.enabled", "now": "yes"}]
    assert _told(house) == []


def test_what_goes_back_to_its_default_is_told(house):
    usual = house.settings.staff.session_idle
    _told(house, staff={"session_idle": 600})
    assert _told(house, staff={"session_idle": usual}) == [
        {"setting": "staff.session_idle", "now": usual}
    ]


@pytest.mark.parametrize(
    ("section", "name", "value"),
    [
        ("recovery", "holders", ("A House of Rights",)),
        ("notices", "text", "Something\nhappened."),
        ("intake", "onion", "http://planted.onion/"),
    ],
)
def test_a_text_is_told_by_a_fingerprint_that_no_two_entries_share(house, section, name, value):
    (first,) = _told(house, **{section: {name: value}})
    assert first.keys() == {"setting", "fingerprint"}
    assert str(value) not in str(exported(house.vault.journal))
    assert _told(house) == []
    other = (*value, "another") if isinstance(value, tuple) else value + "another"
    _told(house, **{section: {name: other}})
    (again,) = _told(house, **{section: {name: value}})
    assert again["fingerprint"] != first["fingerprint"]
