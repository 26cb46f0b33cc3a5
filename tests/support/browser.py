"""A browser of a member, without a network."""

from __future__ import annotations

import re

from tests.support.house import passphrase_of

TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


class Browser:
    """A test client that behaves as a person does: it sends the token that the page held."""

    def __init__(self, app, prefix):
        self.client = app.test_client()
        self.prefix = prefix
        self.page = None

    def get(self, path, **options):
        self.page = self.client.get(path, **options)
        return self.page

    def post(self, path, data=None, token=None):
        held = TOKEN.search(self.page.text) if self.page else None
        token = token if token is not None else (held.group(1) if held else "")
        self.page = self.client.post(path, data={"csrf_token": token, **(data or {})})
        return self.page

    def sign_in(self, login, passphrase=None):
        self.get(f"{self.prefix}/sign-in?lang=en")
        typed = {"login": login, "passphrase": passphrase or passphrase_of(login)}
        return self.post(f"{self.prefix}/sign-in", typed)
