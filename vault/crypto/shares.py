"""Splitting a 32-byte secret k of n: SLIP-0039, one group, no passphrase.

A share is 33 English words with a checksum of its own, so any SLIP-0039 tool can put shares
together; this program only narrows what it accepts. Shares are made and combined on a machine that
is not the server.

Not handled here: that trustees are who they say. A share made up on purpose, with a right checksum
and set number, is noticed by the digest inside the secret (32 bits) but cannot be told from the
others.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from shamir_mnemonic import MnemonicError, Share, decode_mnemonics, generate_mnemonics, recover_ems

from vault.crypto import words
from vault.errors import (
    ForeignShareError,
    FormatError,
    MissingSharesError,
    RepeatedShareError,
    ShareError,
    ShareMistypedError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

SECRET_SIZE = 32
SHARE_WORDS = 33
MIN_THRESHOLD = 2
MAX_SHARES = 16
MAX_TEXT = 2000

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


def combine(shares: Sequence[str]) -> bytes:
    """Restore the 32-byte secret; order, case, spacing and four-letter beginnings do not matter.

    More shares than needed are checked like the others, then the first ones are used.

    Raises:
        ShareMistypedError: `position` is the share whose words or checksum are wrong.
        ForeignShareError: `position` is the share of another set than most.
        RepeatedShareError: `position` is a share given before.
        MissingSharesError: `missing` more are needed.
        ShareError: each share is sound, but together they are not one secret.
    """
    if not 0 < len(shares) <= MAX_SHARES:
        raise ShareError(f"1 to {MAX_SHARES} shares expected")
    read = [_read(text, position) for position, text in enumerate(shares, 1)]
    _check_one_set(read)
    _check_distinct(read)
    needed = read[0].member_threshold
    if len(read) < needed:
        raise MissingSharesError(needed - len(read))
    return _recover(read[:needed])


def _read(text: str, position: int) -> Share:
    indexes = [words.slip39().find(token) for token in words.tokens(text[:MAX_TEXT])]
    if len(text) > MAX_TEXT or len(indexes) != SHARE_WORDS or None in indexes:
        raise ShareMistypedError(position=position)
    spelled = " ".join(words.slip39().words[index] for index in indexes if index is not None)
    try:
        share = Share.from_mnemonic(spelled)
    except MnemonicError:
        # The library's message quotes words of the share: it must not travel along.
        raise ShareMistypedError(position=position) from None
    if share.iteration_exponent != _ITERATION_EXPONENT or share.group_count != 1:
        raise ForeignShareError(position=position)
    return share


def _check_one_set(shares: Sequence[Share]) -> None:
    sets = [share.group_parameters() for share in shares]
    most = Counter(sets).most_common(1)[0][0]
    for position, own in enumerate(sets, 1):
        if own != most:
            raise ForeignShareError(position=position)


def _check_distinct(shares: Sequence[Share]) -> None:
    seen = set()
    for position, share in enumerate(shares, 1):
        if share.index in seen:
            raise RepeatedShareError(position=position)
        seen.add(share.index)


def _recover(shares: Sequence[Share]) -> bytes:
    try:
        groups = decode_mnemonics(share.mnemonic() for share in shares)
        return bytes(recover_ems(groups).decrypt(b""))
    except MnemonicError:
        raise ShareError("they are not parts of one secret") from None
