import contextlib
import os
import socket
import stat
import threading
import time

import pytest

from vault.agents import operations, wire
from vault.agents.client import Channel, SessionClient, VaultClient
from vault.agents.server import Server
from vault.agents.sessions import SessionKeys
from vault.agents.vault_keys import VaultKeys
from vault.errors import (
    AgentError,
    BusyError,
    FormatError,
    LedgerError,
    LockedError,
    SessionEndedError,
    SettingError,
    TooLongError,
)
from vault.ledger.checkpoint import Checkpoint

ID = b"i" * 16
KEYS = (b"v" * 32, b"i" * 32, b"l" * 32, b"c" * 32)


@pytest.fixture
def path(folder):
    return folder / "run" / "a.sock"


@pytest.fixture
def sessions(serve, path):
    serve(SessionKeys(), operations.SESSION)
    return SessionClient(path, timeout=5)


@pytest.fixture
def vault(serve, path):
    serve(VaultKeys("example/log"), operations.VAULT)
    return VaultClient(path, timeout=5)


def raw(path):
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    peer.connect(str(path))
    return peer


def told(path, data):
    """Send bytes on a fresh connection; return the reply, None when the server hung up."""
    with raw(path) as peer:
        with contextlib.suppress(BrokenPipeError):  # it may hang up before we have said all
            peer.sendall(data)
        try:
            return wire.receive(peer, 5, 5)
        except ConnectionError:
            return None


def test_the_client_answers_as_the_object_does(sessions):
    sealed = sessions.seal("cookie", ID, b"x")
    assert sessions.open("cookie", sealed) == (ID, b"x")
    assert sessions.derive("send", b"1") == sessions.derive("send", b"1")
    sessions.end(ID, 60)
    with pytest.raises(SessionEndedError):
        sessions.open("cookie", sealed)


def test_the_vault_client_answers_as_the_object_does(vault):
    local = VaultKeys("example/log")
    local.unlock(*KEYS)
    assert vault.locked()
    with pytest.raises(LockedError):
        vault.subkey("database")
    vault.unlock(*KEYS)
    assert not vault.locked()
    note = Checkpoint("example/log", 1, bytes(32)).text().encode()
    assert vault.subkey("database") == local.subkey("database")
    assert vault.sign_note(note) == local.sign_note(note)
    assert vault.ledger_public() == local.ledger_public()
    assert vault.collector_seeds() == KEYS[3]
    with pytest.raises(LedgerError):
        vault.sign_note(b"a letter\n")
    vault.lock()
    assert vault.locked()


def test_lock_ends_the_sessions_of_every_connection(vault, path):
    vault.unlock(*KEYS)
    sealed = VaultClient(path).seal("cookie", ID, b"x")
    VaultClient(path).lock()
    with pytest.raises(SessionEndedError):
        vault.open("cookie", sealed)


def test_errors_come_back_as_their_class(sessions):
    with pytest.raises(FormatError):
        sessions.seal("cookie", b"short", b"x")
    with pytest.raises(SessionEndedError):
        sessions.open("cookie", b"x" * 60)


def test_what_is_too_large_is_refused_and_the_connection_stays(sessions):
    with pytest.raises(TooLongError):
        sessions.seal("cookie", ID, bytes(wire.MAX_FRAME))
    with pytest.raises(TooLongError):
        sessions.seal("cookie", ID, bytes(196_560))  # only the answer is over the limit
    assert sessions.seal("cookie", ID, bytes(150_000))


def test_folder_and_socket_are_for_their_owner_only(sessions, path):
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_process_of_another_user_is_not_answered(serve, path):
    serve(SessionKeys(), operations.SESSION, uid=os.geteuid() + 1)
    assert told(path, wire.frame(["derive", ["a", ""]])) is None
    with pytest.raises(AgentError):
        SessionClient(path).derive("a", b"")


def test_a_server_of_another_user_is_not_asked(sessions, path):
    channel = Channel(path, operations.SESSION, uid=os.geteuid() + 1)
    with pytest.raises(AgentError, match="another user"):
        channel.call("derive", "a", b"")


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x02{]",
        b"\x00\x00\x00\x03[ ]",
        b"\x00\x00\x00\x00",
    ],
)
def test_garbage_ends_its_connection_and_no_other(sessions, path, data):
    before = sessions.derive("a", b"")
    assert told(path, data) is None
    assert sessions.derive("a", b"") == before


@pytest.mark.parametrize(
    "request_",
    [
        {},
        [],
        ["derive"],
        ["derive", ["a", ""], 1],
        ["derive", {}],
        ["derive", ["a"]],
        ["derive", ["a", "", ""]],
        ["derive", [1, ""]],
        ["derive", ["a", "="]],
        ["end", ["aWlpaWlpaWlpaWlpaWlpaQ", True]],
        ["unlock", ["", "", ""]],
        ["_end_all", []],
        ["__repr__", []],
        [["derive"], ["a", ""]],
    ],
)
def test_only_listed_operations_with_their_own_arguments_are_done(sessions, path, request_):
    assert told(path, wire.frame(request_)) == {"error": FormatError.code}


class Failing:
    def derive(self, label, data):
        raise ValueError(f"a secret: {label!r} {data!r}")


