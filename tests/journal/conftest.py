import pytest

from vault.agents.vault_keys import VaultKeys
from vault.journal import Journal
from vault.storage import migrations
from vault.storage.engine import Database

ORIGIN = "vault.example/log"


@pytest.fixture
def agent():
    keys = VaultKeys(ORIGIN)
    keys.unlock(b"v" * 32, b"i" * 32, b"l" * 32, b"c" * 32)
    return keys


@pytest.fixture
def database(tmp_path, agent):
    database = Database(
        tmp_path / "vault.db",
        lambda: agent.subkey("database"),
        locked=agent.locked,
        create=True,
    )
    migrations.upgrade(database)
    yield database
    database.dispose()


@pytest.fixture
def journal(database, agent):
    return Journal(database, agent, ORIGIN)
