"""Words that people write down and type again: three fixed lists, read forgivingly.

`ENGLISH` and `RUSSIAN` are the BIP-39 lists of the package `mnemonic`, `SLIP39` is that of
SLIP-0039 from the package `shamir_mnemonic`. In each, four letters name a word.

The Russian list is published with one damaged word (number 1573 holds two replacement
characters); it is repaired here. A fingerprint of each list is checked when it is loaded, because
a receipt lives longer than a version of a package: another list would open other boxes.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

from mnemonic import Mnemonic
from shamir_mnemonic.wordlist import WORDLIST

from vault.crypto.suite import sha256
from vault.errors import FormatError

if TYPE_CHECKING:
    from collections.abc import Iterable

PREFIX = 4

# SHA-256 of the words in NFC, UTF-8, each followed by a line feed.
ENGLISH_SHA256 = "2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda"
RUSSIAN_SHA256 = "c9458f1997f6a6e0e8b4b691de850aa6af15fabca197e56baa6234933af1fffc"
SLIP39_SHA256 = "bcc4555340332d169718aed8bf31dd9d5248cb7da6e5d355140ef4f1e601eec3"

_DAMAGED = {"сно\ufffd\ufffdа": "снова"}
_BREVE = "\u0306"
_NO_WIDTH = "\u200b"
_TOKEN = re.compile(r"[^\W\d_]+|\d+")


def fold(text: str) -> str:
    """Return `text` without case, compatibility forms and marks, such as the dots of ё.

    The breve stays, because й and и are different letters; it comes back composed.
    """
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    kept = (c for c in apart if c == _BREVE or not unicodedata.combining(c))
    return unicodedata.normalize("NFC", "".join(kept))


def tokens(text: str) -> list[str]:
    """Return the runs of letters and the runs of digits in `text`, folded.

    Whatever stands between them (spaces, line breaks, commas, hyphens, dots) separates, also a
    space without width. Soft hyphens, joiners and marks of direction are traces of typesetting
    inside a word and do not.
    """
    seen = (c for c in text if c == _NO_WIDTH or unicodedata.category(c) != "Cf")
    return _TOKEN.findall(fold("".join(seen)))


class WordList:
    """A fixed list of words, looked up by a word or at least four letters of it.

    Args:
        words: in the order of the list.
        digest: their fingerprint, hexadecimal.

    Raises:
        FormatError: the words are not the ones of the fingerprint.
    """

    def __init__(self, words: Iterable[str], digest: str) -> None:
        self.words = tuple(unicodedata.normalize("NFC", _DAMAGED.get(word, word)) for word in words)
        if sha256("".join(f"{word}\n" for word in self.words).encode()).hex() != digest:
            raise FormatError("a word list is not the one receipts are made of")
        self._index = _spellings([fold(word) for word in self.words])

    def find(self, token: str) -> int | None:
        """Return the index of the word that a folded token spells, or None."""
        return self._index.get(token)


def _spellings(words: list[str]) -> dict[str, int]:
    """Map every accepted spelling to its index; an exact one is never displaced.

    Order matters: whole words, then their beginnings, then both without the breve, which many
    leave out in handwriting.
    """
    index = {word: number for number, word in enumerate(words)}
    for number, word in enumerate(words):
        for end in range(PREFIX, len(word)):
            index.setdefault(word[:end], number)
    for spelling, number in list(index.items()):
        index.setdefault(spelling.replace("й", "и"), number)
    return index


@cache
def english() -> WordList:
    """Return the English BIP-39 list, 2,048 words."""
    return WordList(Mnemonic("english").wordlist, ENGLISH_SHA256)


@cache
def russian() -> WordList:
    """Return the Russian list, 2,048 words."""
    return WordList(Mnemonic("russian").wordlist, RUSSIAN_SHA256)


@cache
def slip39() -> WordList:
    """Return the list of SLIP-0039, 1,024 words."""
    return WordList(WORDLIST, SLIP39_SHA256)
