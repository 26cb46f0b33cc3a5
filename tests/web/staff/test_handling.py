"""Pages on which it changes who handles a case; each with a browser that has no JavaScript."""

from __future__ import annotations

import re

import pytest

from tests.support.attacks import planted, rows
from tests.support.browser import Browser
from tests.support.house import House
from vault.agents.kdf import LocalKdf
from vault.cases.holders import revoke
from vault.custody import keys, rosters
from vault.storage.tables.cases import assignments, cases, grants
from vault.web.staff import create_app


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    built = House.found(tmp_path_factory.mktemp("vault")).staff()
    built.add("second", "lawyer")
    built.add("doctor", "doctor")
    built.add("interpreter", "interpreter")
    yield built
    built.close()


@pytest.fixture(scope="module")
def app(house):
    return create_app(house.vault)


def who(house, name):
    return house.actors[name].id


def capacities(house, case):
    people = {actor.id: name for name, actor in house.actors.items()}
    return {people[row.member_id]: row.capacity for row in rows(house, assignments, case_id=case)}


def post(browser, case, action, **fields):
    """Post as the page does: asked once more, the same fields go again with the answer."""
    path = f"/staff/cases/{case}/{action}"
    browser.get("/staff/me")
    answer = browser.post(path, fields)
    if answer.status_code == 200:
        assert "Are you sure?" in answer.text
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', answer.text))
        hidden.pop("csrf_token")
        answer = browser.post(path, hidden)
    return answer


def test_a_lawyer_hands_a_case_over_after_being_asked_once_more(as_member, given_case, house):
    case, browser = given_case(), as_member("lawyer")
    page = browser.get(f"/staff/cases/{case}").text
    assert "Who handles this case" in page
    asked = browser.post(f"/staff/cases/{case}/hand-over", {"lawyer": who(house, "second")})
    assert "Second becomes the lawyer of case" in asked.text
    assert capacities(house, case)["lawyer"] == "lawyer"
    answer = post(browser, case, "hand-over", lawyer=who(house, "second"))
    assert (answer.status_code, answer.location) == (303, "/staff/cases")
    assert capacities(house, case) == {"second": "lawyer", "deputy": "deputy"}
    assert browser.get(f"/staff/cases/{case}").status_code == 404
    assert as_member("second").get(f"/staff/cases/{case}").status_code == 200


def test_the_deputy_is_replaced_and_chosen(as_member, given_case, house):
    case, browser = given_case(), as_member("lawyer")
    page = browser.get(f"/staff/cases/{case}").text
    assert "Choose a deputy" not in page
    post(browser, case, "deputy", deputy=who(house, "second"))
    assert capacities(house, case) == {"lawyer": "lawyer", "second": "deputy"}
    post(browser, case, "deputy", deputy="")
    assert capacities(house, case) == {"lawyer": "lawyer"}
    assert "Choose a deputy" in browser.get(f"/staff/cases/{case}").text
    browser.post(f"/staff/cases/{case}/deputy", {"deputy": who(house, "deputy")})
    assert capacities(house, case) == {"lawyer": "lawyer", "deputy": "deputy"}


@pytest.mark.parametrize("before", ["", "second"])
def test_a_page_made_before_there_was_this_deputy_asks_about_the_one_there_is(
    as_member, given_case, house, before
):
    case, browser = given_case(), as_member("lawyer")
    browser.get("/staff/me")
    stale = {"sure": "yes", "deputy": "", **({"before": who(house, before)} if before else {})}
    asked = browser.post(f"/staff/cases/{case}/deputy", stale)
    assert "Deputy will no longer be able to open case" in asked.text
    assert capacities(house, case) == {"lawyer": "lawyer", "deputy": "deputy"}


def test_a_doctor_and_an_interpreter_see_only_their_part(as_member, given_case, house):
    case, browser = given_case(answers=planted("Меня забрали утром.")), as_member("lawyer")
    post(browser, case, "reader", capacity="doctor", member=who(house, "doctor"), until="")
    post(
        browser,
        case,
        "reader",
        capacity="interpreter",
        member=who(house, "interpreter"),
        until="2099-01-01",
    )
    page = browser.get(f"/staff/cases/{case}").text
    assert "Interpreter</bdi> (interpreter, until 01.01.2099)" in page
    for name, closed in (("doctor", "Меня забрали"), ("interpreter", "Let a doctor")):
        browser = as_member(name)
        assert case in browser.get("/staff/cases").text
        page = browser.get(f"/staff/cases/{case}").text
        assert closed not in page
        for action in ("hand-over", "deputy", "reader", "take-away", "give-back", "may-not-see"):
            assert f"/{action}" not in page


