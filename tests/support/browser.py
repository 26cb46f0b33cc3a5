"""A browser of a member, without a network."""

from __future__ import annotations

import html
import re

from tests.support.factor import fresh_code
from tests.support.house import passphrase_of
from vault.members import totp

SECRET = re.compile(r'id="secret">([^<]+)<')
OFFER = re.compile(r'name="offer" value="([^"]+)"')
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

    def sign_in(self, login, passphrase=None, code=None):
        """Sign in; what is not given is what belongs to the login."""
        self.get(f"{self.prefix}/sign-in?lang=en")
        return self.post(f"{self.prefix}/sign-in", self.credentials(login, passphrase, code))

    def paired(self):
        """Take the new authenticator that the page shows; return what its form then holds."""
        shown = html.unescape(self.page.text)
        secret = totp.secret_of(SECRET.search(shown).group(1))
        digits = totp.code_at(secret, totp.step_now())
        return {"offer": OFFER.search(shown).group(1), "digits": digits}

    def credentials(self, login, passphrase=None, code=None):
        """Return the fields of whatever page asks who one is."""
        vault = self.client.application.extensions["witness-vault"]
        return {
            "login": login,
            "passphrase": passphrase or passphrase_of(login),
            "code": code or fresh_code(vault, login),
        }
