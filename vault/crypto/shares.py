"""Splitting a 32-byte secret k of n: SLIP-0039, one group, no passphrase.

A share is 33 English words with a checksum of its own, so any SLIP-0039 tool can put shares
together; this program only narrows what it accepts. Shares are made and combined on a machine that
is not the server.

Not handled here: that trustees are who they say. A share made up on purpose, with a right checksum
and set number, is noticed by the digest inside the secret (32 bits), and named if enough others
were given.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

from shamir_mnemonic import MnemonicError, Share, decode_mnemonics, generate_mnemonics, recover_ems
from shamir_mnemonic.constants import CUSTOMIZATION_STRING_EXTENDABLE
from shamir_mnemonic.rs1024 import create_checksum

from vault.crypto import words
from vault.errors import (
    ForeignShareError,
    FormatError,
    MissingSharesError,
    RepeatedShareError,
    ShareError,
    ShareMistypedError,
    WrongShareError,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

SECRET_SIZE = 32
SHARE_WORDS = 33
MIN_THRESHOLD = 2
MAX_SHARES = 16
MAX_TEXT = 2000
CHECKSUM_WORDS = 3

# SLIP-0039 stretches its passphrase; we have none, so stretching would protect nothing. It is also
# the one number in a share that could make combining take hours.
_ITERATION_EXPONENT = 0


def split(secret: bytes, threshold: int, shares: int) -> list[str]:
    """Split `secret` so that any `threshold` of `shares` restore it and fewer tell nothing.

    Args:
        secret: 32 bytes.
        threshold: 2 <= threshold <= shares.
        shares: at most 16.

    Returns:
        `shares` lines of 33 words.

    Raises:
        FormatError: a size or number outside these bounds.
    """
    if len(secret) != SECRET_SIZE:
        raise FormatError(f"{SECRET_SIZE} bytes expected")
    if not MIN_THRESHOLD <= threshold <= shares <= MAX_SHARES:
        raise FormatError(f"{MIN_THRESHOLD} <= threshold <= shares <= {MAX_SHARES}")
    groups = generate_mnemonics(
        1, [(threshold, shares)], secret, iteration_exponent=_ITERATION_EXPONENT
    )
    return list(groups[0])


@dataclass(frozen=True)
class Combined:
    """A secret that enough shares restored.

    Attributes:
        secret: 32 bytes.
        faults: what was wrong with shares that were given besides; none was needed.
    """

    secret: bytes = field(repr=False)
    faults: tuple[ShareError, ...] = ()


def combine(shares: Sequence[str], is_right: Callable[[bytes], bool] = lambda _: True) -> Combined:
    """Restore the secret from any k of the shares that fit together.

    Order, case, spacing and four-letter beginnings do not matter. What does not fit is named, and
    does no harm while enough others do.

    Args:
        shares: 1 to 16 lines.
        is_right: says whether a secret is the one looked for; asked of every one that is found.

    Raises:
        ShareMistypedError: `position` is a share whose words or checksum are wrong; `word` is the
            word at fault, as far as that can be known.
        ForeignShareError: `position` is a share of another set than most.
        RepeatedShareError: `position` is a share given before.
        WrongShareError: `position` is a share that is sound by itself and fits no others.
        MissingSharesError: `missing` more are needed.
        ShareError: each share is sound, but together they are not the secret looked for.
    """
    if not 0 < len(shares) <= MAX_SHARES:
        raise ShareError(f"1 to {MAX_SHARES} shares expected")
    sound, faults = _read_all(shares)
    sets = Counter(share.group_parameters() for share in sound.values())
    for params, _ in sets.most_common():
        own = {place: share for place, share in sound.items() if share.group_parameters() == params}
        found = _from_one_set(own, is_right)
        if found is not None:
            secret, odd = found
            foreign = [ForeignShareError(position=place) for place in sound if place not in own]
            named = sorted((*faults, *foreign, *odd), key=lambda fault: fault.position or 0)
            return Combined(secret, tuple(named))
    raise _why_not(sound, faults)


def check(share: str) -> tuple[int, int]:
    """Return how many shares are needed with this one, and its own number from 1.

    Raises:
        ShareMistypedError, ForeignShareError: as for `combine`, at position 1.
    """
    read = _read(share, 1)
    return read.member_threshold, read.index + 1


def _read_all(shares: Sequence[str]) -> tuple[dict[int, Share], list[ShareError]]:
    """Return what is sound and distinct, by its position, and what is not."""
    sound: dict[int, Share] = {}
    faults: list[ShareError] = []
    seen = set()
    for position, text in enumerate(shares, 1):
        try:
            share = _read(text, position)
        except ShareError as fault:
            faults.append(fault)
            continue
        place = (share.group_parameters(), share.index)
        if place in seen:
            faults.append(RepeatedShareError(position=position))
        else:
            seen.add(place)
            sound[position] = share
    return sound, faults


def _from_one_set(
    own: Mapping[int, Share], is_right: Callable[[bytes], bool]
) -> tuple[bytes, list[ShareError]] | None:
    """Return the secret of one set and the shares that do not fit it; None if there is none."""
    needed = next(iter(own.values())).member_threshold
    for places in combinations(own, needed):
        secret = _recovered([own[place] for place in places])
        if secret is not None and is_right(secret):
            rest = (place for place in own if place not in places)
            odd = [place for place in rest if not _fits(own, places, place, secret)]
            return secret, [WrongShareError(position=place) for place in odd]
    return None


def _fits(own: Mapping[int, Share], places: Sequence[int], place: int, secret: bytes) -> bool:
    return _recovered([own[other] for other in (place, *places[1:])]) == secret


def _why_not(sound: Mapping[int, Share], faults: Sequence[ShareError]) -> ShareError:
    """Return the first thing to mend: a share in itself, one of another set, one too few."""
    if faults:
        return faults[0]
    sets = Counter(share.group_parameters() for share in sound.values())
    most, count = sets.most_common(1)[0]
    for position, share in sound.items():
        if share.group_parameters() != most:
            return ForeignShareError(position=position)
    if count < most.member_threshold:
        return MissingSharesError(most.member_threshold - count)
    return ShareError("they are not parts of the secret looked for")


def _recovered(shares: Sequence[Share]) -> bytes | None:
    try:
        groups = decode_mnemonics(share.mnemonic() for share in shares)
        return bytes(recover_ems(groups).decrypt(b""))
    except MnemonicError:
        return None


def _read(text: str, position: int) -> Share:
    indexes = _indexes(text, position)
    spelled = " ".join(words.slip39().words[index] for index in indexes)
    try:
        share = Share.from_mnemonic(spelled)
    except MnemonicError:
        # The library's message quotes words of the share: it must not travel along.
        raise ShareMistypedError(position=position, word=_suspect(indexes)) from None
    if share.iteration_exponent != _ITERATION_EXPONENT or share.group_count != 1:
        raise ForeignShareError(position=position)
    return share


def _indexes(text: str, position: int) -> list[int]:
    """Return the numbers of a share's words in the list."""
    typed = words.tokens(text[:MAX_TEXT])
    indexes = []
    for number, token in enumerate(typed[:SHARE_WORDS], 1):
        index = words.slip39().find(token)
        if index is None:
            raise ShareMistypedError(position=position, word=number)
        indexes.append(index)
    if len(text) > MAX_TEXT or len(typed) != SHARE_WORDS:
        raise ShareMistypedError(f"{len(typed)} words, not {SHARE_WORDS}", position=position)
    return indexes


