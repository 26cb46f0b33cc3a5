import pytest

from tests.support.exported import exported
from vault import clock
from vault.errors import FormatError
from vault.ledger.verify import verify_export

ANNA, BOLAT = "a" * 32, "b" * 32
START = 1_795_342_800  # a full minute


@pytest.fixture
def at(monkeypatch):
    def set_time(seconds):
        monkeypatch.setattr(clock.time, "time", lambda: START + seconds)

    set_time(0)
    return set_time


def told(journal):
    journal.write_refusals()
    return [(entry.kind, dict(entry.subject), dict(entry.detail)) for entry in journal.read()]


def test_the_first_refusal_of_a_minute_is_an_entry(journal, at):
    journal.count_refusal("signin.refused", ANNA)
    assert told(journal) == [("signin.refused", {"member": ANNA}, {"count": 1})]
    assert journal.read()[0].time == clock.moment(START)


def test_a_flood_is_one_entry_and_one_sum(journal, at):
    for _ in range(50):
        journal.count_refusal("signin.refused", ANNA)
    assert len(told(journal)) == 1
    at(65)
    journal.flush_refusals()
    assert told(journal)[1:] == [("signin.refused", {"member": ANNA}, {"more": 49})]
    assert journal.read()[1].time == clock.moment(START)


def test_a_minute_that_is_not_over_is_not_summed_up(journal, at):
    for _ in range(3):
        journal.count_refusal("signin.refused", ANNA)
    at(59)
    journal.flush_refusals()
    assert len(told(journal)) == 1
    journal.count_refusal("signin.refused", ANNA)
    at(65)
    journal.flush_refusals()
    assert told(journal)[1][2] == {"more": 3}


def test_a_single_refusal_needs_no_sum(journal, at):
    journal.count_refusal("signin.refused", ANNA)
    at(65)
    journal.flush_refusals()
    assert len(told(journal)) == 1


def test_a_sum_is_written_once(journal, at):
    for _ in range(3):
        journal.count_refusal("signin.refused", ANNA)
    at(65)
    journal.flush_refusals()
    journal.flush_refusals()
    assert len(told(journal)) == 2


def test_the_next_minute_begins_with_an_entry_again(journal, at):
    journal.count_refusal("signin.refused", ANNA)
    at(65)
    journal.count_refusal("signin.refused", ANNA)
    assert [detail["count"] for _, _, detail in told(journal)] == [1, 1]


def test_members_and_kinds_are_counted_apart(journal, at):
    for kind, member in (
        ("signin.refused", ANNA),
        ("signin.refused", BOLAT),
        ("refused", ANNA),
    ):
        for _ in range(2):
            journal.count_refusal(kind, member)
    assert len(told(journal)) == 3
    at(65)
    journal.flush_refusals()
    assert sorted(told(journal)[3:], key=str) == [
        ("refused", {"member": ANNA}, {"more": 1}),
        ("signin.refused", {"member": ANNA}, {"more": 1}),
        ("signin.refused", {"member": BOLAT}, {"more": 1}),
    ]


def test_whoever_is_no_member_counts_as_nobody(journal, at):
    for _ in range(3):
        journal.count_refusal("signin.refused")
    at(65)
    journal.flush_refusals()
    assert told(journal) == [
        ("signin.refused", {}, {"count": 1}),
        ("signin.refused", {}, {"more": 2}),
    ]


def test_a_typed_name_is_refused(journal, at):
    with pytest.raises(FormatError):
        journal.count_refusal("signin.refused", "anna@example.org")
    assert len(told(journal)) == 0


def test_refusals_are_under_a_checkpoint_as_well(journal, at):
    journal.count_refusal("refused", ANNA)
    journal.count_refusal("refused", ANNA)
    at(65)
    journal.flush_refusals()
    export = exported(journal)
    report = verify_export(
        export.entries, export.leaf_hashes, export.checkpoints, journal.verifier().vkey()
    )
    assert report.verified == 2


def test_a_minute_that_has_just_ended_may_still_be_counted_elsewhere(journal, at):
    for _ in range(2):
        journal.count_refusal("refused", ANNA)
    at(60)
    journal.flush_refusals()
    assert len(told(journal)) == 1


def test_ten_thousand_refusals_of_a_member_in_an_hour_are_two_entries_for_each_minute(journal, at):
    minutes = 60
    for number in range(10_000):
        at(number * minutes * 60 // 10_000)
        journal.count_refusal("refused", ANNA)
    at(minutes * 60 + 5)
    journal.write_refusals()
    journal.flush_refusals()
    details = [entry.detail for entry in journal.read()]
    assert len(details) == 2 * minutes
    assert sum(detail.get("count", 0) + detail.get("more", 0) for detail in details) == 10_000


def test_ten_thousand_names_of_nobody_within_a_minute_are_two_entries(journal, at):
    for _ in range(10_000):
        journal.count_refusal("signin.refused")
    journal.write_refusals()
    at(65)
    journal.flush_refusals()
    assert told(journal) == [
        ("signin.refused", {}, {"count": 1}),
        ("signin.refused", {}, {"more": 9_999}),
    ]
