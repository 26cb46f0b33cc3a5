"""Own words, second words, any words: who measures their pages does no better than chance."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable
from functools import partial

from bench import guessing
from bench.browser import Browser
from bench.house import Demo
from bench.intake import tell
from bench.report import Report, median
from vault.crypto.receipt import Receipt, encode

LOOKS = 200
ORDER = random.SystemRandom()

_WORDS = re.compile(r'<output id="receipt">([^<]+)</output>')
_SEND_ID = re.compile(r'name="send_id" value="([^"]+)"')
_TOKEN = re.compile(r'name="token" value="([^"]+)"')
_CHANGING = re.compile(r'(wv_return=)[^;]*|name="(?:token|stand|send_id)" value="[^"]*"')


def measure(report: Report, demo: Demo) -> None:
    """Add sizes, headers and times of boxes' pages, and what can be guessed from them."""
    browser = demo.browser("intake")
    own, second = _both_words(browser)
    browser.close()
    _look(demo, _unknown())  # makes what is made once
    _compare(report, demo, "own or second words", lambda: (own, second))
    _compare(report, demo, "own words or any", lambda: (own, _unknown()))


def _compare(report: Report, demo: Demo, name: str, words: Callable[[], tuple[str, str]]) -> None:
    looks: tuple[list[list[float]], list[list[float]]] = ([], [])
    seen: tuple[set[str], set[str]] = (set(), set())
    for _ in range(LOOKS):
        entered = words()
        for kind in ORDER.sample((0, 1), 2):
            look, page = _look(demo, entered[kind])
            looks[kind].append(look)
            seen[kind].add(page)
    report.add(f"{name}: answers that differ", len(seen[0] ^ seen[1]), "", most=0)
    chance = 100 * guessing.area_by_chance(LOOKS, LOOKS)
    for at, step in enumerate(("entering", "box", "a form", "files")):
        one, other = ([look[at] for look in kind] for kind in looks)
        report.add(f"{name}, {step}: median time", median([*one, *other]), "ms", most=40)
        report.add(f"{name}, {step}: area", 100 * guessing.area(one, other), "%", most=chance)
    chance = 100 * guessing.accuracy_by_chance(2 * LOOKS)
    report.add(f"{name}: guessed right", 100 * guessing.accuracy(*looks), "%", most=chance)


def _send_old_form(browser: Browser) -> None:
    """Send a form that is older than what stands: it is looked at, and nothing is done."""
    token = _TOKEN.search(browser.page)
    assert token is not None
    browser.post("/return/delete?lang=ru", {"token": token.group(1), "stand": "old"})


def _unknown() -> str:
    return " ".join(encode(Receipt.generate().entropy, "ru"))


def _both_words(browser: Browser) -> tuple[str, str]:
    tell(browser)
    own, send_id = _WORDS.search(browser.page), _SEND_ID.search(browser.page)
    assert own is not None
    assert send_id is not None
    browser.post("/tell/victim/words", {"send_id": send_id.group(1), "which": "second"})
    second = _WORDS.search(browser.page)
    assert second is not None
    return own.group(1), second.group(1)


def _look(demo: Demo, words: str) -> tuple[list[float], str]:
    """Enter words as a new visitor, and look at the box; returns what was measured and seen."""
    browser = demo.browser("intake")
    times, seen, sizes = [], [], []
    asks = (
        partial(browser.post, "/return?lang=ru", {"receipt": words}),
        partial(browser.get, "/return/box?lang=ru"),
        partial(_send_old_form, browser),
        partial(browser.get, "/return/files?lang=ru"),
    )
    for ask in asks:
        began = time.perf_counter()
        ask()
        times.append((time.perf_counter() - began) * 1000)
        sizes.append(float(len(browser.page) + sum(len(v) for _, v in browser.headers)))
        headers = sorted((name, value) for name, value in browser.headers if name != "Date")
        seen.append(_CHANGING.sub(r"\1", f"{browser.status} {headers} {browser.page}"))
    browser.close()
    return times + sizes, "\n".join(seen)
