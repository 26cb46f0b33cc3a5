"""The witness's side: the first pages, and whole intakes without JavaScript by several at once."""

from __future__ import annotations

import re
import threading
import time
from functools import partial

from bench.browser import Browser
from bench.house import Demo
from bench.report import Report, median, milliseconds, percentile

CLIENTS = 8
SECONDS = 10.0
PAGES = ("/", "/tell/victim")
SEE_OTHER = 303
STORY = "Меня забрали утром у подъезда и держали в спортзале до ночи. " * 40

_SEND_ID = re.compile(r'name="send_id" value="([^"]+)"')
_HIDDEN = re.compile(r'type="hidden" name="([^"]+)" value="([^"]*)"')
_MODULE = re.compile(r'"(/return/more/[a-z_]+)\?')
_RECEIPT = re.compile(r'<output id="receipt">(\S+(?: \S+){11})</output>')


def first_pages(report: Report, demo: Demo) -> None:
    """Add size and median time of the first pages, for one client."""
    browser = demo.browser("intake")
    for path in PAGES:
        taken = milliseconds(partial(browser.get, path), 50)
        report.add(f"page {path}: size", len(browser.page.encode()) / 1000, "kB", most=15)
        report.add(f"page {path}: median time", median(taken), "ms", most=15)
    browser.close()


def tell(browser: Browser) -> bool:
    """Send one testimony as a person does; returns whether twelve words came back."""
    page = browser.get("/tell/victim")
    found = _SEND_ID.search(page)
    if found is None:
        return False
    consent = {"consent.C01": "yes", "consent.C02": "yes"}
    answer = browser.post("/tell/victim", {"send_id": found.group(1), "story": STORY} | consent)
    return browser.status == 200 and _RECEIPT.search(answer) is not None


def module_pages(report: Report, demo: Demo) -> None:
    """Add size and median time of every page that may follow the words, and of sending one."""
    browser = demo.browser("intake")
    tell(browser)
    receipt = _RECEIPT.search(browser.page)
    assert receipt is not None
    browser.post("/return", {"receipt": receipt.group(1)})
    lists = ("/return/more?", "/return/more?form=victim&")
    pages = sorted({page for path in lists for page in _MODULE.findall(browser.get(path))})
    sizes, times = [], []
    for path in ("/return/box?", *lists, *(f"{page}?" for page in pages)):
        times.append(median(milliseconds(partial(browser.get, f"{path}lang=kk"), 20)))
        sizes.append(len(browser.page.encode()) / 1000)
    report.add(f"{len(sizes)} pages of a box: biggest", max(sizes), "kB", most=40)
    report.add("pages of a box: slowest median time", max(times), "ms", most=25)
    report.add(
        "sending a page: median time", median(milliseconds(partial(_add, browser), 20)), "ms"
    )
    browser.close()


def _add(browser: Browser) -> None:
    page = browser.get("/return/more/risk?lang=kk")
    hidden = dict(_HIDDEN.findall(page))
    browser.post("/return/more/risk?lang=kk", hidden | {"safe_contact_rule": STORY[:1000]})
    if browser.status != SEE_OTHER:
        raise OSError(f"answered {browser.status}")


def throughput(report: Report, demo: Demo) -> None:
    """Add whole intakes a second, errors and waiting times, with CLIENTS at once."""
    taken: list[float] = []
    errors: list[str] = []
    began = time.perf_counter()
    clients = [
        threading.Thread(target=_client, args=(demo, began + SECONDS, taken, errors))
        for _ in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    seconds = time.perf_counter() - began
    report.add(f"whole intakes, {CLIENTS} clients", len(taken) / seconds, "1/s", least=60)
    report.add("whole intakes: errors", len(errors), "", most=0)
    report.add("whole intakes: p50", percentile(taken, 50), "ms")
    report.add("whole intakes: p99", percentile(taken, 99), "ms", most=500)
    for kind in sorted(set(errors)):
        report.add(f"  {kind}", errors.count(kind), "")


def _client(demo: Demo, end: float, taken: list[float], errors: list[str]) -> None:
    browser = demo.browser("intake")
    while (began := time.perf_counter()) < end:
        try:
            if tell(browser):
                taken.append((time.perf_counter() - began) * 1000)
            else:
                errors.append(f"answered {browser.status}")
        except OSError as error:
            errors.append(type(error).__name__)
            browser.close()
    browser.close()
