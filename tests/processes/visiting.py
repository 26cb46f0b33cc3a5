"""A browser of somebody at a real server: keeps cookies, sends the token that the page held."""

from __future__ import annotations

import html
import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request

from tests.processes.served import PATIENCE
from tests.support.factor import Authenticator, secret_of
from tests.support.house import passphrase_of

_TOKEN = re.compile(r'name="(csrf_token|token)" value="([^"]+)"')


class Visitor:
    """Somebody at one of the three addresses.

    Args:
        address: scheme, host and port.
    """

    def __init__(self, address):
        self.address = address
        self.jar = http.cookiejar.CookieJar()
        self._open = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.jar), _AsIs
        ).open
        self.status, self.page = 0, ""

    def get(self, path):
        return self._ask(path, None)

    def post(self, path, **form):
        token = _TOKEN.search(self.page)
        fields = {token[1]: html.unescape(token[2])} if token else {}
        return self._ask(path, urllib.parse.urlencode(fields | form).encode())

    @property
    def cookies(self):
        return [cookie.value for cookie in self.jar]

    def _ask(self, path, body):
        try:
            with self._open(self.address + path, body, timeout=PATIENCE) as answer:
                self.status, self.page = answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                self.status, self.page = answer.code, answer.read().decode()
        return self.status


class _AsIs(urllib.request.HTTPRedirectHandler):
    """Shows a redirection instead of following it."""

    def redirect_request(self, *_):
        return None


def member(served, login, side="staff"):
    """Return somebody signed in at a side."""
    visitor = Visitor(f"http://localhost:{served.port + {'staff': 1, 'audit': 2}[side]}")
    visitor.get(f"/{side}/sign-in")
    app = Authenticator(secret_of(login))
    fields = {"login": login, "passphrase": passphrase_of(login), "code": app.code()}
    assert visitor.post(f"/{side}/sign-in", **fields) == 303
    assert visitor.get(f"/{side}/{'me' if side == 'staff' else ''}") == 200
    return visitor


def witness(served, receipt):
    """Return somebody who came back with a receipt."""
    visitor = Visitor(f"http://127.0.0.1:{served.port}")
    assert visitor.post("/return", receipt=receipt) == 303
    assert visitor.get("/return/box") == 200
    return visitor
