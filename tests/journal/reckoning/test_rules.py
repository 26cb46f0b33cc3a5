import pytest

from vault import settings
from vault.errors import SettingError
from vault.journal.reckoning.rules import SHAPES, Rule, parse


def test_the_four_rules_to_begin_with_are_one_of_each_shape(tmp_path):
    stated = settings.load(tmp_path, {"ledger": {"origin": "test.invalid"}}).flags.rules
    assert [rule.shape for rule in parse(stated)] == list(SHAPES)


def test_a_rule_is_read_from_its_line():
    (many,) = parse(["many reveal,identity.opened 10 3600"])
    assert many == Rule("many", frozenset({"reveal", "identity.opened"}), count=10, within=3600)
    (hours,) = parse(["hours reveal 8-20 1-6"])
    assert (hours.begin, hours.end, hours.days) == (8, 20, frozenset(range(1, 7)))
    (soon,) = parse(["soon proof.made assign 60"])
    assert (soon.after, soon.within) == ("assign", 60)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "many",
        "often reveal 10 3600",
        "many nothing 10 3600",
        "many reveal,nothing 10 3600",
        "many reveal 1 3600",
        "many reveal 1001 3600",
        "many reveal 10 0",
        "many reveal 10 31536001",
        "many reveal ten 3600",
        "many reveal 10",
        "many reveal 10 3600 1",
        "hours reveal 20-8 1-6",
        "hours reveal 8-8 1-6",
        "hours reveal 8-25 1-6",
        "hours reveal 8-20 0-6",
        "hours reveal 8-20 1-8",
        "hours reveal 8-20",
        "soon proof.made nothing 60",
        "soon proof.made assign -1",
        "first identity.opened nothing",
        "first identity.opened",
    ],
)
def test_a_line_that_is_no_rule_stops_the_start_and_is_named(line):
    with pytest.raises(SettingError) as caught:
        parse(["many reveal 10 3600", line])
    assert f"“{line}”" in str(caught.value)


@pytest.mark.parametrize("line", ["many reveal 10 3600; rm", "MANY reveal 10 3600", "x" * 81])
def test_settings_refuse_what_has_not_the_form_of_a_rule(tmp_path, line):
    with pytest.raises(SettingError, match=r"flags\.rules"):
        settings.load(tmp_path, {"ledger": {"origin": "x"}, "flags": {"rules": [line]}})
