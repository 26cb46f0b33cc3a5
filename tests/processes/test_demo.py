"""The demonstration: one line of JSON for scripts, and everything answers after it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.processes.served import PATIENCE, SCRIPT, starting, wait_until, worked
from tests.support.ports import free_ports
from vault.members import totp

pytestmark = pytest.mark.processes

ROLES = {
    "administrator",
    "intake_officer",
    "lawyer",
    "doctor",
    "interpreter",
    "analyst",
    "auditor",
    "trustee",
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """A demonstration without testimonies, which `seconds` of a processor it took to be ready."""
    with starting(tmp_path_factory.mktemp("demo"), "--json", "--empty", command="demo") as served:
        served.seconds = sum(map(worked, (served.child.pid, *served.processes())))
        served.announced = json.loads(served.first_line)
        yield served


def test_the_first_line_has_exactly_the_fixed_keys(demo):
    keys = {"intake_url", "staff_url", "audit_url", "data_dir", "members"}
    assert demo.announced.keys() == keys
    assert demo.announced["intake_url"] == f"http://127.0.0.1:{demo.port}"
    assert demo.announced["staff_url"] == f"http://localhost:{demo.port + 1}"
    assert demo.announced["audit_url"] == f"http://localhost:{demo.port + 2}"
    assert (Path(demo.announced["data_dir"]) / "settings.toml").is_file()


def test_there_is_one_member_for_each_role_with_exactly_the_fixed_keys(demo):
    members = demo.announced["members"]
    keys = {"name", "roles", "login", "passphrase", "totp_secret"}
    assert all(member.keys() == keys for member in members)
    assert sorted(role for member in members for role in member["roles"]) == sorted(ROLES)
    assert len({totp.secret_of(member["totp_secret"]) for member in members}) == len(members)
    assert len({member["passphrase"] for member in members}) == len(members)


def test_it_is_ready_within_a_minute_on_one_processor_alone(demo):
    assert demo.seconds < 60


def test_everything_answers_and_says_that_nothing_is_kept(demo):
    for path, side in (("/", 0), ("/staff/sign-in", 1), ("/audit/sign-in", 2)):
        status, page = demo.ask(f"{path}?lang=en", side=side)
        assert status == 200
        assert 'class="demo"' in page or "demonstration" in page.lower()


def test_a_testimony_is_taken_and_collected_at_once(demo):
    assert len(demo.tell().split()) == 12
    waiting = Path(demo.announced["data_dir"]) / "letterbox" / "in"
    wait_until(lambda: not list(waiting.iterdir()))


def test_it_takes_testimony_while_its_vault_agent_is_gone_and_keeps_it(demo):
    os.kill(demo.process("vault.agents vault"), signal.SIGKILL)
    assert len(demo.tell().split()) == 12
    waiting = Path(demo.announced["data_dir"]) / "letterbox" / "in"
    time.sleep(1)
    assert len(list(waiting.iterdir())) == 1


def test_one_that_is_ended_while_it_is_being_made_leaves_nothing(tmp_path):
    command = [SCRIPT, "demo", "--port", str(free_ports())]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    child = subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL)
    wait_until(lambda: list(tmp_path.rglob("vault.db")))
    child.send_signal(signal.SIGTERM)
    assert child.wait(PATIENCE) == 1
    assert list(tmp_path.iterdir()) == []


def test_at_the_end_its_folder_is_gone(demo):
    assert demo.signal(signal.SIGINT) == (0, [])
    assert not Path(demo.announced["data_dir"]).exists()
