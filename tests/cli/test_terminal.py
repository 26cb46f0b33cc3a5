"""The installed script as a process of its own: exit codes, a terminal, no trace."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.cli.conftest import write_settings

SCRIPT = Path(sys.executable).parent / "witness-vault"
PATIENCE = 20


def run(*arguments, place):
    return subprocess.run(
        [SCRIPT, *arguments],
        cwd=place,
        check=False,
        timeout=PATIENCE,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("form", "check"), 0, ""),
        (("doctor",), 1, "there is no vault in var"),
        (("packet", "seal"), 2, "Missing argument"),
    ],
)
def test_exit_codes_and_a_reason_without_a_trace(place, arguments, code, said):
    done = run(*arguments, place=place)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_module_is_the_same_command(place):
    done = subprocess.run(
        [sys.executable, "-m", "vault.cli", "form", "check"],
        cwd=place,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
        timeout=PATIENCE,
        capture_output=True,
    )
    assert done.returncode == 0


def take_terminal():
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def at_terminal(place, *arguments, prompt=None, typed=""):
    """Run the script at a terminal of its own; returns exit code and what the screen shows.

    `typed` is typed once `prompt` shows: what was typed before is thrown away by a hidden prompt.
    """
    screen, inner = pty.openpty()
    child = subprocess.Popen(
        [SCRIPT, *arguments],
        cwd=place,
        stdin=inner,
        stdout=inner,
        stderr=inner,
        start_new_session=True,
        preexec_fn=take_terminal,  # noqa: PLW1509 - one system call, no lock
    )
    os.close(inner)
    shown = b""
    try:
        while select.select([screen], [], [], PATIENCE)[0]:
            shown += os.read(screen, 65536)
            if prompt and prompt.encode() in shown:
                os.write(screen, f"{typed}\n".encode())
                prompt = None
    except OSError:  # how a Linux terminal says that its last process has gone
        pass
    finally:
        os.close(screen)
        child.kill()
    return child.wait(), shown.decode().replace("\r\n", "\n")


def test_at_a_terminal_the_sheet_is_shown_once(place):
    write_settings(place / "var")
    code, shown = at_terminal(place, "init")
    assert code == 0
    for part in (
        "Vault passphrase",
        "Spare passphrase",
        "Root passphrase",
        "Recovery shares",
        "First invitation",
    ):
        assert shown.count(part) == 1
    code, shown = at_terminal(place, "init")
    assert code == 1
    assert "passphrase" not in shown


def test_a_passphrase_typed_at_a_terminal_is_not_shown(served, place):
    passphrase = served.sheet.root_passphrase
    arguments = ("member", "invite", "A. Doctor", "--role", "doctor")
    code, shown = at_terminal(place, *arguments, prompt="Root passphrase:", typed=passphrase)
    prompt = shown.index("Root passphrase:")
    assert code == 0
    assert "Invitation code, shown once:" in shown[prompt:]
    assert passphrase not in shown[prompt:]
