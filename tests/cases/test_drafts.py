"""Drafts of replies and notes: kept for their author alone, and for no longer than the case."""

from __future__ import annotations

import pytest

from tests.support.attacks import change, give_a_story, insert, rows, stored_testimony
from tests.support.house import sign_in_as
from vault import clock
from vault.cases.holders import assign, revoke
from vault.cases.lists import inbox
from vault.cases.reveal import open_case
from vault.cases.written import drafts, messages, notes
from vault.cases.written.drafts import MAX_DRAFTS, Page
from vault.custody import erasure, rosters
from vault.errors import (
    EncodingError,
    InputError,
    NotFoundError,
    RefusedError,
    TooLongError,
    TooManyDraftsError,
)
from vault.journal.reading import Filter
from vault.keyring.drafts import Place, Written, seal
from vault.storage.tables.cases import drafts as table

TYPED = "Здравствуйте.\n\nЕщё не <b>готово</b> 🕊"


@pytest.fixture
def case(house):
    """A case given to lawyer and deputy."""
    return house.after(give_a_story).case


def save(house, case, text=TYPED, replaces="", kind="reply", who="lawyer"):
    drafts.save(house.vault, house.actors[who], case, (kind, text), replaces)


def kept(house, case, who="lawyer", kind="reply"):
    found = open_case(house.vault, house.actors[who], case).drafts
    return [draft.written.text for draft in found if draft.kind == kind]


def newest(house, case, who="lawyer"):
    return open_case(house.vault, house.actors[who], case).drafts[0]


# --- what a draft is -----------------------------------------------------------------------------


def test_a_draft_is_there_again_as_it_was_typed(house, case):
    save(house, case)
    save(house, case, "<i>заметка", kind="note")
    assert kept(house, case) == [TYPED]
    assert kept(house, case, kind="note") == ["<i>заметка"]
    assert newest(house, case).written.saved.startswith(clock.day())


def test_saving_again_replaces_the_draft_that_the_page_began_with(house, case):
    save(house, case)
    save(house, case, "Дальше.", replaces=newest(house, case).id)
    assert kept(house, case) == ["Дальше."]


def test_a_draft_outlives_the_session(house, case):
    save(house, case)
    house.actors["lawyer"] = sign_in_as(house.vault, "lawyer")
    assert kept(house, case) == [TYPED]


def test_the_list_says_where_a_draft_waits_and_only_to_its_author(house, case):
    save(house, case)
    for who, expected in (("lawyer", [True]), ("deputy", [False])):
        lines = inbox.my_cases(house.vault, house.actors[who])
        assert [line.unsent for line in lines] == expected


def test_saving_and_discarding_are_entries_without_a_word_of_it(house, case):
    save(house, case)
    drafts.discard(house.vault, house.actors["lawyer"], case, newest(house, case).id)
    for kind in ("draft.saved", "draft.discarded"):
        (entry,) = house.vault.journal.read(Filter(kind=kind))
        assert (entry.actor, dict(entry.subject), dict(entry.detail)) == (
            house.actors["lawyer"].id,
            {"case": case},
            {},
        )
    assert kept(house, case) == []


def test_discarding_what_is_gone_changes_nothing(house, case):
    drafts.discard(house.vault, house.actors["lawyer"], case, "0" * 32)
    assert house.vault.journal.read(Filter(kind="draft.discarded")) == []


@pytest.mark.parametrize(
    ("text", "error"),
    [(" \n", InputError), ("x\0", EncodingError), ("x" * 50_001, TooLongError)],
)
def test_what_could_not_be_sent_is_not_kept_either(house, case, text, error):
    with pytest.raises(error):
        save(house, case, text)
    assert rows(house, table) == []


# --- two windows ---------------------------------------------------------------------------------


