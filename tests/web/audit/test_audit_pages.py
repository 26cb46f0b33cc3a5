import html
import io
import re
import zipfile
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from tests.support.browser import Browser
from tests.support.house import STORY
from vault import canonical, clock
from vault.errors import AgentError, LedgerError
from vault.forms.codes import LANGUAGES
from vault.journal import exporting
from vault.journal.journal import Journal
from vault.journal.reading import Filter
from vault.ledger import export as layout
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.entry import KINDS, Entry
from vault.ledger.merkle import leaf_hash
from vault.ledger.note import Note
from vault.ledger.proof import TlogProof
from vault.ledger.verify import verify_export
from vault.members import people
from vault.storage.tables.ledger import ledger_entries
from vault.web.audit.overview import GROUPS
from vault.web.shared.wording import load
from vault.web.staff import create_app as create_staff

FILES = (layout.ENTRIES, layout.HASHES, layout.CHECKPOINTS, layout.VKEY, exporting.VERIFIER)


def items(page):
    return re.findall(r"<li><a href=\"/audit/entries/(\d+)\">", page)


def test_only_auditors_get_in(browser, house):
    for login in ("admin", "officer", "lawyer"):
        page = browser.sign_in(login)
        assert page.status_code == 403
        assert "Only auditors can sign in here" in page.text
        assert browser.get("/audit/").status_code == 302
    kinds = [entry.kind for entry in house.vault.journal.read(Filter(), 2, newest_first=True)]
    assert kinds == ["signout", "signin"]


def test_a_session_of_the_staff_side_is_none_here(browser, house):
    browser.client.set_cookie("wv_audit", "stolen", path="/audit")
    assert browser.get("/audit/entries").location == "/audit/sign-in?next=/audit/entries"


def test_the_overview_says_how_many_entries_are_counted_and_proven(auditor, house):
    page = auditor.get("/audit/").text
    size = house.vault.journal.size()
    assert f"held against signed checkpoints: {size} entries" in page
    assert "only up to the last checkpoint that somebody keeps outside" in page


def test_a_button_verifies_the_whole_log_and_is_an_entry(auditor, house):
    auditor.get("/audit/")
    page = auditor.post("/audit/verify").text
    last = house.vault.journal.read(Filter(), 1, newest_first=True)[0]
    assert f"Verified up to entry {last.seq}" in page
    assert (last.kind, dict(last.detail)) == ("ledger.read", {"what": "verified"})


def test_the_overview_counts_what_happened_lately_and_in_all(auditor, house, case):
    page = auditor.get("/audit/").text
    row = r'kind=([a-z.]+)">[^<]*</a></th>\s*<td class="number">(\d+)</td><td[^>]*>(\d+)</td>'
    found = re.findall(row, page)
    shown = {kind: (int(lately), int(ever)) for kind, lately, ever in found}
    ever = Counter(entry.kind for entry in house.vault.journal.read(Filter()))
    assert shown["reveal"] == (ever["reveal"], ever["reveal"])
    assert shown["intake"] == (1, 1)
    assert {kind: pair[1] for kind, pair in shown.items()} == {kind: ever[kind] for kind in shown}
    assert shown.keys() == ever.keys() - {"vault.init", "signout", "box.written", "date.noted"}


def test_every_kind_of_a_group_is_a_kind_and_stands_in_one_group_only():
    kinds = [kind for _, group in GROUPS for kind in group]
    assert set(kinds) <= KINDS
    assert len(set(kinds)) == len(kinds)


def test_the_steps_show_the_checkpoint_the_key_and_the_command(auditor, house):
    page = html.unescape(auditor.get("/audit/download").text)
    assert house.vault.journal.latest_checkpoint().decode() in page
    assert house.vault.journal.verifier().vkey() in page
    assert f"python3 verify_ledger.py ledger-{clock.day()} --vkey-file" in page


def test_the_downloaded_log_verifies_and_holds_the_entry_of_its_download(auditor, house):
    auditor.get("/audit/download")
    answer = auditor.post("/audit/export")
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    folder = f"ledger-{clock.day()}"
    held = {name: archive.read(f"{folder}/{name}") for name in FILES}
    assert archive.namelist() == [f"{folder}/{name}" for name in FILES]
    entries = list(layout.parse_entries(io.BytesIO(held[layout.ENTRIES])))
    report = verify_export(
        entries,
        layout.parse_hashes(io.BytesIO(held[layout.HASHES])),
        layout.parse_checkpoints(io.BytesIO(held[layout.CHECKPOINTS])),
        layout.parse_vkey(held[layout.VKEY]),
        held_checkpoints=[house.vault.journal.latest_checkpoint()],
    )
    assert report.unverified == 0
    last = Entry.parse(entries[-1])
    assert (last.kind, last.actor) == ("ledger.exported", house.actors["auditor"].id)


