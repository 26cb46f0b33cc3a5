"""A browser without JavaScript, as far as timing needs one: keep-alive, cookies, forms."""

from __future__ import annotations

import http.client
import re
from urllib.parse import urlencode

_TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """One connection to one interface.

    Args:
        port: at 127.0.0.1.
    """

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies: dict[str, str] = {}
        self.status = 0
        self.page = ""
        self.headers: list[tuple[str, str]] = []

    def get(self, path: str) -> str:
        """Ask for a page; returns it."""
        return self._ask("GET", path, None)

    def post(self, path: str, fields: dict[str, str]) -> str:
        """Send a form with the token of the last page, if that had one; returns the answer."""
        token = _TOKEN.search(self.page)
        held = {"csrf_token": token.group(1)} if token else {}
        return self._ask("POST", path, urlencode(held | fields))

    @property
    def cookies(self) -> str:
        """What it sends as its cookies."""
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _ask(self, method: str, path: str, body: str | None) -> str:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        if self._cookies:
            headers["Cookie"] = self.cookies
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        self.status, self.page = answer.status, answer.read().decode()
        self.headers = answer.getheaders()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        return self.page
