"""What a witness and a member do in a browser, page by page, as a person does it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.support.demo import Demo, Person
from tests.support.factor import Authenticator
from vault.members import totp

# The button that sends a page's own form; on the witness's pages the first in the text.
SEND = "main button"
FORWARD = "main a.go:not(.plain)"
GO_ON, STOP = '[name="then"][value="on"]', '[name="then"][value="stop"]'
PATIENCE = 90.0  # of whoever waits for another process; the machine may be busy


@dataclass
class Witness:
    """Somebody who tells; `page` belongs to a context of their own."""

    page: Page
    address: str
    language: str

    def begin(self) -> None:
        self.page.goto(f"{self.address}/?lang={self.language}")

    def choose(self, form: str) -> None:
        self.page.click(FORWARD)
        self.page.click(f'a[href^="/tell/{form}"]')

    def write(self, story: str, reading: str | None = "yes") -> None:
        self.page.fill("#story", story)
        self.page.check('[name="consent.C01"]')
        if reading:
            self.page.check(f'[name="consent.C02"][value="{reading}"]')

    def send(self) -> list[str]:
        """Send, past the hint that a text names its writer, and return the twelve words."""
        self.page.click(SEND)
        self.send_as_it_is()
        return self.shown_words()

    def send_as_it_is(self) -> None:
        """Press once more if the page hints that a text may name somebody."""
        if self.page.locator("#named").count():
            self.page.click("#named button")

    def tell(self, form: str, story: str, reading: str | None = "yes") -> list[str]:
        """Go straight to a form, write and send; returns the twelve words."""
        self.page.goto(f"{self.address}/tell/{form}?lang={self.language}")
        self.write(story, reading)
        return self.send()

    def shown_words(self) -> list[str]:
        return self.page.inner_text("output#receipt").split()

    def confirm(self, words: list[str]) -> None:
        """Enter words 3 and 9, and go on to what happens next."""
        self.page.fill("#word_3", words[2])
        self.page.fill("#word_9", words[8])
        self.page.click(SEND)

    def come_back(self, receipt: str) -> None:
        self.page.goto(f"{self.address}/return?lang={self.language}")
        self.page.fill("#receipt", receipt)
        self.page.click(SEND)

    def open_page(self, module: str) -> None:
        """From the box: go to one of the pages of the form."""
        self.page.click(FORWARD)
        self.page.click(f'a[href^="/return/more/{module}"]')

    def add(self, text: str) -> None:
        """From the box: add something in one's own words and return to the box."""
        self.open_page("story")
        self.page.fill("#story", text)
        self.page.click(GO_ON)
        self.send_as_it_is()
        self.back_to_box()

    def back_to_box(self) -> None:
        """From one of the pages of the form."""
        self.page.click('main a[href^="/return/more?"]')
        self.page.click('main a[href^="/return/box"]')

    def wait_for(self, text: str) -> None:
        """Look into the box until it says something; boxes are written by another process."""
        wait_for(self.page, lambda: text in self.page.inner_text("main"))


@dataclass
class Member:
    """Somebody of the team; `page` belongs to a context of their own."""

    page: Page
    demo: Demo
    role: str
    language: str = "en"

    @property
    def person(self) -> Person:
        return self.demo.person(self.role)

    @property
    def home(self) -> str:
        side, name = (
            (self.demo.audit, "audit") if self.role == "auditor" else (self.demo.staff, "staff")
        )
        return f"{side}/{name}"

    def sign_in(self) -> Member:
        self.page.goto(f"{self.home}/sign-in?lang={self.language}")
        self.enter()
        self.page.wait_for_selector("form.out")  # else the next address could overtake it
        return self

    def enter(self) -> None:
        """Fill in the fields of whatever page asks who one is."""
        self.page.fill("#login", self.person.login)
        self.page.fill("#passphrase", self.person.passphrase)
        self.page.fill("#code", self.person.app.code())
        self.page.click(SEND)

    def sign_out(self) -> None:
        self.page.click("form.out button")

    def listed(self, listing: str, selector: str = "tbody tr") -> dict[str, str | None]:
        """Return the codes of a list with the addresses of those that can be opened."""
        self.page.goto(f"{self.home}/{listing}")
        found = {}
        for row in self.page.query_selector_all(selector):
            link = row.query_selector("a")
            code = row.query_selector("bdi")
            assert code
            found[code.inner_text()] = link.get_attribute("href") if link else None
        return found

    def wait_for_new(self, known: dict[str, str | None]) -> str:
        """Look at the list of new accounts until one more is there; returns its code."""
        added: set[str] = set()

        def arrived() -> bool:
            added.update(self.listed("new").keys() - known.keys())
            return bool(added)

        wait_for(self.page, arrived)
        (code,) = added
        return code

    def open(self, code: str, listing: str) -> None:
        address = self.listed(listing)[code]
        assert address
        self.page.goto(f"{self.home.removesuffix('/staff')}{address}")

    def give_to(self, name: str) -> None:
        self.page.select_option("#lawyer", label=name)
        self.page.click('form[action*="/give"] button')
        self.page.wait_for_selector(".said")

    def reply(self, text: str) -> None:
        self.page.fill("#text", text)
        self.page.click('form[action*="/reply"] button')

    def note(self, text: str) -> None:
        self.page.fill("#html", text)
        self.page.click('form[action*="/note"] button')

    def stories(self) -> list[str]:
        """Return what stands in the account of the open case, exactly."""
        account = self.page.locator("article[data-record][data-compartment=account]")
        return account.locator("[data-field=story] .text").all_text_contents()


@dataclass
class Newcomer:
    """Somebody with an invitation, on the page where one enrols; takes its picture into an app."""

    page: Page
    code: str
    login: str
    passphrase: str = "a long passphrase of a newcomer"

    @property
    def secret(self) -> bytes:
        return totp.secret_of(self.page.inner_text("#secret"))

    def enrol(self, digits: str | None = None) -> None:
        self.page.fill("#code", self.code)
        self.page.fill("#login", self.login)
        self.page.fill("#chosen", self.passphrase)
        self.page.fill("#again", self.passphrase)
        self.page.fill("#digits", digits or Authenticator(self.secret).code())
        self.page.click(SEND)

    def recovery_codes(self) -> list[str]:
        self.page.wait_for_selector("#codes")
        return self.page.locator("#codes li").all_inner_texts()


def wait_for(page: Page, found: Callable[[], bool]) -> None:
    """Load the page again until `found()`."""

    def after_reload() -> bool:
        page.reload()
        return found()

    assert found() or soon(after_reload), f"waited in vain at {page.url}"


def wait_until_away(page: Page) -> None:
    """Wait for the browser's own page, which says that nothing answered."""
    assert soon(lambda: page.wait_for_timeout(50) or page.url.startswith("chrome-error:"))


def soon(found: Callable[[], bool], seconds: float = PATIENCE) -> bool:
    """Ask again and again, for as long as people have patience."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found():
            return True
        time.sleep(0.2)
    return False