def test_an_unforeseen_error_is_told_as_a_code_and_logged_by_its_type(serve, path, caplog):
    serve(Failing(), {"derive": operations.SESSION["derive"]})
    channel = Channel(path, operations.SESSION)
    for _ in range(2):
        with pytest.raises(AgentError):
            channel.call("derive", "a", b"x")
    assert "ValueError" in caplog.text
    assert "secret" not in caplog.text


def answered_with(path, data):
    """Ask a false agent that answers any request with `data` and hangs up."""
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()

        def answer():
            peer, _ = listener.accept()
            with peer:
                wire.receive(peer, 5, 5)
                peer.sendall(data)

        thread = threading.Thread(target=answer)
        thread.start()
        try:
            return SessionClient(path).open("a", b"")
        finally:
            thread.join()


@pytest.mark.parametrize(
    "reply",
    [
        [],
        {},
        {"ok": 1},
        {"ok": None},
        {"ok": [""]},
        {"ok": ["", 1]},
        {"error": "nonsense"},
        {"error": "error.agent", "ok": ""},
    ],
)
def test_a_false_answer_is_an_agent_error(path, reply):
    with pytest.raises(AgentError):
        answered_with(path, wire.frame(reply))


@pytest.mark.parametrize("data", [b"", b"\x00\x00", b"\xff\xff\xff\xff", b"\x00\x00\x00\x01{"])
def test_a_broken_answer_is_an_agent_error(path, data):
    with pytest.raises(AgentError):
        answered_with(path, data)


class Exhausted:
    """A listener that once has no descriptor left."""

    def __init__(self, listener):
        self._listener, self._failed = listener, False

    def accept(self):
        if not self._failed:
            self._failed = True
            raise OSError(24, "Too many open files")
        return self._listener.accept()

    def __getattr__(self, name):
        return getattr(self._listener, name)


def test_an_agent_without_descriptors_goes_on_when_there_are_some(path):
    server = Server(path, SessionKeys(), operations.SESSION)
    server.listen()
    server._listener = Exhausted(server._listener)
    thread = threading.Thread(target=server.serve)
    thread.start()
    assert SessionClient(path, timeout=5).derive("a", b"")
    server.stop()
    thread.join(10)
    assert not thread.is_alive()


def test_an_agent_that_does_not_answer_in_time_is_given_up(path):
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        listener.listen()
        client = SessionClient(path, timeout=0.1)
        with pytest.raises(AgentError, match="in time"):
            client.derive("a", b"")


def test_no_agent_is_an_agent_error(path):
    with pytest.raises(AgentError):
        SessionClient(path).derive("a", b"")
    with pytest.raises(AgentError):
        SessionClient(path).wait(0.05)


def test_waiting_ends_as_soon_as_the_agent_is_there(serve, path):
    client = SessionClient(path)
    late = threading.Timer(0.1, serve, (SessionKeys(), operations.SESSION))
    late.start()
    client.wait(5)
    assert client.derive("a", b"")
    late.join()


def test_more_connections_than_allowed_are_told_to_come_later(serve, path):
    serve(SessionKeys(), operations.SESSION, max_connections=2)
    first, second = SessionClient(path), SessionClient(path)
    first.derive("a", b"")
    second.derive("a", b"")
    with pytest.raises(BusyError):
        SessionClient(path).derive("a", b"")
    del second
    deadline = time.monotonic() + 5
    while True:
        try:
            assert SessionClient(path).derive("a", b"")
            break
        except BusyError:
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_many_threads_share_one_client(sessions):
    wrong = []

    def work(number):
        for turn in range(30):
            text = b"%d-%d" % (number, turn)
            if sessions.open("p", sessions.seal("p", ID, text)) != (ID, text):
                wrong.append(text)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_restarted_agent_is_found_again_and_knows_no_session(serve, path):
    first = serve(SessionKeys(), operations.SESSION)
    client = SessionClient(path, timeout=5)
    sealed = client.seal("cookie", ID, b"x")
    first.stop()
    deadline = time.monotonic() + 5
    while path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.01)
    with pytest.raises(AgentError):
        client.open("cookie", sealed)
    serve(SessionKeys(), operations.SESSION)
    with pytest.raises(SessionEndedError):
        client.open("cookie", sealed)


def test_a_second_agent_does_not_take_the_socket(sessions, path):
    second = Server(path, SessionKeys(), operations.SESSION)
    with pytest.raises(SettingError, match="already"):
        second.listen()
    second._listener.close()
    assert sessions.derive("a", b"")


def test_a_socket_left_behind_is_replaced(serve, path):
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as dead:
        dead.bind(str(path))
    serve(SessionKeys(), operations.SESSION)
    assert SessionClient(path).derive("a", b"")


def test_a_path_too_long_for_a_socket_stops_the_start(tmp_path):
    path = tmp_path / ("x" * 100)
    for make in (SessionClient, lambda path: Server(path, SessionKeys(), operations.SESSION)):
        with pytest.raises(SettingError, match="at most 100"):
            make(path)


def test_one_question_takes_well_under_a_millisecond(sessions):
    sessions.derive("a", b"")
    durations = []
    for _ in range(200):
        start = time.perf_counter()
        sessions.derive("a", bytes(32))
        durations.append(time.perf_counter() - start)
    assert sorted(durations)[100] < 0.001
