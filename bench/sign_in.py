"""Signing in while it is quiet and while fifty wrong codes a second arrive."""

from __future__ import annotations

import threading
import time
from typing import Self

from bench.browser import Browser
from bench.house import Demo
from bench.report import Report, median, milliseconds

_ROLES = ("administrator", "doctor", "interpreter", "analyst", "trustee")
_TARGET = "auditor"  # whose lane of strangers is empty afterwards; nobody signs in as them
_PER_SECOND = 50
_SENDERS = 5


def measure(report: Report, demo: Demo) -> None:
    """Add all of it."""
    wrong = {login: median(milliseconds(_Refused(demo, login), 100)) for login in (_TARGET, "no")}
    report.add("a wrong code, login exists: median", wrong[_TARGET], "ms", most=50)
    report.add("a wrong code, login does not exist: median", wrong["no"], "ms", most=50)
    quiet = _sign_ins(demo)
    report.add("sign-in: median", median(quiet), "ms", most=500)
    with _Flood(demo) as flood:
        flooded = _sign_ins(demo)
    report.add("wrong codes in the flood", flood.rate, "1/s", least=0.9 * _PER_SECOND)
    report.add("sign-in meanwhile: median", median(flooded), "ms", most=500)
    report.add("sign-in meanwhile: slowest", max(flooded), "ms", most=1000)


def signed_in(demo: Demo, role: str) -> Browser:
    """Return a browser in which a member has signed in."""
    browser = demo.browser("staff")
    browser.get("/staff/sign-in")
    browser.post("/staff/sign-in", demo.credentials(role))
    assert browser.status == 303, f"sign-in answered {browser.status}"
    return browser


def _sign_ins(demo: Demo) -> list[float]:
    taken = []
    for role in _ROLES:
        browser = demo.browser("staff")
        browser.get("/staff/sign-in")
        typed = demo.credentials(role)
        began = time.perf_counter()
        browser.post("/staff/sign-in", typed)
        taken.append((time.perf_counter() - began) * 1000)
        assert browser.status == 303, f"sign-in answered {browser.status}"
    return taken


class _Refused:
    """Sends one wrong code each time it is called; a browser of its own."""

    def __init__(self, demo: Demo, login: str) -> None:
        self._browser, self._login = demo.browser("staff"), login
        self._browser.get("/staff/sign-in")

    def __call__(self) -> None:
        typed = {"login": self._login, "passphrase": "a guess", "code": "000000"}
        self._browser.post("/staff/sign-in", typed)
        assert self._browser.status == 403, f"a wrong code answered {self._browser.status}"


class _Flood:
    """Wrong codes for one login at a steady rate while the block lasts; `rate` came of it."""

    def __init__(self, demo: Demo) -> None:
        self._senders = [_Refused(demo, _TARGET) for _ in range(_SENDERS)]
        self._end = threading.Event()
        self._sent = [0] * _SENDERS
        self._threads = [
            threading.Thread(target=self._send, args=(number,)) for number in range(_SENDERS)
        ]
        self.rate = 0.0

    def __enter__(self) -> Self:
        self._began = time.perf_counter()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        for thread in self._threads:
            thread.join()
        self.rate = sum(self._sent) / (time.perf_counter() - self._began)

    def _send(self, number: int) -> None:
        due = time.perf_counter()
        while not self._end.wait(max(0.0, due - time.perf_counter())):
            self._senders[number]()
            self._sent[number] += 1
            due += _SENDERS / _PER_SECOND
