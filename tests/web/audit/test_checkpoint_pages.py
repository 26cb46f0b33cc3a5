"""Checkpoints, who outside signed them, and whether the log still follows from what was kept."""

from __future__ import annotations

import html
import re
from dataclasses import replace

import pytest
from sqlalchemy import select

from vault import clock
from vault.crypto.sign import SigningKey
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.cosignature import cosign
from vault.ledger.note import COSIGNATURE, Note, NoteVerifier
from vault.storage.tables.ledger import checkpoints, cosignatures, ledger_entries
from vault.web.inside import pages

PARTNER = SigningKey(b"p" * 32)


@pytest.fixture
def kept(auditor, house):
    """Return the newest checkpoint, as the auditor keeps it; more happens afterwards."""
    note = house.vault.journal.latest_checkpoint().decode()
    auditor.get("/audit/checkpoints")
    return note


def size_of(note):
    return Checkpoint.parse(Note.parse(note.encode()).text).size


def compare(auditor, **fields):
    return auditor.post("/audit/compare", fields)


def said(page, name):
    found = re.search(rf'id="{name}".*?<strong>(.*?)</strong>', page.text, re.DOTALL)
    return html.unescape(found.group(1)).strip()


def changed(house, place, values):
    """Change an entry; return what undoes it."""
    place = ledger_entries.c.seq == place
    with house.vault.database.write() as connection:
        before = connection.execute(ledger_entries.select().where(place)).mappings().one()
        connection.execute(ledger_entries.update().where(place).values(**values))
    return before


def test_a_checkpoint_that_was_kept_is_followed_by_the_log_of_now(auditor, kept, house):
    page = compare(auditor, kept=kept)
    assert page.status_code == 200
    now = size_of(house.vault.journal.latest_checkpoint().decode())
    assert said(page, "agrees").startswith(f"The log follows: what {size_of(kept)} entries")
    assert f"up to {now}" in said(page, "agrees")


def test_windows_line_ends_and_spaces_around_do_no_harm(auditor, kept):
    assert said(compare(auditor, kept="\r\n " + kept.replace("\n", "\r\n") + " \r\n"), "agrees")


def test_several_may_be_pasted_at_once(auditor, kept, house):
    later = house.vault.journal.latest_checkpoint().decode()
    assert f"what {size_of(kept)} entries" in said(
        compare(auditor, kept=f"{kept}\n{later}"), "agrees"
    )


def test_two_of_the_log_s_own_are_compared_by_their_sizes(auditor, kept):
    page = compare(auditor, earlier="2", later=str(size_of(kept)))
    assert "what 2 entries were then" in said(page, "agrees")
    assert f"up to {size_of(kept)}" in said(page, "agrees")


def test_a_changed_entry_is_named(auditor, kept, house):
    before = changed(house, 3, {"leaf": b"{}"})
    page = compare(auditor, kept=kept)
    changed(house, 3, before)
    assert "Entry 3 is not as it was signed" in said(page, "differs")
    assert "Do not tell only the administrator" in page.text


def test_comparing_is_an_entry(auditor, kept, house):
    before = house.vault.journal.size()
    compare(auditor, kept=kept)
    found = [dict(entry.detail) for entry in house.vault.journal.read()[before:]]
    assert {"what": "compared"} in found


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"kept": "nonsense"}, "This is no checkpoint of this log"),
        ({"kept": "<script>"}, "This is no checkpoint of this log"),
        ({}, "This is no checkpoint of this log"),
        ({"earlier": "x"}, "This is no checkpoint of this log"),
        ({"earlier": "999999"}, "This is no checkpoint of this log"),
        ({"earlier": "2", "later": "999999"}, "This is no checkpoint of this log"),
    ],
)
def test_what_is_no_checkpoint_is_refused_at_its_field_and_kept(auditor, kept, fields, fault):
    page = compare(auditor, **fields)
    assert page.status_code == 400
    assert re.search(rf'id="kept-fault"[^>]*>{fault}', page.text)
    assert html.escape(fields.get("kept", "")) in page.text


