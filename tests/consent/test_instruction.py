"""What a receipt tells the vault about consent: readers that end, and nothing else."""

import pytest

from vault.consent.instruction import instruction, is_concerned, parse
from vault.errors import FormatError

VOUCH = bytes(range(32))
GOOD = instruction({}, VOUCH)


@pytest.mark.parametrize("value", ["no", "paused", "ask_me_later", ["yes"], {}, 0])
def test_whoever_is_not_said_yes_to_any_more_ends(value):
    made = instruction({"consent": {"C05": value, "C04": "yes", "C12": "no"}}, VOUCH)
    assert parse(made) == (("C05",), VOUCH)


@pytest.mark.parametrize("answers", [{}, {"consent": {"C12": "yes"}}, {"consent": {"C04": None}}])
def test_nothing_said_of_readers_ends_none(answers):
    assert parse(instruction(answers, VOUCH)) == ((), VOUCH)


@pytest.mark.parametrize(
    "odd",
    [
        None,
        {},
        {"name": "consent"},
        {"name": "consent", "end": []},
        {**GOOD, "end": "C05"},
        {**GOOD, "end": ["C12"]},
        {**GOOD, "end": ["C05", "C04"]},
        {**GOOD, "end": ["C05", "C05"]},
        {**GOOD, "end": [5]},
        {**GOOD, "more": 1},
        {**GOOD, "vouch": "AAAA"},
        {**GOOD, "vouch": 5},
        {**GOOD, "name": "allow"},
    ],
)
def test_anything_else_is_refused(odd):
    with pytest.raises(FormatError):
        parse(odd)


@pytest.mark.parametrize("name", ["consent", "knows_person_consents", "who_writes"])
def test_whatever_the_gate_weighs_is_vouched_for(name):
    assert is_concerned({name: {"C07": "yes"} if name == "consent" else "self", "story": "a"})
    assert not is_concerned({name: None, "story": "a"})
