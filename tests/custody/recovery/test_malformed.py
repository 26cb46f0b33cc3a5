"""Whatever is put in place of any part of a file that travels is refused by an error of ours."""

import json
from pathlib import Path

import pytest

from vault import canonical, clock
from vault.custody.recovery import combining, making
from vault.custody.recovery.documents import Answer, PublicKey
from vault.errors import FormatError, WitnessVaultError

VECTORS = Path(__file__).parents[2] / "vectors" / "recovery"
JUNK = (None, 0, -1, True, "", "x", "ab" * 16, [], [None], {}, {"format": 1}, [[]], "\u0000")
READERS = {
    "good-request": combining.examine,
    "good-answer": Answer.parse,
    "good-key": lambda data: making.check_proven(PublicKey.parse(data)),
}


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch):
    at = clock.seconds_of("2026-11-20T10:00:00Z")
    monkeypatch.setattr(clock, "now", lambda: at)


def places(value, path=()):
    yield path
    if isinstance(value, dict | list):
        below = value.items() if isinstance(value, dict) else enumerate(value)
        for name, inner in below:
            yield from places(inner, (*path, name))


def replaced(value, path, junk):
    if not path:
        return junk
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], junk)
    return copy


@pytest.mark.parametrize("name", READERS)
def test_junk_in_any_place_is_refused_or_changes_nothing(name):
    data = json.loads((VECTORS / f"{name}.json").read_text())["file"].encode()
    value, refused = canonical.loads(data), 0
    for path in places(value):
        for junk in JUNK:
            try:
                READERS[name](canonical.dumps(replaced(value, path, junk)))
            except WitnessVaultError:
                refused += 1
    assert refused > 100


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize("cut", [0, 1, 2, 100])
def test_a_file_that_was_cut_off_is_refused(name, cut):
    data = json.loads((VECTORS / f"{name}.json").read_text())["file"].encode()
    for changed in (data[: len(data) - 1 - cut], data[:cut], data + b"\n", b"\xff" + data):
        with pytest.raises(FormatError):
            READERS[name](changed)
