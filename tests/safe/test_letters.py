"""A paper that carries no font is drawn with the one that is lent, and only with that."""

from dataclasses import replace

import pytest

from tests.safe.conftest import LIMITS
from tests.support.files import decoded, pdf, stream
from tests.support.font import of_squares
from vault.safe import letters
from vault.safe.process import SafeProcess

WORD = "ЖӘБІР"
NOWHERE = "/nowhere/font.ttf"
_ABOUT = b"/FontBBox[0 -200 1000 800]/ItalicAngle 0/Ascent 800/Descent -200/CapHeight 800/StemV 80"


def simple(base=b"TimesNewRomanPSMT"):
    """A paper with the word in a font of one byte a letter, named by glyph."""
    names = b"".join(b"/uni%04X" % ord(letter) for letter in WORD)
    font = (
        b"<</Type/Font/Subtype/TrueType/BaseFont/%s/FirstChar 192/LastChar %d/Widths[%s]"
        b"/FontDescriptor 5 0 R/Encoding<</BaseEncoding/WinAnsiEncoding/Differences[192 %s]>>>>"
    ) % (base, 191 + len(WORD), b"1000 " * len(WORD), names)
    about = b"<</Type/FontDescriptor/FontName/%s/Flags 32%s>>" % (base, _ABOUT)
    return _paper(bytes(range(192, 192 + len(WORD))), font, about)


def wide():
    """A paper with the word in a font of two bytes a letter, that says what each means."""
    base = b"KZTimes"
    pairs = b"".join(b"<%04X><%04X>\n" % (n, ord(letter)) for n, letter in enumerate(WORD, 1))
    meaning = (
        b"begincmap 1 begincodespacerange <0000> <FFFF> endcodespacerange "
        b"%d beginbfchar\n%sendbfchar endcmap" % (len(WORD), pairs)
    )
    return _paper(
        b"".join(n.to_bytes(2, "big") for n in range(1, len(WORD) + 1)),
        b"<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[5 0 R]"
        b"/ToUnicode 7 0 R>>" % base,
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/DW 1000/FontDescriptor 6 0 R/CIDSystemInfo"
        b"<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>>>" % base,
        b"<</Type/FontDescriptor/FontName/%s/Flags 4%s>>" % (base, _ABOUT),
        stream(meaning),
    )


def _paper(text, *objects):
    content = b"BT /F 30 Tf 10 30 Td <%s> Tj ET" % text.hex().encode()
    return pdf(*objects, page=b"/Resources<</Font<</F 4 0 R>>>>", content=content)


@pytest.fixture
def lent(tmp_path):
    """Look at papers with a font of squares."""
    path = tmp_path / "font.ttf"
    path.write_bytes(of_squares(WORD))
    return SafeProcess(replace(LIMITS, font=str(path)))


@pytest.fixture
def poor():
    return SafeProcess(replace(LIMITS, font=NOWHERE))


def ink(copy):
    """How much of a page is black."""
    shown = decoded(copy.data).convert("L")
    return sum(shown.histogram()[:80]) / (shown.width * shown.height)


@pytest.mark.parametrize("paper", [simple(), simple(b"Arial-BoldMT"), simple(b"Unknown"), wide()])
def test_cyrillic_letters_without_a_font_of_their_own_are_drawn_with_the_lent_one(lent, paper):
    # Five squares of 24 points in a page of 200 by 100.
    assert 0.1 < ink(lent.show(paper, size=800)) < 0.3


def test_a_cleaned_paper_has_them_too(lent, poor):
    assert len(lent.clean(wide()).data) > len(poor.clean(wide()).data)


@pytest.mark.parametrize("paper", [simple(), wide()])
def test_without_a_font_the_page_is_shown_all_the_same(poor, paper):
    assert ink(poor.show(paper, size=800)) < 0.1


@pytest.mark.parametrize("data", [b"", b"no font", bytes(100_000)])
def test_what_is_no_font_harms_no_page(tmp_path, data):
    path = tmp_path / "font.ttf"
    path.write_bytes(data)
    looks = SafeProcess(replace(LIMITS, font=str(path)))
    assert decoded(looks.show(pdf(), size=200).data).size == (200, 100)
    assert ink(looks.show(wide(), size=800)) < 0.1


def test_a_file_without_measure_is_not_lent(tmp_path):
    path = tmp_path / "font.ttf"
    path.write_bytes(of_squares(WORD) + bytes(letters.MOST))
    assert ink(SafeProcess(replace(LIMITS, font=str(path))).show(wide(), size=800)) < 0.1


@pytest.mark.parametrize("kind", ["Symbol", "ZapfDingbats"])
def test_signs_are_not_drawn_as_letters(lent, kind):
    font = b"<</Type/Font/Subtype/Type1/BaseFont/%s>>" % kind.encode()
    assert 0 < ink(lent.show(_paper(b"ab", font), size=800)) < 0.1
