"""A salted commitment: each part can be shown alone, and nothing else can be guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.crypto import commitment
from vault.errors import FormatError

SALT = bytes(range(32))
PARTS = st.dictionaries(st.text("abc/", max_size=5), st.text(max_size=8), max_size=40)


def committed(salt, parts):
    return commitment.commitment(commitment.digests(salt, parts))


@given(PARTS)
def test_every_part_is_one_of_the_digests_under_its_own_salt(parts):
    made = commitment.digests(SALT, parts)
    for name, value in parts.items():
        assert commitment.digest(commitment.salt_of(SALT, name), name, value) in made


@given(PARTS)
def test_digests_are_sorted_different_and_filled_up_to_a_power_of_two(parts):
    made = commitment.digests(SALT, parts)
    assert list(made) == sorted(set(made))
    assert len(made) >= commitment.FILLED_TO
    assert len(made).bit_count() == 1


def test_how_many_parts_there_are_does_not_show():
    few, many = ({str(at): "" for at in range(count)} for count in (1, commitment.FILLED_TO))
    assert len(commitment.digests(SALT, few)) == len(commitment.digests(SALT, many))


@pytest.mark.parametrize(
    "parts",
    [
        {"a": "2", "b": "2"},
        {"a": "1", "b": "3"},
        {"a": "1"},
        {"a": "1", "b": "2", "c": ""},
        {"a": "2", "b": "1"},
        {"a": ["1"], "b": "2"},
        {"a": "1", "B": "2"},
    ],
)
def test_another_name_value_or_number_of_parts_is_another_commitment(parts):
    assert committed(SALT, parts) != committed(SALT, {"a": "1", "b": "2"})


def test_without_the_salt_no_guess_can_be_tried():
    """The right guess under another salt looks like a wrong one."""
    parts = {"a": "1"}
    assert committed(SALT, parts) != committed(bytes(32), parts)
    assert not set(commitment.digests(SALT, parts)) & set(commitment.digests(bytes(32), parts))


def test_the_salt_of_one_part_opens_no_other():
    salt = commitment.salt_of(SALT, "a")
    assert salt not in {SALT, commitment.salt_of(SALT, "b")}
    assert commitment.digest(salt, "b", "2") not in commitment.digests(SALT, {"a": "1", "b": "2"})


def test_a_value_without_canonical_form_is_refused():
    with pytest.raises(FormatError):
        commitment.digests(SALT, {"a": 1.5})
