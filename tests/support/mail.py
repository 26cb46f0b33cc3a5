"""A real SMTP server on this machine, over TLS, with an authority of its own."""

from __future__ import annotations

import contextlib
import datetime as dt
import socket
import ssl
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.ports import free_ports

SIGN_IN = ("postman", "a password of the server")


@dataclass
class Post:
    """What the server was handed: (envelope recipients, bytes as they came) for each mail."""

    port: int
    ca: Path
    mails: list[tuple[list[str], bytes]] = field(default_factory=list)
    signed_in: list[bool] = field(default_factory=list)


class Authority:
    """A certificate authority, and certificates by it; the second of its kind is a stranger."""

    def __init__(self, folder: Path, name: str) -> None:
        self.key, self.name = ec.generate_private_key(ec.SECP256R1()), name
        self.folder, self.file = folder, folder / f"{name}.pem"
        self.cert = self._made(name, self.key, None)
        self.file.write_bytes(self.cert.public_bytes(serialization.Encoding.PEM))

    def context(self, host="localhost") -> ssl.SSLContext:
        """Return what a server of this name needs for TLS."""
        key = ec.generate_private_key(ec.SECP256R1())
        cert, file = self._made(host, key, host), self.folder / f"{self.name}-{host}.pem"
        file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + cert.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(file)
        return context

    def _made(self, name, key, host):
        now, whole = dt.datetime.now(dt.UTC), dt.timedelta(days=1)
        issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])
        made = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - whole)
            .not_valid_after(now + whole)
            .add_extension(x509.BasicConstraints(ca=host is None, path_length=None), critical=True)
        )
        if host is not None:
            names = x509.SubjectAlternativeName([x509.DNSName(host)])
            made = made.add_extension(names, critical=False)
        return made.sign(self.key, hashes.SHA256())


class _Handler:
    def __init__(self, post, refuses):
        self._post, self._refuses = post, refuses

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 - as aiosmtpd calls it
        if address in self._refuses:
            return f"450 4.2.0 <{address}> try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, session, envelope):  # noqa: N802 - as aiosmtpd calls it
        self._post.mails.append((envelope.rcpt_tos, envelope.original_content))
        self._post.signed_in.append(bool(session.authenticated))
        return "250 OK"


@contextmanager
def served(
    authority: Authority,
    *,
    port=None,
    starttls=False,
    context=None,
    refuses=(),
    password=SIGN_IN[1],
):
    """Serve until the end of the block; every mail is kept."""
    context = context or authority.context()
    post = Post(0, authority.file)

    def allow(_server, _session, _envelope, _mechanism, data):
        right = (data.login, data.password) == (SIGN_IN[0].encode(), password.encode())
        return AuthResult(success=right, handled=False)

    options = (
        {"tls_context": context, "require_starttls": True, "auth_required": True}
        if starttls
        else {"ssl_context": context, "auth_require_tls": False}
    )
    controller = Controller(
        _Handler(post, refuses),
        hostname="127.0.0.1",
        port=port or free_ports(),
        authenticator=allow,
        ready_timeout=60,
        **options,
    )
    controller.start()
    post.port = controller.port
    try:
        yield post
    finally:
        controller.stop()


@contextmanager
def hanging(say=b""):
    """Take connections and say nothing, or one byte again and again."""
    server, ended = socket.create_server(("127.0.0.1", 0)), threading.Event()

    def serve():
        held = []
        server.settimeout(0.05)
        while not ended.is_set():
            with contextlib.suppress(TimeoutError):
                held.append(server.accept()[0])
            for each in held:
                with contextlib.suppress(OSError):
                    each.send(say)
        for each in held:
            each.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield server.getsockname()[1]
    finally:
        ended.set()
        thread.join()
        server.close()
