"""The field of a page that holds what came: only the agent opens it, and for a time only."""

import pytest

from vault import canonical, clock
from vault.errors import FormatError, SessionEndedError
from vault.packet.files import SealedFile
from vault.testimony.came import Came, opened, seal

ONE = Came(
    "0" * 32,
    b"k" * 32,
    10,
    bytes(32),
    SealedFile("0" * 32, 100, bytes(32)),
    "имя.jpg",
    "image/jpeg",
    cleans=True,
    looked=True,
    facts=(("place", "GPS", "43.25347, 76.91114"),),
)


class Agent:
    """The agent's end of the line, which seals nothing here."""

    def seal(self, _purpose, _session, plaintext):
        return plaintext

    def open(self, _purpose, sealed):
        return b"", sealed


def test_what_was_kept_opens_again():
    assert opened(Agent(), seal(Agent(), [ONE, ONE]), 60) == [ONE, ONE]


def test_it_opens_for_a_time_only(monkeypatch):
    text, now = seal(Agent(), [ONE]), clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + 61)
    with pytest.raises(SessionEndedError):
        opened(Agent(), text, 60)


@pytest.mark.parametrize("text", ["", "AA", "?", canonical.b64(b'{"at":1}')])
def test_what_is_no_such_field_is_a_visit_that_ended(text):
    with pytest.raises(SessionEndedError):
        opened(Agent(), text, 60)


def test_a_file_is_read_strictly():
    for changed in ({}, ONE.to_json() | {"more": 1}, ONE.to_json() | {"key": "AA"}):
        with pytest.raises(FormatError):
            Came.from_json(changed)


def test_nothing_of_a_file_stands_where_objects_are_printed():
    assert not any(text in repr(ONE) for text in ("имя", "43.25", "kkkk"))
