"""What the documents tell people to type is there, and what they point to exists."""

import re
from pathlib import Path

import click
import pytest

from vault.cli import main

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("keys/*.md"))
    if path.name != "LICENSE"
)
# At the beginning of what stands in code, or as a path; elsewhere it names the user or a folder.
COMMAND = re.compile(r"(?:^|/bin/)witness-vault((?: [^\s`|;)]+)*)")
TARGET = re.compile(r"\bmake ([a-z]+)\b")
THREATS = (ROOT / "docs" / "threat-model.md").read_text("utf-8")
NUMBERED = re.compile(r"^- \*\*([GW])(\d+)\*\*(.*(?:\n  .*)*)", re.MULTILINE)
PROOF = re.compile(r"`(tests/[\w/.]+)?(?:::(test_\w+))?`")
LINK = re.compile(r"\]\(([^)#:]+)\)")


def code(page):
    """Return the lines that stand in code, blocks and spans alike."""
    text = page.read_text("utf-8")
    blocks = re.findall(r"```[a-z]*\n(.*?)```", text, re.DOTALL)
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    return [line for block in blocks for line in block.splitlines()] + spans


def commands():
    for page in PAGES:
        for line in code(page):
            for found in COMMAND.finditer(line.strip()):
                words = found.group(1).split()
                if words and "/" not in words[0]:
                    yield pytest.param(words, id=f"{page.name}: {' '.join(words)}")


def resolved(words):
    """Return the command that words name, and the words that are left."""
    command, left = main, list(words)
    while isinstance(command, click.Group) and left and left[0] in command.commands:
        command = command.commands[left.pop(0)]
    return command, left


@pytest.mark.parametrize("words", list(commands()))
def test_a_command_exists_with_the_options_that_are_named(words):
    command, left = resolved(words)
    known = {name for option in command.params for name in option.opts} | {"--help", "-h"}
    named = {word.split("=")[0] for word in left if word.startswith("-")}
    if command is main:
        assert named <= known | {"--version"}
        assert not [word for word in left if word.islower() and word.isalpha()]
        return
    assert named <= known
    if isinstance(command, click.Group):
        assert not [word for word in left if not word.startswith("-")]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_targets_of_make_exist(page):
    there = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {target for line in code(page) for target in TARGET.findall(line)}
    assert named <= there


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    links = LINK.findall(page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def proofs():
    """Return guarantee, file and test of everything that the threat model leans on."""
    for letter, number, text in NUMBERED.findall(THREATS):
        file = ""
        for named, test in PROOF.findall(text):
            file = named or file
            if letter == "G" and (named or test):
                yield pytest.param(file, test, id=f"G{number}: {file}::{test}")


@pytest.mark.parametrize(("file", "test"), list(proofs()))
def test_what_proves_a_guarantee_is_there(file, test):
    source = (ROOT / file).read_text("utf-8")
    assert re.search(rf"def {test}\b" if test else "def test_", source)


def test_guarantees_and_weaknesses_are_counted_and_each_guarantee_is_proven():
    numbers = {"G": [], "W": []}
    for letter, number, text in NUMBERED.findall(THREATS):
        numbers[letter].append(int(number))
        assert letter == "W" or "`tests/" in text, f"G{number}"
    for counted in numbers.values():
        assert counted == list(range(1, len(counted) + 1))
