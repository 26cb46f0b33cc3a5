"""The record of consent: every word with day, channel and what was told, after its entry."""

from __future__ import annotations

import re

import pytest

from vault import clock
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.reveal import open_case
from vault.cases.written import consent
from vault.forms import versions
from vault.journal.reading import Filter


@pytest.fixture
def case(house):
    """Given to the lawyer: something said at first, taken back later, and forced; a stop."""
    officer, lawyer, back = house.actors["officer"], house.actors["lawyer"], house.come_back
    send_id = house.tell.new_send_id()
    first = {"story": "x", "consent": {"C01": "yes", "C02": "yes", "C07": "yes"}}
    own = house.tell.send("victim", "kk", first, send_id).receipt
    back.add(own, "ru", {"consent": {"C07": "no", "C09": "yes", "C09_threshold": 3}}, "")
    second = house.tell.receipt_of(send_id, second=True)
    back.add(second, "en", {"consent": {"C08": "yes_name_to_government"}}, "")
    house.collect()
    known = inbox.new_cases(house.vault, officer)
    line = next(one for one in known if one.status == "new")
    assign.give(house.vault, officer, line.id, lawyer.id, None)
    consent.note_read(house.vault, lawyer, line.id)
    view = open_case(house.vault, lawyer, line.id)
    (record,) = (r.id for r in view.records if "C09" in r.answers.get("consent", {}))
    consent.stop(house.vault, lawyer, line.id, "C09", [record])
    return line.id


def read(as_member, case, language="en"):
    answer = as_member("lawyer").get(f"/staff/cases/{case}/consent?lang={language}")
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def item(page, name):
    return re.search(rf'aria-labelledby="r-{name}".*?</section>', page, re.DOTALL)[0]


def test_every_word_stands_there_with_its_day_and_how_it_came(as_member, case):
    page = read(as_member, case)
    quoted = item(page, "C07")
    assert quoted.index("with the first statement") < quoted.index("later, with the witness")
    assert quoted.count(".".join(reversed(clock.day().split("-")))) == 2
    assert "Can be taken back until it is published." in quoted
    assert "it may have been forced, and allows nothing" in item(page, "C08")
    assert "Stopped by" in item(page, "C09")
    assert ">3<" in item(page, "C09_threshold")
    assert "the legal note was read with the witness" in item(page, "C12")
    assert "Nothing was said: no." in item(page, "C14")


def test_the_question_is_the_one_that_the_witness_read_in_their_language(as_member, case):
    quoted = item(read(as_member, case), "C07")
    for language, form in (("kk", "victim"), ("ru", "followup")):
        told = versions.told(form, 1, "consent.C07", language)
        words = " ".join(filter(None, (told.label, told.hint, told.why)))
        assert f'<span lang="{language}">{words}</span>' in quoted
        assert f"Form {form}, version 1, text {told.page[:12]}" in quoted


def test_whoever_opens_it_stands_in_the_log_before(house, as_member, case):
    read(as_member, case)
    entries = house.vault.journal.read(Filter(case=case, kind="reveal"))
    (opened,) = (one for one in entries if one.detail["for"] == "record")
    assert opened.actor == house.actors["lawyer"].id


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_it_is_worded_in_every_language_and_the_case_leads_to_it(as_member, case, language):
    page = as_member("lawyer").get(f"/staff/cases/{case}?lang={language}").get_data(as_text=True)
    assert f'href="/staff/cases/{case}/consent"' in page
    assert 'class="printed"' in read(as_member, case, language)


@pytest.mark.parametrize("role", ["officer", "auditor", "admin"])
def test_nobody_else_is_shown_it(as_member, case, role):
    assert as_member(role).get(f"/staff/cases/{case}/consent").status_code == 404


def test_what_a_packet_maker_wrote_of_a_form_that_is_not_kept_is_shown_without_its_question(
    as_member, case, monkeypatch
):
    monkeypatch.setattr(versions, "told", lambda *_: None)
    assert "The text is not known" in item(read(as_member, case), "C07")
