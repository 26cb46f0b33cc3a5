"""Is everything well: what was found, and where; what cannot be checked is said, not raised."""

from __future__ import annotations

import dataclasses
import shutil
import threading
import time

import pytest

from tests.support.attacks import change, give, rows
from tests.support.browser import Browser
from vault import clock
from vault.custody import backup, doctor, keys
from vault.errors import BusyError, LockedError, StorageError
from vault.journal.drafts import Draft, append
from vault.storage.tables.ledger import ledger_entries
from vault.web.audit import create_app
from vault.web.shared import findings, wording

DAY = 86_400


@pytest.fixture
def stick(house, tmp_path):
    (house.settings.paths.root / "settings.toml").write_text('[ledger]\norigin = "test.invalid"\n')
    (tmp_path / "stick").mkdir()
    return tmp_path / "stick"


def test_of_a_vault_with_a_backup_all_is_well(house, stick):
    house.collect()
    backup.create(house.vault, stick)
    with house.vault.journal.transaction() as transaction:
        transaction.log("ledger.exported", "system")
    odd = [found for found in doctor.examine(house.vault) if not found.well]
    # Those of tests are weak on purpose.
    assert [(found.name, found.said) for found in odd] == [("settings", "weak")]


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_everything_that_can_be_found_has_words(house, language):
    words = wording.load("staff")[language]
    for found in doctor.examine(house.vault):
        line = findings.line(words, found)
        assert line.title
        assert line.text
        assert bool(line.advice) is not line.well


def test_an_opening_hidden_from_the_filter_is_named_by_doctor_and_by_the_overview(house, finding):
    from vault.cases.reveal import open_case

    _, case = give(house, "a story")
    open_case(house.vault, house.actors["lawyer"], case)
    row = rows(house, ledger_entries, kind="reveal")[-1]
    assert house.vault.journal.verify().unverified == 0
    change(house, ledger_entries, {"seq": row.seq}, case_id=None)
    found = finding("ledger")
    assert (found.well, found.said, found.values) == (False, "fault_at", {"seq": row.seq})
    browser = Browser(create_app(house.vault), "/audit")
    browser.sign_in("auditor")
    browser.get("/audit/")
    said = wording.load("staff")["en"].text("audit.failed_at", seq=row.seq)
    assert said in browser.post("/audit/verify").text


@pytest.mark.parametrize(("count", "well"), [(0, True), (1000, True), (1001, False)])
def test_more_packets_than_a_working_collector_leaves_are_a_warning(house, count, well, finding):
    folder = house.settings.paths.letterbox / "in"
    for number in range(count):
        (folder / f"{number:032x}").touch()
    found = finding("letterbox")
    assert (found.well, found.values) == (well, {"count": count})


@pytest.mark.parametrize(
    ("name", "days", "well"),
    [
        ("backup_main", 7, True),
        ("backup_main", 8, False),
        ("backup_short", 2, True),
        ("backup_short", 3, False),
    ],
)
def test_a_backup_that_is_too_old_is_a_warning(
    house, stick, monkeypatch, name, days, well, finding
):
    backup.create(house.vault, stick)
    now = clock.now() + days * DAY
    monkeypatch.setattr(clock, "now", lambda: now)
    found = finding(name)
    assert found.well is well
    assert any("backup create" in command for command in found.commands) is not well


def test_a_short_lived_one_alone_is_no_main_backup(house, stick, finding):
    backup.create(house.vault, stick, short_lived_only=True)
    assert finding("backup_short").well
    assert finding("backup_main").said == "none"


def test_one_that_was_begun_and_never_finished_does_not_count(house, stick, monkeypatch, finding):
    def fail(*_):
        raise StorageError("stick")

    monkeypatch.setattr("vault.custody.backup.making.container.pack", fail)
    with pytest.raises(StorageError):
        backup.create(house.vault, stick)
    assert finding("backup_main").said == "none"


