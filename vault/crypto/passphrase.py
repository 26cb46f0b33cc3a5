"""Passphrases of people: Argon2id (RFC 9106), and making good ones.

Not handled here: the key files passphrases open (`keyfile.py`), how long a passphrase must be, and
the process and queue in which Argon2id runs.
"""

from __future__ import annotations

import secrets
import unicodedata
from dataclasses import dataclass

from argon2.exceptions import HashingError
from argon2.low_level import Type, hash_secret_raw

from vault.crypto import words
from vault.errors import BusyError, EncodingError, FormatError, TooLongError

SALT_SIZE = 16
KEY_SIZE = 32
MAX_PASSPHRASE = 1024
MIN_WORDS, MAX_WORDS = 6, 24

# A key file states its own cost and is read before it is trusted: these are all it can ask for.
MIN_MEMORY_KIB, MAX_MEMORY_KIB = 8, 1024 * 1024
MAX_TIME = 10
MAX_PARALLELISM = 8


@dataclass(frozen=True)
class Argon2Parameters:
    """The cost of one derivation.

    Attributes:
        memory_kib: 8 <= memory_kib <= 1,048,576 (1 GiB), and at least 8 per lane.
        time: passes, 1 <= time <= 10.
        parallelism: lanes, 1 <= parallelism <= 8.

    Raises:
        FormatError: outside these bounds.
    """

    memory_kib: int
    time: int
    parallelism: int

    def __post_init__(self) -> None:
        _check("time", self.time, 1, MAX_TIME)
        _check("parallelism", self.parallelism, 1, MAX_PARALLELISM)
        lowest = MIN_MEMORY_KIB * self.parallelism
        _check("memory_kib", self.memory_kib, lowest, MAX_MEMORY_KIB)


def derive(passphrase: str, salt: bytes, parameters: Argon2Parameters) -> bytes:
    """Return the 32 bytes that `passphrase` and a 16-byte `salt` give.

    The passphrase is taken in NFKC and UTF-8, so that two keyboards give the same bytes (RFC 8265
    does the same with NFC); case and spaces count.

    Raises:
        FormatError: a salt of another size.
        TooLongError: over 1,024 characters.
        EncodingError: a lone surrogate.
        BusyError: there is no memory for it now.
    """
    if len(salt) != SALT_SIZE:
        raise FormatError(f"a salt of {SALT_SIZE} bytes expected")
    try:
        return hash_secret_raw(
            normalised(passphrase),
            salt,
            time_cost=parameters.time,
            memory_cost=parameters.memory_kib,
            parallelism=parameters.parallelism,
            hash_len=KEY_SIZE,
            type=Type.ID,
        )
    except HashingError:
        raise BusyError("no memory for a passphrase") from None


def generate_passphrase(count: int = 7) -> str:
    """Return `count` random English words, parted by spaces.

    Each of 2,048 words gives 11 bits: 7 words are 77 bits. At 100,000 guesses a second, which
    64 MiB per guess makes dear, the mean search takes 2^76 / 10^5 s, about 24 billion years.

    Raises:
        FormatError: not 6 <= count <= 24.
    """
    _check("count", count, MIN_WORDS, MAX_WORDS)
    return " ".join(secrets.choice(words.english().words) for _ in range(count))


def normalised(passphrase: str) -> bytes:
    """Return the bytes of a passphrase that count.

    Raises:
        TooLongError: over 1,024 characters.
        EncodingError: a lone surrogate.
    """
    if len(passphrase) > MAX_PASSPHRASE:
        raise TooLongError(f"a passphrase has at most {MAX_PASSPHRASE} characters")
    try:
        return unicodedata.normalize("NFKC", passphrase).encode()
    except UnicodeEncodeError:
        # The library's error holds the passphrase itself: it must not travel along.
        raise EncodingError("passphrase") from None


def _check(name: str, value: int, low: int, high: int) -> None:
    if type(value) is not int or not low <= value <= high:
        raise FormatError(f"{name} must be {low} to {high}")
