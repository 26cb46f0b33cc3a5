"""What the witness allows decides: readers lose the case, widenings wait, stops hold."""

from __future__ import annotations

import pytest

from tests.support.attacks import change, plant, rows
from tests.support.house import FORMS, House
from vault import clock
from vault.cases.arriving.instructed import stored_header
from vault.cases.epochs import due
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.reveal import open_case
from vault.cases.written import consent
from vault.consent import gate
from vault.crypto.receipt import Receipt
from vault.errors import InputError, NotFoundError, RefusedError
from vault.journal.reading import Filter
from vault.keyring.compartments import Compartment
from vault.storage.tables.cases import assignments, records, testimonies
from vault.testimony import Outcome, adding
from vault.testimony import send_id as ids

CHANGED = "consent.changed"
YES = {"C01": "yes", "C02": "yes"}


@pytest.fixture(scope="module")
def waiting_house(tmp_path_factory):
    """A house in which what is allowed later waits a day."""
    house = House.found(tmp_path_factory.mktemp("waiting"), consent={"delay": 86_400}).staff()
    yield house
    house.close()


def given_case(house, **items):
    return house.send({"story": "a story", "consent": YES | items}), given_now(house)


def given_now(house):
    """Give the newest account to the lawyer."""
    officer = house.actors["officer"]
    line = inbox.new_cases(house.vault, officer)[0]
    assign.give(house.vault, officer, line.id, house.actors["lawyer"].id, None)
    return line.id


def says(house, receipt, **items):
    back = house.come_back
    back.add(receipt, "ru", {"consent": items}, back.new_send_id())
    house.collect()


def opened(house, case, who="lawyer"):
    return open_case(house.vault, house.actors[who], case)


def capacities(house, case):
    return {row.capacity for row in rows(house, assignments, case_id=case)}


def entries(house, case):
    return [(e.kind, e.actor) for e in house.vault.journal.read(Filter(case=case))]


def test_a_doctor_and_an_interpreter_lose_the_case_when_a_holder_opens_it_next(house, monkeypatch):
    # Of a packet maker that tells the vault nothing beside the answers.
    monkeypatch.setattr(adding, "_instruct", lambda *_: None)
    for name in ("doctor", "interpreter"):
        house.add(name, name)
    receipt, case = given_case(house, C04="yes", C05="yes")
    lawyer, until = house.actors["lawyer"], clock.day(clock.now() + clock.DAY)
    for name in ("doctor", "interpreter"):
        assign.add_reader(house.vault, lawyer, case, (house.actors[name].id, name), until)
    says(house, receipt, C05="paused")
    view = opened(house, case)
    assert (view.ended, view.agreed) == (True, {"interpreter"})
    assert capacities(house, case) == {"lawyer", "interpreter"}
    assert ("revoke", "witness") in entries(house, case)
    with pytest.raises(NotFoundError):
        opened(house, case, "doctor")
    assert due.begin(house.vault, lawyer, case)
    says(house, receipt, C04="no")
    with pytest.raises(NotFoundError):  # who holds the account needs nobody to come first
        opened(house, case, "interpreter")
    assert capacities(house, case) == {"lawyer"}
    assert not opened(house, case).ended


def test_a_no_with_the_second_receipt_takes_no_reader_away(house):
    house.add("doctor", "doctor")
    _, second = both(house, C05="yes", C07="yes")
    case = given_now(house)
    doctor = house.actors["doctor"].id
    assign.add_reader(house.vault, house.actors["lawyer"], case, (doctor, "doctor"), None)
    says(house, second, C05="no", C07="no", C10="yes")
    view = opened(house, case)
    assert (view.ended, view.agreed) == (False, {"doctor"})
    assert capacities(house, case) == {"lawyer", "doctor"}
    assert view.decided["C07"].reason == gate.FORCED
    assert view.decided["C10"].reason == gate.SILENCE


@pytest.mark.parametrize("form", ["followup", "victim"])
def test_a_proxy_gains_nothing_on_a_page_that_everybody_is_offered(house, form):
    told = {"story": "a story", "consent": YES}
    receipt = house.tell.send("relative", "ru", told, house.tell.new_send_id()).receipt
    house.collect()
    case, back = given_now(house), house.come_back
    answers = {"consent": {"C07": "yes", "C17": "lawyer_decides"}}
    back.add(receipt, "ru", answers, back.new_send_id(), form)
    house.collect()
    decided = opened(house, case).decided
    assert decided["C07"].reason == gate.NOT_THEIRS
    assert decided["C17"].allowed


