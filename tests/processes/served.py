"""One running `witness-vault serve`, seen from outside: its processes, addresses and output."""

from __future__ import annotations

import http.client
import os
import re
import select
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.ports import free_ports

SCRIPT = Path(sys.executable).parent / "witness-vault"
# However busy the machine is: nothing is proved by these.
PATIENCE, ANSWER = 180, 60
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
SEND_ID = re.compile(r'name="send_id" value="([^"]+)"')
RECEIPT = re.compile(r'<output id="receipt">([^<]+)</output>')


def wait_until(true, seconds=PATIENCE):
    """Wait for something that must become true; returns it."""
    deadline = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
    return found


def passphrase_on(sheet):
    """Return the vault passphrase that a sheet shows."""
    return re.search(r"Vault passphrase.*\n +(\S.*)\n", sheet).group(1)


@dataclass
class Served:
    """A supervisor and what it started."""

    child: subprocess.Popen
    errors_file: Path
    port: int
    sheet: str = field(default="", repr=False)
    first_line: str = field(default="", repr=False)

    @property
    def errors(self):
        return self.errors_file.read_text()

    def wait_until_ready(self):
        """Wait for the first line of output: everything answers from then on."""
        assert select.select([self.child.stdout], [], [], PATIENCE)[0], self.errors
        self.first_line = self.child.stdout.readline().decode()
        assert self.first_line, self.errors

    def ask(self, path, *, side=0, body=None):
        """Ask one interface (0 intake, 1 staff, 2 audit); returns status and page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port + side, timeout=ANSWER)
        try:
            connection.request("POST" if body else "GET", path, body, FORM if body else {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def answers(self, path, *, side=0):
        """Say whether an interface answers 200 now."""
        try:
            return self.ask(path, side=side)[0] == 200
        except OSError:
            return False

    def tell(self, story="story=Here"):
        """Send a testimony as a browser without JavaScript would; returns the receipt."""
        _, page = self.ask("/tell/victim")
        body = f"send_id={SEND_ID.search(page).group(1)}&{story}&consent.C01=yes&consent.C02=yes"
        status, page = self.ask("/tell/victim", body=body)
        assert status == 200
        return RECEIPT.search(page).group(1)

    def process(self, *words):
        """Return the id of the one process below the supervisor with these words."""
        (found,) = [p for p, line in self.processes().items() if all(w in line for w in words)]
        return found

    def processes(self):
        """Return the command lines of everything below the supervisor, by process id."""
        return descendants(self.child.pid)

    def signal(self, number=signal.SIGINT):
        """Send a signal to the supervisor; returns its exit code and what it left running."""
        before = {pid: started(pid) for pid in self.processes()}
        self.child.send_signal(number)
        code = self.child.wait(PATIENCE)
        return code, [pid for pid, when in before.items() if when and started(pid) == when]


def descendants(pid):
    """Return the command lines of all processes below one (proc(5))."""
    parents = {int(p.name): parent for p in Path("/proc").glob("[0-9]*") if (parent := _stat(p, 3))}
    below = {pid}
    for _ in parents:
        below |= {child for child, parent in parents.items() if int(parent) in below}
    lines = {child: Path(f"/proc/{child}/cmdline") for child in below - {pid}}
    return {child: _read(file).replace("\0", " ").strip() for child, file in lines.items()}


def started(pid):
    """Return when a process started, None if there is none: ids are used again."""
    return _stat(Path(f"/proc/{pid}"), 21)


def worked(pid):
    """Return the seconds of a processor that a process, and those it waited for, have taken."""
    ticks = [int(_stat(Path(f"/proc/{pid}"), number) or 0) for number in range(13, 17)]
    return sum(ticks) / os.sysconf("SC_CLK_TCK")


def _stat(process, field_number):
    text = _read(process / "stat")
    fields = [*text[: text.rfind(")")].split(" ", 1), *text[text.rfind(")") + 2 :].split()]
    return fields[field_number] if text and fields[2] != "Z" else None


def _read(file):
    try:
        return file.read_text()
    except OSError:
        return ""


def beside(folder, *words, passphrase=None):
    """Run another command beside the server; returns its exit code and what it printed."""
    reading, writing = os.pipe()
    os.write(writing, f"{passphrase}\n".encode())
    os.close(writing)
    given = ["--passphrase-fd", str(reading)] if passphrase else []
    done = subprocess.run(
        [SCRIPT, *words, *given],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        pass_fds=[reading],
        timeout=PATIENCE,
        check=False,
    )
    os.close(reading)
    return done.returncode, done.stdout + done.stderr


@contextmanager
def starting(
    folder, *arguments, command="serve", port=None, passphrase=None, sheet=False, ready=True
):
    """Run a server command in `folder` until the block ends.

    Args:
        folder: where; the vault is in `var` below it.
        arguments: of the command.
        command: `serve` or `demo`.
        port: the first of three; free ones by default.
        passphrase: given through a descriptor.
        sheet: whether the sheet of a new vault is read from a descriptor.
        ready: whether to wait until everything answers.
    """
    port = port or free_ports()
    line = [SCRIPT, command, *arguments, "--port", str(port)]
    reading, writing = os.pipe()
    inner = writing if sheet else reading
    if sheet or passphrase is not None:
        line += ["--sheet-to-fd" if sheet else "--passphrase-fd", str(inner)]
    errors_file = folder / f"errors-{port}"
    with errors_file.open("wb") as errors:
        child = subprocess.Popen(
            line,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            pass_fds=[inner],
        )
    os.close(inner)
    served = Served(child, errors_file, port)
    try:
        with os.fdopen(reading if sheet else writing, "r" if sheet else "w") as outer:
            if sheet:
                served.sheet = outer.read()
            else:
                outer.write(f"{passphrase or ''}\n")
        if ready:
            served.wait_until_ready()
        yield served
    finally:
        if child.poll() is None:
            served.signal(signal.SIGTERM)
        child.stdout.close()
