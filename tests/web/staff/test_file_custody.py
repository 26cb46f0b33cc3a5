"""Custody of files: who may see each, who saw it, what came of it, and what the witness is told."""

import hashlib
import html
import re

import pytest

from tests.support.house import STORY
from tests.support.uploading import choices, hidden, picture, send, upload
from tests.web.staff.test_file_pages import files_of, kinds, only, pictures, text
from vault import clock
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.crypto.receipt import encode

# Of a file, by what its sender says: who is shown it. The officer, while nobody was given the case.
MAY = {
    "lawyer": {"officer", "lawyer", "deputy"},
    "court": {"officer", "lawyer", "deputy"},
    "doctor": {"officer", "lawyer", "deputy", "doctor"},
    "nobody": set(),
}
CONSENT = {"C01": "yes", "C02": "yes", "C04": "yes", "C05": "yes"}
PAPER, BODY = b"a paper", b"a picture of a body"


@pytest.fixture
def lawyer(as_member):
    return as_member("lawyer")


@pytest.fixture(scope="module")
def others(house):
    for capacity in ("doctor", "interpreter"):
        house.add(capacity, capacity)


def saved(browser, case, files):
    """Return what of these files a member is given; of the rest no page of theirs holds a name."""
    given = set()
    listing = browser.get(case).text + browser.get(f"{case}/files").text
    for file in files:
        page = browser.get(f"{case}/files/{file.id}")
        if page.status_code == 200:
            given.add(browser.post(f"{case}/files/{file.id}/download").data)
            continue
        assert page.status_code in {403, 404}
        assert file.name not in page.text + listing
        assert file.id not in listing
        browser.get(case)
        assert browser.post(f"{case}/files/{file.id}/download").status_code == page.status_code
    return given


@pytest.mark.parametrize("see", MAY)
def test_each_capacity_sees_what_the_witness_lets_it_see(
    house, others, as_member, teller, hand_over, see
):
    witness = teller(answers={"story": "…", "symptoms_now": "…", "consent": CONSENT})
    page = upload(witness, ("planted-paper", PAPER), ("planted-body", BODY))
    data = {**hidden(page.text), **choices(2, see=see), "kind-1": "body"}
    assert witness.post("/return/files/send", data=data).status_code == 303
    house.collect()
    case = f"/staff/cases/{witness.case}"
    officer = as_member("officer")
    before = officer.get(case)
    assert before.status_code == 200
    hand_over(witness.case, "doctor", "interpreter")
    files = files_of(house, case)
    assert {file.name for file in files} == {"planted-paper", "planted-body"}
    seen = {who: saved(as_member(who), case, files) for who in MAY["doctor"] - {"officer"}}
    seen["interpreter"] = saved(as_member("interpreter"), case, files)
    assert {who for who, given in seen.items() if given} == MAY[see] - {"officer"}
    assert seen["doctor"] <= {BODY}
    assert seen["interpreter"] == set()
    assert ("planted-paper" in before.text) == ("officer" in MAY[see])
    assert "planted-body" not in before.text


def test_an_officer_sees_what_lies_with_the_account_until_the_case_is_given(
    house, as_member, teller, hand_over
):
    witness = teller()
    send(witness, upload(witness, ("a", PAPER)))
    house.collect()
    case = f"/staff/cases/{witness.case}"
    (file,) = files_of(house, case, "officer")
    officer = as_member("officer")
    assert saved(officer, case, [file]) == {PAPER}
    hand_over(witness.case)
    assert officer.get(f"{case}/files/{file.id}").status_code == 404


def test_what_is_kept_back_is_named_to_nobody_and_refused_in_plain_words(house, lawyer, attach):
    case = attach(("planted-name", PAPER), see="nobody")
    (file,) = files_of(house, case)
    page = lawyer.get(f"{case}?lang=en")
    assert "A file that is not shown to you" in text(page)
    assert "the witness lets nobody see it yet" in text(page)
    refused = lawyer.get(f"{case}/files/{file.id}?lang=en")
    assert refused.status_code == 403
    assert "The witness does not let you see this file yet." in text(refused)
    assert {"file.shown", "file.given", "file.small"}.isdisjoint(kinds(house, case))


