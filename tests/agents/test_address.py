import os
import stat

import pytest

from vault.agents.address import MAX_PATH, check_length, prepare_folder, socket_path
from vault.errors import SettingError
from vault.settings import load


def test_each_agent_has_a_socket_under_run(folder):
    settings = load(folder, {"ledger": {"origin": "example/log"}})
    assert socket_path(settings, "vault") == folder / "run" / "vault.sock"


def test_a_path_is_counted_in_bytes(folder):
    room = MAX_PATH - len(os.fsencode(folder)) - 1
    check_length(folder / ("x" * room))
    for name in ("x" * (room + 1), "ы" * (room // 2 + 1)):
        with pytest.raises(SettingError, match="at most 100"):
            check_length(folder / name)


def test_a_folder_open_to_others_is_closed(folder):
    run = folder / "run"
    run.mkdir(mode=0o755)
    prepare_folder(run)
    assert stat.S_IMODE(run.stat().st_mode) == 0o700


def test_a_folder_of_another_user_is_refused(folder, monkeypatch):
    me = os.geteuid()
    monkeypatch.setattr("vault.agents.address.os.geteuid", lambda: me + 1)
    with pytest.raises(SettingError, match="another user"):
        prepare_folder(folder)


def test_a_folder_that_cannot_be_made_stops_the_start(folder):
    (folder / "file").touch()
    with pytest.raises(SettingError, match="cannot be made"):
        prepare_folder(folder / "file" / "run")
