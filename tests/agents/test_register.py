"""The register of open sessions: whose, bounded, and over when the key that seals them is."""

from __future__ import annotations

import pytest

from vault.agents.register import Register
from vault.agents.vault_keys import VaultKeys
from vault.errors import FormatError, SessionEndedError


def key(number):
    return number.to_bytes(16, "big")


@pytest.fixture
def agent():
    return VaultKeys("register.example/log")


def test_each_sees_their_own():
    register = Register()
    register.note("a", key(1), b"one")
    register.note("b", key(2), b"two")
    assert register.of("a") == [(key(1), b"one")]
    assert register.of("nobody") == []


def test_noting_again_replaces_what_is_known():
    register = Register()
    register.note("a", key(1), b"one")
    register.note("a", key(1), b"later")
    assert register.of("a") == [(key(1), b"later")]


def test_of_too_many_the_one_longest_not_noted_has_to_end():
    register = Register(most_of_one=2, most=3)
    register.note("a", key(1), b"")
    register.note("a", key(2), b"")
    register.note("a", key(1), b"")
    assert register.note("a", key(3), b"") == [key(2)]
    register.note("b", key(4), b"")
    assert register.note("b", key(5), b"") == [key(1)]
    assert [len(register.of(name)) for name in "ab"] == [1, 2]


def test_what_is_too_long_is_refused():
    with pytest.raises(FormatError):
        Register().note("a", key(1), bytes(257))
    with pytest.raises(FormatError):
        Register().note("a" * 65, key(1), b"")


def test_an_ended_session_is_neither_listed_nor_noted_again(agent):
    agent.note_session("a", key(1), b"")
    agent.end(key(1), 60)
    assert agent.sessions_of("a") == []
    with pytest.raises(SessionEndedError):
        agent.note_session("a", key(1), b"")


def test_a_session_over_the_bound_is_ended(agent):
    sealed = agent.seal("staff", key(0), b"secret")
    for number in range(17):
        agent.note_session("a", key(number), b"")
    assert len(agent.sessions_of("a")) == 16
    with pytest.raises(SessionEndedError):
        agent.open("staff", sealed)


def test_a_lock_takes_all_out(agent):
    agent.note_session("a", key(1), b"")
    agent.lock()
    assert agent.sessions_of("a") == []