def test_who_opened_and_saved_it_stands_there_from_the_log(house, lawyer, as_member, attach):
    address = only(house, attach(("a.jpg", picture())))
    assert "Nobody before now." in text(lawyer.get(f"{address}?lang=en"))
    lawyer.post(f"{address}/download")
    lawyer.get(address)
    lawyer.get(f"{address.rpartition('/')[0]}")
    seen = text(as_member("deputy").get(f"{address}?lang=en"))
    day = ".".join(reversed(clock.day().split("-")))
    assert f"{day}: Lawyer looked at it × 2" in seen
    assert f"{day}: Lawyer saved it" in seen
    assert f"{day}: Lawyer saw a small picture of it" in seen


def test_an_original_and_its_copy_name_each_other(house, lawyer, attach):
    case = attach(("a.jpg", picture()), keep="both")
    original, copy = (f"{case}/files/{file.id}" for file in files_of(house, case))
    assert copy in re.search("<dt>Made from it</dt><dd>(.*?)</dd>", page_of(lawyer, original))[1]
    assert original in re.search("<dt>Cleaned copy</dt><dd>(.*?)</dd>", page_of(lawyer, copy))[1]


def page_of(browser, address):
    return html.unescape(browser.get(f"{address}?lang=en").text)


def test_its_hash_and_its_days_stand_on_its_page(house, lawyer, attach):
    case = attach(("a", PAPER))
    (file,) = files_of(house, case)
    page = text(lawyer.get(f"{case}/files/{file.id}?lang=en"))
    day = ".".join(reversed(clock.day().split("-")))
    assert file.sha256.hex() in page
    assert f"Sent on {day}" in page
    assert f"In the vault since {day}" in page


def test_of_a_cleaned_copy_the_page_says_where_the_original_is_and_its_hash(house, lawyer, attach):
    data = picture()
    case = attach(("a.jpg", data), keep="cleaned")
    page = text(lawyer.get(f"{only(house, case)}?lang=en"))
    assert "Cleaned copy the original was not sent" in page
    assert hashlib.sha256(data).hexdigest() in page
    assert "Cleaned copy: a.jpg" in text(lawyer.get(f"{case}?lang=en"))


def test_that_somebody_came_with_the_second_words_is_said_at_the_file(
    house, lawyer, intake, attach, monkeypatch
):
    monkeypatch.setattr("vault.cases.reveal.attached.forced_days", lambda *_: (clock.day(),))
    page = lawyer.get(f"{only(house, attach(('a', PAPER)))}?lang=en")
    assert "Possibly forced" in text(page)


def test_a_file_that_was_sent_with_the_second_words_says_so_and_is_shown(
    house, lawyer, intake, hand_over
):
    officer, send_id = house.actors["officer"], house.tell.new_send_id()
    before = {line.id for line in inbox.new_cases(house.vault, officer)}
    house.tell.send("victim", "ru", STORY, send_id)
    house.collect()
    (case_id,) = {line.id for line in inbox.new_cases(house.vault, officer)} - before
    client, second = intake.test_client(), house.tell.receipt_of(send_id, second=True)
    client.post("/return?lang=ru", data={"receipt": " ".join(encode(second.entropy, "ru"))})
    assert send(client, upload(client, ("a.jpg", picture()))).status_code == 303
    house.collect()
    hand_over(case_id)
    case = f"/staff/cases/{case_id}"
    assert 'id="forced"' in lawyer.get(case).text
    page = lawyer.get(f"{only(house, case)}?lang=en")
    assert "second words" in text(page)
    assert pictures(page)


def test_whoever_lost_the_case_opens_and_saves_no_file_with_a_page_that_is_still_open(
    house, as_member, attach
):
    case, browser = attach(("a.jpg", picture())), as_member("deputy")
    address = only(house, case)
    assert browser.get(address).status_code == 200
    assign.set_deputy(house.vault, house.actors["lawyer"], case.rpartition("/")[2], None)
    before = kinds(house, case)
    for path in ("download", "confirm"):
        assert browser.post(f"{address}/{path}").status_code == 404
    for path in (address, f"{address}?look=1&page=0", f"{case}/files", f"{case}/date"):
        assert browser.get(path).status_code == 404
    assert kinds(house, case) == before


