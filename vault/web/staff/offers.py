"""The picture of a new authenticator, and how a page keeps it until it is used."""

from __future__ import annotations

import segno
from flask import request
from markupsafe import Markup

from vault.errors import SessionEndedError
from vault.members import factors, offer, totp
from vault.web.inside import who
from vault.web.shared import sessions
from vault.web.shared.decoding import read_form

FIELD = "offer"
DIGITS = "digits"

_QUIET_ZONE = 4  # modules; ISO/IEC 18004


class Shown:
    """The offer of one page: that of the form that was sent, as long as it counts, or a new one.

    Attributes:
        is_over: the form that was sent held one that counts no more.
    """

    def __init__(self, purpose: str) -> None:
        bound, vault = sessions.current().session_id, who.vault()
        held = read_form(request).text(FIELD)
        self.is_over = False
        try:
            self._offer = offer.read(vault, purpose, bound, held)
        except SessionEndedError:
            self.is_over = request.method == "POST"
            self._offer = offer.make(vault, purpose, bound)

    @property
    def label(self) -> str:
        """How apps call the entry."""
        return who.vault().settings.staff.authenticator_label

    @property
    def sealed(self) -> str:
        """What the page holds."""
        return self._offer.sealed

    @property
    def groups(self) -> str:
        """The secret for typing."""
        return totp.groups_of(self._offer.secret)

    @property
    def address(self) -> str:
        """The address that apps open."""
        return totp.address_of(self._offer.secret, self.label)

    @property
    def picture(self) -> Markup:
        """The same as a QR code, drawn inline: black on white also where the page is dark."""
        # Strangers can ask for this page: with a mask given the library does not try all eight,
        # which would take three times as long. Readers take any (ISO/IEC 18004, section 7.8).
        code = segno.make_qr(self.address, error="m", mask=3)
        drawn = code.svg_inline(border=_QUIET_ZONE, light="#fff", dark="#000", omitsize=True)
        return Markup(drawn)  # noqa: S704 - made of numbers by the library

    def pairing(self) -> factors.Pairing:
        """Return the secret with the digits that were typed."""
        return factors.Pairing(self._offer.secret, read_form(request).text(DIGITS))

    def end(self) -> None:
        """Let nobody use it again."""
        offer.end(who.vault(), self._offer)
