"""One real Chromium for all tests that need a browser; as a pytest plugin.

It reaches nothing but this machine: every other name does not resolve for it. One onion name does,
as a Tor Browser finds a true one.

Whatever is done on a page ends where the page that it led to is whole: Playwright goes on as soon
as the first byte of it is there, and a test would look at half a page without its style sheet.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Iterator
from shutil import which

import pytest
from playwright.sync_api import Browser, Locator, Page, Playwright, sync_playwright

REQUIRE = "WITNESS_VAULT_REQUIRE_BROWSER"
MISSING = "there is no Chromium here: apt install chromium, or run pytest -m 'not browser'"
ONION = "vwakviie2ienjx6t.onion"
_RULES = f"MAP {ONION} 127.0.0.1 , MAP * ~NOTFOUND , EXCLUDE 127.0.0.1 , EXCLUDE localhost"
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    f"--host-resolver-rules={_RULES}",
)
TIMEOUT = 90_000  # a machine may be busy
# A browser without windows names no language by itself.
USUAL = {"java_script_enabled": False, "locale": "en-US"}

_LEADS_ON = {
    Page: ("click", "dblclick", "wait_for_selector", "wait_for_url"),
    Locator: ("click", "dblclick"),
}


def _until_whole(act: Callable[..., object]) -> Callable[..., object]:
    """Let an action of a page, or of something on it, wait for the page that it leads to."""

    @functools.wraps(act)
    def acted(on, *given, **options):
        done = act(on, *given, **options)
        if not options.get("no_wait_after"):
            (on if isinstance(on, Page) else on.page).wait_for_load_state()
        return done

    return acted


for _kind, _names in _LEADS_ON.items():
    for _name in _names:
        setattr(_kind, _name, _until_whole(getattr(_kind, _name)))


def chromium_path() -> str:
    """Return where Chromium is; without one, skip the test, or fail it if one is required."""
    found = which("chromium")
    if found is None:
        if os.environ.get(REQUIRE):
            pytest.fail(MISSING)
        pytest.skip(MISSING)
    return found


def shell_path() -> str:
    """Return where a Chromium without windows is: the same pages for a third of the time.

    Only the whole browser keeps a profile as people have it; where there is no shell it serves.
    """
    return which("chromium-headless-shell") or chromium_path()


@contextlib.contextmanager
def launched(path: str) -> Iterator[tuple[Playwright, Browser]]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield playwright, browser
        browser.close()


@pytest.fixture(scope="session")
def playwright_and_chromium():
    with launched(shell_path()) as both:
        yield both


@pytest.fixture(scope="session")
def playwright(playwright_and_chromium):
    return playwright_and_chromium[0]


@pytest.fixture(scope="session")
def chromium(playwright_and_chromium):
    return playwright_and_chromium[1]


@pytest.fixture
def new_context(chromium):
    """Make contexts of this browser, without JavaScript unless asked; they are closed at the end.

    Options are those of Playwright's `Browser.new_context`.
    """
    with contextlib.ExitStack() as open_contexts:

        def make(**options):
            context = chromium.new_context(**{**USUAL, **options})
            context.set_default_timeout(TIMEOUT)
            open_contexts.callback(context.close)
            return context

        yield make
