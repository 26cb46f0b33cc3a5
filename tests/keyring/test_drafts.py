"""Drafts: they open for their author, in their place, while the erasure key is there."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault import canonical
from vault.crypto import padding, suite
from vault.crypto.seal import OpeningKey
from vault.errors import FormatError, SealError
from vault.keyring import drafts, grants
from vault.keyring.drafts import Place, Written, open_draft, seal

KEY, ERASURE = OpeningKey(bytes(range(32))), bytes(32)
PLACE = Place("0d" * 16, "7d" * 16, "5c" * 32, "11" * 16, "reply")
WRITTEN = Written("Я с вами.\n\u202eслово 🕊", "2026-11-26T10:15:00Z")
ELSEWHERE = [
    dataclasses.replace(PLACE, id="00" * 16),
    dataclasses.replace(PLACE, case="00" * 16),
    dataclasses.replace(PLACE, testimony="00" * 32),
    dataclasses.replace(PLACE, member="00" * 16),
    dataclasses.replace(PLACE, kind="note"),
]


@given(st.text(max_size=6000), st.text(max_size=30))
def test_what_was_typed_comes_back_unchanged(text, saved):
    try:
        canonical.dumps(text)
    except FormatError:
        return  # no text at all: half a character
    written = Written(text, saved)
    assert open_draft(KEY, ERASURE, PLACE, seal(KEY, ERASURE, PLACE, written)) == written


def test_its_size_says_little_about_what_was_typed():
    sizes = {len(seal(KEY, ERASURE, PLACE, Written("x" * n, ""))) for n in (0, 1, 3000)}
    assert sizes == {drafts.MINIMUM + 2 * 28}


@pytest.mark.parametrize("place", ELSEWHERE)
def test_it_opens_in_no_other_place(place):
    with pytest.raises(SealError):
        open_draft(KEY, ERASURE, place, seal(KEY, ERASURE, PLACE, WRITTEN))


def test_another_members_key_opens_nothing_of_it():
    with pytest.raises(SealError):
        open_draft(OpeningKey(bytes(32)), ERASURE, PLACE, seal(KEY, ERASURE, PLACE, WRITTEN))


def test_without_the_erasure_key_its_author_opens_nothing_either():
    with pytest.raises(SealError):
        open_draft(KEY, suite.random(32), PLACE, seal(KEY, ERASURE, PLACE, WRITTEN))


def test_every_changed_byte_is_noticed():
    stored = seal(KEY, ERASURE, PLACE, WRITTEN)
    for place in (0, 12, 40, len(stored) // 2, len(stored) - 1):
        changed = bytearray(stored)
        changed[place] ^= 1
        with pytest.raises(SealError):
            open_draft(KEY, ERASURE, PLACE, bytes(changed))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"saved":"","text":1}',
        b'{"saved":"","text":"","x":""}',
        b'{"text":""}',
        b'{"text":"","saved":""}',
    ],
)
def test_what_is_no_draft_inside_is_refused(content):
    key = suite.hkdf(KEY.seed, drafts.FORMAT.encode())
    padded = padding.pad(content, drafts.MINIMUM)
    own = suite.aead_seal(key, padded, PLACE.context(drafts.FORMAT))
    stored = suite.aead_seal(ERASURE, own, PLACE.context(grants.WRAP_FORMAT))
    with pytest.raises(FormatError):
        open_draft(KEY, ERASURE, PLACE, stored)


def test_neither_its_text_nor_its_key_shows_in_a_repr():
    assert "вами" not in repr(WRITTEN)
