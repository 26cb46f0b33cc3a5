"""Lines of a JSON file: every mistake is named where it stands."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import SettingError
from vault.forms.json_lines import JsonFile, read, walk

TEXT = """{
 "lists": {
  "a": [
   {"code": "x", "en": "q: [,]"},
   {
    "code": "y\\"",
    "en": ""
   }
  ],
  "b": [1,
   2]
 }
}
"""


def test_every_key_and_every_entry_has_its_line():
    lines = dict(walk(TEXT))
    assert lines["lists",] == 2
    assert lines["lists", "a", 0, "en"] == 4
    assert (lines["lists", "a", 1], lines["lists", "a", 1, "en"]) == (5, 7)
    assert (lines["lists", "b", 0], lines["lists", "b", 1]) == (10, 11)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (("lists", "a", 1, "en"), "f.json:7: x"),
        (("lists", "a", 1, "missing"), "f.json:5: x"),
        (("nothing",), "f.json: x"),
        ((), "f.json: x"),
    ],
)
def test_a_mistake_is_named_by_its_line_or_that_of_what_is_around_it(path, said):
    assert str(JsonFile("f.json", TEXT).fault("x", *path)).endswith(f"({said})")


def paths(value, above=()):
    pairs = {dict: dict.items, list: enumerate}.get(type(value), lambda _: ())
    for key, one in pairs(value):
        yield (*above, key)
        yield from paths(one, (*above, key))


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES, st.sampled_from([None, 1, 4]))
def test_whatever_json_holds_is_found_once(value, indent):
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    assert [path for path, _ in walk(text)] == list(paths(value))


def test_a_key_that_stands_twice_is_named_where_it_stands_again(tmp_path):
    path = tmp_path / "f.json"
    path.write_text('{\n "a": [\n  {"b": 1,\n   "b": 2}]}')
    with pytest.raises(SettingError, match=r"f\.json:4: a key stands twice"):
        read(path)


@pytest.mark.parametrize(
    ("text", "said"), [("{\n\n,", r"f\.json:3: cannot"), (None, "f.json cannot")]
)
def test_what_cannot_be_read_is_named(tmp_path, text, said):
    path = tmp_path / "f.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(SettingError, match=said):
        read(path)
