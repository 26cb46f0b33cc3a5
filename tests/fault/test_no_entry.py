"""No entry, no answer: while the log takes none, nothing opens, nothing is lost, intake goes on.

The log refuses by a trigger, and for want of room by a limit that makes every write fail as a full
disk does; the keys are gone because their process was killed.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

from tests.support.access import MEMBERS, ROLES, TABLE, WORDS, _session, furnish, planted
from tests.support.attacks import give
from tests.support.house import STORY, House
from tests.support.leaving import LEAVES, REVEALS, sorted_out
from vault.agents import address
from vault.agents.client import VaultClient
from vault.agents.kdf import LocalKdf
from vault.cases.lists import inbox
from vault.crypto.suite import random
from vault.custody import doctor, keys
from vault.errors import AgentError, NoEntryError
from vault.journal.vault import Vault
from vault.settings import DIR_VARIABLE
from vault.web import staff
from vault.web.shared import wording

REVEALING = sorted(
    name
    for where in ("staff", "case")
    for name, stated in LEAVES[where].items()
    if REVEALS & sorted_out(stated)[0]
)
LISTS = sorted(
    name
    for where in ("staff", "case", "audit")
    for name, stated in LEAVES[where].items()
    if name.startswith("GET") and sorted_out(stated)[0] & {"list", "ledger.read"}
)
TYPED = {"POST /staff/cases/<case_id>/reply": "We read it."}
_TRIGGER = "CREATE TRIGGER {} BEFORE INSERT ON ledger_entries BEGIN SELECT RAISE(ABORT, 'no'); END"


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = furnish(tmp_path_factory.mktemp("closed"))
    yield made
    made.house.close()


@contextmanager
def refused_by_a_trigger(house):
    # Another name each time: a connection that was idle may still know the last one.
    name = f"refuses_{random(8).hex()}"
    with house.vault.database.write() as connection:
        connection.exec_driver_sql(_TRIGGER.format(name))
    try:
        yield
    finally:
        with house.vault.database.write() as connection:
            connection.exec_driver_sql(f"DROP TRIGGER {name}")


@contextmanager
def without_room(house):
    """Let no file of this process grow beyond a page: SIGXFSZ is ignored, writing fails."""
    house.vault.database.flush()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1024, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


FAULTS = {"refused": refused_by_a_trigger, "no room": without_room}


@pytest.fixture(params=FAULTS)
def closed(request, world):
    with FAULTS[request.param](world.house):
        yield world


def by_whom(route):
    """Return a state of a case and somebody who may ask for the route in it."""
    for state, names in TABLE["case"].get(route, {}).items():
        return state, names[0]
    words = TABLE["staff"].get(route) or TABLE["audit"][route]
    return None, next(one for one, role in ROLES.items() if one in MEMBERS and role in words)


def ask(world, route, language="ru"):
    method, path = route.split(" ")
    state, person = (
        by_whom(route) if "member" not in TABLE["staff"].get(route, ()) else (None, "lawyer")
    )
    side = "audit" if route in TABLE["audit"] else "staff"
    form = world.form(route)
    if route == "POST /staff/hand-over":
        form = {"case": world.cases["given"], "lawyer": world.value_of("@former"), "sure": "yes"}
    return world.ask(side, person, method, f"{world.filled(path, state)}?lang={language}", form)


def sentence(error, language="ru"):
    return wording.load("staff")[language].text(error.code)


def sent(house):
    tell = house.tell
    return tell.send("victim", "ru", STORY, tell.new_send_id())


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_no_address_that_opens_testimony_answers_and_each_says_why(closed):
    odd = []
    for route in REVEALING:
        if not any(TABLE["case"].get(route, {"any": 1}).values()):
            continue  # nobody may in these states
        answer = ask(closed, route)
        said = sentence(NoEntryError) in answer.get_data(as_text=True)
        if (
            answer.status_code != 503
            or planted(answer)
            or not said
            or "opened" in answer.left.events
        ):
            odd.append((route, answer.status_code, planted(answer), said, answer.left.events))
    assert odd == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_no_list_and_no_page_of_the_log_answers(closed):
    pages = [route for route in LISTS if route != "GET /staff/well"]
    odd = [
        (route, answer.status_code)
        for route in pages
        if (answer := ask(closed, route)).status_code != 503
    ]
    assert odd == []


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_it_is_said_in_the_language_of_who_asks_and_what_was_typed_is_kept(world, language):
    with refused_by_a_trigger(world.house):
        for route, typed in TYPED.items():
            answer = ask(world, route, language)
            page = answer.get_data(as_text=True)
            assert answer.status_code == 503
            assert sentence(NoEntryError, language) in page
            assert typed in page


def test_doctor_and_the_health_of_the_page_tell_it_and_it_ends_by_itself(closed):
    ask(closed, "GET /staff/cases")
    health = closed.ask("staff", "nobody", "GET", "/staff/healthz")
    assert (health.status_code, health.text) == (503, "closed\n")
    page = ask(closed, "GET /staff/well", "en")
    assert page.status_code == 200
    assert "The log takes no entry" in page.text
    (found,) = doctor.examine(closed.house.vault, only=["entries"])
    assert (found.well, found.said) == (False, "closed")


def test_it_goes_on_by_itself_when_the_cause_is_gone(world):
    for fault in FAULTS.values():
        with fault(world.house):
            assert ask(world, "GET /staff/cases/<case_id>").status_code == 503
        answer = ask(world, "GET /staff/cases/<case_id>")
        assert answer.status_code == 200
        assert "account" in planted(answer)
        assert world.ask("staff", "nobody", "GET", "/staff/healthz").status_code == 200
        world.house.vault.journal.verify()


def test_intake_goes_on_and_what_came_is_entered_afterwards(world):
    world.house.collect()
    before = world.house.entered()
    with refused_by_a_trigger(world.house):
        sent(world.house)
        with pytest.raises(NoEntryError):
            world.house.collect()
        assert len(world.house.letterbox.waiting()) == 1
    assert world.house.entered() == before
    assert world.house.collect().accepted == 1


# --- the process that holds the keys -------------------------------------------------------------


@pytest.fixture
def served(tmp_path_factory):
    """A vault whose keys another process holds; that process is there to be killed."""
    house = House.found(tmp_path_factory.mktemp("v")).staff()
    _, house.case = give(house, WORDS["account"])
    house.vault.close()
    origin = house.settings.ledger.origin
    (house.settings.paths.root / "settings.toml").write_text(f'[ledger]\norigin = "{origin}"\n')
    environment = os.environ | {DIR_VARIABLE: str(house.settings.paths.root)}
    process = _agent(environment)
    client = VaultClient(address.socket_path(house.settings, address.VAULT))
    client.wait(20)
    secrets = keys.open_vault_keys(house.settings, house.sheet.vault_passphrase, LocalKdf())
    secrets.open(client)
    house.vault = Vault(house.settings, client, LocalKdf())
    house.secrets, house.process, house.environment = secrets, process, environment
    yield house
    house.close()
    house.process.kill()
    house.process.wait()


def _agent(environment):
    return subprocess.Popen([sys.executable, "-m", "vault.agents", "vault"], env=environment)


def test_when_the_signers_process_is_killed_nothing_opens_and_it_goes_on_with_the_next(served):
    app = staff.create_app(served.vault)
    cookie, token = _session(app, "staff", served.actors["lawyer"])
    client = app.test_client(use_cookies=False)
    address_of_case = f"/staff/cases/{served.case}?lang=ru"
    assert planted(client.get(address_of_case, headers={"Cookie": cookie})) == {"account"}
    served.process.kill()
    served.process.wait()
    size = time.monotonic()
    for method, path in (
        ("GET", address_of_case),
        ("POST", f"/staff/cases/{served.case}/reply?lang=ru"),
    ):
        answer = client.open(
            path,
            method=method,
            data={"csrf_token": token, "text": "Typed"},
            headers={"Cookie": cookie},
        )
        assert answer.status_code == 503
        assert not planted(answer)
        assert sentence(AgentError) in answer.text
        assert method == "GET" or "Typed" in answer.text
    assert time.monotonic() - size < 20
    assert sent(served).receipt
    served.process = _agent(served.environment)
    served.vault.agent.wait(20)
    served.secrets.open(served.vault.agent)
    cookie, _ = _session(app, "staff", served.actors["lawyer"])
    assert planted(client.get(address_of_case, headers={"Cookie": cookie})) == {"account"}
    served.vault.journal.verify()


# --- the collector -------------------------------------------------------------------------------


def test_while_no_collector_runs_what_came_has_no_entry_and_nobody_can_open_it(world):
    """Openings of what was entered before need no collector: each enters itself."""
    world.house.collect()
    officer = world.house.actors["intake_officer"]
    before = inbox.new_cases(world.house.vault, officer)
    sent(world.house)
    assert inbox.new_cases(world.house.vault, officer) == before
    assert ask(world, "GET /staff/cases/<case_id>").left.events[0] == "reveal"
    assert world.house.collect().accepted == 1
    assert len(inbox.new_cases(world.house.vault, officer)) == len(before) + 1
