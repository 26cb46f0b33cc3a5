"""Every command says what it does, with an example that it would understand."""

from __future__ import annotations

import re
import shlex

import click
import pytest

from tests.cli import session
from vault.cli import main


def leaves(command, path=()):
    if not isinstance(command, click.Group):
        return {" ".join(path): command}
    below = [leaves(child, (*path, name)) for name, child in command.commands.items()]
    return {name: leaf for found in below for name, leaf in found.items()}


LEAVES = leaves(main)
NAMES = sorted(LEAVES)
GROUPS = sorted({"", *(name.split()[0] for name in NAMES if " " in name)})


def examples(text):
    _, _, after = text.partition("Examples:\n")
    return [line.strip() for line in after.splitlines() if line.strip()]


def test_these_are_the_commands():
    assert set(NAMES) >= {
        "init",
        "serve",
        "demo",
        "lock",
        "unlock",
        "passphrase",
        "backup create",
        "backup verify",
        "backup restore",
        "member roles",
        "member replace",
        "doctor",
        "form check",
        "form list",
        "member list",
        "member invite",
        "member confirm",
        "member end",
        "member factor",
        "member code",
        "member renew",
        "packet seal",
        "packet deliver",
        "ledger export",
        "ledger verify",
    }


@pytest.mark.parametrize("name", NAMES)
def test_help_ends_with_examples_of_this_command(name):
    result = session.run(f"witness-vault {name} --help")
    assert (result.exit_code, result.err) == (0, "")
    assert examples(result.out)
    for line in examples(result.out):
        assert line.startswith(f"witness-vault {name}")


@pytest.mark.parametrize("name", NAMES)
def test_an_example_names_only_what_the_command_knows(name):
    command = LEAVES[name]
    for line in examples(session.run(f"witness-vault {name} --help").out):
        arguments = shlex.split(line.removeprefix(f"witness-vault {name}"))
        parser = command.make_parser(click.Context(command))
        given, rest, _ = parser.parse_args(args=arguments)
        assert rest == []
        required = {param.name for param in command.params if param.required}
        assert required <= {name for name, value in given.items() if value is not None}


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_lists_its_commands_with_a_sentence_each(name):
    text = session.run(f"witness-vault {name} --help").out
    listed = re.findall(r"^  ([\w-]+) +\S", text.partition("Commands:\n")[2], re.MULTILINE)
    inside = {leaf.removeprefix(name).split()[0] for leaf in NAMES if leaf.startswith(name)}
    assert set(listed) == inside


@pytest.mark.parametrize("name", NAMES)
def test_no_option_takes_a_secret(name):
    for param in LEAVES[name].params:
        if "passphrase" in param.name or "secret" in param.name:
            assert param.name.endswith(("_fd", "_file"))


@pytest.mark.parametrize("name", NAMES)
def test_a_command_prints_json_for_scripts(name):
    assert "--json" in {option for param in LEAVES[name].params for option in param.opts}


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_option_is_wrong_usage(name):
    result = session.run(f"witness-vault {name} --nothing-of-this-name")
    assert (result.exit_code, result.out) == (2, "")
    assert "No such option" in result.err


def test_without_a_command_it_shows_what_there_is():
    result = session.run("witness-vault")
    assert result.exit_code == 2
    assert "0 done, 1 refused with a reason, 2" in " ".join(result.err.split())


def test_it_says_its_version():
    assert re.search(r"\d+\.\d+\.\d+", session.run("witness-vault --version").out)
