"""Starting again, locked and unlocked, and ending: one signal ends everything."""

from __future__ import annotations

import signal
import time

import pytest

from tests.cli.conftest import write_settings
from tests.processes.served import PATIENCE, beside, passphrase_on, starting, wait_until
from tests.support.house import House

pytestmark = pytest.mark.processes


def test_a_vault_ends_with_a_signal_and_starts_again(first, folder):
    passphrase = passphrase_on(first.sheet)
    assert first.signal(signal.SIGINT) == (0, [])
    assert list((folder / "var" / "run").glob("*.sock")) == []

    with starting(folder, passphrase=passphrase) as second:
        assert second.answers("/staff/sign-in", side=1)
        assert second.sheet == ""
        assert second.signal(signal.SIGTERM) == (0, [])

    with starting(folder, passphrase="not this one at all", ready=False) as refused:
        assert refused.child.wait(PATIENCE) == 1
        assert refused.processes() == {}
        assert "This passphrase does not open the key." in refused.errors
        assert "Traceback" not in refused.errors


def test_a_vault_started_locked_takes_testimony_and_collects_it_once_unlocked(tmp_path):
    write_settings(tmp_path / "var")
    house = House.found(tmp_path / "var").staff()
    house.close()
    waiting = house.settings.paths.letterbox / "in"
    with starting(tmp_path, "--locked") as served:
        assert served.answers("/healthz")
        assert served.answers("/staff/healthz", side=1)
        assert served.ask("/staff/sign-in", side=1)[0] == 503
        assert len(served.tell().split()) == 12
        time.sleep(1)  # two slots of the collector
        assert len(list(waiting.iterdir())) == 1

        unlocked = beside(tmp_path, "unlock", passphrase=house.sheet.vault_passphrase)
        assert unlocked == (0, "Unlocked.\n")
        wait_until(lambda: not list(waiting.iterdir()))
        assert served.answers("/staff/sign-in", side=1)
        assert served.signal(signal.SIGHUP) == (0, [])
        assert "Traceback" not in served.errors
