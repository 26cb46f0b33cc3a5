"""A sealed server: what is killed or locked forgets, and nothing of it can be read from outside."""

from __future__ import annotations

import base64
import os
import re
import signal
from pathlib import Path

import pytest

from tests.cli.conftest import write_settings
from tests.processes.served import beside, started, starting, wait_until
from tests.processes.visiting import member, witness
from tests.support.factor import secret_of, time_passes
from tests.support.house import House, passphrase_of
from vault.agents.kdf import LocalKdf
from vault.custody import keys
from vault.members import totp

pytestmark = pytest.mark.processes

STORY = "story=Planted+story+of+a+sealed+server"
PLANTED = "Planted story of a sealed server"


@pytest.fixture(scope="module")
def house(folder):
    write_settings(folder / "var")
    founded = House.found(folder / "var").staff()
    founded.close()
    return founded


@pytest.fixture(scope="module")
def served(folder, house):
    """A staffed vault, served with every switch on by which Python and Flask tell more."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTHONFAULTHANDLER", "1")
        environment.setenv("FLASK_DEBUG", "1")
        with starting(folder, passphrase=house.sheet.vault_passphrase) as running:
            yield running


@pytest.fixture
def people(served, folder, house):
    """Everybody who can have a session, with one; and what was typed for it."""
    beside(folder, "unlock", passphrase=house.sheet.vault_passphrase)
    wait_until(lambda: served.answers("/staff/sign-in", side=1))
    opened = House._opened(house.settings, house.sheet)
    for login in ("lawyer", "auditor"):  # a code works once
        time_passes(opened.vault, login)
    opened.close()
    receipt = served.tell(STORY)
    found = {
        "/staff/me": member(served, "lawyer"),
        "/audit/": member(served, "auditor", "audit"),
        "/return/box": witness(served, receipt),
    }
    return found, receipt


def another(served, words, before):
    """Return whether another process stands in the place of one that ended."""
    return {pid for pid, line in served.processes().items() if words in line} - {before}


def ended(people):
    """Return the pages whose session counts for nothing now."""
    return {path for path, visitor in people.items() if visitor.get(path) != 200}


def test_locking_ends_every_session_and_every_visit_at_once(served, folder, house, people):
    visitors, receipt = people
    assert ended(visitors) == set()
    assert beside(folder, "lock") == (0, "Locked.\n")
    assert ended(visitors) == visitors.keys()
    assert beside(folder, "unlock", passphrase=house.sheet.vault_passphrase) == (0, "Unlocked.\n")
    wait_until(lambda: served.answers("/staff/sign-in", side=1))
    assert ended(visitors) == visitors.keys()
    assert witness(served, receipt).status == 200  # with the words, one is back


def test_a_killed_vault_agent_takes_the_sessions_of_members_with_it(served, folder, house, people):
    visitors, _ = people
    before = served.process("vault.agents vault")
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: another(served, "vault.agents vault", before))
    wait_until(lambda: served.ask("/staff/sign-in", side=1)[0] == 503)
    beside(folder, "unlock", passphrase=house.sheet.vault_passphrase)
    wait_until(lambda: served.answers("/staff/sign-in", side=1))
    assert ended(visitors) == {"/staff/me", "/audit/"}


def test_a_killed_intake_agent_takes_the_visits_with_it(served, people):
    visitors, receipt = people
    before = served.process("vault.agents intake")
    os.kill(before, signal.SIGABRT)
    wait_until(lambda: another(served, "vault.agents intake", before))
    wait_until(lambda: served.answers("/tell/victim"))
    wait_until(lambda: "/return/box" in ended(visitors))
    assert witness(served, receipt).status == 200


def test_a_killed_worker_knew_nothing_that_the_next_one_needs(served, people):
    visitors, _ = people
    for application in ("staff", "audit", "intake"):
        server = next(
            pid
            for pid, line in served.processes().items()
            if f"wsgi:{application}_app" in line and parent_of(pid) == served.child.pid
        )
        workers = children_of(served, server)
        for worker in workers:
            os.kill(worker, signal.SIGKILL)
        wait_until(lambda server=server, workers=workers: children_of(served, server) - workers)
    wait_until(lambda: served.answers("/healthz") and served.answers("/audit/healthz", side=2))
    wait_until(lambda: served.answers("/staff/sign-in", side=1))
    assert ended(visitors) == set()


def parent_of(pid):
    text = Path(f"/proc/{pid}/stat").read_text()
    return int(text[text.rfind(")") + 2 :].split()[1])


def children_of(served, server):
    found = set()
    for pid in served.processes():
        if started(pid) and parent_of(pid) == server:
            found.add(pid)
    return found


def secrets_of(house, visitors, receipt):
    """Return everything that must be nowhere but in memory, in each spelling."""
    opened = keys.open_vault_keys(house.settings, house.sheet.vault_passphrase, LocalKdf())
    raw = [key for key in vars(opened).values() if isinstance(key, bytes)]
    assert raw
    raw += [secret_of("lawyer")]
    spelt = [
        text
        for key in raw
        for text in (
            key.hex(),
            base64.b64encode(key).decode(),
            base64.urlsafe_b64encode(key).decode(),
        )
    ]
    cookies = [value for visitor in visitors.values() for value in visitor.cookies]
    assert len(cookies) >= len(visitors)
    sheet = (
        house.sheet.vault_passphrase,
        house.sheet.spare_passphrase,
        house.sheet.root_passphrase,
    )
    typed = [passphrase_of("lawyer"), totp.text_of(secret_of("lawyer")), receipt, PLANTED]
    return [*spelt, *(text.rstrip("=") for text in spelt), *cookies, *sheet, *typed], raw


def test_nothing_secret_stands_in_arguments_environment_or_any_file(served, folder, house, people):
    visitors, receipt = people
    secrets, raw = secrets_of(house, visitors, receipt)
    sought = [secret.encode() for secret in secrets] + raw
    for pid in served.processes():
        for name in ("cmdline", "environ", "comm", "status", "limits"):
            try:
                text = Path(f"/proc/{pid}/{name}").read_bytes()
            except OSError:
                continue  # an agent is closed even to its own user
            assert not [secret for secret in sought if secret in text], (pid, name)
    for path in folder.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not [secret for secret in sought if secret in data], path.name


def test_a_process_that_fails_leaves_neither_core_nor_secrets(served, folder, house, people):
    visitors, receipt = people
    secrets, _ = secrets_of(house, visitors, receipt)
    before = served.process("vault.agents kdf")
    os.kill(before, signal.SIGSEGV)
    wait_until(lambda: another(served, "vault.agents kdf", before))
    wait_until(lambda: "kdf agent ended and was started again" in served.errors)
    assert "Fatal Python error" in served.errors  # faulthandler is on, and says where, not what
    assert not [secret for secret in secrets if secret in served.errors]
    assert not [path for path in (folder, Path.cwd()) if list(path.glob("core*"))]


def test_no_process_may_write_a_core_dump(served):
    for pid in (served.child.pid, *served.processes()):
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert re.search(r"Max core file size +0 +0 ", limits), pid


def test_an_unexpected_error_shows_no_variable_even_in_debug(served):
    page = served.ask("/staff/console", side=1)[1] + served.ask("/console?__debugger__=yes")[1]
    assert "Traceback" not in page
    assert "debugger" not in page.casefold()
