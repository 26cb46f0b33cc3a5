"""Renewing the roster: nobody is added or removed; the root may replace keys of the vault."""

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
