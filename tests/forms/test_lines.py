"""Lines of a file: each mistake is named where it stands."""

from __future__ import annotations

import pytest

from vault.errors import SettingError
from vault.forms import lines
from vault.forms.lines import Tables

FILE = """\
# A page.
id = "M1"

[[fields]]
id = "one"
type = "list"

  [[fields.fields]]
  id = "inner"
  type = "text"

[[fields]]
id = "two"
fields = [{ id = "in_one_line" }]
"""


@pytest.fixture
def place(tmp_path):
    (tmp_path / "a.toml").write_text(FILE)
    return lines.read(tmp_path / "a.toml")[1]


@pytest.mark.parametrize(
    ("path", "key", "line"),
    [
        ((), "id", 2),
        ((), "", None),
        ((0,), "type", 6),
        ((0,), "absent", 4),
        ((0, 0), "type", 10),
        ((0, 0), "", 8),
        ((1,), "id", 13),
        ((1, 0), "id", 12),
    ],
)
def test_a_key_or_what_is_around_it_has_a_line(place, path, key, line):
    for number in path:
        place = place.inside(number, "x")
    assert place.line(key) == line


def test_a_fault_names_file_line_and_field(place):
    assert "(a.toml:13: two: is wrong)" in str(place.inside(1, "two").fault("is wrong", "id"))
    assert "(a.toml: fields is missing)" in str(place.fault("fields is missing"))


def test_what_is_no_toml_is_named_with_its_line(tmp_path):
    (tmp_path / "b.toml").write_text('id = "x"\nid = \n')
    with pytest.raises(SettingError, match=r"b\.toml:2: cannot be read"):
        lines.read(tmp_path / "b.toml")
    (tmp_path / "b.toml").write_bytes(b"\xff")
    with pytest.raises(SettingError, match=r"b\.toml cannot be read"):
        lines.read(tmp_path / "b.toml")


@pytest.mark.parametrize(
    ("name", "where"),
    [
        ("fields.a", "kk.toml:1"),
        ("fields.a.x", "kk.toml:2"),
        ("fields.a.y", "kk.toml:1"),
        ("fields.b.c", "kk.toml:4"),
        ("answers.d.e.f", "kk.toml:6"),
        ("fields.d", "kk.toml"),
    ],
)
def test_tables_and_keys_are_found_with_and_without_quotes(name, where):
    text = '[fields.a]\nx = 1\n\n[fields."b.c"]\n[answers.d]\n"e.f" = "g"\n'
    assert str(Tables.of("kk.toml", text).fault(name, "x")).endswith(f"({where}: x)")
