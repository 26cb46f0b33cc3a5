import pytest

from vault.web.staff import labels
from vault.web.staff.labels import Shown


@pytest.fixture(autouse=True)
def page(app):
    with app.test_request_context("/staff/me?lang=en"):
        app.preprocess_request()
        yield


def texts(shown):
    """Every text of an answer, however deep."""
    return [shown.text] if not shown.parts else [t for part in shown.parts for t in texts(part)]


def one(name, value, form="victim"):
    (shown,) = labels.shown({name: value}, form)
    return shown


def test_the_story_stands_first_and_then_the_order_of_the_form():
    answers = {"consent": {"C01": "yes"}, "people": [], "safe_now": "yes", "story": "x"}
    assert labels.shown(answers, "victim")[0].name == "story"
    assert {shown.name for shown in labels.shown(answers, "victim")} == set(answers)


def test_what_was_paused_is_said_in_words_also_where_an_item_has_answers_of_its_own():
    consent = one("consent", {"C03": "paused", "C06": "paused", "C16": "paused"})
    assert [part.text for part in consent.parts] == ["Stop for now"] * 3


def test_a_question_without_wording_is_named_by_its_own_id():
    assert one("never_heard_of", {"inner": "x"}).label == "never_heard_of"
    assert one("never_heard_of", {"inner": "x"}).parts[0].label == "inner"


def test_a_group_of_questions_has_no_name_of_its_own():
    consent = one("consent", {"C01": "yes"})
    assert consent.label is None
    assert consent.parts[0].label == "Keep my sealed account."


def test_an_unknown_form_and_an_unknown_code_lose_nothing():
    assert texts(one("anything", "a text", form="of another version")) == ["a text"]
    assert texts(one("people", [{"agency": "no_such_code"}])) == ["no_such_code"]


def test_yes_no_and_cannot_say_are_words():
    assert [one("x", value).text for value in (True, False, None)] == [
        "yes",
        "no",
        "asked, and cannot say",
    ]


def test_a_date_shows_days_precision_and_the_words_of_the_witness():
    when = {"from": "2022-01", "to": "2022-02", "precision": None, "text": "the third day"}
    assert one("detained_from", when).text == "between 01.2022 and 02.2022 · “the third day”"


def test_nested_lists_keep_every_entry():
    value = [{"agency": "police.sobr", "deep": [{"x": 1}, {"x": [2, 3]}]}, {"description": "y"}]
    assert texts(one("people", value))[1:] == ["1", "2", "3", "y"]


def test_an_account_is_not_repeated_where_objects_are_printed():
    assert "secret" not in repr(Shown("x", None, "secret", (Shown("y", None, "secret"),)))
