"""Files in a real browser: what they betray is said before they leave, whatever they are called."""

import io
import re
import struct
import time

import pytest
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from tests.support.uploading import PLANTED, picture

GPS = 0x8825
PLACE = (43.0, 15.0, 4.0), (76.0, 56.0, 42.0)
PLACE_SHOWN = "43.25111 N, 76.94500 E"
PDF = b"%PDF-1.4\n1 0 obj <</Author (Planted Person)/Producer (Planted Scanner)>> endobj\n%%EOF"
NAMES = [
    "x" * 300 + ".jpg",
    "../../etc/passwd",
    "photo\u202egpj.exe",
    "<img src=x onerror=alert(1)>",
    "'\";--\\",
    "\u0430\u0301" * 60,
]


def placed(kind):
    """A picture that holds where it was taken, in a file of this kind."""
    exif = Image.Exif()
    exif[0x0110] = "Planted Phone"
    north, east = ([IFDRational(int(part)) for part in side] for side in PLACE)
    exif[GPS] = {1: "N", 2: tuple(north), 3: "E", 4: tuple(east)}
    saved = io.BytesIO()
    Image.new("RGB", (40, 30)).save(saved, kind, exif=exif)
    return saved.getvalue()


def film():
    """A film that ends with where it was taken, past what is read of its beginning."""
    place = b"+43.2511+076.9450/"
    told = struct.pack(">HH", len(place), 0x15C7) + place
    box = struct.pack(">I", len(told) + 8) + b"\xa9xyz" + told
    return b"\0\0\0\x18ftypmp42" + bytes(3 << 20) + box


def maze():
    """A megabyte of tables that lead to tables, from twenty thousand beginnings."""
    half, offset = 1 << 19, (1 << 19) + 0x0FF8  # its last two bytes are read as a count as well
    beginnings = (b"Exif\0\0MM\0*" + struct.pack(">I", offset)).ljust(24, b"x")
    entries = struct.pack(">HHII", 0x8769, 4, 1, offset)
    return b"\xff\xd8\xff   " + beginnings * (half // 24) + entries * (half // 12)


def file(name, data):
    return {"name": name, "mimeType": "application/octet-stream", "buffer": data}


@pytest.fixture
def at_files(witness):
    """A witness who told and stands before the page for files."""

    def come(language="en", **options):
        teller = witness(language, **options)
        words = teller.tell("victim", "Planted story")
        teller.come_back(" ".join(words))
        teller.page.goto(f"{teller.address}/return/files?lang={language}")
        return teller.page

    return come


def choose(page, *files):
    page.set_input_files("#file", [file(*one) for one in files])
    page.wait_for_selector("#seen section")
    return re.sub(r"\s+", " ", page.inner_text("#seen"))


def test_a_picture_says_before_sending_where_when_and_with_what_it_was_taken(at_files):
    page = at_files(java_script_enabled=True)
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    said = choose(page, ("a.jpg", picture()), ("b.jpg", placed("JPEG")))
    assert all(word in said for word in (*PLANTED, PLACE_SHOWN, "Planted Phone"))
    assert asked == []


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_each_kind_of_picture_says_where_it_was_taken(at_files, kind):
    said = choose(at_files(java_script_enabled=True), ("a", placed(kind)))
    assert PLACE_SHOWN in said
    assert "Planted Phone" in said


def test_a_paper_and_a_film_say_who_and_where(at_files):
    page = at_files(java_script_enabled=True)
    said = choose(page, ("a.pdf", PDF), ("b.mp4", film()))
    assert all(word in said for word in ("Planted Person", "Planted Scanner", "+43.2511+076.9450/"))


def test_what_cannot_be_looked_into_and_what_betrays_nothing_say_so(at_files):
    page = at_files(java_script_enabled=True)
    clean = io.BytesIO()
    Image.new("RGB", (9, 9)).save(clean, "PNG")
    said = choose(page, ("a.png", clean.getvalue()), ("b.bin", bytes(range(256))))
    assert "Nothing was found" in said
    assert "cannot be looked into" in said


def test_a_file_made_to_be_read_for_ever_holds_nobody_up(at_files):
    page = at_files(java_script_enabled=True)
    began = time.monotonic()
    choose(page, ("a", maze()))
    assert time.monotonic() - began < 20


def test_what_will_not_be_taken_is_said_before_it_is_sent(at_files):
    page = at_files(java_script_enabled=True)
    page.eval_on_selector("#seen", "seen => Object.assign(seen.dataset, { most: 5, count: 3 })")
    said = choose(page, ("a", b""), ("b", b"123456"), ("c", b"12345"), ("d", b"1"))
    assert "a This file is empty" in said
    assert "b Too large; up to 2 GB fit" in said
    assert "c This file cannot be looked into" in said
    assert "More than 20 at once" in said
    assert page.locator("#seen section").count() == 3


@pytest.mark.parametrize(
    "data", [b"", b"\xff\xd8\xff", b"\xff\xd8\xffExif\0\0II*\0\xff\xff\xff\xff"]
)
def test_a_broken_file_breaks_nothing(at_files, data):
    page = at_files(java_script_enabled=True)
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    assert choose(page, ("a", data), ("b.jpg", placed("JPEG"))).count("Planted Phone") == 1
    assert errors == []


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_file_of_any_name_is_sent_and_harms_no_page(at_files, scripts):
    page = at_files(java_script_enabled=scripts)
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.set_input_files("#file", [file(name, picture()) for name in NAMES])
    page.click("#files button:not([formaction])")
    page.wait_for_selector('[name="then"]')
    page.wait_for_load_state()  # its stylesheet is there too
    assert page.locator('[id^="file-"]:is(h2)').count() == len(NAMES)
    assert all(word in page.inner_text("main") for word in PLANTED)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.click('[name="then"][value="on"]')
    assert page.locator("main .panel").count() == 1
    assert dialogs == []


def test_the_script_stands_on_that_page_alone(at_files):
    page = at_files(java_script_enabled=True)
    assert page.locator('script[src="/files.js"]').count() == 1
    page.goto(page.url.replace("/return/files", "/return/more"))
    assert page.locator('script[src="/files.js"]').count() == 0
