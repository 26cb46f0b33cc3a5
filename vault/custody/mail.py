"""The daily notice and the one way out of this program: an SMTP server, over TLS only.

Every notice says the same, on every day, whatever waits: one text, one subject, the same length to
the byte for each recipient, dated by the hour that was set and not by the minute it left. Nothing
here knows of cases. See docs/decisions/0029-notices.md.

Source: RFC 5321 (SMTP), RFC 3207 (STARTTLS), RFC 8314 (TLS from the first byte), RFC 3834
(Auto-Submitted).
"""

from __future__ import annotations

import smtplib
import ssl
import stat
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP as WIRE
from pathlib import Path

from vault import clock
from vault.crypto import suite
from vault.errors import SettingError
from vault.settings import Notices, Paths

TIMEOUT_SECONDS, DEADLINE_SECONDS = 20.0, 120.0
MAX_FILE = 1_024
SYSTEM_CA = "system"

_NAME = "localhost"  # for the greeting: the name of this machine is nobody's business
_OTHERS = stat.S_IRWXO | stat.S_IWGRP
_REFUSALS = (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError)


@dataclass(frozen=True)
class Server:
    """Where notices go out.

    Args:
        host: its name, which its certificate must have.
        port: to connect to.
        starttls: TLS begins after a greeting in clear; nothing is said before it.
        trusted: whose certificates count.
        sign_in: name and password, or None.
    """

    host: str
    port: int
    starttls: bool
    trusted: ssl.SSLContext = field(repr=False)
    sign_in: tuple[str, str] | None = field(repr=False)

    @classmethod
    def of(cls, settings: Notices, paths: Paths) -> Server:
        """Return the server that the settings name.

        Raises:
            SettingError: the certificates, or name and password, cannot be read.
        """
        file = None if settings.ca == SYSTEM_CA else str(paths.root / settings.ca)
        try:
            trusted = ssl.create_default_context(cafile=file)
        except OSError:
            raise SettingError("notices.ca cannot be read") from None
        sign_in = _sign_in(paths.root / settings.sign_in)
        return cls(settings.host, settings.port, settings.starttls, trusted, sign_in)


@dataclass(frozen=True)
class Outcome:
    """What became of some notices.

    Args:
        again: those that were not taken, and can be tried again.
        unsure: of how many the server said nothing any more: they are never sent twice.
        reason: the class of what went wrong; never what a server said, which may hold an address.
    """

    again: dict[str, EmailMessage] = field(repr=False)
    unsure: int = 0
    reason: str = ""


def notice(settings: Notices, address: str, day: str) -> EmailMessage:
    """Return the notice for one address: the same on every day, but for its date and its id."""
    begins = clock.seconds_of(day) + settings.hour * clock.HOUR
    at = datetime.fromtimestamp(begins, UTC)
    _, _, domain = settings.sender.partition("@")
    made = EmailMessage(policy=WIRE)
    made["From"] = settings.sender
    made["To"] = address
    made["Subject"] = settings.subject
    made["Date"] = at
    made["Message-ID"] = f"<{suite.random(16).hex()}@{domain}>"
    made["Auto-Submitted"] = "auto-generated"  # whoever is away does not answer it
    made.set_content(settings.text, cte="base64")
    return made


def deliver(server: Server, mails: Mapping[str, EmailMessage]) -> Outcome:
    """Hand notices to the server, one by one, each to its one recipient.

    It ends within DEADLINE_SECONDS, whatever the server does: one that says a little, again and
    again, would begin a new timeout each time.

    Args:
        server: where.
        mails: by any name of theirs, in the order in which they go out.
    """
    attempt = _Attempt(dict(mails))
    thread = threading.Thread(target=attempt.make, args=(server, mails), daemon=True)
    thread.start()
    thread.join(DEADLINE_SECONDS)
    return attempt.outcome(ended=not thread.is_alive())


@dataclass
class _Attempt:
    again: dict[str, EmailMessage]
    sending: str | None = None
    reason: str = ""

    def make(self, server: Server, mails: Mapping[str, EmailMessage]) -> None:
        try:
            with _connected(server) as smtp:
                for name, mail in mails.items():
                    self._send(smtp, name, mail)
        except (OSError, ValueError) as error:  # smtplib's and ssl's own errors are some of these
            self.reason = type(error).__name__

    def _send(self, smtp: smtplib.SMTP, name: str, mail: EmailMessage) -> None:
        self.sending = name  # once it began, nobody knows how far it came
        del self.again[name]
        try:
            smtp.send_message(mail)
        except _REFUSALS as error:
            self.again[name], self.reason = mail, type(error).__name__
        self.sending = None

    def outcome(self, *, ended: bool) -> Outcome:
        unsure = int(self.sending is not None)
        if ended:
            return Outcome(self.again, unsure, self.reason)
        return Outcome({}, unsure + len(self.again), "deadline")


@contextmanager
def _connected(server: Server) -> Iterator[smtplib.SMTP]:
    """Open a connection that is encrypted to whom the certificate names, and signed in."""
    with _opened(server) as smtp:
        if server.starttls:
            smtp.starttls(context=server.trusted)  # refused if it is not offered
        if server.sign_in is not None:
            smtp.login(*server.sign_in)
        yield smtp


def _opened(server: Server) -> smtplib.SMTP:
    where = (server.host, server.port, _NAME)
    if server.starttls:
        return smtplib.SMTP(*where, timeout=TIMEOUT_SECONDS)
    return smtplib.SMTP_SSL(*where, timeout=TIMEOUT_SECONDS, context=server.trusted)


def _sign_in(path: Path) -> tuple[str, str] | None:
    """Return name and password, a line each; None if the file is empty: the server asks for none.

    Raises:
        SettingError: it cannot be read, others can read it, or it holds something else.
    """
    try:
        if path.stat().st_mode & _OTHERS:
            raise SettingError("notices.sign_in: others can read or change this file")
        with path.open("rb") as stream:
            lines = stream.read(MAX_FILE).decode("utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise SettingError("notices.sign_in cannot be read") from None
    if not lines:
        return None
    if len(lines) != len(("name", "password")) or not all(lines):
        raise SettingError("notices.sign_in: the name on one line, the password on the next")
    return lines[0], lines[1]
