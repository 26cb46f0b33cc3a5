"""A vault being served: what answers, what is restarted, what can be seen from outside."""

from __future__ import annotations

import json
import os
import re
import signal
import stat
from pathlib import Path

import pytest

from tests.cli.conftest import write_settings
from tests.processes.served import PATIENCE, beside, starting, wait_until

pytestmark = pytest.mark.processes

HEALTH = (("/healthz", 0), ("/staff/healthz", 1), ("/audit/healthz", 2))
STORY = "story=%D0%9C%D0%B5%D0%BD%D1%8F+%D0%B2%D0%B5%D0%B7%D0%BB%D0%B8"
STORY_TEXT = "Меня везли"


@pytest.fixture
def served(first):
    """The module's vault, with everything answering."""
    for path, side in HEALTH:
        wait_until(lambda path=path, side=side: first.answers(path, side=side))
    return first


def test_the_first_start_founds_announces_and_serves(served):
    assert served.first_line == f"Intake  http://127.0.0.1:{served.port}/\n"
    for part in (
        "Vault passphrase",
        "Spare passphrase",
        "Root passphrase",
        "Recovery shares",
        "First invitation",
    ):
        assert served.sheet.count(part) == 1


def test_seven_processes_and_their_workers(served):
    lines = served.processes().values()
    for words in ("vault.agents intake", "vault.agents vault", "vault.agents kdf", "cli.collector"):
        assert len([line for line in lines if words in line]) == 1
    assert len([line for line in lines if "wsgi:intake_app" in line]) == 1 + 2
    for name in ("staff", "audit"):
        assert len([line for line in lines if f"wsgi:{name}_app" in line]) == 1 + 1


def test_intake_is_closed_until_somebody_can_receive(served):
    status, page = served.ask("/tell/victim?lang=en")
    assert status == 503
    assert 'name="send_id"' not in page


def test_no_secret_stands_in_arguments_or_environment(served, folder):
    lines = (line.strip(" 0123456789") for line in served.sheet.splitlines())
    secrets = [line for line in lines if line.count(" ") > 3]
    secrets += re.findall(r"passphrase.*\n +(.+)\n", served.sheet)
    assert len(secrets) >= 5
    for pid, line in served.processes().items():
        assert not any(secret in line for secret in secrets)
        try:
            environment = Path(f"/proc/{pid}/environ").read_text()
        except PermissionError:
            continue  # an agent's memory is closed even to its own user
        assert not any(secret in environment for secret in secrets)


def test_only_the_owner_reaches_the_sockets(served, folder):
    run = folder / "var" / "run"
    assert stat.S_IMODE(run.stat().st_mode) == 0o700
    sockets = sorted(run.glob("*.sock"))
    assert [socket.stem for socket in sockets] == ["intake", "kdf", "vault"]
    assert {stat.S_IMODE(socket.stat().st_mode) for socket in sockets} == {0o600}


def test_requests_leave_no_line_in_the_log(served):
    before = served.errors
    for path, side in (*HEALTH, ("/", 0), ("/return?lang=en", 0), ("/no/such", 0), ("/staff/", 1)):
        served.ask(path, side=side)
    served.ask("/tell/victim", body=STORY)
    assert "/" not in served.errors.removeprefix(before)
    assert STORY_TEXT not in served.errors
    assert STORY not in served.errors


def test_lock_and_unlock_while_it_runs(served, folder, passphrase):
    assert beside(folder, "lock") == (0, "Locked.\n")
    assert served.ask("/staff/sign-in", side=1)[0] == 503
    assert served.ask("/audit/sign-in", side=2)[0] == 503
    assert served.answers("/")
    code, said = beside(folder, "unlock", passphrase="not this one at all")
    assert (code, said) == (1, "witness-vault: This passphrase does not open the key.\n")
    assert served.ask("/staff/sign-in", side=1)[0] == 503
    assert beside(folder, "unlock", passphrase=passphrase) == (0, "Unlocked.\n")
    assert served.answers("/staff/sign-in", side=1)
    assert served.answers("/audit/sign-in", side=2)


def test_a_killed_worker_comes_back_and_asks_for_its_keys(served):
    (server,) = [p for p in workers(served, "staff") if is_server(p, served)]
    (worker,) = set(workers(served, "staff")) - {server}
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: set(workers(served, "staff")) - {server, worker})
    wait_until(lambda: served.answers("/staff/sign-in", side=1))
    assert workers(served, "staff")[server]  # the same server goes on


def test_a_killed_collector_is_started_again(served):
    before = served.process("cli.collector")
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: collectors(served) not in ([], [before]))
    wait_until(lambda: "collector ended and was started again" in served.errors)


def test_a_killed_vault_agent_comes_back_locked(served, folder, passphrase):
    before = served.process("vault.agents vault")
    os.kill(before, signal.SIGKILL)
    wait_until(lambda: "the vault is locked: witness-vault unlock" in served.errors)
    wait_until(lambda: served.ask("/staff/sign-in", side=1)[0] == 503)
    assert served.answers("/")
    assert beside(folder, "unlock", passphrase=passphrase) == (0, "Unlocked.\n")
    wait_until(lambda: served.answers("/staff/sign-in", side=1))


def test_the_same_vault_is_not_served_twice(served, folder, passphrase):
    with starting(folder, passphrase=passphrase, ready=False) as second:
        assert second.child.wait(PATIENCE) == 2
        assert "the vault in var is being served already" in second.errors
        assert second.processes() == {}
    assert served.answers("/healthz")


def test_a_port_in_use_is_named_and_nothing_is_started(served, folder):
    for taken in (0, 1, 2):
        with starting(folder, "--locked", port=served.port + taken, ready=False) as second:
            assert second.child.wait(PATIENCE) == 2
            assert f"port {served.port + taken} is in use" in second.errors


def test_two_vaults_stand_side_by_side(served, tmp_path_factory):
    other = tmp_path_factory.mktemp("b")
    write_settings(other / "var")
    with starting(other, "--init-if-missing", "--json", sheet=True) as second:
        assert json.loads(second.first_line) == {
            "intake_url": f"http://127.0.0.1:{second.port}",
            "staff_url": f"http://localhost:{second.port + 1}",
            "audit_url": f"http://localhost:{second.port + 2}",
            "locked": False,
        }
        assert json.loads(second.sheet)["invitation"]
        assert second.answers("/healthz")
        assert served.answers("/healthz")
        assert not set(second.processes()) & set(served.processes())
        assert second.signal(signal.SIGTERM) == (0, [])
    assert served.answers("/staff/healthz", side=1)


def workers(served, name):
    return {p: line for p, line in served.processes().items() if f"wsgi:{name}_app" in line}


def is_server(pid, served):
    return f"PPid:\t{served.child.pid}\n" in Path(f"/proc/{pid}/status").read_text()


def collectors(served):
    return [pid for pid, line in served.processes().items() if "cli.collector" in line]
