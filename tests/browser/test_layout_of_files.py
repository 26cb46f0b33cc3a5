"""Every page of files at the desk on a small and a large screen, in each language, and on paper."""

import pytest

from tests.browser.conftest import NARROW, WIDE
from tests.browser.test_files import photo
from tests.browser.test_layout import Look
from tests.support.files import pdf
from tests.support.people import soon

LONG = f"{'Ә' * 60}_1.jpg"
PAPER = {"name": "3.pdf", "mimeType": "application/pdf", "buffer": pdf(pages=3)}
FILM = {"name": "4.mp4", "mimeType": "video/mp4", "buffer": b"\0\0\0\x18ftypmp42"}
ITEMS = 6  # of the first and the third a cleaned copy as well
# Text that would be hard to read on white, and what is for the screen alone.
ON_PAPER = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.checkVisibility())
  .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
  .filter(e => getComputedStyle(e).color.match(/\\d+/g).slice(0, 3).some(c => c > 0x60)
    || e.closest('header, form, nav'))
  .map(e => e.outerHTML.slice(0, 90))"""


@pytest.fixture(scope="session")
def sent():
    """The case whose witness sent files: its pages change nothing, so once is enough."""
    return []


@pytest.fixture
def case(given, sent):
    """Send a photo, a body, a paper of an investigation and a film; returns the case's code."""
    if not sent:
        teller, words, lawyer, code = given("x", java_script_enabled=True)
        page = teller.page
        teller.confirm(words)
        page.click('button[value="files"]')
        page.set_input_files("#file", [photo(LONG), photo("2.jpg"), PAPER, FILM])
        page.click("#files button:not([form])")
        for place in (1, 2):
            page.click(f"section.file >> nth={place} >> summary >> nth=0")
        page.check('[name="keep-1"][value="original"]')
        page.check('[name="kind-1"][value="body"]')
        page.check('[name="case-2"]')
        page.click('#files button[value="on"]')
        page.wait_for_selector("p.panel")
        assert soon(lambda: lawyer.open(code, "cases") or len(addresses(lawyer)) == ITEMS)
        sent.append(code)
    return sent[0]


def addresses(lawyer):
    """The pages of the files that the open case lists, by what its links say."""
    links = lawyer.page.locator("section.files li a").all()
    return {
        link.inner_text(): link.get_attribute("href").partition("?")[0].removeprefix("/staff")
        for link in links
    }


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_page_of_files_fits_and_names_everything(member, case, language):
    look = Look(language, thorough=language == "ru")
    lawyer = member("lawyer", language, viewport=NARROW, java_script_enabled=True)
    page = lawyer.page
    lawyer.open(case, "cases")
    here, files = page.url.partition("?")[0].removeprefix(lawyer.home), addresses(lawyer)
    body = files["2.jpg"]
    asked = [here, f"{here}/files", *files.values(), f"{body}?look=1", f"{files['3.pdf']}?page=1"]
    for path in [*asked, f"{here}/date"]:
        look.at_each(page, lawyer.home, [path])
        page.set_viewport_size(WIDE)
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDE["width"], path
        page.set_viewport_size(NARROW)
    assert look.faults == {}
    assert look.seen == ITEMS + 5


def test_a_case_with_files_a_file_and_the_proof_of_their_date_are_printed_black_on_white(
    member, case
):
    lawyer = member("lawyer", color_scheme="dark", java_script_enabled=True)
    page = lawyer.page
    lawyer.open(case, "cases")
    here, files = page.url.partition("?")[0], addresses(lawyer)
    page.emulate_media(media="print")
    assert page.evaluate(ON_PAPER) == []
    page.goto(f"{lawyer.home}{files['3.pdf']}")
    assert page.evaluate(ON_PAPER) == []
    page.emulate_media(media="screen")
    page.goto(f"{here}/date?lang=en")
    form = page.locator("form:has([name=files])").last
    page.locator("details:has([name=files]) > summary").last.click()
    for box in form.locator("[name=files]").all():
        box.check()
    form.locator('button[value="paper"]').click()
    page.wait_for_selector('section[aria-labelledby="files"]')
    page.emulate_media(media="print")
    assert page.evaluate(ON_PAPER) == []
    assert page.locator("section[aria-labelledby=files] .digest").first.is_visible()
