# ruff: noqa: INP001 - a script among pictures, not a package
"""Takes the pictures of the README from a demonstration: `.venv/bin/python -m docs.images.take`."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, ViewportSize

from tests.browser.test_files import photo
from tests.support.chromium import chromium_path, launched
from tests.support.demo import running_demo
from tests.support.people import Member, Witness

HERE = Path(__file__).parent
DESK: ViewportSize = {"width": 1000, "height": 900}
TALL: ViewportSize = {"width": 1000, "height": 1060}
PHONE: ViewportSize = {"width": 390, "height": 844}
STORY = (
    "They came in the morning, four of them, two with masks. I was kept in a gym for a day; "
    "I know it by the smell of rubber and the lines on the floor.\n\n"
    "There were perhaps fifteen of us. I saw one face without a mask and would know it again.\n\n"
    "The paper I had to sign in the evening was not read to me."
)


def main() -> None:
    """Write witness.png, files.png, lawyer.png and auditor.png beside this file."""
    with launched(chromium_path()) as (_, browser), running_demo() as demo:

        def page(viewport: ViewportSize) -> Page:
            return browser.new_page(viewport=viewport, java_script_enabled=False)

        officer = Member(page(DESK), demo, "intake_officer").sign_in()
        known = officer.listed("new")
        witness = Witness(page(PHONE), demo.intake, "en")
        witness.page.goto(f"{demo.intake}/tell/victim?lang=en")
        witness.write(STORY)
        witness.page.locator("#story").evaluate(
            "e => { document.activeElement.blur(); e.scrollTop = 0; scrollTo(0, 0) }"
        )
        _take(witness.page, "witness")
        witness.confirm(witness.send())
        witness.page.click('button[value="files"]')
        witness.page.set_input_files("#file", photo())
        witness.page.click("#files button:not([form])")
        witness.page.wait_for_selector('[name="then"]')
        _take(witness.page, "files")
        witness.page.click('#files button[value="on"]')
        code = officer.wait_for_new(known)
        officer.open(code, "new")
        officer.give_to("Demo lawyer")
        lawyer = Member(page(DESK), demo, "lawyer").sign_in()
        lawyer.open(code, "cases")
        _take(lawyer.page, "lawyer")
        auditor = Member(page(TALL), demo, "auditor").sign_in()
        auditor.page.goto(f"{auditor.home}/")
        _take(auditor.page, "auditor")


def _take(page: Page, name: str) -> None:
    page.screenshot(path=HERE / f"{name}.png")


if __name__ == "__main__":
    main()
