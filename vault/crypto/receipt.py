"""Receipts: 128 random bits as twelve words or twelve groups of digits, and the keys behind them.

The notation is BIP-39's (entropy, then the first 4 bits of its SHA-256, cut into twelve times 11
bits); the keys are not: they derive from the entropy alone, so words of any language and digits
open the same box. The package `mnemonic` gives the word lists only, because its decoding fails on
Russian. Specification: docs/spec/receipt.md.

Not handled here: whether a box for a receipt exists, and how often one may try.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vault.crypto import words
from vault.crypto.suite import hkdf, random, sha256
from vault.errors import (
    FormatError,
    ReceiptChecksumError,
    ReceiptLengthError,
    UnknownWordError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FORMAT = "witness-vault/receipt/v1"
ENTROPY_SIZE = 16
WORDS = 12
MAX_TEXT = 1000

ReceiptWords = tuple[str, ...]

_WORD_BITS = 11
_CHECKSUM_BITS = 4
_GROUP = 4
_NUMBERING = 2

_LISTS: dict[str, Callable[[], words.WordList]] = {"en": words.english, "ru": words.russian}
# No reviewed Kazakh list exists yet; Russian words are the ones most Kazakh readers can spell.
_LIST_OF_LANGUAGE = {"en": "en", "ru": "ru", "kk": "ru"}


@dataclass(frozen=True)
class Receipt:
    """What the twelve words stand for. Its repr shows nothing.

    Attributes:
        entropy: 16 bytes.

    Raises:
        FormatError: not 16 bytes.
    """

    entropy: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _check_entropy(self.entropy)

    @classmethod
    def generate(cls) -> Receipt:
        """Return a receipt of fresh randomness."""
        return cls(random(ENTROPY_SIZE))

    @classmethod
    def from_text(cls, text: str) -> Receipt:
        """Return the receipt a person typed; see `decode` for what is read and refused."""
        return cls(decode(text))

    @property
    def box_seed(self) -> bytes:
        """Seed of the box key pair, 32 bytes."""
        return self._derive("box")

    @property
    def addenda_key(self) -> bytes:
        """Key of the MACs on addenda, 32 bytes."""
        return self._derive("addenda")

    @property
    def instructions_key(self) -> bytes:
        """Key of the MACs on instructions, 32 bytes."""
        return self._derive("instructions")

    def _derive(self, use: str) -> bytes:
        # No stretching: 128 random bits cannot be guessed, unlike a passphrase.
        return hkdf(self.entropy, f"{FORMAT}/{use}".encode())


def word_list_for(language: str) -> str:
    """Return which word list ("en" or "ru") a person of `language` gets.

    Raises:
        FormatError: a language without one.
    """
    try:
        return _LIST_OF_LANGUAGE[language]
    except KeyError:
        raise FormatError("no word list for this language") from None


def encode(entropy: bytes, language: str) -> ReceiptWords:
    """Return the twelve words, NFC, of 16 bytes in the word list for "en", "ru" or "kk".

    Raises:
        FormatError: not 16 bytes, or a language without a word list.
    """
    chosen = _LISTS[word_list_for(language)]()
    return tuple(chosen.words[index] for index in _indexes(entropy))


def encode_digits(entropy: bytes) -> str:
    """Return twelve groups of four digits, 0001 to 2048, parted by spaces.

    Raises:
        FormatError: not 16 bytes.
    """
    return " ".join(f"{index + 1:04}" for index in _indexes(entropy))


def decode(text: str) -> bytes:
    """Return the 16 bytes that a person's typing stands for.

    Read in any case, spacing, punctuation and Unicode form: twelve words of one list, with or
    without numbers before them, each spelled out or by its first four letters or more, with or
    without the dots of ё and the breve of й; or twelve groups of digits; or 48 digits.

    Raises:
        ReceiptLengthError: not twelve words or groups, or over MAX_TEXT characters.
        UnknownWordError: a word is in no list or in another list than the rest, or a group is not
            0001 to 2048.
        ReceiptChecksumError: all are known, but do not belong together.
    """
    if len(text) > MAX_TEXT:
        raise ReceiptLengthError
    typed = words.tokens(text)
    return _join(_read_groups(typed) if _all_digits(typed) else _read_words(typed))


def word_at(entropy: bytes, language: str, position: int) -> str:
    """Return the word at `position`, 1 to 12, for asking whether the words were kept.

    Raises:
        FormatError: as `encode`, or a position outside 1 to 12.
    """
    if not 1 <= position <= WORDS:
        raise FormatError("a position is 1 to 12")
    return encode(entropy, language)[position - 1]


def same_word(typed: str, expected: str) -> bool:
    """Tell whether `typed` is `expected` (a word of a list, or four digits), read as `decode` does.

    A number before the word is passed over, as on a numbered list.
    """
    if len(typed) > MAX_TEXT:
        return False
    found = words.tokens(typed)
    if expected.isdecimal():
        return len(found) == 1 and found[0].zfill(_GROUP) == expected
    found = _without_numbering(found)
    return len(found) == 1 and any(
        index is not None and chosen().words[index] == expected
        for chosen in _LISTS.values()
        for index in [chosen().find(found[0])]
    )


def _check_entropy(entropy: bytes) -> None:
    if len(entropy) != ENTROPY_SIZE:
        raise FormatError(f"{ENTROPY_SIZE} bytes expected")


def _checksum(entropy: bytes) -> int:
    return sha256(entropy)[0] >> (8 - _CHECKSUM_BITS)


def _indexes(entropy: bytes) -> list[int]:
    _check_entropy(entropy)
    bits = int.from_bytes(entropy) << _CHECKSUM_BITS | _checksum(entropy)
    mask = (1 << _WORD_BITS) - 1
    return [bits >> _WORD_BITS * place & mask for place in reversed(range(WORDS))]


def _join(indexes: Sequence[int]) -> bytes:
    bits = 0
    for index in indexes:
        bits = bits << _WORD_BITS | index
    entropy = (bits >> _CHECKSUM_BITS).to_bytes(ENTROPY_SIZE)
    if bits & ((1 << _CHECKSUM_BITS) - 1) != _checksum(entropy):
        raise ReceiptChecksumError
    return entropy


def _all_digits(typed: Sequence[str]) -> bool:
    return all(token.isdecimal() for token in typed)


def _without_numbering(typed: Sequence[str]) -> list[str]:
    return [token for token in typed if not (token.isdecimal() and len(token) <= _NUMBERING)]


def _read_words(typed: Sequence[str]) -> list[int]:
    typed = _without_numbering(typed)
    if len(typed) != WORDS:
        raise ReceiptLengthError(len(typed))
    readings = [[chosen().find(token) for token in typed] for chosen in _LISTS.values()]
    # The list that knows most of the words is the one meant: the error then names the odd one out.
    best = min(readings, key=lambda found: found.count(None))
    return _known(
        best, [any(i is not None for i in found) for found in zip(*readings, strict=True)]
    )


def _read_groups(typed: Sequence[str]) -> list[int]:
    if len(typed) == 2 * WORDS and [int(number) for number in typed[::2]] == [*range(1, WORDS + 1)]:
        typed = typed[1::2]
    if len(typed) != WORDS or max(map(len, typed)) > _GROUP:
        run = "".join(typed)
        if len(run) != WORDS * _GROUP:
            raise ReceiptLengthError(
                len(typed) if max(map(len, typed), default=0) <= _GROUP else None
            )
        typed = [run[at : at + _GROUP] for at in range(0, len(run), _GROUP)]
    numbers = [int(group) - 1 for group in typed]
    return _known([n if 0 <= n < 1 << _WORD_BITS else None for n in numbers])


def _known(indexes: Sequence[int | None], listed: Sequence[bool] = (False,) * WORDS) -> list[int]:
    """Return the indexes; `listed` says which words stand in any list."""
    known = []
    for position, index in enumerate(indexes, 1):
        if index is None:
            raise UnknownWordError(position, other=listed[position - 1])
        known.append(index)
    return known
