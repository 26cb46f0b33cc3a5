"""The vault that is measured: a real demonstration without testimonies, on free ports."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from bench.browser import Browser
from vault.members import totp

_STOP_SECONDS = 30
_PATIENCE = 60


class Demo:
    """`witness-vault demo --empty` while the block lasts."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "vault.cli", "demo", "--empty", "--json"]
        self._child = subprocess.Popen(
            [*command, "--port", str(_free_port())], stdout=subprocess.PIPE
        )
        assert self._child.stdout is not None
        announced: dict[str, Any] = json.loads(self._child.stdout.readline())
        self.folder = Path(announced["data_dir"])
        self._ports = {
            side: int(urlsplit(announced[f"{side}_url"]).port or 0)
            for side in ("intake", "staff", "audit")
        }
        self._members = {member["roles"][0]: member for member in announced["members"]}
        self._used: dict[str, int] = {}
        self.pid = self._child.pid
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._child.send_signal(signal.SIGTERM)
        self._child.wait(_STOP_SECONDS)

    def browser(self, side: str) -> Browser:
        """Return a new browser at `intake`, `staff` or `audit`."""
        return Browser(self._ports[side])

    def port(self, side: str) -> int:
        """Return where an interface answers."""
        return self._ports[side]

    def credentials(self, role: str) -> dict[str, str]:
        """Return what signs a member in, with a code that was not used yet; may wait for one."""
        member = self._members[role]
        step = max(totp.step_now(), self._used.get(role, 0) + 1)
        while step > totp.step_now() + totp.SKEW:
            time.sleep(0.2)
        self._used[role] = step
        code = totp.code_at(totp.secret_of(member["totp_secret"]), step)
        return {"login": member["login"], "passphrase": member["passphrase"], "code": code}

    def wait_until_collected(self) -> None:
        """Wait until the collector has taken everything that was sent."""
        waiting = self.folder / "letterbox" / "in"
        deadline = time.monotonic() + _PATIENCE
        while any(waiting.iterdir()):
            if time.monotonic() > deadline:
                raise TimeoutError("the collector does not keep up")
            time.sleep(0.2)


def _free_port() -> int:
    for first in range(23_000, 30_000, 3):
        try:
            for port in range(first, first + 3):
                socket.create_server(("127.0.0.1", port)).close()
        except OSError:
            continue
        return first
    raise OSError("no free ports")
