"""While files are sent, and after: none of their bytes lie anywhere, also behind our nginx."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import socket
import ssl
import stat
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.processes.gunicorns import serving
from tests.processes.served import PATIENCE, descendants, wait_until
from tests.processes.uploads import APP, Sender, answer_of, kept, line, prepare
from tests.processes.watched import Inside, Outside
from tests.support.ports import free_ports
from vault import settings

pytestmark = pytest.mark.processes

REQUIRE = "WITNESS_VAULT_REQUIRE_NGINX"
SHIPPED = Path(__file__).parents[2] / "config" / "examples" / "nginx.conf"
SHARED = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"), Path("/var/lib/nginx"))
MARK = secrets.token_bytes(24)
PIECE = MARK * (262_144 // len(MARK))
SIZE = 64 * len(PIECE)


def program(name):
    """Return where it is; without it, skip the test, or fail it if it is required."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        missing = f"there is no {name} here: apt install {name}"
        pytest.fail(missing) if os.environ.get(REQUIRE) else pytest.skip(missing)
    return found


@pytest.fixture
def letterbox(tmp_path):
    prepare(tmp_path, slow_request=300)  # the search takes its time, not the sender
    return settings.load(tmp_path).paths.letterbox


@pytest.fixture
def inside(tmp_path):
    return Inside(tmp_path)


@pytest.fixture
def served(tmp_path, letterbox, inside):
    with serving(tmp_path, APP, threads=8, also=inside.environment) as running:
        yield running


def holders(folders, since):
    """Return which files changed since then hold the planted bytes."""
    found = []
    for path in (
        f"{at}/{name}" for folder in folders for at, _, names in os.walk(folder) for name in names
    ):
        with contextlib.suppress(OSError):
            about = os.lstat(path)
            if (
                about.st_mtime >= since
                and stat.S_ISREG(about.st_mode)
                and MARK in Path(path).read_bytes()
            ):
                found.append(path)
    return found


def send_watched(sender, connection, folders):
    """Send one large file, and search twice while it is on its way; returns the page."""
    began = time.time() - 1
    for number, part in enumerate(sender.large(SIZE, PIECE)):
        connection.sendall(part)
        if number in (20, 60):
            time.sleep(0.3)
            assert holders(folders, began) == []
    status, page = answer_of(connection)
    assert status == 200
    assert "film.mp4" in page
    assert holders(folders, began) == []


def test_the_server_writes_to_nothing_but_what_is_sealed(tmp_path, inside, served, letterbox):
    sender = Sender(served.port)
    with inside.written() as written, line(served.port) as connection:
        send_watched(sender, connection, [*SHARED, tmp_path])
    folders = {path.parent for path in written}
    assert letterbox / "scratch" in folders
    assert folders <= {letterbox / "scratch", letterbox / "places", Path("/dev")}


@pytest.mark.parametrize("held", [True, False], ids=["held open", "closed at once"])
def test_a_server_that_writes_a_file_in_clear_would_be_seen(tmp_path, inside, held):
    """Whoever watches must be able to see: also what no code of Python opens."""
    kept = tmp_path / "clear"
    write = f"ctypes.CDLL(None).open({os.fsencode(kept)!r}, {os.O_WRONLY | os.O_CREAT}, 0o600)"
    write = write if held else f"open({str(kept)!r}, 'wb').close()"
    app = f"""
import ctypes

def app(environ, start):
    if environ["PATH_INFO"] == "/write":
        {write}
    start("200 OK", [])
    return [b"ok"]
"""
    (tmp_path / "settings.toml").write_text('[ledger]\norigin = "test.invalid"\n')
    served = serving(tmp_path, app, also=inside.environment)
    with served as running, inside.written() as written:
        running.ask("/write")
    assert written == {kept}


# --- behind nginx --------------------------------------------------------------------------------


