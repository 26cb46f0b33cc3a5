"""Every role at every address in every state of a case, against a table that people can read."""

from __future__ import annotations

import click
import pytest

from tests.support.access import (
    MEMBERS,
    ROLES,
    SIDES,
    STATES,
    TABLE,
    furnish,
    outcome,
    planted,
    routes,
)
from tests.support.leaving import COUNTED, LEAVES
from vault.cli import main

WHERE, LEFT = "tests/security/access.toml", "tests/security/leaves.toml"
CASE = TABLE["case"]
# What is opened stands in the answer itself, so that nothing opens it again.
ANSWERS = {"POST /staff/cases/<case_id>/identity": 200, "POST /staff/cases/<case_id>/date": 200}
# Only what is one's own, and there is none: answered as if it had been there.
NOTHING_THERE = {"POST /staff/cases/<case_id>/draft/discard"}
METHODS = ("PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = furnish(tmp_path_factory.mktemp("access"))
    yield made
    made.house.close()


def allowed(route, side):
    """Return who may ask for a route that is not of one case."""
    words = TABLE[side][route]
    if "anybody" in words:
        return set(ROLES)
    if "member" in words:
        return set(MEMBERS)
    return {person for person, role in ROLES.items() if role in words}


def is_signed_in(side, person):
    return person in MEMBERS if side == "staff" else ROLES[person] == "auditor"


def is_counted(answer, *, signed_in):
    """Say whether a refusal is counted of whom it can be, and leaves nothing else."""
    kinds = answer.left.kinds
    return kinds <= COUNTED and bool(kinds) >= signed_in


def path_of(route):
    return route.partition(" ")[2]


@pytest.mark.parametrize("side", SIDES)
def test_every_address_has_a_line_in_the_table(world, side):
    asked, stated = (
        set(routes(world.apps[side])),
        {*TABLE[side], *(CASE if side == "staff" else ())},
    )
    new = sorted(asked - stated)
    lines = [
        f'[case."{route}"]\ngiven = ["lawyer", "deputy"]  # for each state: who may'
        if "<case_id>" in route
        else f'under [{side}]:\n"{route}" = ["administrator"]  # who may'
        for route in new
    ]
    assert not new, f"new addresses: say in {WHERE} who reaches them.\n" + "\n".join(lines)
    assert not stated - asked, f"take out of {WHERE}: {sorted(stated - asked)}"


@pytest.mark.parametrize("side", SIDES)
def test_every_address_says_what_it_leaves_in_the_log(world, side):
    asked = set(routes(world.apps[side]))
    stated = {*LEAVES[side], *(LEAVES["case"] if side == "staff" else ())}
    assert not asked - stated, f"say in {LEFT} which entries they leave: {sorted(asked - stated)}"
    assert not stated - asked, f"take out of {LEFT}: {sorted(stated - asked)}"


def test_every_command_says_what_it_leaves_in_the_log():
    assert {name for name, _ in commands(main)} == LEAVES["command"].keys()


@pytest.mark.parametrize("side", ["staff", "audit"])
def test_whoever_is_not_named_finds_nothing_and_leaves_no_trace(world, side):
    before, odd = world.trace(), []
    for route in TABLE[side]:
        method, path = route.split(" ")
        for person in sorted(ROLES.keys() - allowed(route, side)):
            answer = world.ask(side, person, method, world.filled(path), world.form(route))
            expected = {"nothing", "refused"} if is_signed_in(side, person) else {"sign in"}
            if outcome(answer) not in expected or planted(answer):
                odd.append((route, person, answer.status_code, planted(answer)))
            elif not is_counted(answer, signed_in=is_signed_in(side, person)):
                odd.append((route, person, "left", answer.left.events))
    assert odd == [], f"reached by whom {WHERE} does not name"
    assert world.trace() == before


def test_of_a_case_only_whoever_is_named_for_its_state_learns_or_changes_anything(world):
    odd = []
    for state in STATES:
        before = world.trace()
        for route, by_state in CASE.items():
            method, path = route.split(" ")
            for person in sorted(ROLES.keys() - set(by_state.get(state, ()))):
                answer = world.ask(
                    "staff", person, method, world.filled(path, state), world.form(route)
                )
                expected = {"nothing", "refused"} if person in MEMBERS else {"sign in"}
                if outcome(answer) not in expected or planted(answer):
                    odd.append((route, state, person, answer.status_code, planted(answer)))
                elif not is_counted(answer, signed_in=person in MEMBERS):
                    odd.append((route, state, person, "left", answer.left.events))
        assert odd == [], f"reached by whom {WHERE} does not name"
        assert world.trace() == before, state


def test_whoever_is_named_reaches_it_and_no_case_shows_outside_its_page(world, tmp_path):
    odd = []
    for side in ("staff", "audit"):
        for route in TABLE[side]:
            method, path = route.split(" ")
            if path.endswith(("/sign-out", "/end-sessions")):
                continue  # below: it would end the sessions of the others
            for person in sorted(allowed(route, side)):
                answer = world.ask(side, person, method, world.filled(path), world.form(route))
                found = outcome(answer)
                # A form that was sent empty is asked for again; who asks is known all the same.
                fine = (
                    {"open"} if method == "GET" or route in TABLE["forms"] else {"open", "refused"}
                )
                own = {"label"} if ROLES[person] == "lawyer" else set()
                public = "anybody" in TABLE[side][route]
                if (found not in fine and not public) or planted(answer) - own:
                    odd.append((route, person, answer.status_code, planted(answer)))
                elif faults := answer.left.faults(done=method == "GET"):
                    odd.append((route, person, faults))
    assert odd == []


def test_a_case_shows_to_each_what_the_table_says_and_nothing_else(world):
    odd = []
    route = "GET /staff/cases/<case_id>"
    for state, names in CASE[route].items():
        for person in names:
            answer = world.ask("staff", person, "GET", world.filled(path_of(route), state))
            shown = TABLE["shows"][person if person in TABLE["shows"] else ROLES[person]]
            there = {"account", "medical", "identity"}
            if state not in {"new", "set_aside"}:
                there |= {"work", "reply"}
            # A label is its writer's own: it is not handed over.
            if state in {"given", "elsewhere", "released"}:
                there |= {"label"}
            if answer.status_code != 200 or planted(answer) != set(shown) & there:
                odd.append((state, person, answer.status_code, planted(answer)))
            elif faults := answer.left.faults(done=True):
                odd.append((state, person, faults))
    assert odd == []


def test_every_page_of_a_case_leaves_its_entry(world):
    odd = []
    for route, by_state in CASE.items():
        for state, names in by_state.items() if route.startswith("GET") else ():
            for person in names:
                answer = world.ask("staff", person, "GET", world.filled(path_of(route), state))
                if answer.status_code != 200 or answer.left.faults(done=True):
                    odd.append((route, state, person, answer.status_code, answer.left.events))
    assert odd == []


OPENING = "GET /staff/cases/<case_id>"
LABEL = "POST /staff/cases/<case_id>/label"


def test_whoever_is_named_can_do_it(world, tmp_path):
    odd, before = [], world.trace()
    for route, by_state in CASE.items():
        method, path = route.split(" ")
        for state, names in by_state.items() if method == "POST" else ():
            for person in names:
                with world.elsewhere(tmp_path / "other") as there:
                    if route == LABEL:  # one's own word of a case that one has opened
                        there.ask("staff", person, "GET", there.filled(path_of(OPENING), state))
                    answer = there.ask(
                        "staff", person, method, there.filled(path, state), there.form(route)
                    )
                    if outcome(answer) != "open" or answer.status_code != ANSWERS.get(route, 303):
                        odd.append((route, state, person, answer.status_code))
                    elif there.trace() == before and route not in NOTHING_THERE:
                        odd.append((route, state, person, "nothing happened"))
                    elif faults := answer.left.faults(done=True):
                        odd.append((route, state, person, faults, answer.left.events))
    assert odd == []


def test_a_session_of_one_side_is_none_on_another(world):
    staff, audit = (world.cookies[side]["auditor"][0] for side in ("staff", "audit"))
    value = staff.partition("=")[2]
    for side, path, cookie in (
        ("audit", "/audit/", f"wv_audit={value}"),
        ("staff", "/staff/", f"wv_staff={audit.partition('=')[2]}"),
        ("intake", "/return/box", f"wv_return={value}"),
    ):
        answer = world.ask(side, "nobody", "GET", path, Cookie=cookie)
        assert outcome(answer) in {"sign in", "refused"}, side


def test_the_box_is_of_whoever_came_back_with_a_receipt(world):
    before = world.trace()
    for route, words in TABLE["intake"].items():
        method, path = route.split(" ")
        answer = world.ask("intake", "nobody", method, world.filled(path))
        if "anybody" not in words:
            assert outcome(answer) == "refused", route
        assert not planted(answer), route
    assert world.trace() == before
    for route, words in TABLE["intake"].items():
        if "witness" in words and route.startswith("GET"):
            answer = world.ask("intake", "witness", "GET", world.filled(path_of(route)))
            assert answer.status_code == 200, route
            assert not planted(answer) - {"reply"}, route


@pytest.mark.parametrize("side", SIDES)
def test_no_other_method_does_anything(world, side):
    before = world.trace()
    paths = {path_of(route) for route in routes(world.apps[side])}
    person = {"staff": "administrator", "audit": "auditor", "intake": "witness"}[side]
    for path in sorted(paths):
        for method in METHODS:
            answer = world.ask(side, person, method, world.filled(path, "given"))
            assert method == "OPTIONS" or outcome(answer) in {"nothing", "refused"}, (method, path)
            assert not planted(answer), (method, path)
    assert world.trace() == before


def test_signing_out_ends_the_session_that_signs_out_and_no_other(world):
    for side, person in (("staff", "trustee"), ("audit", "auditor")):
        assert outcome(world.ask(side, person, "POST", f"/{side}/sign-out")) == "sign in"
        assert outcome(world.ask(side, person, "GET", f"/{side}/")) == "sign in"
    assert outcome(world.ask("staff", "analyst", "GET", "/staff/me")) == "open"


def commands(command, name=()):
    if isinstance(command, click.Group):
        for below, one in command.commands.items():
            yield from commands(one, (*name, below))
    else:
        yield " ".join(name), {option.name for option in command.params}


def test_every_command_has_a_line_and_asks_for_what_it_says():
    found, stated = dict(commands(main)), TABLE["command"]
    new = sorted(found.keys() - stated.keys())
    assert not new, f"say in {WHERE} under [command] what they ask for: {new}"
    assert not stated.keys() - found.keys(), f"take out of {WHERE}"
    for name, options in found.items():
        asks = "passphrase_fd" in options
        assert asks is stated[name].endswith("passphrase"), name
