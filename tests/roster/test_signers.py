"""Who signs what, for any signers at all. Each single fault has a vector; these are the rules."""

import dataclasses
import itertools

import pytest

from vault.crypto.seal import OpeningKey
from vault.crypto.sign import SigningKey
from vault.errors import FormatError, RosterError
from vault.roster.model import Term, after
from vault.roster.signers import ROOT, Change, check_signers, compare, has_two, is_founded

ISSUED, BEGINS = "2026-11-05T00:00:00Z", "2026-11-06T00:00:00Z"
IDS = {name: f"{n:02x}" * 16 for n, name in enumerate(("admin", "officer", "lawyer", "new"), 1)}
WHO = (*IDS, ROOT)


@pytest.fixture
def founded(rosters):
    roles = {"admin": "administrator", "officer": "intake_officer", "lawyer": "lawyer"}
    members = [rosters.member(IDS[name], role) for name, role in roles.items()]
    return rosters.first(members=tuple(sorted(members, key=lambda one: one.id)))


def step(rosters, before, *changed, **fields):
    everybody = {one.id: one for one in (*before.members, *changed)}
    members = tuple(everybody[key] for key in sorted(everybody))
    return rosters.after(before, **{"issued": ISSUED, "members": members, **fields})


def accepted(before, following):
    """Return every list of one or two signers who may sign this step."""
    change = compare(before, following, founded=True)
    found = set()
    for by in itertools.chain(itertools.product(WHO), itertools.product(WHO, WHO)):
        try:
            check_signers(before, following, change, tuple(IDS.get(w, w) for w in by), founded=True)
        except RosterError:
            continue
        found.add(by)
    return found


def new(rosters, **more):
    keys = SigningKey(b"new".ljust(32)).public, OpeningKey(b"new".ljust(32)).public
    named = {"signing": keys[0], "opening": keys[1], "valid_from": BEGINS}
    return rosters.member(IDS["new"], "lawyer", **named | more)


def test_a_member_is_added_by_an_administrator_and_a_second_and_by_nobody_else(rosters, founded):
    added = step(rosters, founded, new(rosters))
    assert accepted(founded, added) == {("admin", "officer"), ("admin", "lawyer")}


def test_a_role_is_given_by_an_administrator_and_a_second_who_is_not_concerned(rosters, founded):
    lawyer = founded.member(IDS["lawyer"])
    both = dataclasses.replace(
        lawyer, roles=frozenset({"doctor", "lawyer"}), terms=(Term("doctor", BEGINS),)
    )
    assert accepted(founded, step(rosters, founded, both)) == {("admin", "officer")}


def test_somebody_is_ended_by_an_administrator_or_the_root_alone(rosters, founded):
    ended = dataclasses.replace(founded.member(IDS["lawyer"]), valid_to=ISSUED)
    assert accepted(founded, step(rosters, founded, ended)) == {("admin",), (ROOT,)}


def test_so_many_that_nobody_could_sign_are_ended_by_the_root_alone(rosters, founded):
    ended = [
        dataclasses.replace(founded.member(IDS[name]), valid_to=ISSUED)
        for name in ("lawyer", "officer")
    ]
    assert accepted(founded, step(rosters, founded, *ended)) == {(ROOT,)}


def test_what_has_not_begun_is_stopped_by_any_one_member_or_the_root(rosters, founded):
    before = step(rosters, founded, new(rosters))
    stopped = step(rosters, before, new(rosters, valid_to=ISSUED))
    one = {("admin",), ("officer",), ("lawyer",), (ROOT,)}
    assert accepted(before, stopped) == one


@pytest.mark.parametrize("field", ["recovery", "collector", "ledger", "delay"])
def test_a_key_of_the_vault_and_the_delay_are_the_roots_alone(rosters, founded, field):
    value = {"ledger": "vault.example/log+1+AQ", "delay": 90_000}.get(
        field, rosters.key("another").public
    )
    assert accepted(founded, step(rosters, founded, **{field: value})) == {(ROOT,)}


def test_more_time_is_given_by_an_administrator_or_the_root(rosters, founded):
    longer = step(rosters, founded, expires="2027-06-01T00:00:00Z")
    assert accepted(founded, longer) == {("admin",), (ROOT,)}


def test_when_nobody_is_left_who_signs_by_two_the_root_adds_after_the_delay(rosters, founded):
    gone = dataclasses.replace(founded.member(IDS["admin"]), valid_to=ISSUED)
    left = step(rosters, founded, gone)
    assert accepted(left, step(rosters, left, new(rosters))) == {(ROOT,)}
    with pytest.raises(RosterError):
        accepted(left, step(rosters, left, new(rosters, valid_from=ISSUED)))


def test_before_it_is_founded_the_root_alone_signs_everything(rosters):
    two = rosters.first()
    added = step(rosters, two, new(rosters, valid_from=ISSUED))
    change = compare(two, added, founded=False)
    check_signers(two, added, change, (ROOT,), founded=False)
    for by in WHO[:-1]:
        with pytest.raises(RosterError):
            check_signers(two, added, change, (IDS[by],), founded=False)


def test_it_is_founded_by_an_administrator_and_two_others_and_stays_so(rosters, founded):
    assert is_founded(founded)
    assert not is_founded(dataclasses.replace(founded, members=founded.members[:2]))
    assert not is_founded(dataclasses.replace(founded, members=founded.members[1:]))
    gone = dataclasses.replace(
        founded.member(IDS["admin"]),
        roles=frozenset(),
        terms=(Term("administrator", "2026-11-01T00:00:00Z", ISSUED),),
    )
    assert is_founded(step(rosters, founded, gone))


def test_two_are_an_administrator_and_another_whoever_is_concerned(founded):
    assert has_two(founded, ISSUED)
    assert has_two(founded, ISSUED, frozenset({IDS["admin"], IDS["lawyer"]}))
    assert not has_two(founded, ISSUED, frozenset({IDS["officer"], IDS["lawyer"]}))
    assert not has_two(founded, "2026-10-01T00:00:00Z")


def test_nothing_changed_is_no_change(rosters, founded):
    assert compare(founded, step(rosters, founded), founded=True) == Change(
        frozenset(), gains=False, ends=False, keys=False
    )


@pytest.mark.parametrize("moment", ["2026-13-01T00:00:00Z", "9999-12-31T23:59:59Z", ""])
def test_what_is_no_moment_has_none_after_it(moment):
    with pytest.raises(FormatError):
        after(moment, 1)