# --- from the file of an investigation -----------------------------------------------------------


def test_a_lawyer_confirms_once_that_a_file_of_an_investigation_may_be_used(
    house, lawyer, as_member, attach
):
    case = attach(("a", PAPER), ("b", PAPER), case="yes")
    address = f"{case}/files/{files_of(house, case)[0].id}"
    page = text(lawyer.get(f"{address}?lang=en"))
    assert "article 423" in page
    assert "Nobody has confirmed yet that it may be used." in page
    assert lawyer.post(f"{address}/confirm").status_code == 303
    page = lawyer.get(f"{address}?lang=en")
    day = ".".join(reversed(clock.day().split("-")))
    assert f"Lawyer confirmed on {day} that it may be used." in text(page)
    assert "/confirm?" not in page.text
    assert kinds(house, case).count("file.confirmed") == 1
    other = f"{case}/files/{files_of(house, case)[1].id}"
    assert "Nobody has confirmed yet" in text(as_member("deputy").get(f"{other}?lang=en"))


def test_what_is_from_no_investigation_is_not_confirmed(house, lawyer, attach):
    case = attach(("a", PAPER))
    address = only(house, case)
    assert "/confirm?" not in lawyer.get(address).text
    assert lawyer.post(f"{address}/confirm").status_code == 404
    assert "file.confirmed" not in kinds(house, case)


def test_an_officer_confirms_nothing(house, as_member, teller):
    witness = teller()
    send(witness, upload(witness, ("a", PAPER)), case="yes")
    house.collect()
    case = f"/staff/cases/{witness.case}"
    (file,) = files_of(house, case, "officer")
    officer = as_member("officer")
    assert "/confirm?" not in officer.get(f"{case}/files/{file.id}").text
    assert officer.post(f"{case}/files/{file.id}/confirm").status_code == 404
    assert "file.confirmed" not in kinds(house, case)


# --- what the witness is told --------------------------------------------------------------------


def test_the_box_tells_that_files_were_opened_by_role_and_day(
    house, lawyer, attach, teller, hand_over
):
    witness = teller()
    hand_over(witness.case)
    case = attach(("a.jpg", picture()), client=witness)
    lawyer.get(case)
    house.collect()
    assert "your files" not in text(witness.get("/return/box?lang=en"))
    lawyer.get(only(house, case))
    house.collect()
    box = text(witness.get("/return/box?lang=en"))
    assert re.search("lawyer: [^.]*your files", box, re.IGNORECASE)
    assert "something you added" in box


# --- what was kept back, let go ------------------------------------------------------------------


@pytest.fixture
def kept_back(house, teller, hand_over):
    """A witness who sent a file that nobody may see yet."""
    witness = teller()
    hand_over(witness.case)
    send(witness, upload(witness, ("planted-name", PAPER)), see="nobody")
    house.collect()
    return witness


def say(house, witness, answer):
    """Answer in the box whether those who handle the case may see what was kept back."""
    page = witness.get("/return/more/kept_back?lang=en")
    data = {**hidden(page.text), "files_now": answer, "then": "on"}
    assert witness.post("/return/more/kept_back?lang=en", data=data).status_code == 303
    house.collect()


def test_the_witness_lets_go_later_what_was_kept_back_and_can_close_it_again(
    house, lawyer, kept_back
):
    case = f"/staff/cases/{kept_back.case}"
    (file,) = files_of(house, case)
    assert saved(lawyer, case, [file]) == set()
    say(house, kept_back, "yes")
    assert saved(lawyer, case, [file]) == {PAPER}
    page = text(lawyer.get(f"{case}/files/{file.id}?lang=en"))
    assert "First kept back; the witness let it go later" in page
    say(house, kept_back, "no")
    assert saved(lawyer, case, [file]) == set()


def test_what_is_kept_back_after_that_word_stays_kept_back(house, lawyer, kept_back):
    say(house, kept_back, "yes")
    send(kept_back, upload(kept_back, ("planted-later", BODY)), see="nobody")
    house.collect()
    case = f"/staff/cases/{kept_back.case}"
    first, later = files_of(house, case)
    assert (first.name, later.name) == ("planted-name", "planted-later")
    assert saved(lawyer, case, [first, later]) == {PAPER}
