"""What a picture or paper betrays, in the words of a table."""

from __future__ import annotations

import struct

import pytest

from tests.safe.test_clean import PLANTED, jpeg, paper, png
from tests.support.files import (
    chunk,
    decoded,
    encoded,
    exif,
    ifd,
    pdf,
    picture,
    segment,
    with_segments,
)
from tests.support.hostile_files import SAMPLES
from vault.errors import CannotBeShownError
from vault.safe import job, kinds


def facts(safe, data: bytes) -> dict[str, tuple[str, str]]:
    return {one.name: (one.category, one.value) for one in safe.inspect(data).facts}


def test_a_photograph_tells_place_device_time_and_author(safe):
    told = facts(safe, jpeg())
    assert told["GPS"] == ("place", "43.26000, 76.90000")
    assert told["Make"] == ("device", "PLANTEDMAKE")
    assert told["BodySerialNumber"] == ("device", "PLANTEDSERIAL")
    assert told["DateTime"] == ("time", "2022:01:08 14:30:00")
    assert told["Artist"] == ("author", "PLANTEDARTIST")
    assert told["By-line"] == ("author", "PLANTEDIPTC")
    assert told["APP5"] == ("hidden", "12 bytes")
    assert told["Comment"] == ("author", "PLANTEDCOMMENT")


def test_a_paper_tells_who_made_it_and_what_lies_in_it(safe):
    found = safe.inspect(paper())
    told = {one.name: (one.category, one.value) for one in found.facts}
    assert told["Author"] == ("author", "PLANTEDARTIST")
    assert told["Producer"] == ("device", "PLANTEDMAKE")
    assert told["CreationDate"] == ("time", "2022-01-08 14:30:00")
    assert told["File"] == ("hidden", "PLANTEDPLACE")
    assert told["Note"] == ("author", "PLANTEDSERIAL")
    # The photograph that was scanned into it says where it was taken.
    assert told["GPS"] == ("place", "43.26000, 76.90000")
    assert (found.kind, found.pages, found.scripts) == ("pdf", 1, False)


def test_a_font_that_a_paper_does_not_carry_is_told(safe):
    font = b"<</Type/Font/Subtype/TrueType/BaseFont/ArialMT/Encoding/WinAnsiEncoding>>"
    data = pdf(
        font, content=b"BT /F 20 Tf 10 9 Td (A) Tj ET", page=b"/Resources<</Font<</F 4 0 R>>>>"
    )
    assert facts(safe, data)["FontNotEmbedded"] == ("other", "ArialMT")


def test_a_small_picture_inside_is_told(safe):
    block = exif(ifd([(0x112, 3, 1, b"\x01")], following=26), ifd([(0x202, 4, 1, b"\x4d")]))
    data = with_segments(segment(0xE1, block))
    assert facts(safe, data)["Thumbnail"] == ("hidden", "77 bytes")


def test_a_film_behind_a_photograph_is_told(safe):
    data = encoded("JPEG") + b"\0\0\0\x18ftypmp42" + bytes(50)
    assert facts(safe, data)["Video"][0] == "hidden"


def test_what_is_never_shown_is_told_all_the_same(safe):
    large = png()[:8] + chunk(b"IHDR", struct.pack(">IIBBBBB", 9000, 9000, 8, 2, 0, 0, 0))
    large += png()[33:]
    for data in (jpeg()[:-90], large, SAMPLES["pdf_behind_a_password"].make() + jpeg()):
        found = safe.inspect(data)
        assert not found.shown
        assert {"place", "device", "author"} <= set(found.categories())
        with pytest.raises(CannotBeShownError):
            safe.clean(data)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "MPO"])
def test_more_pictures_behind_the_first_are_told(safe, kind):
    data = encoded(kind, picture(), save_all=True, append_images=[picture(64, 48, "L")])
    assert facts(safe, data)["Pictures"] == ("hidden", "> 1")


def test_neither_copy_nor_table_shows_in_a_log_what_it_holds(safe):
    shown = repr(safe.inspect(jpeg())) + repr(safe.clean(jpeg()))
    assert "place" in shown
    assert "image/jpeg" in shown
    assert not any(word in shown for word in (*PLANTED, "43.26", "2022", "\\xff\\xd8"))


def test_a_picture_without_anything_betrays_nothing(safe):
    for kind in ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"):
        assert safe.inspect(encoded(kind)).categories() == ()


def test_a_cleaned_copy_betrays_nothing(safe):
    for data in (jpeg(), png(), paper()):
        assert safe.inspect(safe.clean(data).data).facts == ()


def test_what_it_is_is_seen_by_its_content():
    for kind in ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF"):
        assert kinds.kind_of(encoded(kind)) == kind.lower()
    assert kinds.kind_of(b"junk\n" + pdf()) == "pdf"
    assert kinds.kind_of(b"x" * 2000 + pdf()) is None


def test_the_size_of_a_picture_is_told_as_it_is_shown(safe):
    found = safe.inspect(encoded("PNG", picture(30, 20)))
    assert (found.width, found.height, found.pages) == (30, 20, 1)


def test_a_page_is_shown_at_the_size_and_turn_that_is_asked_for(safe):
    data = encoded("JPEG", picture(800, 400))
    assert decoded(safe.show(data, size=100).data).size == (100, 50)
    turned = decoded(safe.show(data, size=100, turn=90).data)
    assert turned.size == (50, 100)
    assert turned.getpixel((47, 3))[2] > 150
    assert decoded(safe.show(data, size=4096).data).size == (800, 400)


def test_a_page_of_a_paper_is_drawn_at_the_size_and_turn_that_is_asked_for(safe):
    data = pdf(pages=2)
    assert decoded(safe.show(data, page=1, size=400).data).size == (400, 200)
    turned = decoded(safe.show(data, page=1, size=400, turn=270).data)
    assert turned.size == (200, 400)
    # The blue square at the lower left is at the lower right after a turn against the clock.
    assert turned.getpixel((150, 340))[2] > 200 > turned.getpixel((150, 340))[0]


@pytest.mark.parametrize(
    "asked",
    [{"page": 1}, {"page": -1}, {"turn": 45}, {"size": 15}, {"size": 4097}, {"page": 1 << 40}],
)
def test_what_is_asked_for_beyond_the_bounds_is_refused(safe, asked):
    with pytest.raises(CannotBeShownError, match=job.NO_PAGE):
        safe.show(encoded("PNG"), **asked)
    with pytest.raises(CannotBeShownError, match=job.NO_PAGE):
        safe.show(pdf(), **asked)
