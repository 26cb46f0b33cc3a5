"""Nearly every entry, recognised by one expression: thirty times faster than parsing it.

What is accepted here `Entry.parse` accepts, and the tests hold the one against the other; what is
not (letters beyond ASCII, the last days of a month, anything malformed) is left to it to judge.
"""

from __future__ import annotations

import re

from vault.ledger.entry import (
    FORMAT,
    KINDS,
    MAX_DETAILS,
    MAX_ENTRY,
    MAX_ITEMS,
    MAX_TEXT,
    SUBJECTS,
)


def _any_of(words: frozenset[str]) -> str:
    return "|".join(sorted(map(re.escape, words)))


_ID = r'"[0-9a-f]{16,64}"'
_TEXT = rf'"[ !#-\[\]-~]{{0,{MAX_TEXT}}}"'
_INTEGER = r"(?:0|-?[1-9][0-9]{0,14})"
_LIST = rf"\[(?:{_TEXT}(?:,{_TEXT}){{0,{MAX_ITEMS - 1}}})?\]"
_DETAIL = rf'"[a-z][a-z0-9_]{{0,31}}":(?:{_TEXT}|{_INTEGER}|{_LIST})'
_SUBJECT = rf'"(?:{_any_of(SUBJECTS)})":{_ID}'
_DAY = r"20[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
_MOMENT = r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
_PLAIN = re.compile(
    (
        r'\{"actor":"(?:(witness)|(system|root)|[0-9a-f]{16,64})",'
        rf'"detail":\{{((?:{_DETAIL}(?:,{_DETAIL}){{0,{MAX_DETAILS - 1}}})?)\}},'
        rf'"format":"{re.escape(FORMAT)}",'
        rf'"kind":"(?:{_any_of(KINDS)})",'
        r'"nonce":"[A-Za-z0-9_-]{21}[AQgw]",'
        r'"seq":(0|[1-9][0-9]{0,14}),'
        rf'"subject":\{{((?:{_SUBJECT}(?:,{_SUBJECT}){{0,{len(SUBJECTS) - 1}}})?)\}},'
        rf'"time":"{_DAY}({_MOMENT})?"\}}'
    ).encode()
)
# Nothing accepted above holds a quotation mark inside a text, so this finds the keys alone.
_KEYS = re.compile(rb'"([a-z0-9_]+)":')


def seq_of(leaf: bytes) -> int | None:
    """Return the number of an entry that is well-formed at sight; None: `Entry.parse` must say."""
    found = _PLAIN.fullmatch(leaf)
    if found is None or len(leaf) > MAX_ENTRY:
        return None
    witness, program, detail, seq, subject, moment = found.groups()
    if not program and (moment is None) != bool(witness):
        return None
    if not _in_order(detail) or not _in_order(subject):
        return None
    return int(seq)


def _in_order(pairs: bytes) -> bool:
    """Say whether the keys stand once and in order, as canonical JSON has them."""
    if b"," not in pairs:
        return True
    keys = _KEYS.findall(pairs)
    return keys == sorted(set(keys))
