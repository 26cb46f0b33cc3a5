"""What the witness allowed: the latest answer counts, silence means no, nothing is hidden."""

import pytest

from tests.web.staff.test_account import record
from vault.web.staff import labels
from vault.web.staff.allowed import allowed


@pytest.fixture(autouse=True)
def page(app):
    with app.test_request_context("/staff/me?lang=en"):
        app.preprocess_request()
        yield


FIRST = record({"consent": {"C01": "yes", "C02": "yes", "C06": "yes"}}, id="first")


def later(number=1, origin="receipt", **answers):
    kept = {"consent": answers}
    return record(kept, "addendum", id=f"later{number}", number=number, origin=origin)


def item(found, name):
    (one,) = [item for item in found.items if item.name == f"consent.{name}"]
    return one


def test_the_items_stand_in_the_order_of_the_form_with_their_own_words():
    found = allowed([FIRST], "victim")
    assert [item.name for item in found.items[:3]] == ["consent.C01", "consent.C02", "consent.C03"]
    assert found.items[0].label == "Keep my sealed account."
    assert item(found, "C01").now.text == "Yes, keep it"


def test_silence_is_no_answer_and_so_no():
    assert item(allowed([FIRST], "victim"), "C12").now is None


def test_numbers_and_dates_of_items_show_only_if_they_were_given():
    assert "consent.C09_threshold" not in [one.name for one in allowed([FIRST], "victim").items]
    found = allowed([FIRST, later(C09="yes", C09_threshold=3)], "victim")
    assert item(found, "C09_threshold").now.text == "3"


def test_the_latest_answer_counts_and_earlier_ones_stay():
    found = item(allowed([FIRST, later(1, C06="no"), later(2, C06="paused")], "victim"), "C06")
    assert found.now.text == "Stop for now"
    assert [answer.text for answer in found.others] == ["No", "Yes"]
    assert [answer.record.id for answer in found.others] == ["later1", "first"]


def test_an_answer_with_the_second_receipt_is_shown_and_never_counts():
    found = item(allowed([FIRST, later(origin="second", C06="no", C12="yes")], "victim"), "C06")
    assert (found.now.text, found.others[0].text) == ("Yes", "No")
    forced = item(allowed([FIRST, later(origin="second", C12="yes")], "victim"), "C12")
    assert forced.now is None
    assert forced.others[0].record.origin == "second"


def test_reading_that_no_answer_allows_was_allowed_with_the_receipt():
    not_yet = record({"consent": {"C01": "yes", "C02": "not_yet"}})
    assert allowed([not_yet], "victim").read_later
    assert not allowed([not_yet, later(C02="yes")], "victim").read_later
    assert not allowed([FIRST], "victim").read_later


def test_an_item_that_this_program_does_not_know_is_shown_by_its_name():
    found = allowed([later(C99="yes")], "victim")
    shown = item(found, "C99")
    assert (shown.now.text, shown.label) == ("yes", labels.question("consent.C99"))
    assert "no form of this vault asks, named “C99”" in shown.label


@pytest.mark.parametrize("answers", [{}, {"consent": "yes"}, {"consent": {}}, {"consent": []}])
def test_without_an_answer_there_is_nothing_to_show(answers):
    assert allowed([record(answers)], "victim") is None


@pytest.mark.parametrize("odd", [[], {}, [["yes"]]])
def test_an_answer_of_a_strange_shape_closes_no_case(odd):
    """Whoever forces a receipt out of a witness can seal an addendum of any shape."""
    found = allowed([FIRST, later(origin="second", C02=odd)], "victim")
    assert item(found, "C02").now.text == item(allowed([FIRST], "victim"), "C02").now.text
