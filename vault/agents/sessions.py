"""The memory-only key of a side: sessions, and what must be the same again within one run.

AES-256-GCM (NIST SP 800-38D) with random nonces: one key serves one run of the process, far below
the 2^32 messages that random nonces allow. Nothing here reaches a disk; a restart ends everything.
"""

from __future__ import annotations

import hmac
import secrets
import threading
import time
from typing import TYPE_CHECKING

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vault.agents import memory
from vault.errors import FormatError, SessionEndedError

if TYPE_CHECKING:
    from collections.abc import Callable

SESSION_ID_SIZE = 16
MAX_KEEP_SECONDS = 86_400
MAX_ENDED = 200_000
MAX_LABEL = 64

_NONCE_SIZE = 12
_CONTEXT = b"witness-vault/session/v1/"


class SessionKeys:
    """Implements `api.SessionAgent` in this process. Safe for many threads.

    Args:
        clock: seconds that only ever grow; when remembered ids may be forgotten.
        max_ended: how many ended ids are remembered; beyond that all sessions end, since
            forgetting one would bring an ended session back.
    """

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, max_ended: int = MAX_ENDED
    ) -> None:
        self._clock = clock
        self._max_ended = max_ended
        self._mutex = threading.RLock()
        self.forget()

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def seal(self, purpose: str, session_id: bytes, plaintext: bytes) -> bytes:
        """Return nonce (12 bytes), ciphertext of id and plaintext, tag (16 bytes)."""
        _check_id(session_id)
        with self._mutex:
            if self._has_ended(session_id):
                raise SessionEndedError
            cipher = self._cipher
        nonce = secrets.token_bytes(_NONCE_SIZE)
        return nonce + cipher.encrypt(nonce, session_id + plaintext, _associated(purpose))

    def open(self, purpose: str, sealed: bytes) -> tuple[bytes, bytes]:
        """Return session id and plaintext."""
        with self._mutex:
            cipher = self._cipher
        try:
            opened = cipher.decrypt(
                sealed[:_NONCE_SIZE], sealed[_NONCE_SIZE:], _associated(purpose)
            )
        except (InvalidTag, ValueError):
            raise SessionEndedError from None
        session_id, plaintext = opened[:SESSION_ID_SIZE], opened[SESSION_ID_SIZE:]
        with self._mutex:
            # Asked after opening, so that an end or a lock meanwhile still counts.
            if cipher is not self._cipher or self._has_ended(session_id):
                raise SessionEndedError
        return session_id, plaintext

    def end(self, session_id: bytes, keep_seconds: int) -> None:
        """Remember `session_id` as ended for `keep_seconds`, 0 to MAX_KEEP_SECONDS."""
        _check_id(session_id)
        if not 0 <= keep_seconds <= MAX_KEEP_SECONDS:
            raise FormatError("keep_seconds")
        with self._mutex:
            if len(self._ended) >= self._max_ended:
                self._forget_expired()
            if len(self._ended) >= self._max_ended:
                self._end_all()
                return
            until = self._clock() + keep_seconds
            self._ended[session_id] = max(until, self._ended.get(session_id, until))

    def derive(self, label: str, data: bytes) -> bytes:
        """Return HMAC-SHA256(memory-only key, length of label || label || data)."""
        encoded = check_label(label)
        message = len(encoded).to_bytes(1, "big") + encoded + data
        return hmac.digest(self._derivation_key, message, "sha256")

    def forget(self) -> None:
        """Begin anew, as after a restart."""
        with self._mutex:
            self._derivation_key = secrets.token_bytes(32)
            self._end_all()

    def memory_state(self) -> str:
        """Return what can become of this process's memory."""
        return memory.state()

    def _end_all(self) -> None:
        with self._mutex:
            self._cipher = AESGCM(secrets.token_bytes(32))
            self._ended: dict[bytes, float] = {}

    def _has_ended(self, session_id: bytes) -> bool:
        until = self._ended.get(session_id)
        return until is not None and self._clock() < until

    def _forget_expired(self) -> None:
        now = self._clock()
        self._ended = {key: until for key, until in self._ended.items() if now < until}


def _check_id(session_id: bytes) -> None:
    if len(session_id) != SESSION_ID_SIZE:
        raise FormatError(f"a session id has {SESSION_ID_SIZE} bytes")


def _associated(purpose: str) -> bytes:
    return _CONTEXT + check_label(purpose)


def check_label(text: str) -> bytes:
    """Return `text` encoded if it can separate uses of a key.

    Raises:
        FormatError: empty, too long, or not printable ASCII.
    """
    if not text.isascii() or not text.isprintable() or not 0 < len(text) <= MAX_LABEL:
        raise FormatError("a label is short and ASCII")
    return text.encode("ascii")
