import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from vault.errors import StorageError
from vault.storage import migrations
from vault.storage.engine import Database
from vault.storage.tables import ERASURE, VAULT

ROOT = Path(__file__).parents[2]
BOTH = pytest.mark.parametrize("metadata", [VAULT, ERASURE], ids=["vault", "erasure"])


@pytest.fixture
def make(tmp_path):
    made = []

    def make(name):
        made.append(Database(tmp_path / name, lambda: bytes(32), create=True))
        return made[-1]

    yield make
    for database in made:
        database.dispose()


def schema(database):
    query = text(
        "SELECT name, sql FROM sqlite_master"
        " WHERE name NOT LIKE '%alembic%' AND sql IS NOT NULL ORDER BY name"
    )
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(query)]


@BOTH
def test_the_migrated_schema_equals_the_tables_word_for_word(make, metadata):
    migrated, created = make("migrated.db"), make("created.db")
    migrations.upgrade(migrated, metadata)
    with created.write() as connection:
        metadata.create_all(connection)
    assert schema(migrated) == schema(created) != []


@BOTH
def test_alembic_finds_nothing_left_to_do(make, metadata):
    database = make("x.db")
    migrations.upgrade(database, metadata)
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


@BOTH
def test_upgrading_twice_changes_nothing(make, metadata):
    database = make("x.db")
    migrations.upgrade(database, metadata)
    before = schema(database)
    migrations.upgrade(database, metadata)
    assert schema(database) == before


@BOTH
def test_no_table_keeps_the_order_of_insertion(make, metadata):
    database = make("x.db")
    migrations.upgrade(database, metadata)
    tables = [sql for _, sql in schema(database) if sql.startswith("CREATE TABLE")]
    assert len(tables) == len(metadata.tables)
    assert all(sql.rstrip().endswith("WITHOUT ROWID") for sql in tables)


def test_a_database_of_a_newer_program_is_refused_and_untouched(make):
    database = make("x.db")
    migrations.upgrade(database)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match="unknown revision"):
        migrations.upgrade(database)
    with database.read() as connection:
        assert connection.execute(text("SELECT * FROM alembic_version")).scalar() == "9999"


def test_migrations_work_from_a_wheel_in_a_folder_with_a_percent_sign(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    installed = tmp_path / "100%s"
    with zipfile.ZipFile(next(tmp_path.glob("*.whl"))) as wheel:
        wheel.extractall(installed)
    script = (
        "import sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from vault.storage import engine, migrations\n"
        "assert engine.__file__.startswith(sys.argv[1])\n"
        "path = Path(sys.argv[1]) / 'x.db'\n"
        "database = engine.Database(path, lambda: bytes(32), create=True)\n"
        "migrations.upgrade(database)\n"
    )
    run = [sys.executable, "-W", "error", "-c", script, installed]
    subprocess.run(run, check=True, cwd=tmp_path, env=os.environ | {"PYTHONSAFEPATH": "1"})
