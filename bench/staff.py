"""The lawyer's side: opening an account over HTTP and in one process."""

from __future__ import annotations

import re
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import many
from bench.browser import Browser
from bench.house import Demo
from bench.intake import STORY
from bench.report import Report, median, milliseconds
from bench.sign_in import signed_in
from vault import settings as settings_module
from vault.agents.kdf import LocalKdf
from vault.agents.vault_keys import VaultKeys
from vault.cases import reveal
from vault.cases.arriving.collect import Collector
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.lists.choosing import PAGE
from vault.cli.demo_vault import Person, furnish
from vault.custody import founding, keys
from vault.forms.load import load_forms
from vault.journal.vault import Vault, connect
from vault.members import signin
from vault.members.actor import Actor
from vault.packet.build import build_testimony
from vault.packet.material import Material
from vault.testimony.statement import statement_of
from vault.testimony.tell import recipients

CASES = 1000

_CASE = re.compile(r'href="(/staff/cases/[0-9a-f]{32})"')
_LAWYER = re.compile(r'<option value="([0-9a-f]{32})"')
_SETTINGS: dict[str, dict[str, Any]] = {
    "ledger": {"origin": "bench.invalid"},
    "passphrase": {"memory": 64, "time": 1},
    "letterbox": {"slot": 0, "disk_reserve": 0},
    "roster": {"delay": 0},
}


def over_http(report: Report, demo: Demo) -> None:
    """Add the officer's list, a case's page, and the list of a lawyer with many cases."""
    officer, lawyer = signed_in(demo, "intake_officer"), signed_in(demo, "lawyer")
    waiting = officer.get("/staff/new")
    case = _found(_CASE.search(waiting))
    member = _found(_LAWYER.search(officer.get(case)))
    officer.post(f"{case}/give", {"lawyer": member})
    taken = milliseconds(lambda: _opened(lawyer, case), 50)
    report.add("a case's page over HTTP: median", median(taken), "ms", most=60)
    count = len(set(_CASE.findall(waiting)))
    officer.close()  # idle meanwhile: the server may have ended the connection
    listing = milliseconds(lambda: officer.get("/staff/new"), 3)
    report.add(f"the officer's list of {count} new accounts", median(listing), "ms")
    _give_many(demo)
    lawyer.close()
    _long_list(report, lawyer)


def _give_many(demo: Demo) -> None:
    vault = connect(settings_module.load(demo.folder))
    officer, lawyer = (
        signin.sign_in(vault, **demo.credentials(role)) for role in ("intake_officer", "lawyer")
    )
    many.give(vault, officer, lawyer, CASES)
    vault.close()


def _long_list(report: Report, browser: Browser) -> None:
    """Add the list of CASES cases: the first time, while they are posted, and then as usual."""
    began = time.perf_counter()
    browser.get("/staff/cases")
    first = (time.perf_counter() - began) * 1000
    report.add(f"the list of {CASES} cases just given, once", first, "ms")
    taken = milliseconds(lambda: _listed(browser), 20)
    report.add(f"the list of {CASES} cases over HTTP: median", median(taken), "ms", most=150)


def in_process(report: Report) -> None:
    """Add opening one account, with its durable entry and checkpoint, without HTTP."""
    with tempfile.TemporaryDirectory() as folder:
        vault, officer, lawyer = small_vault(Path(folder))
        _send(vault)
        Collector(vault).run()
        (line,) = inbox.new_cases(vault, officer)
        assign.give(vault, officer, line.id, lawyer.id, None)
        taken = milliseconds(lambda: reveal.open_case(vault, lawyer, line.id), 100)
        vault.close()
    report.add("opening one account in process: median", median(taken), "ms", most=20)


def _listed(lawyer: Browser) -> None:
    page = lawyer.get("/staff/cases")
    assert len(_CASE.findall(page)) == PAGE, f"answered {lawyer.status}"


def _opened(lawyer: Browser, case: str) -> None:
    page = lawyer.get(case)
    assert STORY[:60] in page, f"answered {lawyer.status}"


def _found(match: re.Match[str] | None) -> str:
    assert match is not None, "a page is not as expected"
    return match.group(1)


def small_vault(folder: Path) -> tuple[Vault, Actor, Actor]:
    """Return a vault in this process, its officer and its lawyer."""
    vault, people = furnished(folder)
    return vault, _signed_in(vault, people, "intake_officer"), _signed_in(vault, people, "lawyer")


def furnished(folder: Path) -> tuple[Vault, tuple[Person, ...]]:
    """Return a vault in this process, and one member for each role."""
    settings = settings_module.load(folder, _SETTINGS)
    sheet = founding.found(settings)
    people, _ = furnish(settings, sheet, empty=True)
    agent, kdf = VaultKeys(settings.ledger.origin), LocalKdf()
    opened = keys.open_vault_keys(settings, sheet.vault_passphrase, kdf)
    opened.open(agent)
    return Vault(settings, agent, kdf), people


def _signed_in(vault: Vault, people: tuple[Person, ...], role: str) -> Actor:
    person = next(person for person in people if role in person.roles)
    return signin.sign_in(vault, person.login, person.passphrase, person.recovery_codes[0])


def _send(vault: Vault) -> None:
    answers = {"story": STORY, "consent": {"C01": "yes", "C02": "yes"}}
    statement = statement_of(load_forms().get("victim"), "ru", answers, vault.settings)
    roster = vault.letterbox.roster()
    packet = build_testimony(Material.generate(), statement, roster, recipients(roster))
    vault.letterbox.put_packet(packet.encode())
    vault.letterbox.put_first_boxes(packet.boxes)
