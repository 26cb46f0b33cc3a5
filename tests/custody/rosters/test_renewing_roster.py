"""Renewing the roster: nobody is added or removed; the root may replace keys of the vault."""

import dataclasses

import pytest

from tests.support.house import House
from vault.agents.kdf import LocalKdf
from vault.crypto.seal import OpeningKey
from vault.crypto.sign import SigningKey
from vault.custody import keys, rosters
from vault.errors import RefusedError

NEW = OpeningKey(b"new".ljust(32)).public


@pytest.fixture
def house(tmp_path):
    house = House.found(tmp_path)
    yield house
    house.close()


@pytest.fixture
def root(house):
    return keys.open_root_key(house.settings, house.sheet.root_passphrase, LocalKdf())


def test_the_same_members_stand_in_it_and_the_same_keys(house, root):
    before = house.vault.roster()
    after = rosters.renew(house.vault, root)
    assert (after.version, after.previous) == (before.version + 1, before.hash)
    assert after.members == before.members
    for key in ("root", "recovery", "collector", "ledger"):
        assert getattr(after, key) == getattr(before, key)
    assert house.letterbox.roster() == house.vault.roster() == after


@pytest.mark.parametrize(
    ("key", "value"), [("recovery", NEW), ("collector", NEW), ("ledger", "test.invalid+1+AQ")]
)
def test_a_key_of_the_vault_is_replaced_alone(house, root, key, value):
    before = house.vault.roster()
    after = rosters.renew(house.vault, root, **{key: value})
    changed = {
        n for n in ("recovery", "collector", "ledger") if getattr(after, n) != getattr(before, n)
    }
    assert changed == {key}
    assert getattr(house.letterbox.roster(), key) == value


def test_another_key_than_the_root_renews_nothing(house):
    before = house.vault.roster()
    with pytest.raises(RefusedError):
        rosters.renew(house.vault, SigningKey(bytes(32)), recovery=NEW)
    assert house.vault.roster() == before


def test_a_chain_longer_than_intake_reads_is_not_made(house, root, monkeypatch):
    size = sum(len(line) + 1 for line in house.vault.chain())
    monkeypatch.setattr("vault.custody.rosters.publishing.MAX_CHAIN", size)
    before = house.vault.roster()
    with pytest.raises(RefusedError, match="as long as intake reads"):
        rosters.renew(house.vault, root)
    assert house.letterbox.roster() == house.vault.roster() == before


def test_a_longer_delay_counts_from_the_renewal_on_and_never_a_shorter_one(tmp_path):
    house = House.found(tmp_path / "delays").staff()
    usual = house.settings
    for delay, counts in ((3_600, 3_600), (60, 3_600)):
        changed = dataclasses.replace(usual, roster=dataclasses.replace(usual.roster, delay=delay))
        object.__setattr__(house.vault, "settings", changed)
        assert rosters.renew(house.vault, house.root).delay == counts
    house.close()