def test_the_downloaded_log_holds_no_name_and_no_word_of_testimony(auditor, house):
    auditor.get("/audit/download")
    data = auditor.post("/audit/export").data
    archive = zipfile.ZipFile(io.BytesIO(data))
    everything = b"".join(archive.read(name) for name in archive.namelist())
    for line in people.list_members(house.vault):
        assert line.name.encode() not in everything
    for word in STORY["story"].rstrip(".").split():
        assert word.encode() not in everything


@pytest.mark.parametrize("values", [{"leaf": b"{}"}, {"kind": "list"}], ids=["entry", "row"])
def test_a_log_that_was_changed_is_called_so_with_the_first_entry(auditor, house, values):
    place = ledger_entries.c.seq == 3
    with house.vault.database.write() as connection:
        before = connection.execute(ledger_entries.select().where(place)).mappings().one()
        connection.execute(ledger_entries.update().where(place).values(**values))
    for page in (auditor.get("/audit/").text, auditor.post("/audit/verify").text):
        assert "The log does not verify" in page
        assert "First entry at fault: 3" in page
        assert "Verified up to" not in page
    with house.vault.database.write() as connection:
        connection.execute(ledger_entries.update().where(place).values(**before))
    assert "does not verify" not in auditor.get("/audit/").text
    assert "Verified up to" in auditor.post("/audit/verify").text


def test_entries_are_sentences_with_names_roles_and_codes(auditor, case):
    page = re.sub("<[^>]+>", "", auditor.get(f"/audit/entries?case={case.code}").text)
    assert f"Lawyer (lawyer) opened the account of case {case.code}" in page
    assert f"Officer (intake officer) gave case {case.code} to Lawyer (lawyer)" in page
    assert "A witness sent a new account" in page


def test_files_have_a_short_number_as_on_their_own_page(auditor, house, case):
    subject, lawyer = {"case": case.id}, house.actors["lawyer"].id
    with house.vault.journal.transaction() as transaction:
        transaction.log("file.shown", lawyer, {**subject, "file": "a1" * 16}, {"as": "lawyer"})
        detail = {"as": "lawyer", "files": ["b2" * 16, "c3" * 16]}
        transaction.log("file.small", lawyer, subject, detail)
    page = re.sub("<[^>]+>", "", auditor.get(f"/audit/entries?case={case.id}&lang=en").text)
    assert "(as: lawyer; file: a1a1a1a1)" in page
    assert "files: b2b2b2b2, c3c3c3c3)" in page


def test_a_witness_has_a_day_and_a_member_a_minute(auditor, case):
    page = auditor.get(f"/audit/entries?case={case.id}").text
    assert re.search(r">\d\d\.\d\d\.\d{4}</time> — A witness", page)
    assert re.search(r">\d\d\.\d\d\.\d{4} \d\d:\d\d</time> — Lawyer", page)


def test_reading_the_list_is_an_entry_before_anything_is_shown(auditor, house, case):
    before = house.vault.journal.size()
    auditor.get(f"/audit/entries?case={case.id}&kind=reveal")
    (entry,) = house.vault.journal.read(Filter(first=before))
    assert (entry.kind, entry.actor) == ("ledger.read", house.actors["auditor"].id)
    assert dict(entry.subject) == {"case": case.id}
    assert dict(entry.detail) == {"kind": "reveal"}


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/audit/", "overview"),
        ("/audit/checkpoint", "checkpoint"),
        ("/audit/download", "checkpoint"),
    ],
)
def test_reading_the_overview_or_the_checkpoint_is_an_entry_too(auditor, house, path, what):
    before = house.vault.journal.size()
    auditor.get(path)
    (entry,) = house.vault.journal.read(Filter(first=before))
    assert (entry.kind, entry.actor) == ("ledger.read", house.actors["auditor"].id)
    assert dict(entry.detail) == {"what": what}


