"""What the pages about files say: of each kind of thing in a few words, as people write it."""

import pytest

from vault.packet.files import SealedFile
from vault.testimony.came import Came
from vault.web.intake import files_shown
from vault.web.shared.decoding import Form

PLACE, TIME = ("place", "GPS", "43.25347, 76.91114"), ("time", "DateTime", "2022:01:07 14:33:12")


def came(name="a.jpg", kind="application/octet-stream", **told):
    sealed = SealedFile("0" * 32, 100, bytes(32))
    return Came("0" * 32, bytes(32), 10, bytes(32), sealed, name, kind, **told)


def test_a_day_is_told_as_it_is_read_here():
    assert files_shown.in_short(came(facts=(TIME,))) == [("time", "07.01.2022 14:33:12")]


def test_of_a_place_the_first_line_is_told_and_not_how_a_camera_spells_it():
    facts = (PLACE, ("place", "GPSLatitudeRef", "N"), ("other", "Title", "x"))
    assert files_shown.in_short(came(facts=facts)) == [("place", "43.25347, 76.91114")]


@pytest.mark.parametrize(
    ("one", "kind"),
    [
        (came("a.pdf", "application/pdf", looked=True), "paper"),
        (came("VID_1.MP4"), "recording"),
        (came("voice.opus"), "recording"),
        (came("a.mp4.jpg", "image/jpeg", looked=True), "all"),
        (came("mp4"), "all"),
    ],
)
def test_what_a_file_plainly_is_stands_chosen(one, kind):
    shown = files_shown._shown(Form(), 0, one, many=True)
    assert shown["kind"] == kind
    assert not shown["open"]
