"""Roles: exactly the declared ones, and none beside one that excludes it."""

import copy
import itertools
import tomllib

import pytest

from vault.errors import RefusedError, SettingError
from vault.resources import resource
from vault.roster.roles import DOES, ROLES, check_together, may, parse_roles


@pytest.fixture(scope="module")
def declared():
    return tomllib.loads(resource("config/roles.toml").read_text("utf-8"))


@pytest.fixture(scope="module")
def roles(declared):
    return parse_roles(declared)


READERS = ("intake_officer", "lawyer", "doctor", "interpreter", "trustee")


def test_the_declared_roles_are_the_ones_a_roster_knows(roles):
    assert roles.keys() == ROLES


def test_only_a_lawyer_opens_identity_and_an_officer_may_hold_it_to_pass_it_on(roles):
    held = sorted(name for name, role in roles.items() if "identity" in role.opens)
    assert held == ["intake_officer", "lawyer"]
    assert [name for name, role in roles.items() if "identity" in role.does] == ["lawyer"]
    assert not [name for name, role in roles.items() if "identity" in role.reads]


def test_auditor_administrator_analyst_and_trustee_open_nothing(roles):
    assert not any(roles[n].opens for n in ("auditor", "administrator", "analyst", "trustee"))


@pytest.mark.parametrize("other", [*READERS, "administrator"])
def test_an_auditor_neither_reads_nor_administers(roles, other):
    for pair in itertools.permutations(("auditor", other)):
        with pytest.raises(RefusedError):
            check_together(pair, roles)


def test_one_person_may_hold_roles_that_do_not_exclude_each_other(roles):
    assert check_together(["lawyer", "administrator"], roles) == {"lawyer", "administrator"}


@pytest.mark.parametrize("names", [[], ["owner"], ["lawyer", "owner"]])
def test_none_or_unknown_roles_are_refused(roles, names):
    with pytest.raises(RefusedError):
        check_together(names, roles)


def test_what_a_role_is_shown_is_some_of_what_it_may_be_granted(roles):
    assert {name: sorted(role.reads) for name, role in roles.items() if role.reads} == {
        "intake_officer": ["account"],
        "lawyer": ["account", "medical", "work"],
        "doctor": ["medical"],
        "interpreter": ["account"],
    }
    assert all(role.reads <= role.opens for role in roles.values())


def test_everything_there_is_to_do_is_done_by_some_role(roles):
    assert frozenset().union(*(role.does for role in roles.values())) == DOES


def test_who_has_no_role_does_nothing(roles):
    assert not any(may((), does, roles) for does in DOES)
    assert may(("doctor", "administrator"), "members", roles)
    assert not may(("doctor", "lawyer"), "members", roles)


def test_no_role_that_opens_testimony_may_stand_beside_the_auditor(declared):
    changed = copy.deepcopy(declared)
    changed["analyst"]["opens"] = ["account"]
    with pytest.raises(SettingError, match="does not audit"):
        parse_roles(changed)


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.pop("lawyer"),
        lambda d: d.update(owner=d["lawyer"]),
        lambda d: d.update(lawyer=[]),
        lambda d: d["lawyer"].pop("does"),
        lambda d: d["lawyer"].update(hints=[]),
        lambda d: d["lawyer"].update(opens="account"),
        lambda d: d["lawyer"].update(ends=1),
        lambda d: d["lawyer"]["does"].append("everything"),
        lambda d: d["doctor"]["reads"].append("account"),
        lambda d: d["lawyer"]["excludes"].append("analyst"),
        lambda d: d["lawyer"]["opens"].append("everything"),
        lambda d: d["lawyer"]["excludes"].append("owner"),
    ],
)
def test_a_declaration_with_unknown_words_stops_the_start(declared, change):
    changed = copy.deepcopy(declared)
    change(changed)
    with pytest.raises(SettingError):
        parse_roles(changed)
