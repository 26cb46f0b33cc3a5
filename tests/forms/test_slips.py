"""A slip in any file that `form check` reads is named with the file, the line and the mistake."""

from __future__ import annotations

import re
import shutil

import pytest

from vault.errors import SettingError
from vault.forms import versions
from vault.forms.body import load_body
from vault.forms.codes import load_codes
from vault.forms.load import load_forms
from vault.forms.wording import load_wordings
from vault.resources import resource

ROOT = resource("intake_forms")
READ = sorted(
    path.relative_to(ROOT).as_posix()
    for path in (*ROOT.glob("*/*.toml"), *ROOT.glob("wording/*/*.toml"), *ROOT.glob("*.json"))
    if path.name not in {"schema.json", "demo_testimonies.json"}
)


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(ROOT, tmp_path / "intake_forms")


def check(directory):
    """Read everything, as `witness-vault form check` does."""
    forms, codes = load_forms(directory), load_codes(directory)
    load_body(codes, directory)
    versions.check(versions.Sources(forms, load_wordings(forms, directory), codes), directory)


def called(name):
    """Return how a message calls a file: a variant's with its folder."""
    return name.removeprefix("wording/") if name.startswith("wording/") else name.split("/")[-1]


def test_every_file_is_read():
    assert len(READ) > 45
    assert {"code_lists.json", "body_map.json", "wording/easy/kk.toml"} <= {*READ}


@pytest.mark.parametrize("name", READ)
def test_what_cannot_be_read_is_named_with_its_line(copy, name):
    path = copy / name
    lines = path.read_text("utf-8").splitlines()
    at = len(lines) // 2
    path.write_text("\n".join([*lines[:at], "= = =", *lines[at:]]), "utf-8")
    with pytest.raises(SettingError) as found:
        check(copy)
    line = re.search(rf"{re.escape(called(name))}:(\d+): cannot be read", str(found.value))
    assert abs(int(line[1]) - at) <= 2


SLIPS = [
    ("forms/child.toml", "order = 5", "order = 6", "two forms have the same order 6"),
    (
        "modules/risk.toml",
        'id = "risk_when"',
        'id = "story"',
        "story: the field story stands twice",
    ),
    ("modules/risk.toml", 'id = "risk_when"', 'id = "consent"', "consent is both a field and"),
    ("code_lists.json", '"felt"', '"saw"', "knowledge_source has the code saw twice"),
    ("code_lists.json", '"esf": "0102"', '"efs": "0102"', "has the unknown key efs"),
    ("code_lists.json", '"I saw it"', '""', "knowledge_source.saw has no English label"),
    ("code_lists.json", '"esf": "0102"', '"code": "saw"', "a key stands twice in one object"),
    ("body_map.json", '"M', '"X', "front has a path of other letters than M, L, Q, Z"),
    ("wording/ru.toml", "[fields.risk]\nlabel", "[fields.risk]\nlable", "fields.risk needs label"),
    (
        "wording/en.toml",
        "[prompts]\n",
        '[prompts]\nempty = ""\n',
        "prompts.empty is empty or no text",
    ),
    ("wording/easy/ru.toml", "[answers.injury]", "[weather]\n[answers.injury]", "unknown section"),
    (
        "wording/easy/en.toml",
        "teeth =",
        "toes =",
        "answers.injury.toes is missing",
    ),
]

# What contradicts another file is named in that of both which is read later.
FOUND_IN = {
    "two forms have the same order 6": "forms/institution.toml",
    "story: the field story stands twice": "modules/story.toml",
    "answers.injury.toes is missing": "wording/easy/kk.toml",
}


@pytest.mark.parametrize(("name", "old", "new", "said"), SLIPS, ids=[s[3] for s in SLIPS])
def test_a_mistake_is_named_with_its_line(copy, name, old, new, said):
    path = copy / name
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    name = FOUND_IN.get(said, name)
    with pytest.raises(SettingError, match=rf"{re.escape(called(name))}:\d+: .*{said}"):
        check(copy)
