"""How children are started, fed, heard and ended."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tests.processes.served import wait_until
from tests.safe.conftest import LIMITS
from tests.support.files import encoded, pdf, picture, stream
from vault.errors import BusyError, CannotBeShownError
from vault.safe import job, process
from vault.safe.process import SafeProcess


def python(code: str) -> list[str]:
    return [sys.executable, "-I", "-B", "-c", code]


def run(*codes: str, data=b"", most=1000, seconds=60.0) -> bytes:
    return process.run([python(code) for code in codes], data, most=most, seconds=seconds)


def test_what_goes_in_passes_through_all_of_them():
    upper = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read().upper())"
    twice = "import sys; sys.stdout.buffer.write(sys.stdin.buffer.read() * 2)"
    assert run(upper, twice, data=b"abc" * 100_000, most=1 << 20) == b"ABC" * 200_000


def test_a_child_has_nothing_of_ours(monkeypatch):
    monkeypatch.setenv("SECRET", "x")
    with open("/proc/self/status", "rb") as ours:  # noqa: PTH123 -- an open descriptor of ours
        os.set_inheritable(ours.fileno(), True)  # noqa: FBT003 -- the only way to call it
        code = "import os; print(sorted(os.environ), os.getcwd(), os.listdir('/proc/self/fd'))"
        said = run(code).decode()
    # The fourth is the listing itself.
    assert said == f"['LC_CTYPE'] / {['0', '1', '2', '3']}\n"


def test_one_that_never_ends_is_ended():
    began = time.monotonic()
    with pytest.raises(CannotBeShownError, match=job.TOO_LONG):
        run("while True: pass", seconds=0.5)
    assert time.monotonic() - began < 20


def test_one_that_never_reads_is_ended():
    with pytest.raises(CannotBeShownError, match=job.TOO_LONG):
        run("import time; time.sleep(600)", data=bytes(1 << 20), seconds=0.5)


def test_none_is_left_behind():
    code = "import os, time; print(os.getpid(), flush=True); os.close(1); time.sleep(600)"
    pid = int(run(code))
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_one_that_says_too_much_is_ended():
    with pytest.raises(CannotBeShownError, match=job.TOO_LARGE):
        run("while True: print('x' * 10000)")


def test_one_that_never_stops_talking_is_ended():
    began = time.monotonic()
    with pytest.raises(CannotBeShownError, match=job.TOO_LONG):
        run("import os\nwhile True: os.write(1, b'x')", seconds=0.5, most=1 << 40)
    assert time.monotonic() - began < 20


def test_one_that_ends_without_reading_is_no_fault_of_ours():
    assert run("pass", data=bytes(1 << 20)) == b""


@pytest.mark.parametrize("code", ["pass", "print('<html>')", "import os; os.abort()"])
def test_what_does_not_answer_as_agreed_is_not_believed(monkeypatch, safe, code):
    monkeypatch.setattr(process, "_CHILD", python(code))
    for ask in (safe.inspect, safe.clean, safe.show):
        with pytest.raises(CannotBeShownError, match=job.DAMAGED):
            ask(encoded("PNG"))


def test_a_picture_that_is_no_picture_is_not_believed(monkeypatch, safe):
    code = "import sys; sys.stdout.buffer.write(b'WVA1\\x02\\x00\\x00\\x00\\x03abc')"
    monkeypatch.setattr(process, "_CHILD", python(code))
    with pytest.raises(CannotBeShownError, match=job.DAMAGED):
        safe.show(encoded("PNG"))


def test_a_file_over_the_limit_is_not_even_handed_over(monkeypatch, safe):
    monkeypatch.setattr(process, "run", None)
    with pytest.raises(CannotBeShownError, match=job.TOO_LARGE):
        safe.inspect(bytes(LIMITS.looked_at + 1))


def test_more_at_once_than_allowed_are_told_to_come_again():
    crowded = replace(LIMITS, at_once=3)
    for _ in range(3):
        assert SafeProcess(crowded)._places.acquire(blocking=False)
    with pytest.raises(BusyError):
        SafeProcess(crowded, patience=0.01).inspect(encoded("PNG"))


def test_a_place_is_free_again_after_a_refusal(safe):
    for _ in range(LIMITS.at_once + 1):
        with pytest.raises(CannotBeShownError):
            safe.inspect(b"")


def test_several_at_once_are_not_mixed_up(safe):
    sizes = [(20 + one, 30) for one in range(6)]
    with ThreadPoolExecutor(len(sizes)) as threads:
        made = threads.map(lambda size: safe.inspect(encoded("PNG", picture(*size))), sizes)
        assert [(found.width, found.height) for found in made] == sizes


def test_nothing_stays_open_whatever_becomes_of_it(safe):
    def opened() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = opened()
    safe.show(encoded("PNG"))
    for data in (b"", encoded("PNG")[:60]):
        with pytest.raises(CannotBeShownError):
            safe.show(data)
    with pytest.raises(CannotBeShownError):
        run("while True: pass", "while True: pass", seconds=0.2)
    assert opened() == before


def test_a_paper_that_takes_all_time_is_given_up():
    form = stream(
        b"/X Do /X Do",
        b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</X 4 0 R>>>>",
    )
    endless = pdf(form, content=b"/X Do", page=b"/Resources<</XObject<</X 4 0 R>>>>")
    hasty = SafeProcess(replace(LIMITS, seconds=2))
    began = time.monotonic()
    with pytest.raises(CannotBeShownError):
        hasty.show(endless)
    assert time.monotonic() - began < 20


def test_it_says_whether_this_machine_can(safe, monkeypatch):
    assert safe.trouble() == ""
    monkeypatch.setattr(process, "_CHILD", python("pass"))
    assert safe.trouble() == job.DAMAGED


def test_it_says_when_the_library_for_one_kind_alone_does_not_run(safe, monkeypatch):
    monkeypatch.setattr(process, "_PAPER", b"%PDF-1.4 and no paper")
    assert safe.trouble() == job.DAMAGED
    assert safe.show(encoded("PNG")).media_type == "image/jpeg"


def test_a_child_ends_with_the_server_that_started_it():
    source, feed = os.pipe()
    command = [*process._CHILD, *job.Job.of(LIMITS, "inspect").arguments()]
    starts = f"import subprocess as s; child = s.Popen({command}); print(child.pid, flush=True)"
    starts += "; child.wait()"
    server = subprocess.Popen([sys.executable, "-c", starts], stdin=source, stdout=subprocess.PIPE)
    status = Path(f"/proc/{int(server.stdout.readline())}/status")
    wait_until(lambda: "NoNewPrivs:\t1" in status.read_text())
    server.kill()
    server.wait()
    wait_until(lambda: not status.exists() or "State:\tZ" in status.read_text())
    os.close(feed)
    os.close(source)
    server.stdout.close()
