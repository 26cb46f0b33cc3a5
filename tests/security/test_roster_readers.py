"""One chain, three readers: intake, the vault and the command line refuse the same ones.

The chains are the vectors of docs/spec/roster.md, each with its one fault; beside them stand the
good ones, so that no reader refuses for a reason of its own.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.support.house import House
from vault import canonical, clock
from vault.cli import main
from vault.errors import NotOpenYetError, RosterError, RosterExpiredError
from vault.journal.rosters import ROOT_PUBLIC
from vault.journal.rosters import SEEN as SEEN_BY_VAULT
from vault.journal.vault import Vault
from vault.letterbox import Letterbox
from vault.letterbox.pins import ROOT, SEEN
from vault.storage.tables.ledger import ledger_entries
from vault.storage.tables.people import rosters

VECTORS = Path(__file__).parents[1] / "vectors" / "roster"
NAMES = sorted(path.stem for path in VECTORS.glob("*.json"))
BAD = [name for name in NAMES if not name.startswith("good")]
GOOD = [name for name in NAMES if name.startswith("good")]
READERS = ("intake", "vault", "command line")
REFUSED = "The list of members does not verify."


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    built = House.found(tmp_path_factory.mktemp("readers"))
    (built.settings.paths.root / "settings.toml").write_text(
        '[ledger]\norigin = "test.invalid"\n[letterbox]\nslot = 0\ndisk_reserve = 0\n'
    )
    with built.vault.database.write() as connection:  # the log is another test's
        connection.execute(ledger_entries.delete())
    yield built
    built.close()


@pytest.fixture(autouse=True)
def in_the_time_of_the_vectors(monkeypatch):
    now = clock.seconds_of("2026-11-15T00:00:00Z")
    monkeypatch.setattr(clock, "now", lambda: now)


def vector(name):
    return json.loads((VECTORS / f"{name}.json").read_text())


def place(house, one):
    """Lay a chain and what was pinned before it where each reader looks."""
    paths, root, lines = house.settings.paths, bytes.fromhex(one["root"]), one["lines"]
    chain = [line.encode() for line in lines]
    (paths.letterbox / "roster" / "chain").write_bytes(b"\n".join([*chain, b""]))
    (paths.keys / ROOT_PUBLIC).write_text(root.hex())
    own = paths.root / "intake"
    (own / ROOT).write_text(canonical.b64(root))
    with house.vault.database.write() as connection:
        connection.execute(rosters.delete())
        for number, line in enumerate(chain, 1):
            connection.execute(rosters.insert().values(version=number, document=line))
    for file in (own / SEEN, paths.keys / SEEN_BY_VAULT):
        file.unlink(missing_ok=True)
        if one["seen"]:
            seen = {"version": one["seen"]["version"]}
            digest = canonical.b64(bytes.fromhex(one["seen"]["hash"]))
            file.write_bytes(canonical.dumps({**seen, "hash": digest}))


def read(house, reader):
    """Let a reader read what lies there; returns the version, or what it says."""
    if reader == "vault":
        return Vault(house.settings, house.vault.agent, house.vault.kdf).roster().version
    if reader == "intake":
        folder = house.settings.paths.letterbox
        return Letterbox(folder, house.settings.letterbox).roster().version
    answers = house.settings.paths.root / "answers.json"
    answers.write_text('{"story": "a story", "consent": {"C01": "yes", "C02": "not_yet"}}')
    folder = str(house.settings.paths.root)
    done = CliRunner().invoke(main, ["packet", "seal", "victim", str(answers), "--dir", folder])
    return done.exit_code, done.output


@pytest.mark.parametrize("reader", READERS[:2])
@pytest.mark.parametrize("name", GOOD)
def test_a_good_chain_is_taken(house, name, reader):
    one = vector(name)
    place(house, one)
    assert read(house, reader) == one["version"]


@pytest.mark.parametrize("name", ["good-three", "good-two", "good-stopped"])
def test_the_command_line_seals_to_a_good_chain(house, name):
    place(house, vector(name))
    code, said = read(house, "command line")
    assert code == 0, said


@pytest.mark.parametrize("name", BAD)
def test_a_chain_with_a_fault_is_refused_by_every_reader(house, name):
    place(house, vector(name))
    before = house.letterbox.waiting()
    for reader in READERS[:2]:
        never_there = (name, reader) == ("empty", "vault")  # no rows: there never was a roster
        with pytest.raises(NotOpenYetError if never_there else RosterError):
            read(house, reader)
    code, said = read(house, "command line")
    assert (code, REFUSED in said) == (1, True)
    assert house.letterbox.waiting() == before


@pytest.mark.parametrize("reader", ["intake", "command line"])
def test_a_chain_whose_time_is_over_is_refused(house, reader, monkeypatch):
    """The vault reads it, to renew it, and seals to nobody: tests/custody/rosters."""
    place(house, vector("good-three"))
    late = clock.seconds_of("2027-06-01T09:00:00Z")
    monkeypatch.setattr(clock, "now", lambda: late)
    if reader == "intake":
        with pytest.raises(RosterExpiredError):
            read(house, reader)
    else:
        assert read(house, reader)[0] == 1