def test_of_two_windows_neither_overwrites_the_other_and_the_newest_stands_first(
    house, case, monkeypatch
):
    save(house, case, "начало")
    began = newest(house, case).id
    monkeypatch.setattr("vault.clock.moment", lambda *_: "2031-01-01T00:00:01Z")
    save(house, case, "из первого окна", replaces=began)
    monkeypatch.setattr("vault.clock.moment", lambda *_: "2031-01-01T00:00:02Z")
    save(house, case, "из второго окна", replaces=began)
    monkeypatch.undo()
    assert kept(house, case) == ["из второго окна", "из первого окна"]


def test_pressing_save_twice_keeps_one(house, case):
    save(house, case)
    save(house, case)
    assert kept(house, case) == [TYPED]
    assert len(rows(house, table)) == 1


def test_one_more_than_fits_is_refused_and_none_is_lost(house, case):
    for number in range(MAX_DRAFTS):
        save(house, case, f"окно {number}")
    with pytest.raises(TooManyDraftsError):
        save(house, case, "ещё одно")
    assert sorted(kept(house, case)) == [f"окно {number}" for number in range(MAX_DRAFTS)]
    save(house, case, "вместо", replaces=newest(house, case).id)
    save(house, case, "заметка", kind="note")  # of another kind there is room


# --- sending -------------------------------------------------------------------------------------


def test_a_draft_is_never_part_of_the_box_until_it_is_sent(house, case):
    save(house, case)
    house.collect()
    assert house.come_back.open(house.receipt).replies == ()


def test_sending_deletes_the_draft_and_no_other(house, case):
    save(house, case, "другое")
    save(house, case)
    draft = next(
        one
        for one in open_case(house.vault, house.actors["lawyer"], case).drafts
        if one.written.text == TYPED
    )
    page = Page("ab" * 16, draft.id)
    messages.reply(house.vault, house.actors["lawyer"], case, TYPED, page)
    assert kept(house, case) == ["другое"]


def test_a_note_deletes_its_draft_too(house, case):
    save(house, case, kind="note")
    page = Page("ab" * 16, newest(house, case).id)
    notes.write(house.vault, house.actors["lawyer"], case, TYPED, page)
    assert kept(house, case, kind="note") == []


def replies(house, case):
    view = open_case(house.vault, house.actors["lawyer"], case)
    return [record.text for record in view.records if record.kind in {"reply", "note"}]


def test_a_form_that_comes_twice_is_sent_once(house, case):
    lawyer, page = house.actors["lawyer"], Page("ab" * 16)
    for _ in range(2):
        messages.reply(house.vault, lawyer, case, "Один раз.", page)
        notes.write(house.vault, lawyer, case, "Один раз.", page)
    assert replies(house, case) == ["Один раз.", "Один раз."]
    assert len(house.vault.journal.read(Filter(kind="message.sent"))) == 1
    assert len(house.vault.journal.read(Filter(kind="note.written"))) == 1


def test_other_words_from_the_same_page_are_sent_as_well(house, case):
    lawyer, page = house.actors["lawyer"], Page("ab" * 16)
    messages.reply(house.vault, lawyer, case, "Первое.", page)
    messages.reply(house.vault, lawyer, case, "Второе.", page)
    assert replies(house, case) == ["Первое.", "Второе."]


@pytest.mark.parametrize("once", ["", "x", "AB" * 16])
def test_without_a_page_everything_is_sent(house, case, once):
    for _ in range(2):
        messages.reply(house.vault, house.actors["lawyer"], case, "Да.", Page(once))
    assert replies(house, case) == ["Да.", "Да."]


# --- whose it is ---------------------------------------------------------------------------------


def test_nobody_else_who_handles_the_case_opens_discards_or_replaces_it(house, case):
    save(house, case)
    draft = newest(house, case).id
    assert kept(house, case, "deputy") == []
    drafts.discard(house.vault, house.actors["deputy"], case, draft)
    save(house, case, "другой", replaces=draft, who="deputy")
    assert kept(house, case) == [TYPED]
    assert kept(house, case, "deputy") == ["другой"]


