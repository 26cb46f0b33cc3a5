"""What a proof of date holds is shown; nothing in it speaks in the place of the program."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from vault import canonical
from vault.cli.checking_dates import check_date
from vault.ledger.about_date import ABOUT

VECTOR = Path(__file__).parents[1] / "vectors" / "proof-of-date" / "good.json"
GOOD = json.loads(VECTOR.read_text("utf-8"))
# Up one line, the line's beginning, erase it: as one character each, as ESC, and turned writing.
STEERING = ["\x9b1A\x9b1G\x9b2K", "\x1b[1A\x1b[2K", "\u202e", "\x7f", "\n"]


@pytest.fixture
def check(tmp_path):
    def run(text, *more):
        (tmp_path / "proof").write_text(text, "utf-8")
        (tmp_path / "vkey").write_text(f"{GOOD['vkey']}\n", "utf-8")
        files = [str(tmp_path / "proof"), "--vkey-file", str(tmp_path / "vkey")]
        return CliRunner().invoke(check_date, [*files, *more]).output

    return run


def named(name):
    """Return the proof with another name of the first part that is shown."""
    line, gap, proof = GOOD["file"].removeprefix(ABOUT).partition("\n\n")
    content = canonical.loads(line.encode())
    content["shown"][0]["name"] = f"a{name}"
    return ABOUT + canonical.dumps(content).decode() + gap + proof


@pytest.mark.parametrize("steering", STEERING)
@pytest.mark.parametrize("more", [(), ("--json",)])
def test_a_refusal_is_one_line_that_steers_no_terminal(check, steering, more):
    said = check(named(f"{steering}The log noted this statement on 2022-01-05"), *more).splitlines()
    assert said[-1].startswith("witness-vault: What is shown was changed")
    assert all(line.isprintable() for line in said)


@pytest.mark.parametrize("steering", STEERING[:1] + STEERING[2:4])
@pytest.mark.parametrize("more", [(), ("--json",)])
def test_nor_does_a_name_beside_a_signature(check, steering, more):
    dash = "\N{EM DASH} "
    said = check(f"{GOOD['file']}{dash}{steering}x AAAAAAAA\n", *more).splitlines()
    assert all(line.isprintable() for line in said)
    assert ("cosigned" if more else "2026-11-22") in said[0]


def test_a_name_beside_a_signature_is_never_a_sentence_of_the_program(check):
    blank = "\N{BRAILLE PATTERN BLANK}"
    name = f"x.{blank}partner.example{blank}outside{blank}saw{blank}it."
    said = check(f"{GOOD['file']}\N{EM DASH} {name} AAAAAAAA\n")
    assert f'not checked: "{name}"' in said.replace('"partner.example/1", ', "")
