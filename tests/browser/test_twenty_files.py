"""Twenty photos from a phone at once: each is sent as its sender says, and found by the lawyer."""

import pytest

from tests.browser.conftest import NARROW
from tests.browser.test_files import photo
from tests.support.people import soon

COUNT = 20
# What is said of each photo in turn, and what then comes of it: whether it is a cleaned copy.
KEEPS = {"both": (False, True), "original": (False,), "cleaned": (True,), "nothing": ()}
NAMES = [f"IMG_{number:04}.jpg" for number in range(COUNT)]


def keep_of(place):
    return list(KEEPS)[place % len(KEEPS)]


def came(desk):
    """What stands in the list of the open case: names, each with whether it is a cleaned copy."""
    links = desk.locator("section.files li a").all_inner_texts()
    return [(link.split()[-1], link.startswith("Cleaned copy")) for link in links]


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_twenty_photos_are_sent_at_once_each_as_its_sender_says(given, script):
    teller, words, lawyer, code = given("Фото прилагаю.", java_script_enabled=script)
    page = teller.page
    assert page.viewport_size == NARROW
    teller.confirm(words)
    page.click('button[value="files"]')
    page.set_input_files("#file", [photo(name, (320, 240)) for name in NAMES])
    page.click("#files button:not([form])")
    page.wait_for_selector('[name="then"]')
    assert page.locator("section.file h2").all_inner_texts() == NAMES
    for place in range(COUNT):
        page.click(f"section.file >> nth={place} >> summary >> nth=0")
        page.check(f'[name="keep-{place}"][value="{keep_of(place)}"]')
    page.check('[name="kind-1"][value="body"]')
    page.click('#files button[value="on"]')
    page.wait_for_selector("p.panel")

    wanted = [(name, copy) for place, name in enumerate(NAMES) for copy in KEEPS[keep_of(place)]]
    assert soon(lambda: lawyer.open(code, "cases") or came(lawyer.page))
    assert sorted(came(lawyer.page)) == sorted(wanted)
