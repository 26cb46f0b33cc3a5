"""A staffed vault with its settings in a file, one opened account, one packet that waits."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.cli.conftest import write_settings
from tests.support.house import STORY, House
from vault.agents.kdf import LocalKdf
from vault.custody import backup


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    folder = tmp_path_factory.mktemp("vault") / "var"
    write_settings(folder)
    house = House.found(folder).staff()
    house.send()
    house.tell.send("victim", "ru", STORY, house.tell.new_send_id())
    yield house
    house.close()


@dataclass
class Pair:
    """A main and a short-lived backup of one moment."""

    main: object
    short: object

    @property
    def paths(self):
        return [self.main, self.short]


@pytest.fixture(scope="module")
def pair(house, tmp_path_factory):
    """What `create` made; nothing is changed in it."""
    main, short = backup.create(house.vault, tmp_path_factory.mktemp("stick"))
    return Pair(main.path, short.path)


@pytest.fixture
def passphrase(house):
    return house.sheet.vault_passphrase


@pytest.fixture
def restore(house, tmp_path, passphrase):
    """Restore into `tmp_path/new`."""

    def run(*paths, word=passphrase):
        return backup.restore(paths, tmp_path / "new", word, LocalKdf())

    return run


@pytest.fixture
def verify(passphrase):
    def run(path, word=passphrase):
        return backup.verify(path, backup.by_passphrase(word, LocalKdf()))

    return run
