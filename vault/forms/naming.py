"""Where a text seems to say who wrote it or how to reach somebody; for a hint, never for a refusal.

Found are sentences in which people give their name or address in Kazakh, Russian and English,
telephone numbers, e-mail addresses, names in messengers, and twelve digits in a row, as the
individual identification number (IIN) has them. It is deliberately simple: a person reads what was
found and decides. It knows nothing of what is meant, misses names in other words, and sees the
numbers of other people and of cases too.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import Final

MOST: Final = 6
"""So many places are shown; more would hide the text they are about."""

_AROUND: Final = 40  # characters of a sentence that are shown behind "my name is"

_SAYS: Final = (
    # kk
    r"менің\s+(?:атым|есімім|тегім|мекенжайым)",
    r"атым[-\s]жөнім",
    r"аты[-\s]жөнім",
    r"(?:есімім|тегім|мекенжайым)",
    # ru; "меня зовут на допрос" is no name
    r"(?:меня\s+зовут|зовут\s+меня)(?!\s+(?:на|в|во|к|ко|с|для|обратно|свидетел\w*)\b)",
    r"мо[её]\s+(?:полное\s+)?(?:имя|фио|ф\.\s?и\.\s?о)",
    r"моя\s+фамилия",
    r"мой\s+(?:домашний\s+)?(?:адрес|иин)",
    r"(?:проживаю|живу)\s+по\s+адресу",
    # en
    r"my\s+(?:full\s+|last\s+|first\s+)?(?:name\s+is|surname\s+is|address\s+is)",
    r"i(?:\s+am|['’]m)\s+called",
)
_SENTENCE: Final = rf"(?<!\w)(?:{'|'.join(_SAYS)})(?!\w)[^\n.!?]{{0,{_AROUND}}}"
# "Я, Имя Фамилия": how statements to an authority begin. Capital letters are looked at afterwards.
_BEGINNING: Final = r"(?<!\w)(?:я|мен|i),\s{1,3}([^\W\d_]{2,30})\s{1,3}([^\W\d_]{2,30})(?!\w)"
_MAIL: Final = r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}"
_MESSENGER: Final = r"(?<![\w.@/])@[a-z]\w{4,31}(?!\w)|(?<!\w)(?:t\.me|wa\.me)/[\w+]{4,32}"
_IIN: Final = r"(?<!\d)\d{6}[ -]?\d{6}(?!\d)"
# A number of Kazakhstan with or without its prefix, or one of another country with a plus.
_GAP: Final = r"[ ().\-\u00a0\u2011]{0,3}"
_PHONE: Final = (
    rf"(?<![\d+])(?:(?:\+{_GAP}7|8){_GAP})?7\d{{2}}{_GAP}\d{{3}}{_GAP}\d{{2}}{_GAP}\d{{2}}(?!\d)"
    rf"|(?<!\w)\+{_GAP}\d(?:{_GAP}\d){{8,13}}(?!\d)"
)
_FINDS: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (_SENTENCE, _BEGINNING, _MAIL, _MESSENGER, _IIN, _PHONE)
)


def found(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the places, word for word, without repetition, at most MOST of them."""
    every = (place for text in texts for place in _in(text))
    return tuple(itertools.islice(dict.fromkeys(every), MOST))


def _in(text: str) -> Iterator[str]:
    for finds in _FINDS:
        for place in finds.finditer(text):
            if all(name[0].isupper() for name in place.groups()):
                yield place[0].strip()
