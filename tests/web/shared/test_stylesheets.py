"""The two style sheets are one small system: few named values, nothing unused, nobody else's."""

import re
from pathlib import Path

import pytest

import vault.web

WEB = Path(vault.web.__file__).parent
SHEETS = WEB / "shared" / "static"
MAX_BYTES = {"intake.css": 12_000, "staff.css": 14_336}  # those of staff draw pictures
# Whose pages each one is for; classes are written in templates only.
PAGES = {"intake.css": ("intake",), "staff.css": ("inside", "staff", "audit")}
SHARED = WEB / "shared" / "templates"

COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# Custom properties and the at-rules around them name values; everything else uses the names.
NAMES = re.compile(r":root\s*\{[^}]*\}")
SPACED = re.compile(
    r"(?:margin|padding|gap|row-gap|column-gap|font-size)[\w-]*:[^;}]*[;}](?: /\*)?"
)
PRINT = re.compile(r"@media print \{.*\n\}", re.DOTALL)

both = pytest.mark.parametrize("name", sorted(PAGES))


@pytest.fixture
def sheet(name):
    return (SHEETS / name).read_text("utf-8")


@both
def test_it_is_small(name):
    assert (SHEETS / name).stat().st_size < MAX_BYTES[name]


@both
def test_it_loads_nothing(sheet):
    assert "url(" not in sheet
    assert "@import" not in sheet
    assert "@font-face" not in sheet


@both
def test_colours_have_names(sheet):
    assert re.findall(r"#[0-9a-f]{3,8}\b|rgb|hsl", NAMES.sub("", COMMENT.sub("", sheet))) == []


@both
def test_sizes_of_text_and_spaces_are_of_the_scales_or_say_why(sheet):
    odd = [
        stated
        for stated in SPACED.findall(NAMES.sub("", PRINT.sub("", sheet)))
        if re.search(r"[\d.]+(?:rem|px|pt)", stated)
        and not stated.endswith("/*")
        and stated != "font-size: 1rem;"
    ]
    assert odd == []


# Where a page for a language written from right to left would not be mirrored by itself.
PHYSICAL = re.compile(
    r"""(?:margin|padding|border|inset)-(?:left|right|top|bottom)\b
      | (?<![-\w])(?:left|right|top|bottom|float|clear|direction)\s*:
      | (?<![-\w])(?:min-|max-)?(?:width|height)\s*:
      | text-align:\s*(?:left|right)
      | translate|row-reverse|(?<![-\w])order:
      | border-(?:top|bottom)-(?:left|right)-radius""",
    re.VERBOSE,
)
ONE_SIDED = re.compile(r"(?<![-\w])(?:margin|padding|inset|border-width): *([^;}]*)")


@both
def test_it_knows_no_left_or_right(sheet):
    own = re.sub(r"@media[^{]*", "", COMMENT.sub("", sheet))
    assert PHYSICAL.findall(own) == []
    sides = [re.sub(r"\([^()]*(?:\([^()]*\)[^()]*)*\)", "", s) for s in ONE_SIDED.findall(own)]
    assert [s for s in sides if len(s.split()) == 4] == []


@pytest.mark.parametrize("stated", ["float: left", "padding-left: 0", "width: 1px", "left: 0"])
def test_what_is_not_mirrored_would_be_found(stated):
    assert PHYSICAL.search(f"a {{ {stated}; }}")


@both
def test_nothing_moves_by_itself(sheet):
    assert re.findall(r"animation|transition|scroll-behavior|@keyframes", sheet) == []


@both
def test_every_class_is_used_on_a_page(name, sheet):
    pages = [SHARED, *(WEB / area / "templates" for area in PAGES[name])]
    text = "".join(path.read_text("utf-8") for page in pages for path in page.rglob("*.html"))
    styled = set(
        re.findall(r"\.([a-z][\w-]*)", re.sub(r"\{[^{}]*\}", "{}", COMMENT.sub("", sheet)))
    )
    assert {used for used in styled if not re.search(rf"[\"' ]{used}[\"' ]", text)} == set()


@both
def test_every_named_value_is_used(sheet):
    assert set(re.findall(r"(--[\w-]+):", sheet)) == set(re.findall(r"var\((--[\w-]+)\)", sheet))