# --- which word --------------------------------------------------------------------------------
#
# The checksum of a share is linear over bits (RS1024, a Reed-Solomon code over GF(1024)), so what a
# single wrong word does to it depends on its place and on nothing else. A single wrong word, or two
# neighbours that changed places, can therefore be found; the right word is never said.


def _suspect(indexes: Sequence[int]) -> int | None:
    """Return the place of the one word, or the first of two swapped, that explains a checksum."""
    checked, given = indexes[:-CHECKSUM_WORDS], indexes[-CHECKSUM_WORDS:]
    syndrome = _number(_sum_of(checked)) ^ _number(given)
    places = {place for place in range(SHARE_WORDS) if syndrome in _effects(place)}
    places |= {
        place
        for place in range(SHARE_WORDS - 1)
        if _effect(place, indexes[place] ^ indexes[place + 1])
        ^ _effect(place + 1, indexes[place] ^ indexes[place + 1])
        == syndrome
    }
    return places.pop() + 1 if len(places) == 1 else None


def _sum_of(checked: Sequence[int]) -> list[int]:
    return list(create_checksum(checked, CUSTOMIZATION_STRING_EXTENDABLE))


def _number(checksum: Sequence[int]) -> int:
    return (checksum[0] << 20) | (checksum[1] << 10) | checksum[2]


@cache
def _bits(place: int) -> tuple[int, ...]:
    """Return what each bit of the word at `place` does to the checksum."""
    if place >= SHARE_WORDS - CHECKSUM_WORDS:
        shift = 10 * (SHARE_WORDS - 1 - place)
        return tuple(1 << (shift + bit) for bit in range(10))
    nothing = [0] * (SHARE_WORDS - CHECKSUM_WORDS)
    base = _number(_sum_of(nothing))
    return tuple(
        base ^ _number(_sum_of([*nothing[:place], 1 << bit, *nothing[place + 1 :]]))
        for bit in range(10)
    )


def _effect(place: int, change: int) -> int:
    """Return what changing the word at `place` by `change` (an XOR) does to the checksum."""
    effect = 0
    for bit, done in enumerate(_bits(place)):
        if change >> bit & 1:
            effect ^= done
    return effect


def _effects(place: int) -> Iterator[int]:
    return (_effect(place, change) for change in range(1, len(words.slip39().words)))
