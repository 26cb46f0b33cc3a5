import shutil

import pytest

from tests.web.staff.test_account import record
from vault.forms import versions
from vault.forms.codes import load_codes
from vault.forms.load import load_forms
from vault.forms.wording import load_wordings
from vault.resources import resource
from vault.web.staff import labels
from vault.web.staff.account import sections
from vault.web.staff.allowed import allowed
from vault.web.staff.labels import Shown
from vault.web.staff.view import _signs


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


UNASKED = "a question that no form of this vault asks, named “{}” by the sender"


@pytest.mark.parametrize("name", ["never_heard_of", "Verified by the vault: who this witness is"])
def test_what_no_form_asks_never_looks_like_a_question_or_a_statement_of_ours(name):
    assert one(name, {"inner": "x"}).label == UNASKED.format(name)
    assert one(name, {"inner": "x"}).parts[0].label == UNASKED.format("inner")


@pytest.mark.parametrize("name", ["odd", "Victim, checked by the vault on 3 May"])
def test_a_form_or_a_language_that_the_sender_made_up_is_named_as_theirs(name):
    made_up = f"not known here, named “{name}” by the sender"
    assert labels.form_name(name) == labels.language_name(name) == made_up
    assert labels.language_name("kk") == "Kazakh"
    assert labels.form_name("") == ""


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


def test_the_body_map_is_drawn_with_its_marks_and_listed():
    said = {"then": ["front.neck", "soles.heel_l"], "now": ["front.neck", "odd"], "words": "x"}
    shown = one("body_map", said)
    assert [drawing.name for drawing in shown.drawings] == ["Front", "Soles of the feet"]
    marks = [[mark[1:] for mark in one.marks if any(mark[1:])] for one in shown.drawings]
    assert marks == [[(True, True)], [(True, False)]]
    assert texts(shown) == ["Neck, throat", "Heel, left", "Neck, throat", "odd", "x"]


def test_a_body_map_of_another_shape_is_only_listed():
    shown = one("body_map", {"then": "front.neck", "now": [{"x": 1}, 3]})
    assert shown.drawings == ()
    assert "front.neck" in texts(shown) or "Neck, throat" in texts(shown)


# --- what an old testimony was asked -------------------------------------------------------------


OLD = "May you be counted in tables that show only large numbers?"
NEW = "May your whole account be published?"


@pytest.fixture
def changed(app, tmp_path):
    """Forms whose question, answer and code were changed since, with both versions kept."""
    copy = shutil.copytree(resource("intake_forms"), tmp_path / "intake_forms")
    edits = [
        ("wording/en.toml", "Has there been pressure since then?", "Did anybody press you?"),
        ("wording/en.toml", OLD, NEW),
        ("code_lists.json", "House search, seizure of phone", "Somebody came to the house"),
        ("wording/en.toml", 'title = "Pressure and danger"', 'title = "Since then"'),
        ("forms/victim.toml", "version = 1", "version = 2"),
    ]
    for name, old, new in edits:
        text = (copy / name).read_text("utf-8")
        assert old in text
        (copy / name).write_text(text.replace(old, new, 1), "utf-8")
    for path in (copy / "versions").glob("*.json"):
        if path.stem != "victim":
            path.unlink()
    forms = load_forms(copy)
    versions.keep(versions.Sources(forms, load_wordings(forms, copy), load_codes(copy)), copy)
    labels.install(app, copy)
    yield
    labels.install(app)


def test_an_old_testimony_is_shown_with_the_questions_and_answers_of_its_version(changed):
    shown = {n: labels.shown({"risk": ["house_search"]}, "victim", n)[0] for n in (1, 2)}
    assert [shown[n].label for n in (1, 2)] == [
        "Has there been pressure since then?",
        "Did anybody press you?",
    ]
    assert [texts(shown[n]) for n in (1, 2)] == [
        ["House search, seizure of phone"],
        ["Somebody came to the house"],
    ]


def test_answers_stand_under_the_page_on_which_their_version_asked_them(changed):
    told = {"risk": ["house_search"]}
    for version, title in ((1, "Pressure and danger"), (2, "Since then")):
        (section,) = sections([record(told, version=version)], "victim")
        assert (section.name, section.title) == ("risk", title)


def test_a_yes_is_shown_with_what_its_own_version_asked_and_called_it(changed):
    first = record({"consent": {"C06": "yes"}}, version=1)
    later = record({"consent": {"C06": "yes"}}, "addendum", version=2)
    for records, asked in (([first], OLD), ([first, later], NEW)):
        item = next(o for o in allowed(records, "victim").items if o.name == "consent.C06")
        assert item.label == asked
        assert (item.now.question, item.now.text) == (asked, "Yes")
    assert [(old.question, old.text) for old in item.others] == [(OLD, "Yes")]


def test_signs_of_pressure_stand_with_the_words_of_their_version(changed):
    told = [list(_signs(record({"risk": ["house_search"]}, version=n))) for n in (1, 2)]
    assert told == [
        [("Has there been pressure since then?", "House search, seizure of phone")],
        [("Did anybody press you?", "Somebody came to the house")],
    ]


def test_a_version_of_which_nothing_is_kept_is_shown_with_the_words_of_today(changed):
    (shown,) = labels.shown(
        {
            "risk": ["house_search"],
        },
        "victim",
        99,
    )
    assert shown.label == "Did anybody press you?"
    (odd,) = labels.shown({"risk": ["never_heard_of"]}, "../victim", 1)
    assert texts(odd) == ["never_heard_of"]


@pytest.mark.parametrize(
    ("form", "about", "over"),
    [
        ("victim", {}, ["48 hours more than the 48"]),
        ("victim", {"age_band": "under_18"}, ["72 hours more than the 24"]),
        ("child", {}, ["72 hours more than the 24"]),
        ("witness", {}, ["48 hours more than the 48", "72 hours more than the 24"]),
    ],
)
def test_unregistered_hours_and_what_goes_beyond_the_law_are_computed(form, about, over):
    days = {"detained_from": {"from": "2022-01-08"}, "registered_from": {"from": "2022-01-12"}}
    shown = labels.shown({**days, "about": about}, form)
    note = next(one.note for one in shown if one.beside)
    assert "Not registered: 96 hours" in note
    assert [said for said in over if said in note] == over
    assert note.count("hours more") == len(over)
