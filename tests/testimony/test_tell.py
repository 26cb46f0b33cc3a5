"""Telling: one page is one testimony, whatever happens between the page and the answer."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support.house import FORMS, STORY, House, enrol_as
from vault import canonical, clock
from vault.agents.kdf import LocalKdf
from vault.agents.sessions import SessionKeys
from vault.cases.lists import inbox
from vault.cases.reveal import open_case
from vault.custody import keys, rosters
from vault.errors import (
    InputError,
    NotOpenYetError,
    RosterError,
    RosterExpiredError,
    StorageError,
    UnknownFormError,
)
from vault.letterbox import Letterbox
from vault.members import people
from vault.testimony import Outcome, Tell
from vault.testimony.boxes import box_locator

CHANGED = {**STORY, "story": "Меня забрали утром. И ещё одно."}


def files(house):
    """Return every file of the letterbox but the roster's, with its bytes."""
    folder = house.settings.paths.letterbox
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.parent.name != "roster"
    }


def stories(house):
    officer, found = house.actors["officer"], []
    for line in inbox.new_cases(house.vault, officer):
        view = open_case(house.vault, officer, line.id)
        found.append(sorted(r.answers["story"] for r in view.records if r.answers))
    return sorted(found)


# --- one page, one testimony ---------------------------------------------------------------------


def test_a_resend_gives_the_same_words_and_one_testimony(house):
    tell, send_id = house.tell, house.tell.new_send_id()
    told = [tell.send("victim", "ru", STORY, send_id) for _ in range(3)]
    assert [t.outcome for t in told] == [Outcome.NEW, Outcome.SAME, Outcome.SAME]
    assert len({t.receipt.entropy for t in told}) == 1
    assert tell.receipt_of(send_id).entropy == told[0].receipt.entropy
    assert house.collect().accepted == 1
    assert stories(house) == [[STORY["story"]]]


def test_a_resend_after_the_slot_is_still_the_same(house):
    send_id = house.tell.new_send_id()
    house.tell.send("victim", "ru", STORY, send_id)
    house.collect()
    assert house.tell.send("victim", "ru", STORY, send_id).outcome is Outcome.SAME
    assert house.collect().accepted == 0
    assert len(stories(house)) == 1


def test_changed_text_of_the_same_page_is_added_once_and_said(house):
    send_id = house.tell.new_send_id()
    outcomes = [
        house.tell.send("victim", "ru", answers, send_id).outcome
        for answers in (STORY, CHANGED, CHANGED, STORY)
    ]
    assert outcomes == [Outcome.NEW, Outcome.ADDED, Outcome.SAME, Outcome.SAME]
    assert house.collect().accepted == 3  # with what vouches for it
    assert stories(house) == [sorted([STORY["story"], CHANGED["story"]])]


def test_two_pages_are_two_testimonies_with_words_of_their_own(house):
    told = [house.tell.send("victim", "ru", STORY, house.tell.new_send_id()) for _ in range(2)]
    assert told[0].receipt.entropy != told[1].receipt.entropy
    assert house.collect().accepted == 2


def test_after_a_restart_it_is_a_copy_under_new_words(house):
    send_id = house.tell.new_send_id()
    first = house.tell.send("victim", "ru", STORY, send_id)
    restarted = Tell(house.letterbox, SessionKeys(), FORMS, house.settings)
    second = restarted.send("victim", "ru", STORY, send_id)
    assert second.outcome is Outcome.COPY
    assert second.receipt.entropy != first.receipt.entropy
    assert restarted.receipt_of(send_id) is None
    assert house.collect().accepted == 2


@pytest.mark.parametrize("late", [7201, 86_400, -330])
def test_a_page_beyond_its_time_is_a_copy(house, monkeypatch, late):
    now = clock.now()
    monkeypatch.setattr("vault.clock.now", lambda: now - late)
    send_id = house.tell.new_send_id()
    monkeypatch.undo()
    told = house.tell.send("victim", "ru", STORY, send_id)
    assert told.outcome is Outcome.COPY
    assert house.tell.receipt_of(send_id) is None


def test_a_page_within_its_time_keeps_its_words(house, monkeypatch):
    send_id, now = house.tell.new_send_id(), clock.now()
    first = house.tell.send("victim", "ru", STORY, send_id)
    monkeypatch.setattr("vault.clock.now", lambda: now + 7200)
    assert house.tell.receipt_of(send_id).entropy == first.receipt.entropy


@pytest.mark.parametrize("send_id", ["", "x", "A" * 54, "A" * 53, "!" * 54, "Ä" * 54, "A" * 9999])
def test_a_malformed_send_id_is_a_copy_and_never_a_lost_testimony(house, send_id):
    assert house.tell.send("victim", "ru", STORY, send_id).outcome is Outcome.COPY
    assert house.collect().accepted == 1


def test_a_send_id_with_one_bit_changed_is_not_believed(house):
    data = bytearray(canonical.unb64(house.tell.new_send_id()))
    for at in (0, 16, 39):
        changed = bytearray(data)
        changed[at] ^= 1
        assert house.tell.receipt_of(canonical.b64(bytes(changed))) is None


def test_the_page_of_telling_and_of_returning_share_no_words(house):
    send_id = house.come_back.new_send_id()
    receipt = house.tell.send("victim", "ru", STORY, send_id).receipt
    assert house.come_back.add(receipt, "ru", {"story": "more"}, send_id) is Outcome.NEW
    assert house.collect().accepted == 2