@pytest.mark.parametrize(
    "path", ["/audit/", "/audit/entries", "/audit/checkpoint", "/audit/download"]
)
def test_a_session_of_somebody_who_is_no_auditor_is_none(browser, house, path):
    """Such as one that began while they were: sealed for this side, whole and in its time."""
    staff = Browser(create_staff(house.vault), "/staff")
    staff.sign_in("officer")
    value = canonical.unb64(staff.client.get_cookie("wv_staff", path="/staff").value)
    session_id, held = house.vault.agent.open("staff", value)
    sealed = canonical.b64(house.vault.agent.seal("audit", session_id, held))
    browser.client.set_cookie("wv_audit", sealed, path="/audit")
    before = house.entered()
    assert browser.get(path).location == f"/audit/sign-in?next={path}"
    assert house.entered() == before


def test_without_its_entry_nothing_is_shown(auditor, monkeypatch):
    def refuse(*_):
        raise LedgerError("no entry")

    monkeypatch.setattr(Journal, "transaction", refuse)
    page = auditor.get("/audit/entries")
    assert page.status_code == 500
    assert items(page.text) == []


def test_filters_by_member_and_kind(auditor, house):
    lawyer = house.actors["lawyer"].id
    page = auditor.get(f"/audit/entries?member={lawyer}&kind=signin").text
    found = house.vault.journal.read(Filter(member=lawyer, kind="signin"))
    assert items(page) == [str(entry.seq) for entry in reversed(found)]
    assert found


@pytest.mark.parametrize("typed", ["ZZZZ-ZZZZ", "nonsense", "%", "' OR 1=1", "é"])
def test_a_case_that_the_log_does_not_know_shows_nothing(auditor, typed):
    page = auditor.get("/audit/entries", query_string={"case": typed})
    assert page.status_code == 400
    assert items(page.text) == []
    assert "The log knows no case of this code" in page.text


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("member", "x", "No member of this number"),
        ("kind", "x", "No such kind"),
        ("from", "22.11.2026", "This is no day"),
        ("to", "2026-02-30", "This is no day"),
    ],
)
def test_nonsense_in_a_filter_is_refused_at_its_field_and_shows_nothing(auditor, name, value, said):
    page = auditor.get("/audit/entries", query_string={name: value})
    assert page.status_code == 400
    assert items(page.text) == []
    (fault,) = re.findall(rf'id="{name}-fault"[^>]*>([^<]+)<', page.text)
    assert said in fault
    assert f'aria-describedby="{name}-fault' in page.text


@pytest.mark.parametrize("place", ["before=x", "after=-1", "before=9007199254740993", "after="])
def test_nonsense_in_the_place_of_a_page_counts_as_not_asked(auditor, place):
    assert items(auditor.get(f"/audit/entries?{place}").text)


def test_older_entries_are_reached_page_by_page(auditor, house, monkeypatch):
    monkeypatch.setattr("vault.web.audit.entries.PAGE", 5)
    seen, address = [], "/audit/entries"
    while address:
        page = auditor.get(address).text
        seen += items(page)
        following = re.search(r'<a rel="next" href="([^"]+)"', page)
        address = html.unescape(following.group(1)) if following else None
    numbers = [int(number) for number in seen]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[-1] == 0
    assert len(numbers) == numbers[0] + 1


def test_one_entry_stands_there_as_stored_with_a_proof_that_verifies(auditor, house):
    page = html.unescape(auditor.get("/audit/entries/2").text)
    stored = re.search(r'id="json">(.*?)</pre>', page, re.DOTALL).group(1).encode()
    proof = re.search(r'id="proof">(.*?)</pre>', page, re.DOTALL).group(1).encode()
    assert Entry.parse(stored).seq == 2
    parsed = TlogProof.parse(proof)
    parsed.verify(leaf_hash(stored), house.vault.journal.verifier())
    assert parsed.index == 2


def test_fingerprints_are_counted_in_the_list_and_stand_on_the_page_of_their_entry(
    auditor, house, case
):
    number, entry = next(
        (number, entry)
        for number, entry in enumerate(house.vault.journal.read(Filter()))
        if entry.kind == "date.noted"
    )
    fingerprints = entry.detail["commitments"]
    listed = auditor.get("/audit/entries?kind=date.noted&lang=en").text
    assert f"sealed fingerprints of what came: {len(fingerprints)}" in listed
    assert fingerprints[0] not in listed
    assert fingerprints[0] in auditor.get(f"/audit/entries/{number}").text


