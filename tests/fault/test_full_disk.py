"""A disk that is full: refused with a reason, and nothing half-written stays."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from tests.support.house import STORY
from vault.cases.lists import inbox
from vault.cases.reveal import open_case
from vault.testimony import Outcome

ROOT = Path(__file__).parent.parent.parent

# In a process of its own: the limit cannot be lifted again. SIGXFSZ ignored, writing beyond it
# fails with EFBIG, in the middle of a file, as a full disk does.
CHILD = textwrap.dedent(
    """
    import json, resource, signal, sys
    from pathlib import Path
    from vault import settings as settings_module
    from vault.agents.sessions import SessionKeys
    from vault.errors import StorageError
    from vault.forms.load import load_forms
    from vault.letterbox import Letterbox
    from vault.testimony import Tell

    folder, limit, answers, low = sys.argv[1], int(sys.argv[2]), *map(json.loads, sys.argv[3:5])
    settings = settings_module.load(Path(folder), low)
    letterbox = Letterbox(settings.paths.letterbox, settings.letterbox)
    tell = Tell(letterbox, SessionKeys(), load_forms(), settings)
    letterbox.roster()
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    try:
        tell.send("victim", "ru", answers, tell.new_send_id())
    except StorageError as error:
        print("refused", error.code)
    else:
        print("taken")
    """
)


def send_with_limit(house, limit):
    low = {"ledger": {"origin": house.settings.ledger.origin}, "letterbox": {"disk_reserve": 0}}
    return subprocess.run(
        [
            sys.executable,
            "-W",
            "error",
            "-c",
            CHILD,
            str(house.settings.paths.root),
            str(limit),
            json.dumps(STORY),
            json.dumps(low),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def files(house):
    folder = house.settings.paths.letterbox
    return {p.relative_to(folder): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("limit", [0, 4096, 40_000])
def test_a_file_that_does_not_fit_leaves_nothing_behind(house, limit):
    house.tell.check_open()
    before = files(house)
    done = send_with_limit(house, limit)
    assert (done.stdout.strip(), done.stderr) == ("refused error.storage", "")
    assert files(house) == before


def test_with_room_enough_the_same_process_is_taken(house):
    done = send_with_limit(house, 10_000_000)
    assert (done.stdout.strip(), done.stderr) == ("taken", "")
    assert house.collect().accepted == 1


@pytest.mark.parametrize("fail_at", range(5))
def test_whichever_write_fails_for_want_of_room_a_resend_is_taken_once(house, monkeypatch, fail_at):
    """The packet, then two files for each box: each of the five writes meets a full disk."""
    true, calls = os.utime, []

    def no_room(path, times=None, **named):
        calls.append(path)
        if len(calls) == fail_at + 1:
            raise OSError(28, "No space left on device")
        true(path, times, **named)

    house.tell.check_open()
    before, send_id = files(house), house.tell.new_send_id()
    monkeypatch.setattr("vault.letterbox.files.os.utime", no_room)
    from vault.errors import StorageError

    with pytest.raises(StorageError):
        house.tell.send("victim", "ru", STORY, send_id)
    monkeypatch.undo()
    assert files(house) == before
    assert house.tell.send("victim", "ru", STORY, send_id).outcome is Outcome.NEW
    assert house.collect().accepted == 1
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    assert open_case(house.vault, house.actors["officer"], line.id).records[0].answers == STORY
