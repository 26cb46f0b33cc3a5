import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import EncodingError
from vault.forms.answers import clean_text
from vault.web.shared.rendering import editable, visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb", "a[U+202E]b"),
        ("\u2066x\u2069", "[U+2066]x[U+2069]"),
        ("\u200e\u200f\u061c", "[U+200E][U+200F][U+061C]"),
        ("nul\x00 bell\x07 del\x7f c1\x85", "nul[U+0000] bell[U+0007] del[U+007F] c1[U+0085]"),
        ("\u200b\ufeff\u00ad\u2060", "[U+200B][U+FEFF][U+00AD][U+2060]"),
        ("\u2028\u2029", "[U+2028][U+2029]"),
        ("\U000e0041", "[U+E0041]"),
    ],
)
def test_what_no_one_sees_is_shown(text, shown):
    assert visible(text) == shown


@pytest.mark.parametrize(
    "text", ["Әңгіме\tбір\nекі", "می\u200cخواهم", "👩\u200d👧", "\u0600۱", "I"]
)
def test_what_people_write_stays(text):
    assert visible(text) == text


def test_every_kind_of_line_end_is_one_line_end():
    assert visible("a\r\nb\rc") == editable("a\r\nb\rc") == "a\nb\nc"


@given(st.text())
def test_what_is_shown_holds_nothing_hidden(text):
    assert visible(visible(text)) == visible(text)


@given(st.text())
def test_what_a_field_shows_again_can_be_sent(text):
    assert clean_text(editable(text), 10_000) == editable(text)


def test_a_field_shows_where_a_character_cannot_be_kept():
    with pytest.raises(EncodingError):
        clean_text("a\x00b", 100)
    assert editable("a\x00b") == "a�b"


def test_a_field_keeps_direction_marks_as_they_were_typed():
    assert editable("a\u202eb\u202c") == "a\u202eb\u202c"
