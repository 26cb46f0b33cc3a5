"""One real `witness-vault demo`: real servers, agents and collector in a throw-away folder."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.support.factor import Authenticator
from tests.support.ports import free_ports
from vault.members import totp

END_SECONDS = 180
# Warnings are errors, as in the tests, and it is this checkout that runs.
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "PYTHONPATH": str(Path(__file__).parents[2]),
    "PYTHONWARNINGS": "error",
}


@dataclass(frozen=True)
class Person:
    """A member of the demonstration."""

    name: str
    login: str
    passphrase: str
    app: Authenticator


@dataclass(frozen=True)
class Demo:
    """A running demonstration.

    Attributes:
        folder: where it keeps everything; temporary files of its processes lie there too.
        errors: file with what it and its servers said on standard error.
    """

    intake: str
    staff: str
    audit: str
    folder: Path
    errors: Path
    process: int
    _people: dict[str, Person]

    def person(self, role: str) -> Person:
        return self._people[role]

    @property
    def secrets(self) -> list[str]:
        people = self._people.values()
        secrets = [totp.text_of(person.app.secret) for person in people]
        return [*secrets, *(person.passphrase for person in people)]


@contextlib.contextmanager
def running_demo() -> Iterator[Demo]:
    """Start a demonstration, and end it as a person does, with Ctrl-C."""
    with tempfile.TemporaryDirectory(prefix="wv-") as place:
        errors = Path(place) / "errors"
        with errors.open("wb") as stream:
            process = subprocess.Popen(
                [
                    Path(sys.executable).with_name("witness-vault"),
                    "demo",
                    "--json",
                    "--port",
                    str(free_ports()),
                    "--dir",
                    str(Path(place) / "vault"),
                ],
                stdout=subprocess.PIPE,
                stderr=stream,
                env={**ENVIRONMENT, "TMPDIR": place},
            )
        try:
            yield _demo(process, errors)
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(END_SECONDS)
            assert process.stdout
            process.stdout.close()
        assert code == 0, errors.read_text()


def _demo(process: subprocess.Popen[bytes], errors: Path) -> Demo:
    assert process.stdout
    line = process.stdout.readline()
    assert line, f"the demonstration did not start: {errors.read_text()}"
    said = json.loads(line)
    return Demo(
        said["intake_url"],
        said["staff_url"],
        said["audit_url"],
        Path(said["data_dir"]),
        errors,
        process.pid,
        {
            role: Person(
                member["name"],
                member["login"],
                member["passphrase"],
                Authenticator(totp.secret_of(member["totp_secret"])),
            )
            for member in said["members"]
            for role in member["roles"]
        },
    )