def test_a_checkpoint_with_another_signature_is_called_so(auditor, kept):
    line = kept.rstrip("\n").rpartition("\n")[2]
    other = line[:-8] + ("A" if line[-8] != "A" else "B") + line[-7:]
    page = compare(auditor, kept=kept.replace(line, other))
    assert page.status_code == 400
    assert "The key of this log did not sign this" in page.text


def test_more_than_twenty_are_not_taken(auditor, kept):
    assert compare(auditor, kept="\n".join([kept] * 21)).status_code == 400


def test_that_nobody_outside_has_signed_is_said(auditor):
    assert "Nobody outside has signed any of these" in auditor.get("/audit/checkpoints").text


@pytest.fixture
def partner(house):
    """Let the settings name somebody outside who signs; give what signs the newest checkpoint."""
    verifier = NoteVerifier("partner.example/1", PARTNER.public, COSIGNATURE)
    usual = house.vault.settings
    named = replace(usual, ledger=replace(usual.ledger, cosigners=(verifier.vkey(),)))
    object.__setattr__(house.vault, "settings", named)

    def sign(moment):
        newest = house.vault.journal.latest_checkpoint()
        signed = cosign(newest, verifier, moment, PARTNER.sign_raw)
        house.vault.journal.take_cosigned(signed, [verifier], "system")
        return size_of(newest.decode())

    yield sign
    object.__setattr__(house.vault, "settings", usual)
    with house.vault.database.write() as connection:
        connection.execute(cosignatures.delete())


def test_who_outside_signed_is_named_with_the_day_and_saved_with_the_checkpoint(auditor, partner):
    size = partner(clock.now())
    page = auditor.get("/audit/checkpoints").text
    assert f"<bdi>partner.example/1</bdi> {pages.date(clock.day())}" in page
    assert "Nobody outside has signed" not in page
    assert b"partner.example/1" in auditor.get(f"/audit/checkpoints/{size}").data
    assert "partner.example/1 outside has signed" in auditor.get("/audit/").text


def test_a_signature_that_does_not_verify_is_nobodys(auditor, partner, house):
    partner(clock.now())
    with house.vault.database.write() as connection:
        line = connection.execute(select(cosignatures.c.line)).scalar_one()
        other = line[:-8] + ("A" if line[-8] != "A" else "B") + line[-7:]
        connection.execute(cosignatures.update().values(line=other))
    assert "Nobody outside has signed any of these" in auditor.get("/audit/checkpoints").text


def test_a_day_without_a_signature_from_outside_is_a_warning(auditor, partner):
    assert "though the settings name who should" in auditor.get("/audit/").text
    partner(clock.now() - 2 * clock.DAY)
    assert "Nobody outside has signed a checkpoint of the last day" in auditor.get("/audit/").text


def test_a_checkpoint_is_saved_as_it_was_signed(auditor, kept):
    answer = auditor.get(f"/audit/checkpoints/{size_of(kept)}")
    assert answer.data == kept.encode()
    assert f"checkpoint-at-{size_of(kept)}.txt" in answer.headers["Content-Disposition"]
    assert auditor.get("/audit/checkpoints/999999").status_code == 404


@pytest.mark.parametrize("before", ["9" * 40, "-" + "9" * 40, "x"])
def test_any_number_in_the_address_is_answered_by_a_page(auditor, before):
    assert auditor.get(f"/audit/checkpoints?before={before}").status_code == 200


def test_all_checkpoints_are_reached_page_by_page(auditor, house):
    with house.vault.database.read() as connection:
        stored = set(connection.execute(select(checkpoints.c.size)).scalars())
    seen, address = [], "/audit/checkpoints"
    while address:
        page = auditor.get(address).text
        seen += [int(size) for size in re.findall(r'href="/audit/checkpoints/(\d+)"', page)]
        more = re.search(r'rel="next" href="([^"]+)"', page)
        address = more and f"/audit/checkpoints{html.unescape(more.group(1))}"
    assert seen == sorted(set(seen), reverse=True)
    assert stored <= set(seen)
