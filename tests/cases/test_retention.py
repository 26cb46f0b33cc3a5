"""The end of a case: fixed when it comes, announced, set anew, held, and carried out by itself."""

from __future__ import annotations

import contextlib
import random

import pytest

from tests.cases.test_erasing import SWEPT, ask, box, is_there, kinds
from tests.support.attacks import change, insert, rows
from tests.support.erased import told_and_given
from tests.support.house import STORY, House
from vault import clock
from vault.cases import reveal
from vault.cases.ending import deleting, erasing, retaining, retention
from vault.cases.holders.access import hold
from vault.cases.lists import inbox, triage
from vault.cases.reveal import proving
from vault.cases.written import consent, messages
from vault.errors import ErasedError, InputError, NotFoundError, RefusedError, StorageError
from vault.journal.drafts import Draft
from vault.ledger.entry import Entry
from vault.storage.tables.cases import cases, deletions, outbox, records, testimonies
from vault.storage.tables.ledger import ledger_entries
from vault.testimony.boxes import box_locator, look

DAYS, NOTICE, WARN = 365, 30, 90
YEAR = {"retention": {"years": 1}, "roster": {"lifetime": 63_072_000}}


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A testimony, given to lawyer and deputy; days can pass, with or without a slot."""
    house, days = told_and_given(tmp_path, **YEAR), [0]
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + days[0] * clock.DAY)
    house.collect()

    def wait(number):
        days[0] += number

    def pass_days(number):
        wait(number)
        house.collect()

    house.wait, house.pass_days = wait, pass_days
    yield house
    house.close()


def day(number=0):
    return retention.later(clock.day(), number)


def stated(house):
    with house.vault.database.read() as connection:
        return retention.of_case(connection, house.case)


def as_(house, name):
    return house.vault, house.actors[name], house.case


def to_the_end(house):
    """Let the announcement come, and then the day."""
    house.pass_days(DAYS - WARN)
    house.pass_days(WARN)


# --- the day -------------------------------------------------------------------------------------


def test_a_case_has_its_end_day_from_the_beginning_and_the_log_states_it(kept):
    (entry,) = [one for one in kept.vault.journal.read() if one.kind == "intake"]
    assert entry.detail["until"] == day(DAYS)
    assert stated(kept) == retention.Keeping(day(DAYS), first=day(DAYS))


def test_another_setting_changes_new_cases_only(kept):
    before = stated(kept)
    other = House.found(kept.settings.paths.root / "other")
    assert retention.first_day(other.vault)[:4] == str(int(day()[:4]) + 10)
    other.close()
    assert stated(kept) == before


def test_until_it_was_announced_lists_say_nothing_then_they_say_the_day(kept):
    lawyer = kept.actors["lawyer"]
    reveal.open_case(*as_(kept, "lawyer"))
    messages.reply(*as_(kept, "lawyer"), "We read it.")
    kept.pass_days(DAYS - WARN - 1)
    (line,) = inbox.my_cases(kept.vault, lawyer)
    assert (line.ends, line.waiting, kinds(kept, retention.ANNOUNCED)) == (None, False, [])
    kept.pass_days(1)
    (line,) = inbox.my_cases(kept.vault, lawyer)
    assert (line.ends, line.waiting) == (day(WARN), False)
    kept.pass_days(WARN - 7)
    (line,) = inbox.my_cases(kept.vault, lawyer)
    assert (line.ends, line.waiting) == (day(7), True)
    assert kinds(kept, retention.ANNOUNCED) == [retention.ANNOUNCED]


# --- carried out ---------------------------------------------------------------------------------


def test_on_its_day_everything_is_gone_and_both_boxes_say_so(kept):
    to_the_end(kept)
    assert not is_there(kept)
    assert all(rows(kept, table) == [] for table in SWEPT)
    (entry,) = [one for one in kept.vault.journal.read() if one.kind == "erased"]
    assert entry.detail["cause"] == "end"
    (case,) = rows(kept, cases)
    assert (case.status, case.ends_day, case.opens_until) == ("erased", None, day(14))
    own, other = (box(kept, receipt).erased for receipt in (kept.receipt, kept.decoy))
    assert own == other
    assert (own.day, own.until) == (day(), day(14))
    sizes = {len(kept.letterbox.box(box_locator(one))) for one in (kept.receipt, kept.decoy)}
    assert len(sizes) == 1
    for name in ("lawyer", "deputy", "officer"):
        with pytest.raises(NotFoundError):
            reveal.open_case(*as_(kept, name))


def test_what_had_left_stands_in_the_own_box_alone(kept):
    made = day()
    proving.make(*as_(kept, "lawyer"), "")
    to_the_end(kept)
    own, other = (box(kept, receipt).left for receipt in (kept.receipt, kept.decoy))
    assert [(one.day, one.role, one.compartment) for one in own] == [(made, "lawyer", "proof")]
    assert other == ()


def test_the_day_before_it_is_there(kept):
    kept.pass_days(DAYS - WARN)
    kept.pass_days(WARN - 1)
    assert is_there(kept)
    assert kinds(kept, "erased") == []


def test_one_that_nobody_was_allowed_to_read_ends_as_well(kept):
    receipt = kept.send({**STORY, "consent": {"C01": "yes", "C02": "not_yet"}})
    to_the_end(kept)
    assert box(kept, receipt).erased.day == day()
    with pytest.raises(ErasedError):
        look(kept.letterbox, receipt)


def test_a_vault_that_was_locked_on_the_day_announces_first_and_erases_later(kept):
    kept.pass_days(DAYS + 100)
    assert is_there(kept)
    assert box(kept).erased is None
    kept.pass_days(NOTICE - 1)
    assert is_there(kept)
    kept.pass_days(1)
    assert not is_there(kept)


def test_a_clock_that_is_wrong_for_a_while_erases_nothing(kept):
    kept.pass_days(40_000)
    assert is_there(kept)
    kept.pass_days(-40_000)
    kept.pass_days(NOTICE + WARN)
    assert is_there(kept)


def test_a_clock_that_somebody_sets_twice_ends_nothing(kept, monkeypatch, caplog):
    kept.pass_days(DAYS + 100)
    ahead = clock._ahead()
    monkeypatch.setattr(clock, "_ahead", lambda: ahead + 2 * clock.DAY)
    kept.pass_days(NOTICE)
    assert is_there(kept)
    assert "set forward" in caplog.text


def test_a_restart_after_the_clock_was_put_right_carries_it_out(kept, monkeypatch):
    kept.pass_days(DAYS + 100)
    monkeypatch.setattr(clock, "_BEGAN", clock._ahead() - 2 * clock.DAY)
    kept.pass_days(NOTICE)
    assert is_there(kept)
    monkeypatch.setattr(clock, "_BEGAN", clock._ahead())
    kept.collect()
    assert not is_there(kept)


def test_what_was_set_aside_ends_on_its_day_as_well(kept):
    receipt = kept.send()
    (line,) = inbox.new_cases(kept.vault, kept.actors["officer"])
    triage.set_aside(kept.vault, kept.actors["officer"], line.id)
    to_the_end(kept)
    assert box(kept, receipt).erased.day == day()


@pytest.mark.parametrize("step", ["_erase", "_close_box", "_flush"])
def test_killed_at_any_step_it_goes_on_at_the_next_slot(kept, monkeypatch, step):
    real = getattr(erasing, step)

    def cut(*arguments):
        if step != "_flush":
            real(*arguments)
        raise StorageError("cut")

    kept.pass_days(DAYS - WARN)
    with monkeypatch.context() as patched:
        patched.setattr(erasing, step, cut)
        with contextlib.suppress(StorageError):
            kept.pass_days(WARN)
    assert not is_there(kept)  # the key goes first
    kept.collect()
    assert box(kept).erased is not None
    assert box(kept, kept.decoy).erased is not None
    assert kinds(kept, "erased") == ["erased"]
    assert all(rows(kept, table) == [] for table in SWEPT)


def test_a_replayed_packet_brings_nothing_back(kept):
    to_the_end(kept)
    kept.letterbox.put_packet(kept.packet)
    assert kept.collect().dropped == 1
    assert rows(kept, testimonies) == []
    assert box(kept).erased is not None


def test_what_was_asked_for_with_the_second_words_ends_with_it(kept):
    kept.pass_days(DAYS - WARN)
    kept.pass_days(WARN - 1)
    ask(kept, kept.decoy)
    kept.pass_days(1)
    assert rows(kept, deletions) == []
    certified = box(kept, kept.decoy).erased
    kept.pass_days(8)
    assert box(kept, kept.decoy).erased == certified


# --- set anew ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["lawyer", "deputy"])
def test_who_handles_it_sets_another_day_and_the_box_and_the_log_say_it(kept, name):
    retaining.set_end(*as_(kept, name), day(NOTICE))
    kept.collect()
    (entry,) = [one for one in kept.vault.journal.read() if one.kind == retention.SET]
    assert (entry.actor, entry.detail["until"]) == (kept.actors[name].id, day(NOTICE))
    assert look(kept.letterbox, kept.receipt).content.current.keeping == {
        "until": day(NOTICE),
        "reason": None,
    }
    assert look(kept.letterbox, kept.decoy).content.current.keeping is None
    kept.pass_days(NOTICE - 1)
    assert is_there(kept)
    kept.pass_days(1)
    assert not is_there(kept)


def test_an_officer_sets_that_of_a_new_account_and_of_no_other(kept):
    kept.send()
    (line,) = inbox.new_cases(kept.vault, kept.actors["officer"])
    retaining.set_end(kept.vault, kept.actors["officer"], line.id, day(NOTICE))
    with pytest.raises(NotFoundError):
        retaining.set_end(*as_(kept, "officer"), day(NOTICE))
    with pytest.raises(RefusedError):
        retaining.set_hold(kept.vault, kept.actors["officer"], line.id, day(9), "un")


@pytest.mark.parametrize("ahead", [-1, 0, 1, NOTICE - 1, retaining.MOST_DAYS + 1])
def test_no_end_is_set_without_notice(kept, ahead):
    with pytest.raises(InputError):
        retaining.set_end(*as_(kept, "lawyer"), day(ahead))
    assert stated(kept) == retention.Keeping(day(DAYS), first=day(DAYS))


@pytest.mark.parametrize(
    "text", ["", "tomorrow", "20400101", "2040-02-30", "2040-1-1", "2040-W01-1"]
)
def test_a_day_is_written_as_one(kept, text):
    with pytest.raises(InputError):
        retaining.set_end(*as_(kept, "lawyer"), text)


def test_the_deputy_undoes_what_the_lawyer_set_before_anything_happens(kept):
    retaining.set_end(*as_(kept, "lawyer"), day(NOTICE))
    kept.pass_days(NOTICE - 1)
    retaining.set_end(*as_(kept, "deputy"), day(DAYS))
    kept.pass_days(NOTICE)
    assert is_there(kept)


def test_the_same_day_once_more_is_no_change(kept):
    with pytest.raises(RefusedError):
        retaining.set_end(*as_(kept, "lawyer"), day(DAYS))


# --- held ----------------------------------------------------------------------------------------


def test_a_hold_suspends_the_end_until_its_day_and_says_why(kept):
    kept.pass_days(DAYS - WARN)
    retaining.set_hold(*as_(kept, "lawyer"), day(WARN + 200), "proceedings")
    kept.collect()
    assert look(kept.letterbox, kept.receipt).content.current.keeping == {
        "until": day(WARN + 200),
        "reason": "proceedings",
    }
    kept.pass_days(WARN + 110)
    assert is_there(kept)
    kept.pass_days(WARN)
    assert not is_there(kept)


def test_after_a_hold_is_taken_away_the_end_is_announced_anew(kept):
    kept.pass_days(DAYS - WARN)
    retaining.set_hold(*as_(kept, "lawyer"), day(WARN + 200), "un")
    kept.pass_days(WARN + 10)
    retaining.free(*as_(kept, "deputy"))
    kept.collect()
    assert is_there(kept)
    kept.pass_days(NOTICE - 1)
    assert is_there(kept)
    kept.pass_days(1)
    assert not is_there(kept)


def test_a_hold_never_keeps_a_witness_from_deleting(kept):
    retaining.set_hold(*as_(kept, "lawyer"), day(100), "order")
    ask(kept)
    kept.collect()
    for _ in range(8):
        kept.pass_days(1)
    assert not is_there(kept)
    assert box(kept).erased is not None


def test_a_hold_has_a_reason_of_the_list_and_an_end(kept):
    lawyer = as_(kept, "lawyer")
    for until, reason in ((day(0), "un"), (day(1826), "un"), (day(9), "because"), (day(9), "")):
        with pytest.raises(InputError):
            retaining.set_hold(*lawyer, until, reason)
    with pytest.raises(RefusedError):
        retaining.free(*lawyer)
    retaining.set_hold(*lawyer, day(9), "un")
    with pytest.raises(RefusedError):
        retaining.set_hold(*lawyer, day(9), "un")


def test_what_is_refused_opens_nothing_and_changes_nothing(kept):
    before = [entry.kind for entry in kept.vault.journal.read()]
    for who in ("officer", "auditor", "admin"):
        for act in (
            lambda by: retaining.set_end(*by, day(NOTICE)),
            lambda by: retaining.set_hold(*by, day(9), "un"),
            lambda by: retaining.free(*by),
        ):
            with pytest.raises(NotFoundError):
                act(as_(kept, who))
    kept.vault.journal.write_refusals()
    new = [entry.kind for entry in kept.vault.journal.read()][len(before) :]
    assert {*new} <= {"refused"}


# --- what the witness wishes (C18) ---------------------------------------------------------------


def wish(house, value, until=None, receipt=None):
    """Answer C18 with a receipt; the lawyer opens the case on the day after."""
    said = {"C18": value} | ({"C18_until": until} if until else {})
    back = house.come_back
    back.add(receipt or house.receipt, "ru", {"consent": said}, back.new_send_id())
    house.pass_days(1)
    reveal.open_case(*as_(house, "lawyer"))
    house.collect()


def test_the_day_that_a_witness_wishes_counts_when_the_account_is_opened_and_its_box_says_it(kept):
    wished = day(101)
    wish(kept, "yes", {"from": wished})
    assert (stated(kept).until, stated(kept).wished) == (wished, True)
    assert look(kept.letterbox, kept.receipt).content.current.keeping["until"] == wished
    (entry,) = [one for one in kept.vault.journal.read() if one.kind == retention.SET]
    assert (entry.actor, entry.time) == ("witness", day())
    kept.pass_days(10)
    kept.pass_days(90)
    assert box(kept).erased.day == day()


def test_a_day_that_is_near_comes_after_the_notice_and_is_not_pushed_on(kept):
    wish(kept, "yes", {"from": day(3)})
    ends = stated(kept).until
    assert ends == day(NOTICE)
    kept.pass_days(5)
    reveal.open_case(*as_(kept, "lawyer"))
    assert stated(kept).until == ends


@pytest.mark.parametrize(
    "until", [None, {"text": "next spring"}, {"from": "2099"}, {"from": "2099-01-01"}]
)
def test_no_day_or_a_later_one_changes_nothing(kept, until):
    wish(kept, "yes", until)
    assert kinds(kept, retention.SET) == []


def test_a_day_that_the_lawyer_stopped_never_takes_the_place_of_one_that_counts(kept):
    first = day(101)
    wish(kept, "yes", {"from": first})
    before = {row.id for row in rows(kept, records)}
    said = {"consent": {"C18": "yes", "C18_until": {"from": day(40)}}}
    kept.come_back.add(kept.receipt, "ru", said, kept.come_back.new_send_id())
    kept.collect()
    new = [row.id for row in rows(kept, records) if row.id not in before]
    consent.stop(*as_(kept, "lawyer"), "C18", new)
    reveal.open_case(*as_(kept, "lawyer"))
    assert stated(kept).until == first


def test_a_month_or_a_year_is_over_on_its_last_day(kept):
    year = int(day()[:4]) + 1
    wish(kept, "yes", {"from": f"{year}-02"})
    assert stated(kept).until == f"{year}-02-{'29' if year % 4 == 0 else '28'}"


def test_taken_back_the_first_day_counts_again(kept):
    first = stated(kept).first
    wish(kept, "yes", {"from": day(101)})
    wish(kept, "no")
    assert (stated(kept).until, stated(kept).wished) == (first, True)


def test_with_the_second_words_no_wish_changes_anything(kept):
    wish(kept, "yes", {"from": day(60)}, kept.decoy)
    assert kinds(kept, retention.SET) == []


def test_the_wish_is_above_a_later_day_of_the_lawyer_and_a_hold_delays_it(kept):
    wished = day(101)
    wish(kept, "yes", {"from": wished})
    retaining.set_end(*as_(kept, "lawyer"), day(300))
    reveal.open_case(*as_(kept, "deputy"))
    assert stated(kept).ends == wished
    retaining.set_hold(*as_(kept, "lawyer"), day(200), "witness")
    assert stated(kept).ends == day(200)


# --- attacks -------------------------------------------------------------------------------------


def test_entries_that_a_database_writer_puts_in_erase_nothing(kept):
    last = rows(kept, ledger_entries)[-1]
    over, long_ago = day(-1), day(-60)
    stated = (("retention.set", "witness"), ("retention.announced", "system"))
    for seq, (kind, actor) in enumerate(stated, last.seq + 1):
        subject, detail = {"case": kept.case}, {"until": over}
        leaf = Entry(seq, long_ago, kind, actor, subject, detail).encode()
        same = {"hash": last.hash, "member": None, "case_id": kept.case}
        insert(kept, ledger_entries, seq=seq, leaf=leaf, kind=kind, actor=actor, **same)
    change(kept, cases, {"id": kept.case}, ends_day=over)
    kept.collect()
    assert is_there(kept)
    assert not rows(kept, outbox)


def test_a_changed_column_erases_nothing(kept):
    change(kept, cases, {}, ends_day=day(-1))
    kept.pass_days(1)
    kept.pass_days(NOTICE + 1)
    assert is_there(kept)


def test_a_changed_entry_erases_nothing(kept):
    change(kept, cases, {}, ends_day=day(-1))
    leaf = next(row.leaf for row in rows(kept, ledger_entries) if row.kind == "intake")
    early = leaf.replace(day(DAYS).encode(), day(-1).encode()).replace(b"{", b"{ ", 1)
    change(kept, ledger_entries, {"kind": "intake"}, leaf=early)
    kept.pass_days(NOTICE + 1)
    assert is_there(kept)


def test_a_case_that_names_the_boxes_of_another_closes_none_of_them(kept):
    other = kept.send()
    (row,) = [one for one in rows(kept, testimonies) if one.id != kept.testimony]
    change(kept, testimonies, {"id": kept.testimony}, collector_part=row.collector_part)
    retaining.set_end(*as_(kept, "lawyer"), day(NOTICE))
    kept.pass_days(NOTICE)
    assert box(kept, other).erased is None
    assert kinds(kept, "erased") == []


def test_the_second_words_show_an_ordinary_box_whatever_was_set(kept):
    before = box(kept, kept.decoy)
    retaining.set_hold(*as_(kept, "lawyer"), day(300), "danger")
    kept.collect()
    retaining.set_end(*as_(kept, "lawyer"), day(400))
    kept.collect()
    assert box(kept, kept.decoy) == before


def test_what_the_log_says_last_counts_in_any_order_of_changes():
    """Against a plain retelling: the last day, the last hold, announced only if nothing changed."""
    chance = random.Random(7)
    for _ in range(300):
        drafts = [Draft("intake", "witness", {"case": "ab" * 16}, {"until": "2036-01-01"})]
        until, held, announced = "2036-01-01", None, False
        for _ in range(chance.randrange(8)):
            kind = chance.choice(retention.KINDS)
            new = f"20{chance.randrange(30, 50)}-01-01"
            detail = {"until": new, "reason": "un"}
            if kind == retention.SET:
                until, announced = new, False
            elif kind == retention.HELD:
                held, announced = new, False
            elif kind == retention.FREED:
                held, announced = None, False
            else:
                announced = announced or new == max(until, held or "")
            drafts.append(Draft(kind, "system", {"case": "ab" * 16}, detail))
        entries = [draft.entry(0) for draft in drafts]
        found = None
        for entry in entries:
            found = retention._after(found, entry)
        assert (found.until, found.held, found.announced is not None) == (until, held, announced)


def test_whoever_looks_with_a_key_sees_the_day(kept):
    held = hold(*as_(kept, "lawyer"))
    assert retaining.look(kept.vault, held.line).keeping == stated(kept)
    assert deleting.look(kept.vault, held.line, held.testimony) is None
    with pytest.raises(NotFoundError):
        hold(*as_(kept, "officer"))
