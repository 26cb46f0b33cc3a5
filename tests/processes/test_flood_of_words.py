"""A flood of wrong words at a real gunicorn: it delays the right ones, and refuses nobody."""

from __future__ import annotations

import http.client
import re
import threading
import time
from pathlib import Path

import pytest

from tests.processes.gunicorns import serving, settings_in
from tests.processes.served import FORM, RECEIPT, SEND_ID
from tests.processes.uploads import APP
from tests.web.intake.conftest import publish
from vault import settings
from vault.crypto.receipt import Receipt, encode_digits

pytestmark = pytest.mark.processes

THREADS, FLOOD, SECONDS = 4, 24, 4.0
# All who come wait their turn. Two dozen before us, some milliseconds each, on a slow machine.
PATIENCE = 20.0
MEGABYTES = 30


@pytest.fixture
def server(tmp_path):
    settings_in(tmp_path)
    publish(settings.load(tmp_path))
    with serving(tmp_path, APP, threads=THREADS) as running:
        yield running


class Client:
    """One connection that is kept, as a browser keeps it."""

    def __init__(self, server):
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.connection.close()

    def ask(self, path, body=None):
        """Return status, page and how long it took."""
        began = time.monotonic()
        self.connection.request("POST" if body else "GET", path, body, FORM if body else {})
        answer = self.connection.getresponse()
        return answer.status, answer.read().decode(), time.monotonic() - began

    def enter(self, receipt):
        status, _, took = self.ask("/return", f"receipt={receipt.replace(' ', '+')}")
        return status, took


class Flood:
    """Others who enter words that open nothing, as fast as they are answered."""

    def __init__(self, server):
        self.statuses, self.end = [], threading.Event()
        self.threads = [threading.Thread(target=self._enter, args=(server,)) for _ in range(FLOOD)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        time.sleep(0.5)
        return self

    def __exit__(self, *_):
        self.end.set()
        for thread in self.threads:
            thread.join()

    def _enter(self, server):
        with Client(server) as client:
            while not self.end.is_set():
                self.statuses.append(client.enter(encode_digits(Receipt.generate().entropy))[0])


def tell(client):
    _, page, _ = client.ask("/tell/victim")
    body = f"send_id={SEND_ID.search(page)[1]}&story=Here&consent.C01=yes&consent.C02=yes"
    return RECEIPT.search(client.ask("/tell/victim", body)[1])[1]


def resident(server):
    """Return what its workers hold in memory, in MB (proc(5), VmRSS)."""
    statuses = [Path(f"/proc/{pid}/status").read_text() for pid in server.workers]
    return sum(int(re.search(r"VmRSS:\s+(\d+)", text)[1]) for text in statuses) / 1000


@pytest.fixture
def witness(server):
    with Client(server) as client:
        yield client


def test_right_words_and_new_accounts_are_taken_in_the_middle_of_it(server, witness, tmp_path):
    receipt = encode_digits(Receipt.from_text(tell(witness)).entropy)
    assert witness.enter(receipt)[0] == 303
    before = resident(server)
    with Flood(server) as flood:
        until, waited = time.monotonic() + SECONDS, []
        while time.monotonic() < until:
            status, took = witness.enter(receipt)
            assert status == 303
            waited.append(took)
        assert Receipt.from_text(tell(witness))
    assert set(flood.statuses) == {303}
    assert len(flood.statuses) > FLOOD
    assert max(waited) < PATIENCE
    assert resident(server) - before < MEGABYTES
    assert len(list((tmp_path / "letterbox" / "in").iterdir())) == 3  # two accounts, one visit
    assert list((tmp_path / "letterbox" / "scratch").iterdir()) == []
    assert len(list((tmp_path / "letterbox" / "boxes").glob("*.sent"))) == 4
