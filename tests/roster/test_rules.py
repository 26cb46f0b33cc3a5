"""What a reader of rosters refuses although the signature is right."""

from __future__ import annotations

import itertools

import pytest

from vault.errors import RosterError
from vault.roster.model import Term
from vault.roster.rules import check_members
from vault.settings import roles

BEGIN, END = "2026-11-01T00:00:00Z", "2026-12-01T00:00:00Z"
EXCLUDING = sorted(
    {tuple(sorted((name, other))) for name, role in roles().items() for other in role.excludes}
)


def test_a_roster_of_ordinary_members_passes(rosters):
    roster = rosters.first()
    assert check_members(roster, roles()) is roster


@pytest.mark.parametrize("pair", EXCLUDING, ids="+".join)
def test_nobody_with_two_roles_that_exclude_each_other(rosters, pair):
    member = rosters.member(roles=frozenset(pair))
    with pytest.raises(RosterError):
        check_members(rosters.first(members=(member,)), roles())


@pytest.mark.parametrize("pair", EXCLUDING, ids="+".join)
def test_not_one_after_the_other_either(rosters, pair):
    for was, now in itertools.permutations(pair):
        terms = (Term(was, BEGIN, END), Term(now, END))
        member = rosters.member(roles=frozenset({now}), terms=tuple(sorted(terms, key=str)))
        with pytest.raises(RosterError):
            check_members(rosters.first(members=(member,)), roles())


@pytest.mark.parametrize("terms", [(), (Term("interpreter", BEGIN),)], ids=["own time", "open"])
def test_no_interpreter_without_an_end(rosters, terms):
    member = rosters.member(roles=frozenset({"interpreter"}), terms=terms)
    with pytest.raises(RosterError):
        check_members(rosters.first(members=(member,)), roles())


def test_an_interpreter_with_an_end_passes(rosters):
    terms = (Term("interpreter", BEGIN, END),)
    member = rosters.member(roles=frozenset({"interpreter"}), terms=terms)
    assert check_members(rosters.first(members=(member,)), roles())


def test_both_sides_refuse_such_a_roster_whoever_signed_it(house):
    import dataclasses

    from vault import clock
    from vault.agents.kdf import LocalKdf
    from vault.custody import keys
    from vault.errors import SessionEndedError
    from vault.members.actor import Actor
    from vault.roster.chain import sign_roster
    from vault.storage.tables.people import rosters as table

    root = keys.open_root_key(house.settings, house.sheet.root_passphrase, LocalKdf())
    before, lawyer = house.vault.roster(), house.actors["lawyer"]
    members = tuple(
        dataclasses.replace(member, roles=frozenset({"lawyer", "auditor"}))
        if member.id == lawyer.id
        else member
        for member in before.members
    )
    after = dataclasses.replace(
        before,
        version=before.version + 1,
        previous=before.hash,
        issued=clock.moment(),
        members=members,
    )
    with house.vault.database.write() as connection:
        connection.execute(
            table.insert().values(version=after.version, document=sign_roster(after, root))
        )
    house.letterbox.publish_chain(house.vault.chain())
    with pytest.raises(RosterError):
        house.letterbox.roster()
    with pytest.raises(RosterError):
        house.vault.roster()
    with pytest.raises((RosterError, SessionEndedError)):
        Actor.from_secret(house.vault, lawyer.to_secret())
