"""Files at a real server: little memory, cut off anywhere, slow, and never in the way of words."""

from __future__ import annotations

import os
import re
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.conftest import write_settings
from tests.processes.served import starting
from tests.processes.uploads import Sender, answer_of, kept, line, wait_until_kept
from tests.support.places import short_folder

pytestmark = pytest.mark.processes

AT_ONCE, SLOW = 2, 2
LARGE, PIECE = 128 * 1024**2, os.urandom(1 << 20)
MOST_GROWTH = 32 * 1024  # KiB


@pytest.fixture(scope="module")
def folder():
    with short_folder() as made:
        yield made


@pytest.fixture(scope="module")
def served(folder):
    write_settings(folder / "var")
    with (folder / "var" / "settings.toml").open("a") as settings:
        settings.write(f"at_once = {AT_ONCE}\n") if False else None
    text = (folder / "var" / "settings.toml").read_text()
    text = text.replace("[uploads]", f"[uploads]\nat_once = {AT_ONCE}")
    (folder / "var" / "settings.toml").write_text(f"{text}[servers]\nslow_request = {SLOW}\n")
    with starting(folder, "--init-if-missing", sheet=True) as running:
        yield running


@pytest.fixture
def sender(served, folder):
    yield Sender(f"http://127.0.0.1:{served.port}")
    for path in (folder / "var" / "letterbox" / "files").iterdir():
        path.unlink()


def arrives(served, sender, *files):
    """Say whether files are taken now."""
    with line(served.port) as connection:
        for part in sender.whole(*files):
            connection.sendall(part)
        return answer_of(connection)[0] == 200


def highest(served):
    """The most memory that each intake worker ever held, in KiB (proc(5))."""
    workers = [pid for pid, words in served.processes().items() if "wsgi:intake_app" in words]
    held = [Path(f"/proc/{pid}/status").read_text() for pid in workers]
    return [int(re.search(r"VmHWM:\s+(\d+)", text)[1]) for text in held]


def test_a_large_file_makes_no_worker_grow_by_32_mb(served, sender):
    arrives(served, sender, ("small", b"abc"))
    before = highest(served)
    with line(served.port) as connection:
        for part in sender.large(LARGE, PIECE):
            connection.sendall(part)
        assert answer_of(connection)[0] == 200
    assert max(now - was for now, was in zip(highest(served), before, strict=True)) < MOST_GROWTH


def test_a_line_cut_at_any_place_leaves_nothing_half_and_no_place_taken(served, sender, folder):
    head, body = sender.whole(("first", b"first" * 50_000), ("second", b"second" * 50_000))
    cuts = {
        "before the body": 0,
        "before the first part": 10,
        "in the head of a file": body.index(b"first") - 5,
        "in a file": body.index(b"firstfirst") + 100_000,
        "in the next file": body.index(b"secondsecond") + 100_000,
        "in the last boundary": len(body) - 6,
    }
    for at in cuts.values():
        for _ in range(AT_ONCE + 1):
            with line(served.port) as connection:
                connection.sendall(head + body[:at])
        whole = [f"files/{name}" for name in os.listdir(folder / "var" / "letterbox" / "files")]
        wait_until_kept(folder, sorted(whole))
    assert arrives(served, sender, ("a", b"abc"))


def test_a_line_cut_before_the_answer_leaves_whole_files_and_no_place_taken(
    served, sender, folder
):
    head, body = sender.whole(("first", b"first" * 50_000))
    for _ in range(AT_ONCE + 1):
        with line(served.port) as connection:
            connection.sendall(head + body)
    assert arrives(served, sender, ("a", b"abc"))
    assert all(name.startswith("files/") for name in kept(folder))


def test_who_stops_sending_is_cut_off_and_the_place_is_free(served, sender, folder):
    head, body = sender.whole(("first", b"first" * 50_000))
    with ExitStack() as stack:
        for _ in range(AT_ONCE):
            connection = stack.enter_context(line(served.port))
            connection.sendall(head + body[:1000])
        began = time.monotonic()
        for connection in stack.pop_all()._exit_callbacks if False else []:
            del connection
        while not arrives(served, sender, ("a", b"abc")):
            assert time.monotonic() - began < 10 * SLOW
    wait_until_kept(folder, [name for name in kept(folder) if name.startswith("files/")])


def test_a_slow_line_that_goes_on_may_take_far_longer_than_a_stopped_one(served, sender):
    head, body = sender.whole(("first", b"x" * 60_000))
    began = time.monotonic()
    with line(served.port) as connection:
        connection.sendall(head)
        for start in range(0, len(body), 5_000):
            connection.sendall(body[start : start + 5_000])
            time.sleep(0.5)
        status, page = answer_of(connection)
    assert time.monotonic() - began > 2.5 * SLOW
    assert status == 200
    assert "first" in page


def test_a_flood_of_files_keeps_no_word_away(served, sender):
    with ExitStack() as stack:
        head, body = sender.whole(("first", b"first" * 200_000))
        for _ in range(4 * AT_ONCE):
            connection = stack.enter_context(line(served.port))
            connection.sendall(head + body[: len(body) // 2])
        began = time.monotonic()
        assert served.tell()
        assert time.monotonic() - began < 5
