"""Rows that somebody planted in the database: odd, shown as such, never in the way of the rest."""

from urllib.parse import urlsplit

import pytest
from sqlalchemy import Connection, insert, update

from tests.support import axe
from vault.cases.lists import inbox
from vault.forms.load import load_forms
from vault.storage.tables.cases import cases, records
from vault.web.inside.pages import date
from vault.web.staff import labels


@pytest.fixture
def plant(house):
    """Put a record row into a case."""

    def planted(case, **columns):
        row = {
            "id": "ab" * 16,
            "subject": case,
            "compartment": "work",
            "epoch": 1,
            "kind": "note",
            "sealed": b"x",
            "slot_day": "2026-01-01",
        }
        with house.vault.database.write() as connection:
            connection.execute(records.delete().where(records.c.id == row["id"]))
            connection.execute(insert(records).values(row | columns))

    return planted


@pytest.mark.parametrize(
    "columns",
    [
        {"kind": "<b>unheard of</b>"},
        {"kind": "unheard of", "author": "nobody"},
        {"kind": ""},
        {"slot_day": "yesterday"},
        {"slot_day": ""},
        {"slot_day": "2026-01-01-01"},
        {"slot_day": "<b>"},
    ],
)
def test_an_odd_record_does_not_hide_the_case(as_member, given_case, plant, columns):
    case = given_case()
    plant(case, **columns)
    page = as_member("lawyer").get(f"/staff/cases/{case}")
    assert page.status_code == 200
    assert "Меня забрали утром." in page.text
    assert "<b>" not in page.text


def test_an_odd_kind_is_called_something_else(as_member, given_case, plant):
    case = given_case()
    plant(case, kind="unheard of")
    page = as_member("lawyer").get(f"/staff/cases/{case}").text
    assert "<h3>Something else</h3>" in page
    assert "unheard of" not in page


@pytest.mark.browser
@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_axe_finds_nothing_on_a_case_with_a_broken_record(
    as_member, given_case, plant, new_context, language
):
    case, lawyer = given_case(), as_member("lawyer")
    plant(case)

    def answer(route):
        address = urlsplit(route.request.url)
        page = lawyer.get(f"{address.path}?{address.query}")
        route.fulfill(status=page.status_code, headers=dict(page.headers), body=page.data)

    page = new_context(viewport={"width": 360, "height": 740}, java_script_enabled=True).new_page()
    page.route("**/*", answer)
    page.goto(f"http://localhost/staff/cases/{case}?lang={language}")
    assert page.locator("#hidden").count() == 1
    assert axe.violations(page) == {}
    assert page.evaluate("document.documentElement.scrollWidth") == page.viewport_size["width"]


def test_an_odd_day_of_a_case_hides_no_list(as_member, given_case, new_case, house):
    for case in (given_case(), new_case()):
        with house.vault.database.write() as connection:
            odd = update(cases).where(cases.c.id == case).values(slot_day="never")
            connection.execute(odd)
    assert as_member("lawyer").get("/staff/cases").status_code == 200
    assert as_member("officer").get("/staff/new").status_code == 200


def test_a_date_of_another_shape_than_asked_hides_nothing(app):
    asked = load_forms().get("victim").by_id
    name = next(name for name, field in asked.items() if field.type == "date" and "." not in name)
    odd = {name: {"text": 5, "from": ["x"], "precision": {"a": 1}}}
    with app.test_request_context("/staff/?lang=en"):
        app.preprocess_request()
        (answer,) = labels.shown(odd, "victim")
    assert answer.text.endswith(" · “5”")


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("2026-11-22", "22.11.2026"),
        ("2026-11-22T10:15:00Z", "22.11.2026 10:15"),
        ("", "—"),
        ("2026-11", "—"),
        ("2026-11-22-1", "—"),
        ("٢٠٢٦-11-22", "—"),
        ("2026-11-22\n", "—"),
    ],
)
def test_a_day_is_shown_and_anything_else_is_a_dash(stored, shown):
    assert date(stored) == shown


def test_a_list_asks_the_database_as_often_for_many_cases_as_for_one(house, new_case, monkeypatch):
    officer, said = house.actors["officer"], []
    execute = Connection.execute

    def counting(connection, *given, **options):
        said.append(1)
        return execute(connection, *given, **options)

    def asked():
        said.clear()
        return len(inbox.new_cases(house.vault, officer)), len(said)

    new_case()
    monkeypatch.setattr(Connection, "execute", counting)
    few, often = asked()
    for _ in range(3):
        new_case()
    assert asked() == (few + 3, often)
