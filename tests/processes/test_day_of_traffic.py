"""What a day of visits leaves on the machine: no address, no browser, no page, no minute."""

from __future__ import annotations

import http.client
import re
import socket
from urllib.parse import quote, urlencode

import pytest

from tests.cli.conftest import write_settings
from tests.processes.served import FORM, PATIENCE, RECEIPT, SEND_ID, starting
from tests.support.house import House
from tests.support.uploading import KIND, PLANTED, choices, hidden, picture, posted

pytestmark = pytest.mark.processes

SOURCE = "127.0.0.77"
BROWSER, THROUGH, BEFORE = "Planted-Browser/7.7", "203.0.113.77", "https://planted.invalid/page"
STORY = "Planted-Story"
WHO = {
    "User-Agent": BROWSER,
    "X-Forwarded-For": THROUGH,
    "X-Real-IP": THROUGH,
    "Forwarded": f"for={THROUGH}",
    "Referer": BEFORE,
    "Accept-Language": "kk-Planted",
    "Cookie": "planted=Planted-Cookie",
}
PAGES = ("/", "/tell", "/tell/victim", "/return", "/style.css", "/page.js", "/icon.png", "/nowhere")
BROKEN = (
    f"GET /Planted HTTP/9.9\r\nUser-Agent: {BROWSER}\r\n\r\n",
    f"POST /return HTTP/1.1\r\nHost: x\r\nUser-Agent: {BROWSER}\r\nContent-Length: 9\r\n\r\nPl",
    f"GET / HTTP/1.1\r\nHost: x\r\n{BROWSER}\r\n\r\n",
)
# Addresses of pages, and what was planted above.
TRACES = (SOURCE, BROWSER, THROUGH, "planted", "Planted", "/tell", "/return", "/leave", "GET /")
assert all("Planted" in word for word in PLANTED)  # also what a picture says in itself


class Visits:
    """Somebody whose every request says who they are."""

    def __init__(self, port):
        self.port, self.cookie = port, ""

    def ask(self, path, body=None, kind=FORM):
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.port, timeout=PATIENCE, source_address=(SOURCE, 0)
        )
        headers = {**WHO, **(kind if body else {})}
        if self.cookie:
            headers["Cookie"] = self.cookie
        connection.request("POST" if body else "GET", path, body, headers)
        answer = connection.getresponse()
        self.cookie = (answer.headers.get("Set-Cookie") or self.cookie).partition(";")[0]
        text = answer.read().decode("utf-8", "replace")
        connection.close()
        return answer.status, text

    def break_off(self, text):
        with socket.create_connection(
            ("127.0.0.1", self.port), timeout=PATIENCE, source_address=(SOURCE, 0)
        ) as connection:
            connection.sendall(text.encode("latin-1"))
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(65_536):
                pass


def send_files(visits):
    """Send one file, break another off, and choose a third that is never sent."""
    fields = hidden(visits.ask("/return/files?lang=en")[1])
    for name in ("Planted-Name.jpg", "Planted-Unsent.jpg"):
        body = posted(fields, [(name, picture() + STORY.encode())])
        status, page = visits.ask("/return/files?lang=en", body, {"Content-Type": KIND})
        assert status == 200
        if "Unsent" not in name:
            chosen = urlencode({**hidden(page), **choices(1, keep="both")})
            assert visits.ask("/return/files/send?lang=en", chosen)[0] == 303
    head = f"POST /return/files HTTP/1.1\r\nHost: x\r\nCookie: {visits.cookie}\r\n"
    head += f"Content-Type: {KIND}\r\nContent-Length: {2 * len(body)}\r\n\r\n"
    visits.break_off(head + body.decode("latin-1"))


def a_day(visits):
    """Look at everything, tell, come back, add, leave; with mistakes. Returns the twelve words."""
    for path in PAGES:
        visits.ask(f"{path}?lang=en")
    _, page = visits.ask("/tell/victim?lang=en")
    told = f"send_id={SEND_ID.search(page)[1]}&story={STORY}&consent.C01=yes&consent.C02=yes"
    assert visits.ask("/tell/victim?lang=en", told.replace("C01=yes", "C01="))[0] == 400
    status, page = visits.ask("/tell/victim?lang=en", told)
    assert status == 200
    words = RECEIPT.search(page)[1]
    assert visits.ask("/return?lang=en", "receipt=Planted+words")[0] == 400
    assert visits.ask("/return?lang=en", f"receipt={quote(words)}")[0] == 303
    for path in ("/return/box", "/return/more", "/return/more/risk"):
        assert visits.ask(f"{path}?lang=en")[0] == 200
    send_files(visits)
    visits.ask("/return/allow", "token=Planted")
    for text in BROKEN:
        visits.break_off(text)
    assert visits.ask("/return/leave")[0] == 303
    return words


def test_no_file_says_who_came_from_where_with_what_to_which_page(folder, monkeypatch):
    write_settings(folder / "var")
    house = House.found(folder / "var").staff()
    house.close()
    temporary = folder / "tmp"
    temporary.mkdir()
    for name in ("TMPDIR", "HOME"):
        monkeypatch.setenv(name, str(temporary))
    with starting(folder, passphrase=house.sheet.vault_passphrase) as served:
        words = a_day(Visits(served.port))
        served.signal()
        printed = served.first_line + served.child.stdout.read().decode()
    assert list(temporary.iterdir()) == []
    left = {file: file.read_bytes() for file in folder.rglob("*") if file.is_file()}
    assert len(left) > 10, "the vault is there"
    held = {**left, "what it printed": printed.encode()}
    traces = [*TRACES, words, words.split()[0] + " " + words.split()[1]]
    found = {(str(f), t) for f, text in held.items() for t in traces if t.encode() in text}
    assert found == set()
    assert not re.search(r"\d\d:\d\d", served.errors), "a line of the log names a minute"


def test_files_of_what_came_are_dated_to_midnight(folder):
    came = [f for f in (folder / "var" / "letterbox").rglob("*") if f.is_file()]
    folders = ("boxes", "in", "files", "places", "scratch")
    dated = [file for file in came if file.parent.name in folders]
    assert {file.parent.name for file in dated} >= {"boxes", "files", "places"}
    assert {int(file.stat().st_mtime) % 86_400 for file in dated} == {0}