@pytest.mark.parametrize("seq", ["999999", "9007199254740993", "x", "-1"])
def test_an_entry_that_is_not_there_is_not_found(auditor, seq):
    assert auditor.get(f"/audit/entries/{seq}").status_code == 404


def test_the_checkpoint_is_plain_text_as_it_was_signed(auditor, house):
    answer = auditor.get("/audit/checkpoint")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.data == house.vault.journal.latest_checkpoint()


def test_every_kind_of_entry_has_a_sentence_and_a_name_in_every_language():
    wording = load("staff")
    for language in LANGUAGES:
        for kind in KINDS:
            assert wording[language].has(f"kinds.{kind}"), kind
            assert wording[language].text(f"say.{kind}", actor="a", case="c", member="m"), kind


def test_every_page_needs_the_session(browser):
    for path in (
        "/audit/",
        "/audit/entries",
        "/audit/entries/0",
        "/audit/checkpoint",
        "/audit/download",
    ):
        assert browser.get(path).status_code == 302, path


def test_signing_out_needs_the_token(auditor):
    auditor.get("/audit/")
    assert auditor.post("/audit/sign-out", token="forged").status_code == 403
    auditor.get("/audit/")
    assert auditor.post("/audit/sign-out").status_code == 303
    assert auditor.get("/audit/").status_code == 302


def test_health_is_a_word(browser):
    assert browser.get("/audit/healthz").text == "ok\n"


def test_an_entry_that_no_checkpoint_covers_yet_has_no_proof(auditor, house, monkeypatch):
    def away(*_):
        raise AgentError

    house.vault.journal.settle()
    monkeypatch.setattr("vault.journal.journal.sign_head", away)
    seq = house.vault.journal.size()
    page = auditor.get(f"/audit/entries/{seq}").text
    assert "No checkpoint covers this entry yet" in page
    assert 'id="proof"' not in page
    assert "about which nothing is claimed: 2" in auditor.get("/audit/").text


def test_somebody_in_no_list_is_named_by_a_part_of_the_id(auditor, house):
    with house.vault.journal.transaction() as transaction:
        transaction.log("signin", "ab" * 16)
    assert "A former member (abababab) signed in" in auditor.get("/audit/entries").text


def test_newer_and_older_pages_lead_back_to_each_other_with_the_filters_kept(
    auditor, house, monkeypatch
):
    monkeypatch.setattr("vault.web.audit.entries.PAGE", 3)
    member = house.actors["auditor"].id
    first = auditor.get(f"/audit/entries?member={member}&kind=ledger.read").text
    assert 'rel="prev"' not in first
    older = html.unescape(re.search(r'rel="next" href="([^"]+)"', first).group(1))
    second = auditor.get(older).text
    newer = html.unescape(re.search(r'rel="prev" href="([^"]+)"', second).group(1))
    for address in (older, newer):
        assert f"member={member}" in address
        assert "kind=ledger.read" in address
    assert items(auditor.get(newer).text) == items(first)
    # What was read meanwhile is newer still.
    assert 'rel="prev"' in auditor.page.text


def test_filters_by_days_of_the_place(auditor, house, case):
    today = datetime.fromtimestamp(clock.now(), ZoneInfo("Asia/Almaty")).date()
    before, after = today - timedelta(days=1), today + timedelta(days=1)
    every = items(auditor.get("/audit/entries").text)
    assert items(auditor.get(f"/audit/entries?from={before}&to={after}").text)[-len(every) :]
    assert items(auditor.get(f"/audit/entries?to={before}").text) == []
    assert items(auditor.get(f"/audit/entries?from={after}").text) == []
    page = auditor.get(f"/audit/entries?from={today}&case={case.code}").text
    assert items(page)
    assert f'value="{today}"' in page
    (last,) = house.vault.journal.read(Filter(), 1, newest_first=True)
    assert last.detail["from"] == str(today)


def test_a_list_that_the_database_hides_an_entry_from_says_so(auditor, house, case):
    auditor.get("/audit/")
    (opened, *_) = house.vault.journal.read(Filter(case=case.id, kind="reveal"))
    place = ledger_entries.c.seq == opened.seq
    for hidden, asked in (
        ({"case_id": None}, f"case={case.id}"),
        ({"kind": "list"}, "kind=reveal"),
    ):
        with house.vault.database.write() as connection:
            before = connection.execute(ledger_entries.select().where(place)).mappings().one()
            connection.execute(ledger_entries.update().where(place).values(**hidden))
        page = auditor.get(f"/audit/entries?{asked}").text
        with house.vault.database.write() as connection:
            connection.execute(ledger_entries.update().where(place).values(**before))
        assert "This list may not be complete" in page
        assert "may not be complete" not in auditor.get(f"/audit/entries?{asked}").text