# --- damage --------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", [b"", b"x", bytes(5233)])
def test_with_a_damaged_file_of_what_was_sent_nothing_typed_is_lost(house, damage):
    send_id = house.tell.new_send_id()
    first = house.tell.send("victim", "ru", STORY, send_id)
    house.letterbox.put_sent(box_locator(first.receipt), damage)
    told = house.tell.send("victim", "ru", CHANGED, send_id)
    assert told.outcome is Outcome.COPY
    assert told.receipt.entropy != first.receipt.entropy
    assert house.collect().accepted == 2
    assert stories(house) == sorted([[STORY["story"]], [CHANGED["story"]]])


# --- refusals: nothing is written ----------------------------------------------------------------


@pytest.mark.parametrize(
    "consent", [{}, {"C01": "not_yet"}, {"C02": "yes"}, {"C01": None}, {"C01": "no"}]
)
def test_without_c01_nothing_is_written(house, consent):
    before = files(house)
    with pytest.raises(InputError):
        house.tell.send("victim", "ru", {**STORY, "consent": consent}, house.tell.new_send_id())
    assert files(house) == before


@pytest.mark.parametrize(
    "answers",
    [
        {"story": "x"},
        {**STORY, "unknown": "x"},
        {**STORY, "story": "nul\0"},
        {**STORY, "story": "x" * 200_001},
        {**STORY, "story": 5},
        [],
        None,
    ],
    ids=lambda a: str(a)[:30],
)
def test_what_the_form_does_not_take_writes_nothing(house, answers):
    before = files(house)
    with pytest.raises(InputError):
        house.tell.send("victim", "ru", answers, house.tell.new_send_id())
    assert files(house) == before


def test_an_unknown_form_writes_nothing(house):
    before = files(house)
    with pytest.raises(UnknownFormError):
        house.tell.send("nothing", "ru", STORY, house.tell.new_send_id())
    assert files(house) == before


def test_silence_and_not_yet_give_no_grant_outside_the_box(house):
    for consent in ({"C01": "yes"}, {"C01": "yes", "C02": "not_yet"}):
        answers = {**STORY, "consent": consent}
        house.tell.send("victim", "ru", answers, house.tell.new_send_id())
    for name in house.letterbox.waiting():
        assert canonical.loads(house.letterbox.packet(name))["grants"] == []


# --- open or not ---------------------------------------------------------------------------------


def test_not_open_before_an_officer_is_enrolled_and_confirmed(tmp_path):
    house = House.found(tmp_path)
    send_id = house.tell.new_send_id()

    def refused():
        with pytest.raises(NotOpenYetError):
            house.tell.check_open()
        with pytest.raises(NotOpenYetError):
            house.tell.send("victim", "ru", STORY, send_id)
        assert files(house) == before

    before = files(house)
    refused()
    code = people.invite(house.vault, house.actors["admin"], "Officer", ["intake_officer"])
    refused()
    enrol_as(house.vault, code, "officer")
    refused()
    root = keys.open_root_key(house.settings, house.sheet.root_passphrase, LocalKdf())
    rosters.confirm(house.vault, rosters.waiting(house.vault, "officer"), root)
    house.tell.check_open()
    assert house.tell.send("victim", "ru", STORY, send_id).outcome is Outcome.NEW
    house.close()


def test_not_open_without_a_published_roster(house, tmp_path):
    letterbox = Letterbox(tmp_path / "empty", house.settings.letterbox)
    tell = Tell(letterbox, SessionKeys(), FORMS, house.settings)
    with pytest.raises(NotOpenYetError):
        tell.check_open()


def test_an_expired_roster_closes_intake(house, monkeypatch):
    house.tell.check_open()
    expires = clock.seconds_of(house.letterbox.roster().expires)
    monkeypatch.setattr("vault.clock.now", lambda: expires)
    with pytest.raises(RosterExpiredError):
        house.tell.check_open()
    before = files(house)
    with pytest.raises(RosterExpiredError):
        house.tell.send("victim", "ru", STORY, house.tell.new_send_id())
    assert files(house) == before


def test_a_roster_of_another_root_closes_intake(house, tmp_path):
    other = House.found(tmp_path / "other", fresh=True).staff()
    house.letterbox.publish_chain(other.vault.chain())
    with pytest.raises(RosterError):
        house.tell.check_open()
    with pytest.raises(RosterError):
        house.letterbox.pins.pin_root(other.vault.root_public())
    other.close()


# --- the disk ------------------------------------------------------------------------------------


def test_when_the_boxes_cannot_be_written_nothing_stays_and_a_resend_is_new(house, monkeypatch):
    send_id, true, before = house.tell.new_send_id(), Letterbox._write_box, files(house)
    calls = []

    def fail_late(self, locator, kind, data, *, durable):
        calls.append(kind)
        if len(calls) > 3:
            raise StorageError("the disk is full")
        true(self, locator, kind, data, durable=durable)

    monkeypatch.setattr(Letterbox, "_write_box", fail_late)
    with pytest.raises(StorageError):
        house.tell.send("victim", "ru", STORY, send_id)
    assert files(house) == before
    monkeypatch.undo()
    assert house.tell.send("victim", "ru", CHANGED, send_id).outcome is Outcome.NEW
    assert house.collect().accepted == 1
    assert stories(house) == [[CHANGED["story"]]]


def test_the_disk_reserve_refuses_before_anything_is_written(house):
    settings = dataclasses.replace(
        house.settings,
        letterbox=dataclasses.replace(house.settings.letterbox, disk_reserve=2**60),
    )
    letterbox = Letterbox(settings.paths.letterbox, settings.letterbox)
    tell, before = Tell(letterbox, SessionKeys(), FORMS, settings), files(house)
    with pytest.raises(StorageError):
        tell.send("victim", "ru", STORY, tell.new_send_id())
    assert files(house) == before