def test_whom_the_witness_did_not_agree_to_is_not_offered_and_the_page_says_why(
    as_member, given_case, house
):
    case, browser = given_case(), as_member("lawyer")
    page = browser.get(f"/staff/cases/{case}").text
    assert "has not said yes to a doctor" in page
    assert "has not said yes to an interpreter" in page
    assert f"/staff/cases/{case}/reader" not in page
    answer = post(browser, case, "reader", capacity="doctor", member=who(house, "doctor"), until="")
    assert answer.status_code == 403
    assert "The witness has not said yes to this" in answer.text


def test_a_case_given_back_is_new_again(as_member, given_case, house):
    case = given_case()
    answer = post(as_member("lawyer"), case, "give-back")
    assert answer.status_code == 303
    assert capacities(house, case) == {}
    assert case in as_member("officer").get("/staff/new").text


def test_an_officer_takes_a_case_away_and_sees_what_it_waits_for(as_member, given_case, house):
    case, officer = given_case(), as_member("officer")
    assert officer.get(f"/staff/cases/{case}").status_code == 404
    assert case in officer.get("/staff/given").text
    page = officer.get(f"/staff/given/{case}").text
    assert "You cannot open this case." in page
    answer = post(officer, case, "take-away", member=who(house, "lawyer"))
    assert answer.location == f"/staff/given/{case}"
    row = re.search(rf"{case}.*?</tr>", officer.get("/staff/given").text, re.DOTALL).group()
    assert "without a lawyer: the deputy can take it over" in row
    assert rows(house, cases, id=case)[0].keys_due == 1
    as_member("deputy")  # signs in
    assert rows(house, cases, id=case)[0].keys_due == 0
    deputy = as_member("deputy")
    assert "You can take it over" in deputy.get(f"/staff/cases/{case}").text
    post(deputy, case, "take-over")
    assert capacities(house, case) == {"deputy": "lawyer"}
    post(officer, case, "take-away", member=who(house, "deputy"))
    row = re.search(rf"{case}.*?</tr>", officer.get("/staff/given").text, re.DOTALL).group()
    assert "nobody can open it: waits for the trustees" in row


def test_an_administrator_sees_what_waits_for_the_trustees_and_can_do_nothing(
    as_member, given_case, house
):
    case, fine = given_case(), given_case()
    for name in ("lawyer", "deputy"):
        revoke.revoke(house.vault, house.actors["officer"], case, who(house, name))
    browser = as_member("admin")
    page = browser.get("/staff/given").text
    code = re.compile(r"<bdi>(\w{4}-\w{4})</bdi>")
    assert "No administrator can change that" in page
    assert len(code.findall(page)) >= 1
    assert fine not in page
    for path in (f"/staff/given/{case}", f"/staff/cases/{case}"):
        assert browser.get(path).status_code == 404
    assert post(browser, case, "take-away", member=who(house, "deputy")).status_code == 404


def test_who_may_not_see_a_case_is_stated_and_taken_back(as_member, given_case, house):
    case, browser = given_case(), as_member("lawyer")
    post(browser, case, "may-not-see", member=who(house, "second"))
    page = browser.get(f"/staff/cases/{case}").text
    assert "Who may not see this case (1)" in page
    offered = re.search(r'id="hand-over-lawyer".*?</select>', page, re.DOTALL).group()
    assert who(house, "second") not in offered
    refused = post(browser, case, "hand-over", lawyer=who(house, "second"), sure="yes")
    assert "a conflict of interest was stated" in refused.text
    post(browser, case, "may-see", member=who(house, "second"))
    assert capacities(house, case) == {"lawyer": "lawyer", "deputy": "deputy"}
    assert who(house, "second") in browser.get(f"/staff/cases/{case}").text