def test_the_proof_and_the_bytes_of_an_entry_are_saved_as_files_that_fit(auditor, house):
    leaf, saved = auditor.get("/audit/entries/2/leaf"), auditor.get("/audit/entries/2/proof")
    assert 'filename="entry-2.json"' in leaf.headers["Content-Disposition"]
    assert 'filename="entry-2.tlog-proof"' in saved.headers["Content-Disposition"]
    proof = TlogProof.parse(saved.data)
    assert proof.verify(leaf_hash(leaf.data), house.vault.journal.verifier()).size > 2
    assert Entry.parse(leaf.data).seq == 2


def test_an_entry_that_is_not_what_was_signed_is_called_so(auditor, house):
    assert "Just now held against the signed checkpoint" in auditor.get("/audit/entries/4").text
    place = ledger_entries.c.seq == 4
    with house.vault.database.write() as connection:
        before = connection.execute(ledger_entries.select().where(place)).mappings().one()
        other = replace(Entry.parse(before["leaf"]), nonce=bytes(16)).encode()
        connection.execute(ledger_entries.update().where(place).values(leaf=other))
    page = auditor.get("/audit/entries/4").text
    with house.vault.database.write() as connection:
        connection.execute(ledger_entries.update().where(place).values(**before))
    assert "This entry is not what was signed" in page
    assert 'id="proof"' not in page


def test_what_came_since_a_checkpoint_is_downloaded_alone(auditor, house):
    kept = auditor.get("/audit/checkpoint").text
    auditor.get("/audit/download")
    answer = auditor.post("/audit/export", {"since": kept.replace("\n", "\r\n")})
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    folder = f"ledger-{clock.day()}"
    (first, *_) = archive.read(f"{folder}/{layout.ENTRIES}").splitlines()
    assert Entry.parse(first).seq == Checkpoint.parse(Note.parse(kept.encode()).text).size
    assert f"{folder}/{layout.SINCE}" in archive.namelist()


@pytest.mark.parametrize("since", ["nonsense", "test.invalid\n3\nAAAA\n\n— test.invalid AAAA"])
def test_a_download_since_no_checkpoint_is_refused_at_its_field(auditor, since):
    auditor.get("/audit/download")
    answer = auditor.post("/audit/export", {"since": since})
    assert answer.status_code == 400
    assert re.search(r'id="since-fault"[^>]*>This is no checkpoint of this log', answer.text)
    assert html.escape(since.partition("\n")[0]) in answer.text


def test_a_download_since_a_checkpoint_that_another_key_signed_is_refused(auditor):
    kept = auditor.get("/audit/checkpoint").text
    auditor.get("/audit/download")
    answer = auditor.post(
        "/audit/export", {"since": kept[:-9] + ("B" if kept[-9] == "A" else "A") + kept[-8:]}
    )
    assert answer.status_code == 400
    assert "The key of this log did not sign this" in answer.text


def test_a_moment_in_a_detail_is_that_of_the_place(auditor, house):
    stated = {"valid_from": "2026-11-22T19:30:00Z", "until": "2036-11-27"}
    with house.vault.journal.transaction() as transaction:
        transaction.log("backup.made", "system", {}, stated)
    page = html.unescape(auditor.get("/audit/entries?kind=backup.made").text)
    assert "until: 27.11.2036; valid from: 23.11.2026 00:30" in re.sub("<[^>]+>", "", page)


@pytest.mark.parametrize("page", ["download", "checkpoint"])
def test_where_the_newest_checkpoint_was_taken_away_none_is_given_to_keep(auditor, house, page):
    """By a rule in the database: so it is gone again before anybody looks."""
    with house.vault.database.write() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER gone AFTER INSERT ON checkpoints BEGIN "
                "DELETE FROM checkpoints WHERE size = new.size; END"
            )
        )
    try:
        answer = auditor.get(f"/audit/{page}")
        assert answer.status_code == 500
        assert "Tell the auditor and the administrator" in answer.text
    finally:
        with house.vault.database.write() as connection:
            connection.execute(text("DROP TRIGGER gone"))
