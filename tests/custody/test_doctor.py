"""Is everything well: what was changed behind the vault's back is said, with its place."""

from __future__ import annotations

import pytest

from tests.support.attacks import change, copy_of, give, rows, staffed
from vault.custody import doctor
from vault.storage.tables.ledger import ledger_entries
from vault.web.audit.overview import verify


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    return staffed(tmp_path_factory.mktemp("template"))


@pytest.fixture
def house(template, tmp_path):
    house = copy_of(template, tmp_path)
    yield house
    house.close()


def finding(house, name):
    return next(found for found in doctor.examine(house.vault) if found.name == name)


def test_of_an_untouched_vault_all_is_well(house):
    house.collect()
    assert [found for found in doctor.examine(house.vault) if not found.well] == []


def test_an_opening_hidden_from_the_filter_is_named_by_doctor_and_by_the_overview(house):
    from vault.cases.reveal import open_case

    _, case = give(house, "a story")
    open_case(house.vault, house.actors["lawyer"], case)
    row = rows(house, ledger_entries, kind="reveal")[-1]
    assert verify(house.vault.journal).report is not None
    change(house, ledger_entries, {"seq": row.seq}, case_id=None)
    found = finding(house, "ledger")
    assert not found.well
    assert f"entry {row.seq} " in found.text
    verdict = verify(house.vault.journal)
    assert (verdict.report, verdict.seq) == (None, row.seq)


@pytest.mark.parametrize(("count", "well"), [(0, True), (1000, True), (1001, False)])
def test_more_packets_than_a_working_collector_leaves_are_a_warning(house, count, well):
    folder = house.settings.paths.letterbox / "in"
    for number in range(count):
        (folder / f"{number:032x}").touch()
    found = finding(house, "letterbox")
    assert found.well is well
    assert found.text.startswith(f"{count} packets wait")
    assert bool(found.advice) is not well
