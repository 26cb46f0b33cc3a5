"""Runs one session: a text file of commands and what they must print.

    house: none | founded | served          what stands before the first command
    $ witness-vault form check              must end with 0 and print the lines below
    ! 1 witness-vault init                  must end with 1
    & drop log/entries.jsonl 3              a step that is no command: see `Steps`
    # a comment
    -- answers.json --                      from here on: files, written first

In expected lines `*` stands for anything within the line, `...` alone for any lines. Standard
output comes first, then standard error; empty lines do not count. `3<file` and `3>file` pass a
descriptor, as in a shell.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

from tests.support import leaving
from vault.cli import main

_FILE = re.compile(r"-- (\S+) --")
_DESCRIPTOR = re.compile(r"(\d)([<>])(.+)")


@dataclass
class Command:
    """One command of a session and what it must do."""

    line: str
    exit_code: int
    expected: list[str] = field(default_factory=list)


@dataclass
class Session:
    """A parsed session: which house, files to write, commands (Command) and steps (list of str)."""

    house: str
    files: dict[str, str]
    acts: list[Command | list[str]]


@dataclass(frozen=True)
class Result:
    """What a command did."""

    exit_code: int
    out: str
    err: str


def parse(text: str) -> Session:
    """Read a session file; anything it does not know is an error of the session."""
    head, *sections = re.split(r"^-- (\S+) --\n", text, flags=re.MULTILINE)
    files = dict(zip(sections[::2], sections[1::2], strict=True))
    first, *lines = head.splitlines()
    session = Session(first.removeprefix("house: "), files, [])
    for line in lines:
        if line.startswith("$ "):
            session.acts.append(Command(line[2:], 0))
        elif line.startswith("! "):
            session.acts.append(Command(line[4:], int(line[2])))
        elif line.startswith("& "):
            session.acts.append(shlex.split(line[2:]))
        elif line and not line.startswith("#"):
            last = session.acts[-1]
            assert isinstance(last, Command), f"no command prints {line!r}"
            last.expected.append(line)
    return session


def run(line: str) -> Result:
    """Run one command line in this process, as the installed script would."""
    name, *arguments = shlex.split(line)
    assert name == "witness-vault"
    called = " ".join(arguments)
    arguments = _descriptors(arguments)
    out, err = io.StringIO(), io.StringIO()
    streams = contextlib.redirect_stdout(out), contextlib.redirect_stderr(err)
    leaving.install()
    with streams[0], streams[1], leaving.RECORDER.during("command", _name(called)) as left:
        try:
            main(arguments, prog_name="witness-vault")
        except SystemExit as end:
            code = end.code or 0
    done = code == 0 and arguments[-1:] not in (["--help"], ["--version"])
    assert not left.faults(done=done), f"tests/security/leaves.toml, {left}"
    return Result(code, out.getvalue(), err.getvalue())


def _name(called: str) -> str:
    """Return which command was called; the longest name that fits."""
    names = [name for name in leaving.LEAVES["command"] if f"{called} ".startswith(f"{name} ")]
    return max(names, key=len, default="")


def check(command: Command, result: Result) -> None:
    """Compare what a command did with what it must do."""
    shown = f"{command.line}\nexit {result.exit_code}\n{result.out}{result.err}"
    assert result.exit_code == command.exit_code, shown
    assert command.exit_code or not result.err, f"standard error is for refusals\n{shown}"
    printed = [line for line in (result.out + result.err).splitlines() if line.strip()]
    assert re.fullmatch(_pattern(command.expected), "".join(f"{line}\n" for line in printed)), shown


def _pattern(expected: list[str]) -> str:
    lines = (
        r"(?:.*\n)*" if line == "..." else re.escape(line).replace(r"\*", ".*") + r"\n"
        for line in expected
    )
    return "".join(lines)


def _descriptors(arguments: list[str]) -> list[str]:
    """Open what is redirected; the number given in the text becomes the one that was free."""
    for item in [found for found in map(_DESCRIPTOR.fullmatch, arguments) if found]:
        number, way, name = item.groups()
        flags = os.O_RDONLY if way == "<" else os.O_WRONLY | os.O_CREAT
        opened = str(os.open(Path(name), flags, 0o600))
        arguments = [opened if a == number else a for a in arguments if a != item.group()]
    return arguments