@pytest.mark.parametrize("origin", ["unproven", "broken"])
def test_a_planted_statement_does_not_make_a_proxy_somebody_who_tells_for_themselves(house, origin):
    told = {"story": "a story", "consent": YES}
    receipt = house.tell.send("relative", "ru", told, house.tell.new_send_id()).receipt
    house.collect()
    case, back = given_now(house), house.come_back
    back.add(receipt, "ru", {"consent": {"C07": "yes"}}, back.new_send_id(), "followup")
    house.collect()
    row = rows(house, testimonies, case_id=case)[0]
    public = stored_header(row).publics[Compartment.ACCOUNT]
    content = {"form": {"id": "victim", "version": 1}, "language": "ru", "day": clock.day()}
    mac = b"" if origin == "unproven" else bytes(32)
    named = {"kind": "statement", "id": "0" * 32, "slot_day": "2020-01-01", "mac": mac}
    plant(house, case, (1, public), {**content, "answers": {}}, **named)
    if origin == "broken":
        change(house, records, {"id": "0" * 32}, sealed=bytes(64))
    view = opened(house, case)
    assert {one.origin for one in view.records if one.id == "0" * 32} <= {"unproven", "broken"}
    assert view.decided["C07"].reason == gate.NOT_THEIRS


def test_a_page_for_a_proxy_limits_also_who_told_for_themselves(house):
    receipt, case = given_case(house)
    back = house.come_back
    back.add(receipt, "ru", {"consent": {"C07": "yes"}}, back.new_send_id(), "relative")
    house.collect()
    assert opened(house, case).decided["C07"].reason == gate.NOT_THEIRS


@pytest.mark.parametrize("writer", ["relative", "friend", "lawyer", "documenter"])
def test_whoever_says_to_write_for_another_is_a_proxy_on_any_form(house, writer):
    told = {"story": "a story", "who_writes": writer, "consent": YES | {"C07": "yes", "C06": "yes"}}
    receipt, case = house.send(told), given_now(house)
    decided = opened(house, case).decided
    assert (decided["C07"].reason, decided["C06"].reason) == (gate.NOT_THEIRS, gate.NOT_THEIRS)
    assert decided["C02"].allowed
    # Until the person comes and says it.
    back = house.come_back
    own = {"who_writes": "self", "consent": {"C07": "yes"}}
    back.add(receipt, "ru", own, back.new_send_id(), "victim")
    house.collect()
    decided = opened(house, case).decided
    assert decided["C07"].allowed
    assert decided["C06"].reason == gate.NOT_THEIRS


def test_who_writes_is_asked_of_the_receipt_that_answered(house):
    first, second = both(house, C07="yes")
    case, back = given_now(house), house.come_back
    for receipt, answer in ((second, "friend"), (first, "self")):
        back.add(receipt, "ru", {"who_writes": answer}, back.new_send_id(), "victim")
    house.collect()
    assert opened(house, case).decided["C07"].allowed


def test_whoever_lost_somebody_speaks_for_themselves_whoever_they_say_to_be(house):
    told = {"story": "a story", "who_writes": "relative", "consent": YES | {"C07": "yes"}}
    house.tell.send("death", "ru", told, house.tell.new_send_id())
    house.collect()
    assert opened(house, given_now(house)).decided["C07"].allowed


OFFERED_TO_CHILDREN = [form.id for form in FORMS.offered_to("child") if form.id != "child"]


def told_with(house, form, **answers):
    told = {"story": "a story", **answers, "consent": YES | {"C06": "yes", "C07": "yes"}}
    receipt = house.tell.send(form, "ru", told, house.tell.new_send_id()).receipt
    house.collect()
    return receipt, given_now(house)


def adds(house, receipt, form, **answers):
    house.come_back.add(receipt, "ru", answers, house.come_back.new_send_id(), form)
    house.collect()


def test_a_child_lets_itself_be_read_and_nothing_further_without_its_own_word(house):
    receipt, case = told_with(house, "child")
    decided = opened(house, case).decided
    assert decided["C02"].allowed
    assert (decided["C06"].reason, decided["C07"].reason) == (gate.NO_ASSENT, gate.NO_ASSENT)
    # An adult's word is none of the child's.
    adds(house, receipt, "child", consent={"guardian": "agrees"})
    assert opened(house, case).decided["C07"].reason == gate.NO_ASSENT
    adds(house, receipt, "child", consent={"child_assent": "yes"})
    assert opened(house, case).decided["C07"].allowed
    adds(house, receipt, "child", consent={"guardian": "disagrees"})
    assert opened(house, case).decided["C07"].reason == gate.ADULT_AGAINST


