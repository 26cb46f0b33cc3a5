"""The auditors' room at a thousand to a million entries: `python -m bench.audit [COUNT …]`.

Every page is asked for through the application, with its entry and its checkpoint, in one process
without HTTP. Building a million takes some minutes; nothing of it is kept.
"""

from __future__ import annotations

import re
import resource
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from flask.testing import FlaskClient

from bench import million
from bench.report import Report, median, milliseconds
from bench.staff import furnished
from vault.cli.demo_vault import Person
from vault.journal.vault import Vault
from vault.web.audit import create_app

SIZES = (1_000, 10_000, 100_000, 1_000_000)
MOST, RUNS = 150, 10
_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
_MEMBER = re.compile(r'<option value="([0-9a-f]{32})"')
_CASE = re.compile(r'href="/audit/entries\?case=([0-9a-f]{32})"')


def measure(report: Report, count: int) -> None:
    """Add what each page takes at about `count` entries."""
    with tempfile.TemporaryDirectory() as folder:
        vault, people = furnished(Path(folder))
        million.fill(vault, count)
        auditor = next(person for person in people if "auditor" in person.roles)
        first = _signed_in(vault, auditor, 0)
        report.add(f"{count:9,}: everything counted, once", _once(first), "ms")
        other = _signed_in(vault, auditor, 1)
        report.add(f"{count:9,}: first look of another process", _once(other), "ms")
        for name, path in _pages(other, count):
            ask, began = partial(_ask, other, path), time.process_time()
            taken = milliseconds(ask, RUNS)
            worked = (time.process_time() - began) * 1000 / (RUNS + 1)
            report.add(f"{count:9,}: {name}: median", median(taken), "ms", most=MOST)
            report.add(f"{'':9}  of it on the processor", worked, "ms")
        _buttons(report, other, count)
        vault.close()
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    report.add(f"{count:9,}: memory of the process, at most", used, "MB")


def _pages(auditor: FlaskClient, count: int) -> Iterator[tuple[str, str]]:
    listed = _ask(auditor, "/entries?kind=assign")
    member, case = _found(_MEMBER, listed), _found(_CASE, listed)
    yield "overview", "/"
    yield "overview of half a year", "/?period=half"
    yield "questions", "/flags"
    yield "entries", "/entries"
    yield "entries, from the middle on", f"/entries?before={count // 2}"
    yield "entries of a member", f"/entries?member={member}"
    yield "entries of a kind", "/entries?kind=reveal"
    yield (
        "entries of a member and a kind they have none of",
        f"/entries?member={member}&kind=erased",
    )
    yield "entries of a case", f"/entries?case={case}"
    yield "one entry with its proof", f"/entries/{count // 3}"
    yield "checkpoints", "/checkpoints"


def _buttons(report: Report, auditor: FlaskClient, count: int) -> None:
    """Add what hashes every entry anew: only on demand, so without a target."""
    kept = _ask(auditor, "/checkpoint")
    for name, path, form in (("compare", "/compare", {"kept": kept}), ("verify", "/verify", {})):
        began = time.perf_counter()
        page = _post(auditor, path, form)
        assert "alert" not in page, name
        taken = (time.perf_counter() - began) * 1000
        report.add(f"{count:9,}: {name}, every entry hashed anew", taken, "ms")


def _once(auditor: FlaskClient) -> float:
    began = time.perf_counter()
    _ask(auditor, "/")
    return (time.perf_counter() - began) * 1000


def _signed_in(vault: Vault, auditor: Person, number: int) -> FlaskClient:
    """Return a client of a new application, which has counted nothing yet."""
    client = create_app(vault).test_client()
    code = auditor.recovery_codes[number]
    _post(
        client, "/sign-in", {"login": auditor.login, "passphrase": auditor.passphrase, "code": code}
    )
    return client


def _post(client: FlaskClient, path: str, form: Mapping[str, str]) -> str:
    page = client.get("/audit/sign-in" if path == "/sign-in" else "/audit/checkpoints").text
    data = {"csrf_token": _found(_TOKEN, page), **form}
    answer = client.post(f"/audit{path}", data=data)
    assert answer.status_code in {200, 303}, path
    return answer.text


def _ask(client: FlaskClient, path: str) -> str:
    answer = client.get(f"/audit{path}")
    assert answer.status_code == 200, path
    return answer.text


def _found(pattern: re.Pattern[str], page: str) -> str:
    found = pattern.search(page)
    assert found is not None, "a page is not as expected"
    return found.group(1)


def main() -> int:
    """Measure at the sizes that are asked for; returns the exit code."""
    report = Report()
    for count in [int(text) for text in sys.argv[1:]] or SIZES:
        measure(report, count)
    print(report.text())
    return 0 if report.met else 1


if __name__ == "__main__":
    sys.exit(main())
