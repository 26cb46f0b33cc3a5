"""Files at a real server: little memory, cut off anywhere, slow, and never in the way of words."""

from __future__ import annotations

import http.client
import os
import re
import resource
import time
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlencode

import pytest

from tests.processes.gunicorns import serving
from tests.processes.served import FORM, PATIENCE, RECEIPT, SEND_ID, wait_until
from tests.processes.uploads import APP, Sender, answer_of, kept, line, prepare
from tests.support.files import pdf
from tests.support.uploading import choices, hidden
from vault import settings
from vault.errors import BusyError
from vault.letterbox.uploads import Uploads

pytestmark = pytest.mark.processes

AT_ONCE, SLOW, THREADS = 2, 2, 8
LARGE, PIECE = 128 * 1024**2, os.urandom(1 << 20)
MOST_GROWTH = 32 * 1024  # KiB


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("intake")
    prepare(made, at_once=AT_ONCE, slow_request=SLOW)
    return made


@pytest.fixture(scope="module")
def letterbox(folder):
    return settings.load(folder).paths.letterbox


@pytest.fixture(scope="module")
def served(folder):
    with serving(folder, APP, threads=THREADS) as running:
        yield running


@pytest.fixture
def sender(served, letterbox):
    yield Sender(served.port)
    for path in (letterbox / "files").iterdir():
        path.unlink()


def arrives(served, sender, *files):
    """Say whether files are taken now."""
    with line(served.port) as connection:
        for part in sender.whole(*files):
            connection.sendall(part)
        return answer_of(connection)[0] == 200


def tell(served):
    """Send words as a browser without scripts would."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=PATIENCE)
    connection.request("GET", "/tell/victim")
    fields = {"story": "Here", "consent.C01": "yes", "consent.C02": "yes"}
    fields["send_id"] = SEND_ID.search(connection.getresponse().read().decode())[1]
    connection.request("POST", "/tell/victim", urlencode(fields), FORM)
    page = connection.getresponse().read().decode()
    connection.close()
    return RECEIPT.search(page)


def is_full(folder):
    """Say whether as many send now as may."""
    loaded = settings.load(folder)
    try:
        with Uploads(loaded.paths.letterbox, loaded.uploads).place():
            return False
    except BusyError:
        return True


def half(letterbox):
    """What of files is not whole."""
    return [name for name in kept(letterbox) if name.startswith("scratch/")]


def highest(served):
    """The most memory that each worker ever held, in KiB (proc(5))."""
    held = [Path(f"/proc/{pid}/status").read_text() for pid in served.workers]
    return [int(re.search(r"VmHWM:\s+(\d+)", text)[1]) for text in held]


def test_a_large_file_makes_no_worker_grow_by_32_mb(served, sender):
    arrives(served, sender, ("small", b"abc"))
    before = highest(served)
    with line(served.port) as connection:
        for part in sender.large(LARGE, PIECE):
            connection.sendall(part)
        assert answer_of(connection)[0] == 200
    assert max(now - was for now, was in zip(highest(served), before, strict=True)) < MOST_GROWTH


def test_a_line_cut_at_any_place_leaves_nothing_half_and_no_place_taken(served, sender, letterbox):
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
        wait_until(lambda: not half(letterbox))
        assert wait_until(lambda: arrives(served, sender, ("a", b"abc")))


def test_a_line_cut_before_the_answer_leaves_whole_files_and_no_place_taken(
    served, sender, letterbox
):
    head, body = sender.whole(("first", b"first" * 50_000))
    for _ in range(AT_ONCE + 1):
        with line(served.port) as connection:
            connection.sendall(head + body)
    assert wait_until(lambda: arrives(served, sender, ("a", b"abc")))
    assert not half(letterbox)


def test_who_stops_sending_is_cut_off_and_the_place_is_free(served, sender, folder, letterbox):
    head, body = sender.whole(("first", b"first" * 50_000))
    with ExitStack() as stack:
        for _ in range(AT_ONCE):
            connection = stack.enter_context(line(served.port))
            connection.sendall(head + body[:1000])
        wait_until(lambda: is_full(folder))
        began = time.monotonic()
        while not arrives(served, sender, ("a", b"abc")):
            assert time.monotonic() - began < 30 * SLOW
    wait_until(lambda: not half(letterbox))


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


def test_a_disk_that_is_full_in_the_middle_is_told_and_nothing_half_stays(
    served, sender, letterbox
):
    """The kernel lets the server's files grow no further; the small one still fits."""
    bounds = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in served.workers}
    for pid, (_, most) in bounds.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (1 << 20, most))
    try:
        with line(served.port) as connection:
            for part in sender.whole(("large", bytes(3 << 20)), ("small", b"abc")):
                connection.sendall(part)
            status, page = answer_of(connection)
    finally:
        for pid, before in bounds.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, before)
    assert status == 200
    refused = page.index('role="alert"')
    assert refused < page.index("large") < page.index("small")
    assert len(kept(letterbox)) == 1
    assert not half(letterbox)
    assert arrives(served, sender, ("large", bytes(3 << 20)))


def test_a_flood_of_files_keeps_no_word_away(served, sender, folder):
    with ExitStack() as stack:
        head, body = sender.whole(("first", b"first" * 200_000))
        for _ in range(4 * AT_ONCE):
            connection = stack.enter_context(line(served.port))
            connection.sendall(head + body[: len(body) // 2])
        wait_until(lambda: is_full(folder))
        began = time.monotonic()
        assert tell(served)
        assert time.monotonic() - began < 15


def test_a_flood_of_copies_to_be_made_keeps_no_word_away(served, sender):
    slow = pdf(pages=150, box=b"0 0 600 800", content=b"10 10 580 780 re f\n" * 400)
    with line(served.port) as connection:
        for part in sender.whole(("long.pdf", slow)):
            connection.sendall(part)
        chosen = {**hidden(answer_of(connection)[1]), **choices(1, keep="cleaned")}
    with ExitStack() as stack:
        for _ in range(8 * THREADS):
            connection = stack.enter_context(line(served.port))
            connection.sendall(sender.form("/return/files/send", chosen))
        began = time.monotonic()
        assert tell(served)
        assert time.monotonic() - began < 40
