"""`python -m vault.cli.notices`: the process that sends the daily notice, if it is turned on.

One of its own, so that a mail server that hangs holds up no slot. At the hour that was set it sends
what was claimed, tries again what was not taken, and gives up half an hour later: a notice outside
that time would tell when somebody unlocked or repaired something. While the vault is locked it
knows no address, and sends nothing that day.
"""

from __future__ import annotations

import sys

from vault import clock
from vault.cli.waiting import Wait, until_told_to_end
from vault.custody.mail import Outcome, Server, deliver, notice
from vault.errors import LockedError, SettingError, WitnessVaultError
from vault.journal.vault import Vault
from vault.members import notices

WINDOW_SECONDS = 1_800
PAUSES = (0.0, 300.0, 900.0)
"""Seconds before each attempt; the last one ends within the window."""

_LONGEST = 600.0  # looked at the clock at least so often: it may be set meanwhile


def main() -> int:
    """Run until SIGTERM; returns the exit code."""
    return until_told_to_end(run)


def run(vault: Vault, wait: Wait) -> None:
    """Send once on every day, at its hour, until `wait` says that this ends."""
    hour, done, pause = vault.settings.notices.hour, "", 0.0
    while not wait(pause):
        day = clock.day()
        if day != done and since(hour, clock.now()) < WINDOW_SECONDS:
            done = day
            _once(vault, day, wait)
            vault.close()  # no key of the database stays here until tomorrow
        pause = min(_LONGEST, float(clock.DAY - since(hour, clock.now())))


def since(hour: int, now: int) -> int:
    """Return the seconds since it was last this hour."""
    return (now - hour * clock.HOUR) % clock.DAY


def _once(vault: Vault, day: str, wait: Wait) -> None:
    try:
        _send(vault, day, wait)
    except LockedError:
        _say("the vault is locked: nothing is sent today")
    except WitnessVaultError as error:
        _say(error.code)


def _send(vault: Vault, day: str, wait: Wait) -> None:
    addresses = notices.claim(vault, day)
    settings = vault.settings.notices
    mails = {member: notice(settings, address, day) for member, address in addresses.items()}
    last, unsure = Outcome(mails), 0
    try:
        server = Server.of(settings, vault.settings.paths)
        for pause in PAUSES:
            if not last.again or wait(pause):
                break
            last = deliver(server, last.again)
            unsure += last.unsure
    except SettingError as error:
        last = Outcome(last.again, reason=error.detail)
    missing = len(last.again) + unsure
    if missing:
        _say(f"{missing} of {len(mails)} were not delivered ({last.reason})")
        notices.failed(vault, day, addresses, missing)


def _say(what: str) -> None:
    sys.stderr.write(f"notices: {what}\n")


if __name__ == "__main__":
    sys.exit(main())
