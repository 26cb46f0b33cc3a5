"""A real gunicorn with the project's own settings before a small application of a test."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.processes.served import ANSWER, PATIENCE, descendants, wait_until
from tests.support.ports import free_ports
from vault.settings import DIR_VARIABLE


@dataclass
class Gunicorn:
    """One server, its port, and where its standard error goes."""

    child: subprocess.Popen
    port: int
    errors_file: Path

    @property
    def errors(self):
        return self.errors_file.read_text()

    @property
    def workers(self):
        return list(descendants(self.child.pid))

    def ask(self, path, timeout=ANSWER):
        """Return status and page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def is_up(self):
        try:
            return bool(self.ask("/healthz"))
        except OSError:
            return False


def settings_in(folder, **servers):
    """Write the settings that a server needs."""
    lines = [f"{name} = {value}" for name, value in servers.items()]
    text = '[ledger]\norigin = "test.invalid"\n[servers]\n' + "\n".join(lines) + "\n"
    (folder / "settings.toml").write_text(text)


@contextmanager
def serving(folder, app, threads=2, *, ready=True, also=None):
    """Serve the source text `app`, whose application is called `app`, until the block ends.

    Args:
        folder: with the settings; the application is put there.
        app: its source.
        threads: of each worker.
        ready: whether to wait until it answers.
        also: variables that it finds in its environment.
    """
    (folder / "served_app.py").write_text(app)
    port, errors_file = free_ports(), folder / "errors"
    words = ["--config", "python:vault.web.gunicorn_settings", "--bind", f"127.0.0.1:{port}"]
    words += ["--threads", str(threads), "--pythonpath", str(folder), "served_app:app"]
    with errors_file.open("wb") as errors:
        child = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *words],
            env={**os.environ, **(also or {}), DIR_VARIABLE: str(folder)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
    running = Gunicorn(child, port, errors_file)
    try:
        if ready:
            wait_until(running.is_up)
        yield running
    finally:
        child.terminate()
        child.wait(PATIENCE)
