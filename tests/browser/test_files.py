"""Files in a browser: what a photo betrays is said, both are sent, a lawyer looks at the copy."""

import io

import pytest
from PIL import Image

from tests.support.people import soon

PLACE = "43.25347, 76.91114"


def photo(name="IMG_0107.jpg", size=(1200, 900)):
    """A photograph that says where and with what it was taken."""
    exif = Image.Exif()
    exif[0x0110] = "Redmi Note 10"
    place = exif.get_ifd(0x8825)
    place |= {1: "N", 2: (43.0, 15.0, 12.5), 3: "E", 4: (76.0, 54.0, 40.1)}
    saved = io.BytesIO()
    Image.effect_noise(size, 40).convert("RGB").save(saved, "JPEG", exif=exif)
    return {"name": name, "mimeType": "image/jpeg", "buffer": saved.getvalue()}


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_a_photo_is_told_of_sent_as_both_and_its_cleaned_copy_looked_at(given, script):
    teller, words, lawyer, code = given("Меня держали двое суток.", java_script_enabled=script)
    page = teller.page
    teller.confirm(words)
    page.click('button[value="files"]')
    page.set_input_files("#file", [photo(), photo("body.jpg")])
    page.click("#files button:not([form])")
    assert PLACE in page.inner_text("main")
    page.check('[name="keep"][value="both"]')
    page.click("section.file:last-of-type details summary >> nth=0")
    page.check('[name="kind-1"][value="body"]')
    page.click('#files button[value="on"]')
    page.wait_for_selector("p.panel")

    desk = lawyer.page

    def came():
        lawyer.open(code, "cases")
        return desk.locator("section.files li").count() == 4

    assert soon(came)
    desk.click("section.files .copy a >> text=IMG_0107.jpg")
    assert desk.locator("figure.picture img").count() == 1
    assert "Redmi" not in desk.inner_text("main")
    assert PLACE not in desk.content()
    assert desk.evaluate("document.querySelector('figure.picture img').naturalWidth") == 800
    desk.focus('nav.look a[href*="turn=90"]')
    desk.keyboard.press("Enter")
    desk.wait_for_url("**turn=90**")
    assert desk.evaluate("document.querySelector('figure.picture img').naturalHeight") == 800
    desk.click('main a[href^="/staff/cases/"]')
    desk.click("section.files >> text=body.jpg >> nth=0")
    assert desk.locator("figure.picture").count() == 0
    desk.click('main form[method="get"] button')
    assert desk.locator("figure.picture img").count() == 1
