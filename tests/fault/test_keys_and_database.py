"""Keys that are not there, and databases that do not open: refused, and nothing else happens."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support.house import STORY
from vault.agents.kdf import LocalKdf
from vault.agents.vault_keys import VaultKeys
from vault.cases.lists import inbox
from vault.cases.reveal import open_case
from vault.cases.written import messages
from vault.crypto.suite import random
from vault.custody import keys
from vault.errors import (
    BusyError,
    LockedError,
    NotFoundError,
    StorageError,
    WitnessVaultError,
    WrongDatabaseKeyError,
)
from vault.journal.vault import Vault


def test_a_locked_vault_answers_nothing_and_intake_goes_on(house):
    house.send(STORY)
    officer = house.actors["officer"]
    (line,) = inbox.new_cases(house.vault, officer)
    house.vault.agent.lock()
    for act in (
        lambda: inbox.new_cases(house.vault, officer),
        lambda: open_case(house.vault, officer, line.id),
        lambda: messages.reply(house.vault, officer, line.id, "x"),
        house.vault.roster,
        house.collect,
    ):
        with pytest.raises(LockedError):
            act()
    house.tell.send("victim", "ru", STORY, house.tell.new_send_id())
    assert len(house.letterbox.waiting()) == 1


def test_another_vault_key_opens_no_database(house):
    agent = VaultKeys(house.settings.ledger.origin)
    agent.unlock(random(32), random(32), random(32), random(32))
    vault = Vault(house.settings, agent, LocalKdf())
    for act in (vault.roster, vault.journal.size, lambda: vault.erasure.read().__enter__()):
        with pytest.raises(WrongDatabaseKeyError):
            act()
    vault.close()


@pytest.mark.parametrize("name", ["vault.db", "erasure.db"])
@pytest.mark.parametrize("damage", ["missing", "empty", "junk"])
def test_a_database_missing_or_damaged_is_refused_and_none_made_in_its_place(house, name, damage):
    house.send(STORY)
    officer = house.actors["officer"]
    (line,) = inbox.new_cases(house.vault, officer)
    house.vault.close()
    path = house.settings.paths.vault / name
    for beside in path.parent.glob(f"{name}-*"):
        beside.unlink()
    if damage == "missing":
        path.unlink()
    else:
        path.write_bytes(b"" if damage == "empty" else random(8192))
    with pytest.raises(WitnessVaultError):
        open_case(house.vault, officer, line.id)
    assert path.exists() == (damage != "missing")


def test_an_erased_key_closes_its_testimony_only(house):
    from vault.storage.tables.erasure import erasure_keys

    house.send(STORY)
    house.send(STORY)
    officer = house.actors["officer"]
    one, other = inbox.new_cases(house.vault, officer)
    subject = next(
        e.subject["testimony"]
        for e in house.vault.journal.read()
        if e.subject.get("case") == one.id
    )
    with house.vault.erasure.write() as connection:
        connection.execute(erasure_keys.delete().where(erasure_keys.c.subject == subject))
    with pytest.raises(NotFoundError):
        open_case(house.vault, officer, one.id)
    assert open_case(house.vault, officer, other.id).records


def test_a_writer_who_does_not_finish_lets_nobody_answer_without_an_entry(house):
    house.send(STORY)
    officer = house.actors["officer"]
    (line,) = inbox.new_cases(house.vault, officer)
    impatient = Vault(house.settings, house.vault.agent, LocalKdf())
    impatient.database._busy_seconds = 0.2
    impatient.database._begin_afresh()
    size = house.entered()
    with house.vault.database.write(), pytest.raises(BusyError):
        open_case(impatient, officer, line.id)
    assert house.entered() == size
    impatient.close()


def test_no_answer_when_the_entry_cannot_be_kept(house, monkeypatch):
    house.send(STORY)
    officer = house.actors["officer"]
    (line,) = inbox.new_cases(house.vault, officer)
    opened = []

    def full(*_):
        raise StorageError("disk full")

    monkeypatch.setattr("vault.journal.journal.append", full)
    monkeypatch.setattr("vault.cases.reveal.opened.open_record", lambda *_: opened.append(1))
    with pytest.raises(StorageError):
        open_case(house.vault, officer, line.id)
    assert not opened


def test_the_keys_in_memory_are_the_ones_in_the_files(house):
    opened = keys.open_vault_keys(house.settings, house.sheet.vault_passphrase, LocalKdf())
    assert house.vault.agent.collector_seeds() == opened.collector
    assert dataclasses.asdict(opened)["vault"] == opened.vault
