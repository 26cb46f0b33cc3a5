"""The reckoning that this application's pages are made of."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from flask import Flask, current_app

from vault import clock
from vault.errors import SettingError
from vault.journal.reckoning.keeper import Look, Reckoning
from vault.journal.vault import Vault
from vault.web.inside import pages

_NAME = "reckoning"


def install(app: Flask, vault: Vault) -> None:
    """Give `app` the reckoning of its vault.

    Raises:
        SettingError: the time zone is unknown on this machine, or a rule is none.
    """
    stated = vault.settings.flags
    try:
        zone = ZoneInfo(stated.time_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingError(f"flags.time_zone: {stated.time_zone} is unknown here") from error
    held = Reckoning(vault.journal, vault.database, vault.agent, zone, stated.rules)
    app.extensions[_NAME] = held
    app.add_template_filter(local)
    app.add_template_filter(stamp)

    @app.context_processor
    def _context() -> dict[str, str]:
        return {"zone": stated.time_zone.rpartition("/")[2].replace("_", " ")}


def reckoning() -> Reckoning:
    """Return the reckoning of the current application."""
    return cast("Reckoning", current_app.extensions[_NAME])


def today() -> date:
    """Return the day where the organisation is."""
    return datetime.fromtimestamp(clock.now(), reckoning().zone).date()


def local(moment: str) -> str:
    """Return a moment of an entry where the organisation is, and a day as it is, for people."""
    if len(moment) == len("2026-11-22"):
        return pages.date(moment)
    at = datetime.fromisoformat(moment).astimezone(reckoning().zone)
    return at.strftime("%d.%m.%Y %H:%M")


def stamp(moment: str) -> str:
    """Return a moment or day as the reckoning keeps it, where the organisation is, for people."""
    day, _, minute = moment.partition("T")
    return f"{pages.date(day)} {minute}".rstrip()


def look() -> AbstractContextManager[Look]:
    """Look at the whole log; see `Reckoning.look`."""
    return reckoning().look()