def certificate(folder):
    """Make a certificate for this machine alone."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    (folder / "chain.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / "key.pem").write_bytes(private)


def configuration(folder, intake, plain, secure):
    """Return the shipped file for other ports and folders, and nothing else of it changed."""
    text = SHIPPED.read_text()
    changes = {
        "listen 80;": f"listen 127.0.0.1:{plain};",
        "listen 443 ssl": f"listen 127.0.0.1:{secure} ssl",
        "/etc/ssl/witness-vault/chain.pem": str(folder / "chain.pem"),
        "/etc/ssl/witness-vault/key.pem": str(folder / "key.pem"),
        "http://127.0.0.1:8000": f"http://127.0.0.1:{intake}",
    }
    for shipped, ours in changes.items():
        assert text.count(shipped) == 1, shipped
        text = text.replace(shipped, ours)
    (folder / "site.conf").write_text(text)
    temporary = "client_body proxy fastcgi uwsgi scgi".split()
    paths = [f"{name}_temp_path {folder}/nginx-{name};" for name in temporary]
    user = "user root;" if os.geteuid() == 0 else ""
    return (
        f"{user} daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx-errors notice;"
        f"events {{}} http {{ access_log {folder}/nginx-access;"
        f"{' '.join(paths)} include {folder}/site.conf; }}"
    )


class Nginx(NamedTuple):
    """The shipped nginx in front of the server."""

    port: int
    pids: list[int]


@pytest.fixture
def nginx(tmp_path, served):
    path, plain, secure = program("nginx"), free_ports(), free_ports()
    certificate(tmp_path)
    (tmp_path / "nginx.conf").write_text(configuration(tmp_path, served.port, plain, secure))
    words = [path, "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-e", "stderr"]
    child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        wait_until(lambda: answers(secure) or child.poll() is not None)
        assert child.poll() is None, child.stderr.read()
        yield Nginx(secure, [child.pid, *descendants(child.pid)])
    finally:
        child.terminate()
        child.wait(PATIENCE)
        child.stderr.close()


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextlib.contextmanager
def secure_line(port):
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with line(port) as connection, context.wrap_socket(connection) as secured:
        yield secured


def test_nginx_as_shipped_lets_files_through_and_keeps_nothing(
    tmp_path, inside, served, nginx, letterbox
):
    sender = Sender(served.port)
    with (
        inside.written() as ours,
        Outside(nginx.pids).written() as theirs,
        secure_line(nginx.port) as connection,
    ):
        send_watched(sender, connection, [*SHARED, tmp_path])
    assert len(kept(letterbox)) == 1
    logs = [path for path in tmp_path.glob("nginx-*") if path.is_file()]
    assert theirs <= {*logs, tmp_path / "nginx.pid", Path("/dev/null")}
    assert {path.parent for path in ours} == {letterbox / "scratch", letterbox / "places"}
    said = "".join(path.read_text() for path in logs)
    assert "return/files" not in said
    assert "127.0.0.1" not in said.replace("127.0.0.1:", "")


def test_nginx_as_shipped_passes_each_piece_on_while_it_comes(served, nginx, letterbox):
    """Else it would hold the file until its end: in a file of its own."""
    sender = Sender(served.port)
    parts = sender.large(SIZE, PIECE)
    with secure_line(nginx.port) as connection:
        for _ in range(30):
            connection.sendall(next(parts))
        (half,) = wait_until(lambda: list((letterbox / "scratch").iterdir()))
        wait_until(lambda: half.stat().st_size > len(PIECE))
    wait_until(lambda: kept(letterbox) == [])


def test_nginx_as_shipped_hides_where_somebody_comes_from_and_compresses_nothing(served, nginx):
    with secure_line(nginx.port) as connection:
        lines = ["GET / HTTP/1.1", "Host: localhost", "Accept-Encoding: gzip", "Connection: close"]
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        answer = b"".join(iter(lambda: connection.recv(65_536), b""))
    head = answer.partition(b"\r\n\r\n")[0].lower()
    assert b" 200 " in head
    assert b"content-encoding" not in head
    assert b"nginx/" not in head
