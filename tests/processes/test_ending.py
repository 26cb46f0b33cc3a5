"""Starting again, locked and unlocked, and ending: one signal ends everything."""

from __future__ import annotations

import signal

import pytest

from tests.processes.served import passphrase_on, starting, wait_until

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
        assert refused.child.wait(30) == 1
        assert refused.processes() == {}
        assert "This passphrase does not open the key." in refused.errors

    with starting(folder, "--locked") as locked:
        assert locked.answers("/healthz")
        assert locked.ask("/staff/sign-in", side=1)[0] == 503
        wait_until(lambda: locked.answers("/staff/healthz", side=1))
        assert locked.signal(signal.SIGHUP) == (0, [])
        assert "Traceback" not in locked.errors
