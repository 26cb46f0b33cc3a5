"""Argon2id for people's passphrases, in a process of its own.

One derivation at a time, at low priority, behind a bounded queue: a flood of sign-ins takes neither
the memory nor the processor from those who are already inside.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from vault.agents import operations
from vault.agents.client import Channel
from vault.crypto import passphrase as argon2
from vault.crypto.passphrase import Argon2Parameters
from vault.errors import BusyError, EncodingError, FormatError, TooLongError

if TYPE_CHECKING:
    from pathlib import Path

# A whole queue of derivations, each well under a second, on a slow machine.
TIMEOUT_SECONDS = 120.0


class LocalKdf:
    """Implements `api.Kdf` in this process, at once."""

    def derive(self, passphrase: str, salt: bytes, parameters: Argon2Parameters) -> bytes:
        """Return the 32-byte key."""
        return argon2.derive(passphrase, salt, parameters)


class KdfQueue:
    """What the process serves: one derivation at a time.

    Args:
        waiting: how many may wait for the one that runs.
        max_memory_kib: key files state their own cost; more than this is refused.
    """

    def __init__(self, waiting: int, max_memory_kib: int) -> None:
        self._inside = threading.BoundedSemaphore(waiting + 1)
        self._turn = threading.Lock()
        self._max_memory_kib = max_memory_kib

    def derive_key(
        self, passphrase: bytes, salt: bytes, memory_kib: int, time: int, parallelism: int
    ) -> bytes:
        """Return the 32-byte key when it is this request's turn.

        Raises:
            BusyError: too many wait already.
            FormatError: salt or cost out of bounds.
        """
        parameters = Argon2Parameters(memory_kib, time, parallelism)
        if memory_kib > self._max_memory_kib:
            raise FormatError("memory_kib")
        text = _decode(passphrase)
        if not self._inside.acquire(blocking=False):
            raise BusyError
        try:
            with self._turn:
                return argon2.derive(text, salt, parameters)
        finally:
            self._inside.release()


class SocketKdf:
    """Implements `api.Kdf` by asking the process at `path`."""

    def __init__(self, path: Path, *, timeout: float = TIMEOUT_SECONDS) -> None:
        self._channel = Channel(path, operations.KDF, timeout=timeout)

    def wait(self, seconds: float) -> None:
        """Return as soon as the process answers; AgentError after `seconds`."""
        self._channel.wait(seconds)

    def derive(self, passphrase: str, salt: bytes, parameters: Argon2Parameters) -> bytes:
        """Return the 32-byte key."""
        cost = (parameters.memory_kib, parameters.time, parameters.parallelism)
        key: bytes = self._channel.call("derive_key", _encode(passphrase), salt, *cost)
        return key


def _encode(passphrase: str) -> bytes:
    # Bytes, since the JSON encoder's errors would repeat a text that it cannot encode.
    if len(passphrase) > argon2.MAX_PASSPHRASE:
        raise TooLongError(f"a passphrase has at most {argon2.MAX_PASSPHRASE} characters")
    try:
        return passphrase.encode("utf-8", "strict")
    except UnicodeEncodeError:
        raise EncodingError("passphrase") from None


def _decode(passphrase: bytes) -> str:
    try:
        return passphrase.decode("utf-8", "strict")
    except UnicodeDecodeError:
        raise EncodingError("passphrase") from None
