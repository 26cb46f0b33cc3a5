"""Which sessions a member has open, so that they can look and end one. In memory only, and bounded.

It lives and ends with the key that seals the sessions: a restart or a lock ends both.
"""

from __future__ import annotations

import threading

from vault.errors import FormatError

MAX_OF_ONE = 16
MAX_OF_ALL = 4096
MAX_ABOUT = 256
MAX_NAME = 64


class Register:
    """Remembers sessions in the order in which they were last noted. Safe for many threads."""

    def __init__(self, most_of_one: int = MAX_OF_ONE, most: int = MAX_OF_ALL) -> None:
        self._most_of_one, self._most = most_of_one, most
        self._mutex = threading.Lock()
        self._noted: dict[bytes, tuple[str, bytes]] = {}

    def note(self, member: str, session_id: bytes, about: bytes) -> list[bytes]:
        """Remember a session; returns those that have to end to keep within the bounds.

        What cannot be listed must not go on: the ones longest not noted end.
        """
        if len(member) > MAX_NAME or len(about) > MAX_ABOUT:
            raise FormatError("about a session")
        with self._mutex:
            self._noted.pop(session_id, None)
            self._noted[session_id] = (member, about)
            own = [key for key, (whose, _) in self._noted.items() if whose == member]
            over = own[: max(0, len(own) - self._most_of_one)]
            if len(self._noted) - len(over) > self._most:
                over.append(next(key for key in self._noted if key not in over))
            for key in over:
                del self._noted[key]
            return over

    def of(self, member: str) -> list[tuple[bytes, bytes]]:
        """Return the sessions of a member with what is known about each."""
        with self._mutex:
            return [(key, about) for key, (whose, about) in self._noted.items() if whose == member]

    def forget(self, session_id: bytes) -> None:
        """Take a session out."""
        with self._mutex:
            self._noted.pop(session_id, None)

    def clear(self) -> None:
        """Take all out."""
        with self._mutex:
            self._noted.clear()