def test_a_row_given_to_another_member_opens_for_nobody(house, case):
    save(house, case)
    draft = newest(house, case).id
    change(house, table, {"id": draft}, member_id=house.actors["deputy"].id)
    assert kept(house, case) == []
    assert kept(house, case, "deputy") == []


def test_a_note_cannot_be_made_a_reply_behind_its_authors_back(house, case):
    save(house, case, "для своих", kind="note")
    change(house, table, {"kind": "note"}, kind="reply")
    assert kept(house, case) == []


def test_a_draft_that_somebody_planted_is_not_shown(house, case):
    lawyer, other = house.actors["lawyer"], house.actors["deputy"]
    held = stored_testimony(house, case).id
    key = erasure.find(house.vault, held)
    place = Place("0e" * 16, case, held, lawyer.id, "reply")
    row = {"id": place.id, "case_id": case, "member_id": lawyer.id, "kind": "reply"}
    forged = seal(other.opening, key, place, Written("Приходите в участок.", "2031"))
    insert(house, table, **row, sealed=forged)
    assert kept(house, case) == []


def test_officers_doctors_and_strangers_write_none(house, case):
    receipt = house.send()
    officer = house.actors["officer"]
    new = next(one for one in inbox.new_cases(house.vault, officer) if one.status == "new")
    assert receipt
    with pytest.raises(RefusedError):
        save(house, new.id, who="officer")
    for who in ("officer", "admin", "auditor"):
        with pytest.raises(NotFoundError):
            save(house, case, who=who)
        with pytest.raises(NotFoundError):
            drafts.discard(house.vault, house.actors[who], case, "0" * 32)


# --- when it ends --------------------------------------------------------------------------------


def test_it_goes_when_the_case_is_taken_away(house, case):
    save(house, case)
    save(house, case, "моё", who="deputy")
    revoke.revoke(house.vault, house.actors["lawyer"], case, house.actors["deputy"].id)
    (left,) = rows(house, table)
    assert left.member_id == house.actors["lawyer"].id


def test_it_goes_when_the_case_is_handed_over_or_given_back(house, case):
    save(house, case)
    assign.hand_over(house.vault, house.actors["lawyer"], case, house.actors["deputy"].id)
    assert rows(house, table) == []
    save(house, case, who="deputy")
    assign.give_back(house.vault, house.actors["deputy"], case)
    assert rows(house, table) == []


@pytest.mark.parametrize("what", ["erased", "taken"])
def test_what_is_saved_in_the_moment_of_losing_the_case_is_not_left_there(
    house, case, monkeypatch, what
):
    real = drafts.clean_text

    def meanwhile(*given):
        if what == "erased":
            erasure.forget(house.vault, (stored_testimony(house, case).id, case))
        else:
            officer, lawyer = house.actors["officer"], house.actors["lawyer"]
            revoke.revoke(house.vault, officer, case, lawyer.id)
        return real(*given)

    monkeypatch.setattr(drafts, "clean_text", meanwhile)
    with pytest.raises(NotFoundError):
        save(house, case)
    assert rows(house, table) == []


def test_it_outlives_a_new_epoch_of_a_case_that_stays(house, case):
    save(house, case)
    assign.set_deputy(house.vault, house.actors["lawyer"], case, None)
    assert kept(house, case) == [TYPED]


def test_it_goes_when_its_author_is_ended(house, case):
    save(house, case, who="deputy")
    rosters.end(house.vault, "deputy", house.root)
    assert rows(house, table) == []


def test_nothing_of_it_lies_in_clear_in_any_file(house, case):
    save(house, case)
    house.vault.database.flush()
    files = [path for path in house.settings.paths.root.rglob("*") if path.is_file()]
    assert files
    assert not any("Здравствуйте".encode() in path.read_bytes() for path in files)


def test_nothing_of_it_lies_in_clear_in_the_database_either(house, case):
    save(house, case)
    (row,) = rows(house, table)
    assert all("готово" not in str(value) for value in row if isinstance(value, str))
    assert "готово".encode() not in row.sealed
