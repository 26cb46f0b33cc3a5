"""Proof of date on the pages of a lawyer: what it is and is not, the paper, the file."""

import hashlib
import re

import pytest
from click.testing import CliRunner

from vault import clock
from vault.cases.reveal import open_case
from vault.cli import main
from vault.ledger.proof_of_date import ProofOfDate

STORY = "Утром пришли четверо, двое в масках."
ANSWERS = {"story": STORY, "consent": {"C01": "yes", "C02": "yes"}}


@pytest.fixture
def case(given_case):
    return given_case(answers=ANSWERS)


@pytest.fixture
def lawyer(as_member):
    return as_member("lawyer")


def address(case):
    return f"/staff/cases/{case}/date?lang=en"


def record_on(page):
    return re.search(r'name="record" value="([0-9a-f]{32})"', page).group(1)


def sent(lawyer, case, **form):
    page = lawyer.get(address(case)).text
    return lawyer.post(address(case), {"record": record_on(page), "as": "paper"} | form)


def plain_day():
    return ".".join(reversed(clock.day().split("-")))


def test_the_case_leads_there_and_the_page_says_what_is_proven_and_what_not(lawyer, case):
    assert f"/staff/cases/{case}/date" in lawyer.get(f"/staff/cases/{case}?lang=en").text
    page = lawyer.get(address(case)).text
    for words in ("at the latest, on the day named", "Who made the statement.", "The hour."):
        assert words in page
    assert f"Noted in the log on {plain_day()}." in page


@pytest.mark.parametrize(
    ("lang", "words"), [("kk", "Бұл нені дәлелдемейді"), ("ru", "Чего это не доказывает")]
)
def test_in_the_language_of_the_reader(lawyer, case, lang, words):
    assert words in lawyer.get(f"/staff/cases/{case}/date?lang={lang}").text


def test_nothing_is_chosen_beforehand_and_nothing_is_shown_before_it_is(lawyer, case):
    page = lawyer.get(address(case)).text
    assert 'name="show"' in page
    assert " checked" not in page
    assert STORY not in page
    paper = sent(lawyer, case).text
    assert STORY not in paper
    assert "Without words." in paper


def test_the_paper_names_day_fingerprint_key_and_checkpoint(lawyer, case, house):
    paper = sent(lawyer, case, show="story").text
    assert STORY in paper
    assert plain_day() in paper
    assert house.vault.journal.verifier().vkey() in paper.replace("&#43;", "+")
    assert re.search(r"<code[^>]*>[0-9a-f]{64}</code>", paper)
    assert not re.search(r"\bC02\b", paper)


def test_it_says_plainly_that_nobody_outside_has_confirmed_it(lawyer, case, house):
    assert "Nobody outside has confirmed it." in sent(lawyer, case).text
    kept = house.vault.journal.latest_checkpoint().decode()
    paper = sent(lawyer, case, held=kept).text
    assert "Nobody outside has confirmed it." not in paper
    assert "Made under a checkpoint that was put in." in paper


def test_the_file_is_saved_under_a_harmless_name_and_checks(lawyer, case, house):
    answer = sent(lawyer, case, show="story", **{"as": "file"})
    name = f'attachment; filename="proof-{clock.day()}.txt"'
    assert answer.headers["Content-Disposition"] == name
    assert answer.headers["Cache-Control"] == "no-store"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    found = ProofOfDate.parse(answer.data).verify(house.vault.journal.first_verifier().vkey())
    assert found.shown["answer/story"] == STORY


@pytest.mark.parametrize("held", ["nothing of the kind", "test.invalid\n1\nAAAA\n\n— x y\n"])
def test_what_is_no_checkpoint_is_refused_and_stays_on_the_page(lawyer, case, held):
    answer = sent(lawyer, case, held=held)
    assert answer.status_code == 400
    assert "This is no checkpoint of this log" in answer.text
    assert held.split("\n")[0] in answer.text


def test_an_officer_finds_no_such_page(as_member, case):
    assert as_member("officer").get(address(case)).status_code == 404


def test_a_record_that_is_not_there_is_not_found(lawyer, case):
    assert sent(lawyer, case, record="0b" * 16).status_code == 404


# --- files ---------------------------------------------------------------------------------------

PAPER = b"what a paper says"


def test_the_hash_of_a_file_is_shown_without_a_word_and_checks(lawyer, attach, house, tmp_path):
    case = attach(("paper.txt", PAPER)).rpartition("/")[2]
    page = lawyer.get(address(case)).text
    (file_id,) = re.findall(r'name="files" value="([0-9a-f]{32})"', page)
    of_file = page[: page.index('name="files"')]
    record = re.findall(r'name="record" value="([0-9a-f]{32})"', of_file)[-1]
    paper = lawyer.post(address(case), {"record": record, "as": "paper", "files": file_id}).text
    assert hashlib.sha256(PAPER).hexdigest() in paper
    assert "Without words of the statement" in paper
    lawyer.get(address(case))
    form = {"record": record, "as": "file", "files": file_id}
    proof, key = tmp_path / "proof.txt", tmp_path / "key.txt"
    proof.write_bytes(lawyer.post(address(case), form).data)
    key.write_text(house.vault.journal.first_verifier().vkey() + "\n", "utf-8")
    said = CliRunner().invoke(main, ["ledger", "check-date", str(proof), "--vkey-file", str(key)])
    assert said.exit_code == 0
    assert f"SHA-256 of file {file_id}: {hashlib.sha256(PAPER).hexdigest()}" in said.output
    assert STORY not in proof.read_text("utf-8")


def test_a_file_that_is_kept_back_is_neither_offered_nor_shown(lawyer, attach, house):
    case = attach(("planted-name", PAPER), see="nobody").rpartition("/")[2]
    page = lawyer.get(address(case)).text
    assert 'name="files"' not in page
    view = open_case(house.vault, house.actors["lawyer"], case)
    ((record, file_id),) = [(one.id, file.id) for one in view.records for file in one.files]
    lawyer.get(address(case))
    paper = lawyer.post(address(case), {"record": record, "as": "file", "files": file_id})
    assert paper.status_code == 200
    assert "planted-name" not in paper.text
    assert file_id not in paper.text
