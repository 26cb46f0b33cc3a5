"""The agents as they run: processes of their own, with what they promise about themselves."""

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from vault.agents.address import socket_path
from vault.agents.client import SessionClient, VaultClient
from vault.agents.kdf import LocalKdf, SocketKdf
from vault.crypto.passphrase import Argon2Parameters
from vault.errors import AgentError, BusyError, LockedError, SessionEndedError
from vault.settings import DIR_VARIABLE, load

# These fork on purpose while the test itself has threads; Python 3.12 and later warns of that.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")

ID = b"i" * 16
KEYS = (b"v" * 32, b"i" * 32, b"l" * 32, b"c" * 32)
USUAL = Argon2Parameters(65_536, 3, 1)


@pytest.fixture
def settings(folder):
    (folder / "settings.toml").write_text('[ledger]\norigin = "vault.example/log"\n')
    return load(folder)


@pytest.fixture
def start(settings):
    running = []

    def start(*arguments, directory=str(settings.paths.root)):
        process = subprocess.Popen(
            [sys.executable, "-m", "vault.agents", *arguments],
            env=os.environ | {DIR_VARIABLE: directory},
            stderr=subprocess.PIPE,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stderr.close()


@pytest.fixture
def intake(start, settings):
    start("intake")
    client = SessionClient(socket_path(settings, "intake"))
    client.wait(20)
    return client


def status_of(process, field):
    lines = Path(f"/proc/{process.pid}/status").read_text().splitlines()
    return next(line.split()[1] for line in lines if line.startswith(f"{field}:"))


def test_the_vault_agent_starts_locked_and_ends_cleanly(start, settings):
    process = start("vault")
    path = socket_path(settings, "vault")
    client = VaultClient(path)
    client.wait(20)
    assert client.locked()
    client.unlock(*KEYS)
    assert client.collector_seeds() == KEYS[3]
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == 0
    assert not path.exists()
    with pytest.raises(AgentError):
        client.locked()
    assert process.stderr.read() == b""


def test_a_killed_agent_comes_back_without_keys_and_sessions(start, settings):
    process = start("vault")
    client = VaultClient(socket_path(settings, "vault"))
    client.wait(20)
    client.unlock(*KEYS)
    sealed = client.seal("cookie", ID, b"x")
    process.kill()
    process.wait()
    start("vault")
    client.wait(20)
    assert client.locked()
    with pytest.raises(LockedError):
        client.subkey("database")
    with pytest.raises(SessionEndedError):
        client.open("cookie", sealed)


def test_neither_core_dump_nor_debugger_sees_the_keys(start, settings):
    process = start("vault")
    VaultClient(socket_path(settings, "vault")).wait(20)
    limits = Path(f"/proc/{process.pid}/limits").read_text().splitlines()
    core = next(line for line in limits if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]
    seen = subprocess.run(
        [sys.executable, "-c", _IS_DUMPABLE, str(process.pid)], check=True, capture_output=True
    )
    assert seen.stdout.strip() == b"0"


# Only a process itself can ask for this flag (prctl(2)), so another one hardens itself as the agent
# does and reads it back.
_IS_DUMPABLE = """
import ctypes
from vault.agents.memory import harden
harden()
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))
"""


@pytest.mark.parametrize("arguments", [(), ("nobody",), ("vault", "kdf")])
def test_wrong_usage_is_told(start, arguments):
    process = start(*arguments)
    assert process.wait(20) == 2
    assert b"intake|vault|kdf" in process.stderr.read()


def test_a_second_agent_says_why_it_does_not_start(intake, start):
    process = start("intake")
    assert process.wait(20) == 2
    assert b"another agent answers" in process.stderr.read()
    assert intake.derive("a", b"")


def test_a_vault_that_is_not_named_stops_the_start(start):
    process = start("vault", directory="")
    assert process.wait(20) == 2
    assert DIR_VARIABLE.encode() in process.stderr.read()


def test_the_intake_agent_knows_nothing_of_vault_keys(intake, settings):
    vault = VaultClient(socket_path(settings, "intake"))
    for ask in (vault.locked, vault.collector_seeds, lambda: vault.unlock(*KEYS)):
        with pytest.raises(Exception, match="expected format"):
            ask()


def test_a_client_goes_on_in_a_forked_process_with_a_connection_of_its_own(intake):
    sealed = intake.seal("cookie", ID, b"parent")
    go_on = multiprocessing.get_context("fork").Event()
    answers = multiprocessing.get_context("fork").SimpleQueue()

    def child():
        go_on.wait(10)
        wrong = [n for n in range(200) if intake.open("cookie", sealed) != (ID, b"parent")]
        answers.put((wrong, intake.derive("send", b"1")))

    process = multiprocessing.get_context("fork").Process(target=child)
    process.start()
    go_on.set()
    other = intake.seal("cookie", b"j" * 16, b"other")
    assert all(intake.open("cookie", other)[1] == b"other" for _ in range(200))
    process.join(20)
    assert process.exitcode == 0
    assert answers.get() == ([], intake.derive("send", b"1"))


def test_a_killed_worker_does_not_disturb_the_agent(intake):
    def child():
        while True:
            intake.derive("a", b"")

    before = intake.derive("a", b"")
    worker = multiprocessing.get_context("fork").Process(target=child)
    worker.start()
    intake.derive("a", b"")
    worker.kill()
    worker.join(10)
    assert intake.derive("a", b"") == before


def test_the_kdf_process_is_polite_bounded_and_right(start, settings):
    process = start("kdf")
    kdf = SocketKdf(socket_path(settings, "kdf"))
    kdf.wait(20)
    assert os.getpriority(os.PRIO_PROCESS, process.pid) == os.getpriority(os.PRIO_PROCESS, 0) + 10
    outcomes = []

    def ask():
        try:
            outcomes.append(kdf.derive("correct horse", b"s" * 16, USUAL))
        except BusyError:
            outcomes.append("busy")

    threads = [threading.Thread(target=ask) for _ in range(settings.passphrase.queue + 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = LocalKdf().derive("correct horse", b"s" * 16, USUAL)
    assert outcomes.count("busy") >= 1
    assert {*outcomes} == {expected, "busy"}
    assert int(status_of(process, "VmHWM")) < 200_000  # kB