@pytest.mark.parametrize("form", OFFERED_TO_CHILDREN)
def test_whoever_says_to_be_under_age_is_a_child_on_any_form(house, form):
    receipt, case = told_with(house, form)
    adds(house, receipt, form, about={"age_band": "under_18"})
    assert opened(house, case).decided["C07"].reason == gate.NO_ASSENT
    adds(house, receipt, "child", consent={"child_assent": "yes"})
    assert opened(house, case).decided["C07"].allowed


def test_what_a_child_allowed_stays_a_childs_word_when_it_has_grown_up(house):
    receipt, case = told_with(house, "witness", about={"age_band": "under_18"})
    adds(house, receipt, "witness", about={"age_band": "18-24"})
    assert opened(house, case).decided["C07"].reason == gate.NO_ASSENT


@pytest.mark.parametrize("form", ["child", "institution", "military", "refoul"])
def test_who_writes_for_somebody_on_a_form_is_a_proxy_there(house, form):
    _, case = told_with(house, form, who_writes="relative")
    assert opened(house, case).decided["C07"].reason == gate.NOT_THEIRS


@pytest.mark.parametrize("form", ["medic", "lawyer"])
def test_who_tells_of_their_own_work_speaks_for_themselves(house, form):
    _, case = told_with(house, form, who_writes=form)
    assert opened(house, case).decided["C07"].allowed


def test_what_is_allowed_later_waits_and_what_is_taken_back_does_not(waiting_house):
    house = waiting_house
    receipt, case = given_case(house, C06="yes")
    says(house, receipt, C09="yes", C06="no")
    view = opened(house, case)
    assert view.decided["C06"].reason == gate.NO
    assert view.decided["C09"].reason == gate.WAITS
    assert view.waiting["C09"].begins == view.decided["C09"].begins


def test_the_lawyer_stops_what_waits_and_it_counts_only_if_said_again(waiting_house, monkeypatch):
    house = waiting_house
    receipt, case = given_case(house)
    lawyer = house.actors["lawyer"]
    says(house, receipt, C10="yes")
    waiting = opened(house, case).waiting["C10"]
    consent.stop(house.vault, lawyer, case, "C10", waiting.records)
    assert opened(house, case).waiting == {}
    assert ("consent.stopped", lawyer.id) in entries(house, case)
    assert len(rows(house, records, kind="consent", author=lawyer.id)) == 1
    later = clock.now() + 4 * clock.DAY
    monkeypatch.setattr("vault.clock.now", lambda: later)
    assert opened(house, case).decided["C10"].reason == gate.STOPPED
    says(house, receipt, C10="yes")
    assert opened(house, case).decided["C10"].reason == gate.WAITS


def test_a_stop_names_an_item_and_records_and_is_the_lawyers(house):
    receipt, case = given_case(house, C09="yes")
    lawyer, record = house.actors["lawyer"], "0b" * 16
    for item, said in (("C99", [record]), ("C09", []), ("C09", ["x"]), ("C09", [record] * 1_001)):
        with pytest.raises(InputError):
            consent.stop(house.vault, lawyer, case, item, said)
    with pytest.raises(NotFoundError):
        consent.stop(house.vault, house.actors["deputy"], case, "C09", [record])
    assert rows(house, records, kind="consent", author=lawyer.id) == []
    house.add("interpreter", "interpreter")
    says(house, receipt, C04="yes")
    reader, until = house.actors["interpreter"], clock.day(clock.now() + clock.DAY)
    assign.add_reader(house.vault, lawyer, case, (reader.id, "interpreter"), until)
    for act in (
        lambda: consent.stop(house.vault, reader, case, "C09", [record]),
        lambda: consent.note_read(house.vault, reader, case),
    ):
        with pytest.raises(RefusedError):
            act()


def test_a_complaint_needs_the_note_between_both_words(house, monkeypatch):
    receipt, case = given_case(house)
    lawyer, start = house.actors["lawyer"], clock.now()
    says(house, receipt, C12="yes")
    assert opened(house, case).decided["C12"].reason == gate.AGAIN
    monkeypatch.setattr("vault.clock.now", lambda: start + 2 * clock.DAY)
    says(house, receipt, C12="yes", C07="no")
    assert opened(house, case).decided["C12"].reason == gate.NOTE
    consent.note_read(house.vault, lawyer, case)
    assert opened(house, case).decided["C12"].allowed
    assert ("consent.note_read", lawyer.id) in entries(house, case)


