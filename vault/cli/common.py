"""What every command shares: where the vault is, how secrets come in, how refusals go out."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, ParamSpec, TypeVar

import click

from vault import settings as settings_module
from vault.errors import InputError, RefusedError, WitnessVaultError
from vault.journal.vault import Vault, connect
from vault.members import signin
from vault.members.actor import Actor
from vault.settings import Settings

P = ParamSpec("P")
R = TypeVar("R")

Secret = tuple[int | None, Path | None]

MEMORY_BACKED = frozenset({"tmpfs", "ramfs"})
MAX_SECRET = 4096

directory = click.option(
    "--dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("var"),
    show_default=True,
    help="The folder of the vault.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")


def refusing(command: Callable[P, R]) -> Callable[P, R]:
    """Turn a refusal into one line on standard error and its exit code; never a stack trace."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except WitnessVaultError as error:
            click.echo(f"witness-vault: {printable(str(error))}", err=True)
            sys.exit(error.exit_code)

    return wrapped


def example(*lines: str) -> str:
    """Return the end of a command's help: command lines, one below the other."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def load(folder: Path) -> Settings:
    """Return the settings of a vault's folder.

    Raises:
        InputError: it holds no vault.
        SettingError: names the setting at fault.
    """
    if not (folder / "settings.toml").exists():
        raise no_vault(folder)
    return settings_module.load(folder)


def no_vault(folder: Path) -> InputError:
    """Return the refusal of a folder without a vault."""
    return InputError(f"there is no vault in {folder.name}: witness-vault init founds one")


def running_vault(folder: Path) -> Vault:
    """Return the vault that is being served from a folder.

    Raises:
        AgentError: it is not being served.
        LockedError: it is served, but locked.
    """
    vault = connect(load(folder))
    vault.agent.subkey("database")
    return vault


def show(value: dict[str, Any], text: str, *, as_json: bool) -> None:
    """Print a result once, as JSON or as text; nothing in it steers the terminal."""
    if as_json:
        click.echo(printable(json.dumps(value, ensure_ascii=False)))
    else:
        click.echo("\n".join(map(printable, text.split("\n"))))


def printable(text: str) -> str:
    """Return one line in which every character shows as itself; others as in JSON.

    What a file from elsewhere holds could otherwise move the cursor and overwrite what is said of
    it (ECMA-48; many terminals take U+009B for ESC [), or turn the direction of writing.
    """
    return "".join(one if one.isprintable() else _escape(one) for one in text)


def _escape(character: str) -> str:
    return json.dumps(character)[1:-1] if character != "\x7f" else "\\u007f"


def compare(shown: str, question: str, right: str, given: str | None, option: str) -> bool:
    """Say whether somebody agrees that what is shown is what they know from elsewhere.

    Args:
        shown: what they see.
        question: what they are asked.
        right: what `given` has to be; case and spaces do not count.
        given: by an option; None: ask.
        option: its name.

    Raises:
        RefusedError: what was given is another.
        InputError: no terminal to ask, and nothing given.
    """
    if given is not None:
        if given.replace(" ", "").casefold() != right.replace(" ", ""):
            raise RefusedError(f"the {option} is another")
        return True
    if not sys.stdin.isatty():
        what = option.replace("-", " ")
        raise InputError(f"no terminal to compare the {what} on: give it with --{option}")
    click.echo(shown, err=True)
    return click.confirm(question, err=True)


def sign_in(vault: Vault, login: str, passphrase: Secret, code: Secret) -> Actor:
    """Return whoever is at the terminal, signed in by passphrase and code; each is asked for.

    Args:
        vault: the vault, running.
        login: of the member.
        passphrase: descriptor and file that its options gave, either or none.
        code: likewise.

    Raises:
        SignInError: any of them is wrong.
        InputError: as for `read_secret`.
    """
    phrase = read_secret("your passphrase", *passphrase)
    return signin.sign_in(vault, login, phrase, read_secret("your code", *code))


def secret_options(name: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Add --NAME-fd and --NAME-file to a command; without them it prompts."""

    def decorate(command: Callable[P, R]) -> Callable[P, R]:
        command = click.option(
            f"--{name}-fd",
            type=click.IntRange(min=0),
            help=f"Read the {name} from this open file descriptor.",
        )(command)
        return click.option(
            f"--{name}-file",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help=f"Read the {name} from this file on memory-backed storage.",
        )(command)

    return decorate


def read_secret(
    what: str, descriptor: int | None, file: Path | None, option: str | None = None
) -> str:
    """Return a secret from a descriptor, a memory-backed file, or a prompt.

    Args:
        what: its name.
        descriptor: if it was given by one.
        file: as above.
        option: how its options begin; by default the last word of `what`.

    Raises:
        InputError: none of them gives one, or the file lies on a disk.
    """
    if descriptor is not None:
        return _read_descriptor(descriptor)
    if file is not None:
        check_memory_backed(file)
        with file.open("rb") as stream:
            return _first_line(stream)
    if not sys.stdin.isatty():
        begins = option or what.rsplit(maxsplit=1)[-1]
        raise InputError(f"no terminal to ask for the {what}: use --{begins}-fd or -file")
    return str(click.prompt(what[0].upper() + what[1:], hide_input=True, err=True))


def check_memory_backed(file: Path) -> None:
    """Refuse a secret's file that lies on a disk.

    Raises:
        InputError: its file system is not memory-backed, or unknown.
    """
    kind = _file_system(file.resolve())
    if kind not in MEMORY_BACKED:
        raise InputError(f"{file.name} must lie on memory-backed storage, not on {kind}")


def _read_descriptor(descriptor: int) -> str:
    try:
        with os.fdopen(descriptor, "rb") as stream:
            return _first_line(stream)
    except OSError as error:
        raise InputError("the descriptor cannot be read") from error


def _first_line(stream: BinaryIO) -> str:
    try:
        return stream.readline(MAX_SECRET).decode("utf-8").rstrip("\r\n")
    except UnicodeDecodeError:
        raise InputError("what was read is not UTF-8") from None  # the error would hold the secret


def _file_system(path: Path) -> str:
    """Return the type of the file system that holds `path`, by the longest mount point."""
    best, kind = "", "an unknown file system"
    try:
        lines = Path("/proc/self/mounts").read_text("utf-8").splitlines()
    except OSError:
        return kind
    for line in lines:
        _, point, name, *_ = line.split(" ")
        if path.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, name
    return kind
