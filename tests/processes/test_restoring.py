"""A vault that runs is backed up, restored elsewhere by the real program, and served from there."""

from __future__ import annotations

import json
import os
import shutil
import threading

import pytest

from tests.cli.conftest import write_settings
from tests.processes.served import PATIENCE, beside, starting, wait_until
from tests.support.house import House
from tests.support.places import short_folder
from vault import settings as settings_module
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.reveal import open_case
from vault.journal.vault import connect

pytestmark = pytest.mark.processes

BEFORE, MEANWHILE = 2, 6


@pytest.fixture
def folder():
    """A folder with the settings of a vault in `var`."""
    with short_folder() as made:
        write_settings(made / "var", letterbox={"slot": 2, "disk_reserve": 0})
        yield made


def served_vault(folder):
    return connect(settings_module.load(folder))


def opened_by(vault, actor):
    """Open every case that an intake officer sees; returns how many there are."""
    lines = inbox.new_cases(vault, actor)
    for line in lines:
        assert open_case(vault, actor, line.id).records
    return len(lines)


def test_found_back_up_under_load_lose_the_machine_restore_and_go_on(folder):
    house = House.found(folder / "var", letterbox={"slot": 2, "disk_reserve": 0}).staff()
    house.close()
    officer, lawyer = house.actors["officer"], house.actors["lawyer"]
    stick = folder / "stick"
    stick.mkdir()
    with starting(folder, passphrase=house.sheet.vault_passphrase) as served:
        vault = served_vault(folder / "var")
        for _ in range(BEFORE):
            served.tell()
        wait_until(lambda: len(inbox.new_cases(vault, officer)) == BEFORE)
        given = inbox.new_cases(vault, officer)[0].id
        assign.give(vault, officer, given, lawyer.id, None)
        sent, stop = [], threading.Event()

        def tell():
            while not stop.wait(0.1):
                served.tell()
                sent.append(1)

        witnesses = threading.Thread(target=tell)
        witnesses.start()
        wait_until(lambda: len(sent) >= MEANWHILE)
        before = len(sent)
        code, said = beside(folder, "backup", "create", "stick", "--json")
        stop.set()
        witnesses.join(PATIENCE)
        assert code == 0, said
        files = [item["file"] for item in json.loads(said)["backups"]]
        held = vault.journal.latest_checkpoint()
        assert beside(folder, "backup", "verify", files[0], "--dir", "var")[0] == 0
        vault.close()
        assert served.signal()[0] == 0
    shutil.rmtree(folder / "var")  # the machine is gone

    spare = house.sheet.spare_passphrase
    code, said = beside(folder, "backup", "restore", *files, "--dir", "new", passphrase=spare)
    assert code == 0, said
    with starting(folder, "--dir", "new", passphrase=house.sheet.vault_passphrase) as again:
        vault = served_vault(folder / "new")
        wait_until(lambda: not vault.letterbox.waiting())
        assert opened_by(vault, officer) >= BEFORE - 1 + before
        assert open_case(vault, lawyer, given).records
        again.tell()
        code, said = beside(folder, "ledger", "export", "log", "--dir", "new")
        assert code == 0, said
        assert beside(folder, "ledger", "verify", "log")[0] == 0
        # What was lost since the backup shows to whoever kept a checkpoint outside.
        (folder / "held").write_bytes(held)
        code, said = beside(folder, "ledger", "verify", "log", "--held", "held")
        assert code == 1, said
        vault.close()


def test_a_backup_that_was_cut_off_is_swept_by_the_next(folder):
    house = House.found(folder / "var", letterbox={"slot": 2, "disk_reserve": 0})
    house.close()
    (folder / "stick").mkdir()
    with starting(folder, passphrase=house.sheet.vault_passphrase):
        left = folder / "var" / "vault" / "backup-dead"
        left.mkdir()
        (left / "vault.db").write_bytes(os.urandom(100))
        code, said = beside(folder, "backup", "create", "stick")
        assert code == 0, said
        assert not left.exists()
