"""Asks an agent over its socket: one connection for each thread and process.

A connection that broke between two requests (the agent restarted, a process forked) is replaced
once; every operation may be repeated without harm. The server's user is checked as well: whoever
could put a socket in its place would otherwise be handed keys.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from typing import TYPE_CHECKING, Any

from vault.agents import operations, wire
from vault.agents.address import check_length
from vault.errors import (
    AgentError,
    BusyError,
    EncodingError,
    FormatError,
    LedgerError,
    LockedError,
    SessionEndedError,
    TooLongError,
    WitnessVaultError,
)

if TYPE_CHECKING:
    from pathlib import Path

    from vault.agents.operations import Operations

TIMEOUT_SECONDS = 10.0

_RETRY_SECONDS = 0.02
_ERRORS: dict[str, type[WitnessVaultError]] = {
    kind.code: kind
    for kind in (
        AgentError,
        BusyError,
        EncodingError,
        FormatError,
        LedgerError,
        LockedError,
        SessionEndedError,
        TooLongError,
    )
}


class Channel:
    """Calls operations of one agent.

    Args:
        path: its socket.
        allowed: its operations.
        timeout: seconds to wait for an answer.
        uid: the user it must run as; by default our own.
    """

    def __init__(
        self,
        path: Path,
        allowed: Operations,
        *,
        timeout: float = TIMEOUT_SECONDS,
        uid: int | None = None,
    ) -> None:
        check_length(path)
        self._path = path
        self._allowed = allowed
        self._timeout = timeout
        self._uid = os.geteuid() if uid is None else uid
        self._local = threading.local()

    def call(self, name: str, *arguments: Any) -> Any:
        """Return the result of one operation.

        Raises:
            AgentError: nobody answers in time, or what answers is no agent of ours.
            WitnessVaultError: what the agent answered: see `api`.
        """
        operation = self._allowed[name]
        request = wire.frame([name, operation.encode_arguments(arguments)])
        reply = self._ask(request)
        if not isinstance(reply, dict) or len(reply) != 1:
            raise AgentError("not an answer")
        if "error" in reply:
            raise _ERRORS.get(reply["error"], AgentError)
        try:
            return operation.gives.decode(reply.get("ok"))
        except FormatError:
            raise AgentError("not an answer") from None

    def wait(self, seconds: float) -> None:
        """Return as soon as the agent can be connected to.

        Raises:
            AgentError: not within `seconds`.
        """
        end = time.monotonic() + seconds
        while True:
            try:
                self._local.connection = self._connect()
            except AgentError:
                if time.monotonic() > end:
                    raise
                time.sleep(_RETRY_SECONDS)
            else:
                return

    def _ask(self, request: bytes) -> Any:
        connection = self._existing()
        if connection is not None:
            try:
                return self._exchange(connection, request)
            except ConnectionError:
                pass
        try:
            return self._exchange(self._connect(), request)
        except ConnectionError:
            raise AgentError("the connection broke") from None

    def _exchange(self, connection: _Connection, request: bytes) -> Any:
        # Only a connection whose last exchange was complete is used again.
        self._local.connection = None
        try:
            reply = connection.exchange(request, self._timeout)
            self._local.connection = connection
        except TimeoutError:
            raise AgentError("no answer in time") from None
        except FormatError:
            raise AgentError("not an answer") from None
        finally:
            if self._local.connection is None:
                connection.close()
        return reply

    def _existing(self) -> _Connection | None:
        connection: _Connection | None = getattr(self._local, "connection", None)
        if connection is None or connection.process != os.getpid():
            return None
        return connection

    def _connect(self) -> _Connection:
        connection = _Connection()
        connection.settimeout(self._timeout)
        try:
            connection.connect(str(self._path))
        except OSError as error:
            connection.close()
            raise AgentError(self._path.stem) from error
        if wire.peer_uid(connection) != self._uid:
            connection.close()
            raise AgentError(f"{self._path.stem} runs as another user")
        return connection


class _Connection(socket.socket):
    """A socket that belongs to one process and closes with its last reference.

    That is when its thread ends, or at its first use in a forked process.
    """

    def __init__(self) -> None:
        super().__init__(socket.AF_UNIX, socket.SOCK_STREAM)
        self.process = os.getpid()

    def __del__(self) -> None:
        self.close()

    def exchange(self, request: bytes, timeout: float) -> Any:
        self.settimeout(timeout)
        self.sendall(request)
        reply = wire.receive(self, timeout, timeout)
        if reply is None:
            raise ConnectionResetError
        return reply


class SessionClient:
    """Implements `api.SessionAgent` over a socket."""

    _operations: Operations = operations.SESSION

    def __init__(self, path: Path, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self._channel = Channel(path, self._operations, timeout=timeout)

    def wait(self, seconds: float) -> None:
        """Return as soon as the agent answers; AgentError after `seconds`."""
        self._channel.wait(seconds)

    def seal(self, purpose: str, session_id: bytes, plaintext: bytes) -> bytes:
        """See `api.SessionAgent.seal`."""
        sealed: bytes = self._channel.call("seal", purpose, session_id, plaintext)
        return sealed

    def open(self, purpose: str, sealed: bytes) -> tuple[bytes, bytes]:
        """See `api.SessionAgent.open`."""
        opened: tuple[bytes, bytes] = self._channel.call("open", purpose, sealed)
        return opened

    def end(self, session_id: bytes, keep_seconds: int) -> None:
        """See `api.SessionAgent.end`."""
        self._channel.call("end", session_id, keep_seconds)

    def derive(self, label: str, data: bytes) -> bytes:
        """See `api.SessionAgent.derive`."""
        derived: bytes = self._channel.call("derive", label, data)
        return derived

    def forget(self) -> None:
        """See `api.SessionAgent.forget`."""
        self._channel.call("forget")

    def memory_state(self) -> str:
        """See `api.SessionAgent.memory_state`."""
        return str(self._channel.call("memory_state"))


class VaultClient(SessionClient):
    """Implements `api.VaultAgent` over a socket."""

    _operations = operations.VAULT

    def unlock(
        self, vault_key: bytes, lasting_key: bytes, ledger_seed: bytes, collector_seeds: bytes
    ) -> None:
        """See `api.VaultAgent.unlock`."""
        self._channel.call("unlock", vault_key, lasting_key, ledger_seed, collector_seeds)

    def lock(self) -> None:
        """See `api.VaultAgent.lock`."""
        self._channel.call("lock")

    def locked(self) -> bool:
        """See `api.VaultAgent.locked`."""
        return bool(self._channel.call("locked"))

    def subkey(self, label: str) -> bytes:
        """See `api.VaultAgent.subkey`."""
        key: bytes = self._channel.call("subkey", label)
        return key

    def signed(self) -> int:
        """See `api.VaultAgent.signed`."""
        return int(self._channel.call("signed"))

    def sign_note(self, text: bytes, proof: bytes = b"") -> bytes:
        """See `api.VaultAgent.sign_note`."""
        signature: bytes = self._channel.call("sign_note", text, proof)
        return signature

    def ledger_public(self) -> bytes:
        """See `api.VaultAgent.ledger_public`."""
        public: bytes = self._channel.call("ledger_public")
        return public

    def collector_seeds(self) -> bytes:
        """See `api.VaultAgent.collector_seeds`."""
        seeds: bytes = self._channel.call("collector_seeds")
        return seeds

    def note_session(self, member: str, session_id: bytes, about: bytes) -> None:
        """See `api.VaultAgent.note_session`."""
        self._channel.call("note_session", member, session_id, about)

    def sessions_of(self, member: str) -> list[tuple[bytes, bytes]]:
        """See `api.VaultAgent.sessions_of`."""
        listed: list[tuple[bytes, bytes]] = self._channel.call("sessions_of", member)
        return listed

    def take(self, lane: str, every: int, burst: int) -> bool:
        """See `api.VaultAgent.take`."""
        return bool(self._channel.call("take", lane, every, burst))

    def give_back(self, lane: str, every: int) -> None:
        """See `api.VaultAgent.give_back`."""
        self._channel.call("give_back", lane, every)