def test_pausing_ends_readers_at_the_slot_whoever_looks(house):
    for name in ("doctor", "interpreter"):
        house.add(name, name)
    receipt, case = given_case(house, C04="yes", C05="yes", C07="yes")
    lawyer, until = house.actors["lawyer"], clock.day(clock.now() + clock.DAY)
    for name in ("doctor", "interpreter"):
        assign.add_reader(house.vault, lawyer, case, (house.actors[name].id, name), until)
    back = house.come_back
    assert back.pause(receipt, "ru", back.new_send_id()) is Outcome.NEW
    assert back.pause(receipt, "ru", back.new_send_id()) is Outcome.SAME
    assert capacities(house, case) == {"lawyer", "doctor", "interpreter"}
    assert house.collect().accepted == 2
    assert capacities(house, case) == {"lawyer"}
    changed = [e for e in house.vault.journal.read(Filter(case=case)) if e.kind == CHANGED]
    assert [(e.actor, list(e.detail["item"])) for e in changed] == [("witness", ["C04", "C05"])]
    view = opened(house, case)
    assert not any(decision.allowed for item, decision in view.decided.items() if item > "C02")
    assert {view.decided[item].reason for item in ("C04", "C05", "C07", "C12")} == {gate.PAUSED}
    says(house, receipt, C07="yes")
    assert opened(house, case).decided["C07"].allowed
    assert opened(house, case).decided["C13"].reason == gate.PAUSED


def test_what_the_vault_is_told_of_consent_names_readers_that_end_and_never_a_yes(house):
    receipt, case = given_case(house)
    says(house, receipt, C12="yes", C05="yes", C13="no")
    says(house, receipt, C05="ask_me_later")
    changed = [e for e in house.vault.journal.read(Filter(case=case)) if e.kind == CHANGED]
    vouched = [e.detail["vouch"] for e in changed]
    assert [{**e.detail, "vouch": ""} for e in changed] == [
        {"vouch": ""},
        {"item": ("C05",), "vouch": ""},
    ]
    assert len({*vouched, "", "A" * 43}) == len(vouched) + 2


def test_pausing_from_the_second_box_leaves_the_same_entry_and_no_reader_loses(house):
    house.add("doctor", "doctor")
    first, second = both(house, C05="yes")
    case = given_now(house)
    doctor = house.actors["doctor"].id
    assign.add_reader(house.vault, house.actors["lawyer"], case, (doctor, "doctor"), None)
    back = house.come_back
    for receipt in (second, first):
        assert capacities(house, case) == {"lawyer", "doctor"}
        back.pause(receipt, "ru", back.new_send_id())
        assert back.open(receipt).paused == clock.day()
        house.collect()
    assert capacities(house, case) == {"lawyer"}
    found = [e for e in house.vault.journal.read(Filter(case=case)) if e.kind == CHANGED]
    assert found[0].detail["item"] == found[1].detail["item"]
    assert found[0].detail.keys() == found[1].detail.keys()
    assert len(found[0].detail["vouch"]) == len(found[1].detail["vouch"])
    assert found[0].subject == found[1].subject


def both(house, **items):
    """Send an account; return both of its receipts."""
    tell = house.tell
    send_id = tell.new_send_id()
    told = tell.send("victim", "ru", {"story": "a story", "consent": YES | items}, send_id)
    second = tell._material(ids.read(house.intake_agent, send_id, 7200)).second
    house.collect()
    return told.receipt, second


def test_a_box_that_is_none_pauses_like_any(house):
    stranger, back = Receipt.generate(), house.come_back
    assert back.pause(stranger, "ru", back.new_send_id()) is Outcome.NEW
    own = house.send()
    back.pause(own, "ru", back.new_send_id())
    assert back.open(stranger).paused == back.open(own).paused == clock.day()
    assert back.open(stranger).sent == back.open(own).sent


def test_what_goes_beside_the_answers_is_of_one_size_whatever_ends(house):
    sizes = set()
    for said in ({"C12": "yes"}, {"C04": "no", "C05": "no"}, {"C05": "paused", "C09": "yes"}):
        receipt = house.send()
        back = house.come_back
        back.add(receipt, "ru", {"consent": said}, back.new_send_id())
        packets = [house.letterbox.packet(name) for name in house.letterbox.waiting()]
        sizes |= {len(packet) for packet in packets if b'"kind":"instruction"' in packet}
        house.collect()
    assert len(sizes) == 1


def test_the_same_page_sent_again_acts_once(house):
    receipt, case = given_case(house, C05="yes")
    back = house.come_back
    send_id = back.new_send_id()
    outcomes = [back.add(receipt, "ru", {"consent": {"C05": "no"}}, send_id) for _ in range(2)]
    assert outcomes == [Outcome.NEW, Outcome.SAME]
    packets = [house.letterbox.packet(name) for name in house.letterbox.waiting()]
    assert house.collect().accepted == 2
    for packet in packets:
        house.letterbox.put_packet(packet)
    assert (
        house.collect().accepted,
        [kind for kind, _ in entries(house, case)].count(CHANGED),
    ) == (
        0,
        1,
    )