@pytest.mark.parametrize("name", ["keys", "keys/vault.key", "vault/vault.db", "letterbox"])
def test_files_that_others_can_reach_are_named(house, name, finding):
    path = house.settings.paths.root / name
    path.chmod(path.stat().st_mode | 0o004)
    found = finding("files")
    assert (found.well, found.values) == (False, {"names": name})


def test_intake_may_share_the_letterbox_by_a_group(house, finding):
    house.settings.paths.letterbox.chmod(0o770)
    assert finding("files").well


def test_a_clock_that_went_back_is_a_warning(house, monkeypatch, finding):
    assert finding("clock").well
    monkeypatch.setattr(clock, "now", lambda: 1_000_000_000)
    found = finding("clock")
    assert (found.well, found.said) == (False, "back")


def test_without_a_spare_passphrase_it_says_what_is_at_stake(house, finding):
    (house.settings.paths.keys / keys.SPARE_KEY).unlink()
    assert finding("spare").said == "missing"


def test_a_disk_near_its_reserve_is_a_warning(house, monkeypatch, finding):
    usage = shutil.disk_usage(house.settings.paths.vault)
    object.__setattr__(house.vault, "settings", with_reserve(house.settings, usage.free // 2))
    assert not finding("disk").well


def with_reserve(settings, size):
    letterbox = dataclasses.replace(settings.letterbox, disk_reserve=size)
    return dataclasses.replace(settings, letterbox=letterbox)


def test_a_locked_vault_is_said_once_and_the_rest_waits(house):
    house.vault.agent.lock()
    found = {item.name: item for item in doctor.examine(house.vault)}
    assert found["agent"].said == "locked"
    assert isinstance(found["ledger"].error, LockedError)
    words = wording.load("staff")["en"]
    assert findings.line(words, found["ledger"]).text == "Looked at when the vault is unlocked."
    assert found["spare"].well


@pytest.mark.parametrize("error", [OSError("secret path"), StorageError("disk")])
def test_a_check_that_cannot_be_made_is_a_finding_without_details(finding, monkeypatch, error):
    def fail(_):
        raise error

    monkeypatch.setattr(doctor, "CHECKS", {"disk": doctor.Check("machine", fail)})
    found = finding("disk")
    assert (found.well, type(found.error)) == (False, StorageError)
    line = findings.line(wording.load("staff")["en"], found)
    assert line.text.startswith("This could not be checked.")
    assert "secret" not in line.text


def test_a_check_that_does_not_end_is_not_waited_for(house, monkeypatch):
    examined = threading.Event()

    def slow(_):
        examined.wait(60)
        return True, "found", {}

    monkeypatch.setattr(doctor, "CHECKS", {"disk": doctor.Check("machine", slow, seconds=0.1)})
    (found,) = doctor.examine(house.vault)
    examined.set()
    assert isinstance(found.error, BusyError)


def test_a_log_that_is_too_long_to_verify_meanwhile_is_said_to_be(house, monkeypatch):
    def wait(_):
        time.sleep(2)
        return True, "found", {}

    slow = dataclasses.replace(doctor.CHECKS["ledger"], look=wait, seconds=0.1)
    monkeypatch.setattr(doctor, "CHECKS", {"ledger": slow})
    (found,) = doctor.examine(house.vault)
    assert (found.well, found.error) == (False, None)
    assert "takes longer than a minute" in findings.line(wording.load("staff")["en"], found).text


def test_what_the_log_lists_as_backups_is_read_strictly(house):
    entries = [
        Draft("backup.made", "system", {}, {"kinds": "main"}),
        Draft("backup.made", "system"),
    ]
    with house.vault.database.write() as connection:
        append(connection, entries)
    assert [made.kinds for made in doctor.backups(house.vault)] == [(), ()]


def test_ten_thousand_entries_do_not_make_it_slow(house, finding):
    with house.vault.database.write() as connection:
        append(connection, [Draft("signin", "system")] * 10_000)
    house.vault.journal.checkpoint()
    assert finding("ledger").well
    began = time.process_time()
    assert finding("ledger").well
    assert time.process_time() - began < 1
