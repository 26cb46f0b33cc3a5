"""Numbers come from entries that a signed checkpoint vouches for, and from nothing else."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import fields
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests.journal.reckoning.conftest import ANNA, BOLAT, ZONE
from vault.journal.drafts import Draft
from vault.journal.reading import Filter
from vault.journal.reckoning import keeper
from vault.journal.reckoning.complete import finds_all
from vault.journal.reckoning.keeper import FORMAT, Fault, Reckoning
from vault.journal.reckoning.sums import Case, Sums
from vault.journal.reckoning.watch import Answer, Flag
from vault.ledger.merkle import leaf_hash
from vault.storage.tables.ledger import checkpoints, ledger_entries, ledger_head, reckoning

CASE = "c" * 32
RULES = ("first identity.opened identity.released",)


@pytest.fixture
def make(database, agent, journal):
    """Begin a reckoning, as a process does that was started just now."""
    return lambda zone=ZONE, lines=RULES: Reckoning(journal, database, agent, zone, lines)


@pytest.fixture
def held(make, journal):
    for _ in range(6):
        open_case(journal)
    return make()


def open_case(journal, actor=ANNA, case=CASE):
    with journal.transaction() as transaction:
        transaction.log("reveal", actor, {"case": case}, {"as": "lawyer"})


def look(held):
    with held.look() as seen:
        return seen


def change(database, query):
    with database.write() as connection:
        assert connection.execute(query).rowcount


def at(seq):
    return ledger_entries.update().where(ledger_entries.c.seq == seq)


def rewritten(database, seq):
    """Return a leaf and a hash as somebody would write them who changes who did it."""
    with database.read() as connection:
        query = select(ledger_entries.c.leaf).where(ledger_entries.c.seq == seq)
        leaf = connection.execute(query).scalar_one().replace(ANNA.encode(), BOLAT.encode())
    return {"leaf": leaf, "hash": leaf_hash(leaf), "actor": BOLAT, "member": BOLAT}


def test_every_entry_is_counted_once_however_often_somebody_looks(held, journal):
    assert look(held).state.sums.ever() == {"reveal": 6}
    assert look(held).state.sums.ever() == {"reveal": 6}
    open_case(journal)
    assert look(held).state.sums.ever() == {"reveal": 7}
    assert look(held).state.frontier.size == journal.size()


def test_an_empty_log_is_nothing_and_no_fault(make):
    seen = look(make())
    assert (seen.fault, seen.state.frontier.size, seen.state.sums) == (None, 0, Sums())


def test_what_no_checkpoint_covers_yet_is_said_and_not_counted(held, journal, database):
    with database.write() as connection:
        journal.append(connection, [Draft("reveal", ANNA, {"case": CASE})])
    seen = look(held)
    assert (seen.newer, seen.state.sums.ever()["reveal"], seen.fault) == (1, 6, None)


@pytest.mark.parametrize("counted_before", [False, True])
@pytest.mark.parametrize(
    "values",
    [{"leaf": b"{}"}, {"hash": bytes(32)}, {"kind": "list"}, {"case_id": None}, {"member": BOLAT}],
    ids=["leaf", "hash", "kind", "case", "member"],
)
def test_a_changed_entry_or_row_is_named(held, database, values, counted_before):
    if counted_before:
        look(held)
    change(database, at(2).values(**values))
    assert look(held).fault == Fault(2)


def test_an_entry_rewritten_with_its_hash_and_its_row_is_named(make, held, database):
    change(database, at(2).values(**rewritten(database, 2)))
    seen = look(held)
    assert seen.fault is not None
    assert seen.fault.seq <= 2
    assert seen.state.sums.actors[BOLAT] == 0


def test_numbers_that_were_counted_stay_true_when_entries_are_changed_later(held, database):
    look(held)
    change(database, at(2).values(**rewritten(database, 2)))
    assert look(held).state.sums.actors == Counter({ANNA: 6})


def test_a_dropped_entry_is_named(held, database):
    change(database, ledger_entries.delete().where(ledger_entries.c.seq == 3))
    assert look(held).fault == Fault(3)


def test_a_log_that_was_cut_is_named_by_the_first_entry_that_is_gone(held, database):
    look(held)
    with database.write() as connection:
        row = connection.execute(select(checkpoints).where(checkpoints.c.size == 4)).one()
        connection.execute(checkpoints.delete().where(checkpoints.c.size > 4))
        connection.execute(ledger_entries.delete().where(ledger_entries.c.seq >= 4))
        connection.execute(ledger_head.update().values(size=4, frontier=row.frontier))
    assert look(held).fault == Fault(4)


def test_a_checkpoint_that_the_log_did_not_sign_is_a_fault(held, database):
    with database.read() as connection:
        note = connection.execute(select(checkpoints.c.note)).scalars().first()
    change(database, checkpoints.update().where(checkpoints.c.size == 6).values(note=note))
    assert look(held).fault is not None


def test_of_a_long_log_a_part_chosen_by_chance_is_proven_again(held, database, monkeypatch):
    monkeypatch.setattr(keeper, "AGAIN", 2)
    parts = {look(held).again for _ in range(60)}
    assert {begin for begin, _ in parts} == {0, 1, 2, 3, 4, 5}
    assert all(end - begin <= 2 for begin, end in parts)
    change(database, at(2).values(leaf=b"{}"))
    assert Fault(2) in {look(held).fault for _ in range(60)}


class TestKept:
    """What was counted is kept, so that the next process need not begin at the first entry."""

    @pytest.fixture(autouse=True)
    def often(self, monkeypatch):
        monkeypatch.setattr(keeper, "KEEP_EVERY", 1)

    @pytest.fixture
    def steps(self, monkeypatch):
        """Note from where on entries are counted."""
        seen, prove = [], keeper.proven.prove

        def noted(connection, before, end, keys, zone):
            seen.append(before.size)
            return prove(connection, before, end, keys, zone)

        monkeypatch.setattr(keeper.proven, "prove", noted)
        return seen

    def test_the_next_process_goes_on_from_there(self, held, make, steps):
        first = look(held)
        open_case(held.journal)
        steps.clear()
        second = look(make())
        assert steps[0] == first.state.frontier.size
        assert second.state.sums.ever() == {"reveal": 7}

    @pytest.mark.parametrize(
        "change_state",
        [
            lambda data: data.replace(b'"reveal":6', b'"reveal":5'),
            lambda _: b"{}",
            lambda data: data + b" ",
        ],
    )
    def test_what_somebody_else_wrote_there_is_not_believed(
        self, held, make, database, steps, change_state
    ):
        look(held)
        with database.read() as connection:
            row = connection.execute(select(reckoning)).one()
        assert change_state(row.state) != row.state
        change(database, reckoning.update().values(state=change_state(row.state)))
        steps.clear()
        assert look(make()).state.sums.ever() == {"reveal": 6}
        assert steps[0] == 0

    def test_an_older_one_put_back_is_only_slower(self, held, make, database):
        look(held)
        with database.read() as connection:
            row = connection.execute(select(reckoning)).one()
        open_case(held.journal)
        look(held)
        change(database, reckoning.update().values(**row._asdict()))
        assert look(make()).state.sums.ever() == {"reveal": 7}

    def test_one_of_another_history_is_not_believed(self, held, make, database, steps):
        """Such as after a cut: the log no longer holds the checkpoint it was counted at."""
        look(held)
        change(database, checkpoints.delete().where(checkpoints.c.size == 6))
        open_case(held.journal)
        steps.clear()
        look(make())
        assert steps[0] == 0

    @pytest.mark.parametrize("other", [{"lines": ()}, {"zone": ZoneInfo("Europe/Berlin")}])
    def test_under_other_rules_everything_is_counted_anew(self, held, make, steps, other):
        look(held)
        steps.clear()
        look(make(**other))
        assert steps[0] == 0

    def test_its_shape_is_the_one_that_its_format_names(self, held, database):
        """Whoever changes a shape below names another format: else the old one would be read."""
        look(held)
        with database.read() as connection:
            state = json.loads(connection.execute(select(reckoning.c.state)).scalar_one())
        shapes = [[one.name for one in fields(kind)] for kind in (Sums, Case, Flag, Answer)]
        assert (FORMAT, list(state), shapes) == (
            "witness-vault/reckoning/v1",
            ["terms", "frontier", "first", "keys", "sums", "watch"],
            [
                [
                    *("kinds", "openings", "roles", "hours", "refusals"),
                    *("actors", "about", "cases", "days"),
                ],
                ["came", "opened", "given", "entries", "ended"],
                [
                    *("rule", "member", "case", "first", "last"),
                    *("since", "until", "count", "answer"),
                ],
                ["reason", "by", "time", "seq", "last"],
            ],
        )


class TestComplete:
    """A filter finds as many entries as were proven, or says that it does not."""

    def complete(self, held, **chosen):
        with held.look() as seen, held.database.read() as connection:
            return finds_all(connection, Filter(**chosen), seen.state)

    @pytest.mark.parametrize(
        "chosen",
        [{"member": ANNA}, {"kind": "reveal"}, {"case": CASE}, {"member": BOLAT}, {"kind": "list"}],
    )
    def test_an_honest_index_finds_all(self, held, chosen):
        assert self.complete(held, **chosen)

    @pytest.mark.parametrize(
        ("values", "chosen"),
        [
            ({"actor": BOLAT}, {"member": ANNA}),
            ({"member": BOLAT}, {"member": ANNA}),
            ({"kind": "list"}, {"kind": "reveal"}),
            ({"case_id": None}, {"case": CASE}),
            ({"case_id": None}, {"case": CASE, "kind": "reveal"}),
        ],
    )
    def test_an_entry_that_a_column_hides_from_a_list_is_missed(
        self, held, database, values, chosen
    ):
        look(held)
        change(database, at(2).values(**values))
        assert not self.complete(held, **chosen)