def test_several_cases_are_handed_over_in_one_step(as_member, given_case, house):
    chosen = [given_case(), given_case()]
    barred = given_case()
    revoke.bar(house.vault, house.actors["officer"], barred, who(house, "second"))
    browser = as_member("lawyer")
    page = browser.get("/staff/hand-over").text
    assert all(case in page for case in (*chosen, barred))
    fields = {"lawyer": who(house, "second"), "case": [*chosen, barred]}
    asked = browser.post("/staff/hand-over", fields)
    assert "Second becomes the lawyer of 3 cases" in asked.text
    done = browser.post("/staff/hand-over", {**fields, "sure": "yes"})
    assert "2 cases were handed over to Second." in done.text
    assert "a conflict of interest was stated" in done.text
    for case in chosen:
        assert capacities(house, case) == {"second": "lawyer", "deputy": "deputy"}
    assert capacities(house, barred) == {"lawyer": "lawyer", "deputy": "deputy"}


def test_a_colleague_with_new_keys_gets_them_after_the_fingerprint_was_compared(
    as_member, given_case, house
):
    case, other = given_case(), given_case()
    with house.vault.database.write() as connection:
        connection.execute(grants.delete().where(grants.c.member_id == who(house, "deputy")))
    browser = as_member("lawyer")
    page = browser.get(f"/staff/cases/{case}").text
    fingerprint = house.vault.roster().member(who(house, "deputy")).fingerprint
    assert fingerprint in page
    assert "has new keys and cannot open it yet" in page
    post(
        browser,
        case,
        "keys-again",
        member=who(house, "deputy"),
        fingerprint=fingerprint,
        all="yes",
    )
    for each in (case, other):
        assert as_member("deputy").get(f"/staff/cases/{each}").status_code == 200


@pytest.mark.parametrize("name", ["second", "doctor", "admin", "deputy"])
def test_who_has_no_say_finds_nothing_or_is_refused(as_member, given_case, house, name):
    case, browser = given_case(), as_member(name)
    before = capacities(house, case)
    fields = {"sure": "yes", "lawyer": who(house, "second"), "member": who(house, "lawyer")}
    for action in ("hand-over", "deputy", "give-back", "take-over", "take-away", "may-not-see"):
        assert post(browser, case, action, **fields).status_code in {403, 404}
    assert capacities(house, case) == before


def test_the_cases_of_a_lawyer_who_left_go_on_through_the_deputy(tmp_path):
    """From the giving to the next witness's word, on the pages that people see."""
    house = House.found(tmp_path).staff()
    house.add("second", "lawyer")
    app = create_app(house.vault)

    def as_member(name):
        browser = Browser(app, "/staff")
        assert browser.sign_in(name).status_code == 303
        return browser

    receipt = house.send()
    officer = as_member("officer")
    (case,) = set(re.findall(r"/staff/cases/([0-9a-f]{32})", officer.get("/staff/new").text))
    lawyer, deputy = who(house, "lawyer"), who(house, "deputy")
    officer.get(f"/staff/cases/{case}")
    officer.post(f"/staff/cases/{case}/give", {"lawyer": lawyer, "deputy": deputy})
    gone = as_member("lawyer")
    root = keys.open_root_key(house.settings, house.sheet.root_passphrase, LocalKdf())
    rosters.end(house.vault, "lawyer", root)
    assert gone.get(f"/staff/cases/{case}").status_code in {302, 303, 401}
    row = re.search(rf"{case}.*?</tr>", officer.get("/staff/given").text, re.DOTALL).group()
    assert "without a lawyer: the deputy can take it over" in row
    browser = as_member("deputy")
    assert "You can take it over" in browser.get(f"/staff/cases/{case}").text
    post(browser, case, "take-over")
    post(browser, case, "deputy", sure="yes", deputy=who(house, "second"))
    assert capacities(house, case) == {"deputy": "lawyer", "second": "deputy"}
    house.collect()
    assert set(house.come_back.open(receipt).handlers) == {"lawyer", "deputy"}
    back = house.come_back
    back.add(receipt, "ru", {"story": "Вы ещё здесь?"}, back.new_send_id())
    house.collect()
    for name in ("deputy", "second"):
        assert "Вы ещё здесь?" in as_member(name).get(f"/staff/cases/{case}").text
    house.close()
