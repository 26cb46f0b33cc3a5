"""How long a chosen passphrase would stand: the estimator zxcvbn, and one plain reason to refuse.

Source: Wheeler, "zxcvbn: Low-Budget Password Strength Estimation", USENIX Security 2016. It knows
English words, names and common passwords. What it does not know it counts as letters at random,
which flatters every word of another language. Two things soften that here: words of the Russian
list that the receipts use are added to what it knows, and what is typed in Cyrillic is also looked
at as the Latin keys of the same keyboard, under which common Russian passwords are in its lists.
Kazakh words it does not know at all. Generated passphrases do not depend on any of this.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterable
from typing import Any

from zxcvbn import zxcvbn

from vault.crypto import words
from vault.crypto.passphrase import normalised
from vault.errors import WeakPassphraseError
from vault.settings import Passphrase

# So many characters take a quarter of a second at their worst, and 64 nearly a second. What stands
# after them makes no passphrase weaker.
SEEN = 48

SHORT, SAME, PERSONAL, REPEATED, ROW, DATED, COMMON, SIMPLE = REASONS = (
    "short",
    "same",
    "personal",
    "repeated",
    "row",
    "dated",
    "common",
    "simple",
)
_REASON_OF = {
    "repeat": REPEATED,
    "sequence": ROW,
    "spatial": ROW,
    "date": DATED,
    "regex": DATED,
    "dictionary": COMMON,
}
# Words of this program that somebody who knows what it is would try first.
_OURS = ("witness", "vault", "testimony", "свидетель", "хранилище", "показания", "куәгер", "қойма")
_ON_KEYS = str.maketrans("йцукенгшщзхъфывапролджэячсмитьбюё", "qwertyuiop[]asdfghjkl;'zxcvbnm,.`")
_TELLING = 3  # letters; shorter parts of a name stand in many words
_CYRILLIC = re.compile("[а-яё]")

# The library keeps the words of whoever is asking in a table that all calls share.
_TURN = threading.Lock()


def check(passphrase: str, about: Iterable[str], limits: Passphrase) -> None:
    """Refuse a passphrase that could be guessed.

    Args:
        passphrase: as typed.
        about: name and login of whoever chose it.
        limits: how long and how strong it must be.

    Raises:
        WeakPassphraseError: says in `reason` what is wrong, one of REASONS.
        TooLongError: over 1,024 characters.
        EncodingError: a lone surrogate.
    """
    typed = normalised(passphrase).decode()
    if len(typed) < limits.min_length:
        raise WeakPassphraseError(SHORT)
    personal = {part for text in about for part in re.split(r"[\W_]+", text.casefold()) if part}
    bits, reason = min(_estimate(spelling, personal) for spelling in _spellings(typed))
    if bits < limits.min_strength:
        holds = any(len(word) >= _TELLING and word in typed.casefold() for word in personal)
        raise WeakPassphraseError(PERSONAL if holds else reason)


def _spellings(typed: str) -> set[str]:
    seen = typed[:SEEN]
    folded = seen.casefold()
    return {seen, folded.translate(_ON_KEYS)} if _CYRILLIC.search(folded) else {seen}


def _estimate(text: str, personal: set[str]) -> tuple[float, str]:
    # Ranked: what is about the person would be tried first of all.
    known = [*sorted(personal), *_OURS, *words.russian().words]
    with _TURN:
        found = zxcvbn(text, known)
    return math.log2(found["guesses"]), _reason(found["sequence"])


def _reason(sequence: list[dict[str, Any]]) -> str:
    """Return what the largest part is that was not counted as letters at random."""
    known = [part for part in sequence if part["pattern"] in _REASON_OF]
    if not known:
        return SIMPLE
    largest = max(known, key=lambda part: len(part["token"]))
    return _REASON_OF[str(largest["pattern"])]
