"""What a receipt tells the vault about consent: readers that end, and nothing else."""

import pytest

from vault.consent.instruction import instruction, parse
from vault.errors import FormatError


@pytest.mark.parametrize("value", ["no", "paused", "ask_me_later", ["yes"], {}, 0])
def test_whoever_is_not_said_yes_to_any_more_ends(value):
    made = instruction({"consent": {"C05": value, "C04": "yes", "C12": "no"}})
    assert parse(made) == ("C05",)


@pytest.mark.parametrize("answers", [{}, {"consent": {"C12": "yes"}}, {"consent": {"C04": None}}])
def test_nothing_said_of_readers_ends_none(answers):
    assert parse(instruction(answers)) == ()


@pytest.mark.parametrize(
    "odd",
    [
        None,
        {},
        {"name": "consent"},
        {"name": "consent", "end": "C05"},
        {"name": "consent", "end": ["C12"]},
        {"name": "consent", "end": ["C05", "C04"]},
        {"name": "consent", "end": ["C05", "C05"]},
        {"name": "consent", "end": [5]},
        {"name": "consent", "end": [], "more": 1},
        {"name": "allow", "end": []},
    ],
)
def test_anything_else_is_refused(odd):
    with pytest.raises(FormatError):
        parse(odd)
