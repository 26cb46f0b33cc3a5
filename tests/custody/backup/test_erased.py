"""Backups and what was erased since: without its key it stays closed, and what is due is done."""

from __future__ import annotations

import pytest

from tests.cli.conftest import write_settings
from tests.custody.backup.test_restoring import unlocked
from tests.support.attacks import rows
from tests.support.house import House, sign_in_as
from vault import clock
from vault.agents.kdf import LocalKdf
from vault.cases.ending import retaining, retention
from vault.cases.lists import inbox
from vault.cases.reveal import open_case
from vault.custody import backup, erasure
from vault.errors import ExpiredBackupError, NotFoundError
from vault.storage.tables.cases import cases, grants, outbox, records, testimonies


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """A testimony whose deletion was asked for; a pair of backups was made before its day."""
    write_settings(tmp_path / "var")
    (tmp_path / "stick").mkdir()
    house, days = House.found(tmp_path / "var").staff(), [0]
    house.receipt = house.send()
    (house.testimony,) = [row.id for row in rows(house, testimonies)]
    house.come_back.delete(house.receipt, house.come_back.open(house.receipt).deletion.stand)
    house.collect()
    house.before = [made.path for made in backup.create(house.vault, tmp_path / "stick")]
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + days[0] * clock.DAY)

    def pass_days(number):
        days[0] += number

    house.pass_days, house.stick, house.new = pass_days, tmp_path / "stick", tmp_path / "new"
    for number in (6, 1):
        pass_days(number)
        house.collect()
    yield house
    house.close()


def restored(house, *paths):
    backup.restore(paths, house.new, house.sheet.vault_passphrase, LocalKdf())
    return unlocked(house.new, house)


def nothing_left(house, testimony):
    left = (rows(house, table) for table in (grants, records, testimonies))
    return erasure.find(house.vault, testimony) is None and not any(left)


def test_a_pair_from_before_the_day_opens_it_until_its_end_and_erases_it_a_day_after_the_first_slot(
    asked,
):
    again = restored(asked, *asked.before)
    assert erasure.find(again.vault, asked.testimony) is not None
    again.collect()
    asked.pass_days(1)
    again.collect()
    assert nothing_left(again, asked.testimony)
    again.close()


def test_with_a_main_one_from_before_and_a_short_lived_one_from_after_it_stays_erased(asked):
    (short,) = backup.create(asked.vault, asked.stick, short_lived_only=True)
    again = restored(asked, asked.before[0], short.path)
    assert rows(again, grants)
    (case,) = rows(again, cases)
    with pytest.raises(NotFoundError):
        open_case(again.vault, sign_in_as(again.vault, "officer"), case.id)
    assert erasure.find(again.vault, asked.testimony) is None
    again.collect()
    asked.pass_days(1)
    again.collect()
    assert nothing_left(again, asked.testimony)
    again.close()


def test_the_last_day_that_the_certificate_names_is_the_last_on_which_it_can_be_restored(asked):
    """A short-lived backup made just before the erasure; the one of a week before ends earlier."""
    (case,) = rows(asked, cases)
    assert case.opens_until == clock.day(clock.now() + 14 * clock.DAY)
    asked.pass_days(8)  # 15 days after it was made
    with pytest.raises(ExpiredBackupError):
        restored(asked, *asked.before)


def test_a_box_that_waited_when_the_main_one_was_made_does_not_replace_its_certificate(tmp_path):
    write_settings(tmp_path / "var")
    (tmp_path / "stick").mkdir()
    house = House.found(tmp_path / "var", erasure={"delay_days": 0}).staff()
    house.receipt = house.send()
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    open_case(house.vault, house.actors["officer"], line.id)
    assert rows(house, outbox)
    before = [made.path for made in backup.create(house.vault, tmp_path / "stick")]
    house.come_back.delete(house.receipt, house.come_back.open(house.receipt).deletion.stand)
    house.collect()
    assert house.come_back.open(house.receipt).erased
    (short,) = backup.create(house.vault, tmp_path / "stick", short_lived_only=True)
    house.new = tmp_path / "new"
    again = restored(house, before[0], short.path)
    again.collect()
    assert again.come_back.open(house.receipt).erased
    again.close()
    house.close()


def test_what_came_to_its_end_is_not_brought_back_by_a_backup_from_before(asked):
    """Announced in the copy as well: the first slot of the restored vault erases it."""
    receipt = asked.send()
    (case,) = [row for row in rows(asked, cases) if row.status == "new"]
    (row,) = rows(asked, testimonies)
    officer = asked.actors["officer"]
    ends = retention.later(clock.day(), 30)
    retaining.set_end(asked.vault, officer, case.id, ends)
    asked.collect()
    asked.pass_days(28)
    pair = [made.path for made in backup.create(asked.vault, asked.stick)]
    asked.pass_days(2)
    asked.collect()
    assert nothing_left(asked, row.id)
    assert asked.come_back.open(receipt).erased.day == clock.day()
    again = restored(asked, *pair)
    assert erasure.find(again.vault, row.id) is not None
    again.collect()
    assert nothing_left(again, row.id)
    again.close()
