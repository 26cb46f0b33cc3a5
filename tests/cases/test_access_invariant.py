"""In whatever order: who holds a grant is who handles the case, and who lost it is out of it.

Real keys, real grants, a copy of a real vault for each sequence; the model knows only what the
database says about assignments, and what each member could ever open.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tests.support.attacks import copy_of, rows, stored_testimony
from tests.support.house import House
from vault import canonical, clock
from vault.agents.kdf import LocalKdf
from vault.cases.epochs import due, reseal
from vault.cases.epochs.keys import newest_epoch, seeds_of
from vault.cases.holders import assign, revoke
from vault.cases.holders.access import in_force
from vault.cases.lists import inbox
from vault.cases.model import ASSIGNED, ROLE_OF
from vault.cases.reveal import open_case
from vault.cases.written import messages
from vault.custody import bars, keys, rosters
from vault.errors import NotFoundError, WitnessVaultError
from vault.journal.reading import Filter
from vault.packet.format import Header
from vault.storage.tables.cases import assignments, cases, grants
from vault.storage.tables.cases import summaries as summary_rows

LAWYERS = ("lawyer", "deputy", "second")
BESIDE = ("doctor", "interpreter")
OFFICERS = ("officer", "other")
PEOPLE = (*LAWYERS, *BESIDE, *OFFICERS)
OPENS = {
    "lawyer": {"account", "medical", "work"},
    "intake_officer": {"account", "medical"},
    "doctor": {"medical"},
    "interpreter": {"account"},
}
_TEMPLATE = {}


def template() -> House:
    """Return a closed vault with everybody and one given case; made once."""
    if not _TEMPLATE:
        folder = Path(tempfile.mkdtemp(prefix="invariant-"))
        house = House.found(folder).staff()
        house.add("second", "lawyer")
        house.add("other", "intake_officer")
        for name in BESIDE:
            house.add(name, name)
        house.receipts, house.cases = {"one": house.send()}, {}
        (line,) = inbox.new_cases(house.vault, house.actors["officer"])
        house.cases["one"] = line.id
        house.close()
        _TEMPLATE["house"] = house
    return _TEMPLATE["house"]


class Access(RuleBasedStateMachine):
    """One case, whose handlers change in every way that there is."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="invariant-"))
        self.house = copy_of(template(), self.folder)
        self.vault = self.house.vault
        self.case, self.receipt = self.house.cases["one"], self.house.receipts["one"]
        self.subject = stored_testimony(self.house, self.case).id
        self.known = {name: set() for name in PEOPLE}
        self.said, self.ended, self.number = ["Меня забрали утром."], set(), 0
        self.attempt(assign.give, "officer", "lawyer", "deputy")

    def teardown(self) -> None:
        if hasattr(self, "house"):
            self.house.close()
            shutil.rmtree(self.folder)

    def id_of(self, name: str) -> str:
        return self.house.actors[name].id

    def attempt(self, act, actor: str, *names, **more) -> bool:
        """Do it if the rules allow it; what they refuse has to leave everything right as well."""
        given = [self.id_of(name) if name in PEOPLE else name for name in names]
        try:
            act(self.vault, self.house.actors[actor], self.case, *given, **more)
        except WitnessVaultError:
            return False
        return True

    @rule(actor=st.sampled_from(OFFICERS), to=st.sampled_from(LAWYERS))
    def give(self, actor, to):
        self.attempt(assign.give, actor, to, None)

    @rule(actor=st.sampled_from(LAWYERS), to=st.sampled_from(LAWYERS))
    def hand_over(self, actor, to):
        self.attempt(assign.hand_over, actor, to)

    @rule(actor=st.sampled_from(LAWYERS), to=st.sampled_from((*LAWYERS, None)))
    def choose_deputy(self, actor, to):
        self.attempt(assign.set_deputy, actor, to)

    @rule(actor=st.sampled_from(LAWYERS))
    def take_over(self, actor):
        self.attempt(assign.take_over, actor)

    @rule(actor=st.sampled_from(LAWYERS), who=st.sampled_from(BESIDE))
    def add_reader(self, actor, who):
        until = clock.day(clock.now() + 7 * clock.DAY)
        self.attempt(assign.add_reader, actor, (self.id_of(who), who), until)

    @rule(actor=st.sampled_from(LAWYERS))
    def give_back(self, actor):
        self.attempt(assign.give_back, actor)

    @rule(actor=st.sampled_from((*LAWYERS, *OFFICERS)), who=st.sampled_from(PEOPLE))
    def take_away(self, actor, who):
        if self.attempt(revoke.revoke, actor, who):
            due.begin(self.vault, self.house.actors[actor], self.case)

    @rule(actor=st.sampled_from(OFFICERS), who=st.sampled_from(PEOPLE))
    def bar(self, actor, who):
        self.attempt(revoke.bar, actor, who)

    @rule(actor=st.sampled_from(OFFICERS), who=st.sampled_from(PEOPLE))
    def allow(self, actor, who):
        self.attempt(revoke.allow, actor, who)

    @rule(who=st.sampled_from(PEOPLE))
    def sign_in(self, who):
        if who not in self.ended:
            due.begin_due(self.vault, self.house.actors[who])

    @rule(who=st.sampled_from(LAWYERS))
    def lose_keys(self, who):
        """What replacing somebody's keys leaves behind."""
        if any(row.member_id == self.id_of(who) for row in self.assigned()):
            with self.vault.database.write() as connection:
                for table in (grants, summary_rows):
                    mine = table.c.member_id == self.id_of(who)
                    connection.execute(table.delete().where(mine))
                connection.execute(cases.update().values(keys_due=1))

    @rule(actor=st.sampled_from(LAWYERS), who=st.sampled_from((*LAWYERS, *BESIDE)))
    def give_keys_again(self, actor, who):
        fingerprint = self.vault.roster().member(self.id_of(who)).fingerprint
        self.attempt(reseal.reseal, actor, who, fingerprint)

    @rule(who=st.sampled_from(("second", "doctor", "other")))
    def end(self, who):
        if who not in self.ended:
            house = self.house
            root = keys.open_root_key(house.settings, house.sheet.root_passphrase, LocalKdf())
            rosters.end(self.vault, who, root)
            self.ended.add(who)

    @rule()
    def witness_adds(self):
        self.number += 1
        text, back = f"И ещё {self.number}.", self.house.come_back
        back.add(self.receipt, "ru", {"story": text}, back.new_send_id())
        self.house.collect()
        self.said.append(text)

    @rule(actor=st.sampled_from(LAWYERS))
    def reply(self, actor):
        self.number += 1
        if self.attempt(messages.reply, actor, text := f"Ответ {self.number}."):
            self.said.append(text)

    def assigned(self):
        return rows(self.house, assignments, case_id=self.case)

    def due(self) -> bool:
        return bool(rows(self.house, cases, id=self.case)[0].keys_due)

    def grants(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for subject in (self.subject, self.case):
            for row in rows(self.house, grants, subject=subject):
                named = canonical.loads(row.compartments.encode())
                found.setdefault(row.member_id, set()).update(named)
        return found

    @invariant()
    def who_holds_a_grant_is_who_handles_it(self):
        if not hasattr(self, "house"):
            return
        held, roles = self.grants(), {}
        if rows(self.house, cases, id=self.case)[0].status == ASSIGNED:
            roles = {row.member_id: ROLE_OF[row.capacity] for row in self.assigned()}
        else:
            assert self.assigned() == []
            roles = {self.id_of(name): "intake_officer" for name in OFFICERS}
        members = {who: what for who, what in held.items() if who != "recovery"}
        assert members.keys() <= roles.keys()
        for who, what in members.items():
            assert what == OPENS[roles[who]]
        gone = {self.id_of(name) for name in self.ended}
        with self.vault.database.read() as connection:
            gone |= bars.of_case(connection, self.case)
        assert not members.keys() & gone
        assert {row.member_id for row in rows(self.house, summary_rows)} <= members.keys()
        assert {"account", "medical"} <= held["recovery"]

    @invariant()
    def the_log_says_who_handles_it(self):
        if not hasattr(self, "house"):
            return
        said = {}
        for entry in self.vault.journal.read(Filter(case=self.case)):
            if entry.kind == "assign":
                said[entry.subject["member"]] = entry.detail["capacity"]
            elif entry.kind == "revoke":
                said.pop(entry.subject["member"], None)
        assert said == {row.member_id: row.capacity for row in self.assigned()}

    @invariant()
    def who_lost_it_knows_nothing_of_the_next_epoch(self):
        if not hasattr(self, "house"):
            return
        held = self.grants()
        with self.vault.database.read() as connection:
            (row,) = rows(self.house, cases, id=self.case)
            header = Header.from_json(
                canonical.loads(stored_testimony(self.house, self.case).header)
            )
            for name in PEOPLE:
                actor = self.house.actors[name]
                for subject, of in ((self.subject, header), (self.case, None)):
                    seeds = seeds_of(self.vault, connection, actor, subject, of)
                    self.known[name] |= {(subject, place) for place in seeds.by_epoch}
            for subject in (self.subject, self.case):
                newest = newest_epoch(self.vault, connection, subject)
                if newest is None or row.keys_due:
                    continue
                for name in PEOPLE:
                    if self.id_of(name) not in held:
                        own = {(subject, (c, newest[0].number)) for c in newest[0].publics}
                        closed = subject == self.case and row.status != ASSIGNED
                        assert closed or not own & self.known[name], (name, subject)

    @invariant()
    def whoever_handles_it_opens_everything_and_nobody_else_anything(self):
        if not hasattr(self, "house"):
            return
        held = self.grants()
        in_time = {row.member_id for row in self.assigned() if in_force(row.until_day)}
        for name in PEOPLE:
            who = self.id_of(name)
            if who not in held:
                with pytest.raises(NotFoundError):
                    open_case(self.vault, self.house.actors[name], self.case)
                continue
            view = open_case(self.vault, self.house.actors[name], self.case)
            assert not {"broken", "unproven"} & {record.origin for record in view.records}
            if "account" in held[who]:
                shown = {record.text or record.answers.get("story") for record in view.records}
                assert set(self.said) <= shown
        assert in_time >= held.keys() - {"recovery"} - {self.id_of(name) for name in OFFICERS}


Access.TestCase.settings = settings(
    max_examples=6,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestAccess = Access.TestCase
