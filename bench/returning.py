"""Coming back: a full box, what is sent from it, and whether a full letterbox makes it slower."""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from flask.testing import FlaskClient

from bench.intake import SEE_OTHER, STORY
from bench.report import Report, median, milliseconds
from bench.staff import small_vault
from vault.agents.sessions import SessionKeys
from vault.cases.arriving.collect import Collector
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.written import messages
from vault.crypto.receipt import Receipt, encode_digits
from vault.crypto.sign import SigningKey, verify
from vault.journal.vault import Vault
from vault.members.actor import Actor
from vault.testimony.boxes import box_locator
from vault.web.intake import Services, create_app

MESSAGES, TEXT = 50, "Мы прочитали и думаем, что делать дальше. " * 12
FEW, MANY = 100, 10_000
TIMES = 40
BOX, MODULE = "/return/box?lang=ru", "/return/more/risk?lang=ru"
ANSWERS = {"story": STORY, "consent": {"C01": "yes", "C02": "yes"}}
# How much slower with MANY boxes is still the noise of a machine that does other things.
NOISE = 1.5

_LETTERS = str.maketrans("0123456789", "ghijklmnop")
_HIDDEN = re.compile(r'type="hidden" name="([^"]+)" value="([^"]*)"')


def measure(report: Report) -> None:
    """Add all of it, in one process: answers as the application gives them, without a network."""
    with tempfile.TemporaryDirectory() as folder:
        vault, officer, lawyer = small_vault(Path(folder))
        services = Services.connect(vault.settings, SessionKeys())
        receipt = _conversation(vault, services, officer, lawyer)
        client = create_app(services).test_client()
        taken = milliseconds(partial(_enter, client, receipt), TIMES)
        report.add("entering the words: median", median(taken), "ms", most=40)
        taken = milliseconds(partial(_show, client), TIMES)
        report.add(f"a box with {MESSAGES} messages: median", median(taken), "ms", most=40)
        report.add("floor: so many bare verifications", _bare(), "ms")
        page = dict(_HIDDEN.findall(client.get(MODULE).text))
        taken = milliseconds(partial(_post, client, page), TIMES)
        report.add("sending from a box: median", median(taken), "ms", most=30)
        _among_many(report, vault, receipt, client)
        vault.close()


def _bare() -> float:
    key, text = SigningKey(secrets.token_bytes(32)), TEXT.encode()
    signature = key.sign("bench", text)
    verified = partial(verify, key.public, "bench", text, signature)
    return median(milliseconds(lambda: [verified() for _ in range(MESSAGES)], TIMES))


def _conversation(vault: Vault, services: Services, officer: Actor, lawyer: Actor) -> Receipt:
    """Return the words of a box with MESSAGES replies."""
    tell = services.tell
    receipt = tell.send("victim", "ru", ANSWERS, tell.new_send_id()).receipt
    Collector(vault).run()
    (line,) = inbox.new_cases(vault, officer)
    assign.give(vault, officer, line.id, lawyer.id, None)
    for number in range(MESSAGES):
        messages.reply(vault, lawyer, line.id, f"{number}: {TEXT}")
    Collector(vault).run()
    return receipt


def _among_many(report: Report, vault: Vault, receipt: Receipt, client: FlaskClient) -> None:
    """Add what a box and a slot cost at best among MANY boxes, in parts of that among FEW."""

    def slot() -> None:
        _post(client, dict(_HIDDEN.findall(client.get(MODULE).text)))
        assert Collector(vault).run().accepted

    works: dict[str, Callable[[], None]] = {
        "entering the words": partial(_enter, client, receipt),
        "the box": partial(_show, client),
        "a slot with one addendum": slot,
    }
    taken = []
    for count in (FEW, MANY):
        _fill(vault, receipt, count)
        taken.append({name: min(milliseconds(work, TIMES)) for name, work in works.items()})
    for name in works:
        ratio = 100 * taken[1][name] / taken[0][name]
        report.add(f"{name}: {MANY} boxes for {FEW}", ratio, "%", most=100 * NOISE)


def _fill(vault: Vault, receipt: Receipt, count: int) -> None:
    """Let the letterbox hold so many boxes: one box of true size, under many names."""
    folder, own = vault.settings.paths.letterbox / "boxes", box_locator(receipt)
    there = sum(1 for _ in folder.glob("*.box"))
    for _ in range(there, count):
        name = secrets.token_hex(16)
        for kind in ("box", "sent"):
            os.link(folder.parent / "nothing" / kind, folder / f"{name}.{kind}")
    assert (folder / f"{own}.box").exists()


def _enter(client: FlaskClient, receipt: Receipt) -> None:
    answer = client.post("/return", data={"receipt": encode_digits(receipt.entropy)})
    assert answer.status_code == SEE_OTHER, answer.status


def _show(client: FlaskClient) -> None:
    page = client.get(BOX)
    assert page.text.count('class="reply"') == MESSAGES, page.status


def _post(client: FlaskClient, page: dict[str, str]) -> None:
    """Send one more text from a page: the text differs, so that each is an addendum."""
    # Letters alone: some digits in a row would be hinted at as a telephone number.
    mark = secrets.token_hex(8).translate(_LETTERS)
    typed = {"safe_contact_rule": f"{mark} {STORY[:1000]}"}
    answer = client.post(MODULE, data=page | typed)
    assert answer.status_code == SEE_OTHER, answer.status
