"""A new passphrase is typed unseen, so it is asked for twice."""

import pytest

from tests.cli import session
from vault.cli import common


@pytest.fixture
def typed(monkeypatch):
    """Let a person at a terminal type these, one after the other."""

    def types(*phrases):
        left = list(phrases)
        monkeypatch.setattr(common, "read_secret", lambda *_: left.pop(0))

    return types


def test_a_key_is_made_under_a_passphrase_typed_twice(place, typed):
    typed("a passphrase of the partner", "a passphrase of the partner")
    result = session.run("witness-vault ledger cosigner-key partner.example key")
    assert result.out.startswith("partner.example+")
    assert (place / "key").stat().st_mode & 0o777 == 0o600
    assert b"passphrase of" not in (place / "key").read_bytes()


def test_nothing_is_written_when_the_two_differ(place, typed):
    typed("a passphrase of the partner", "a passphrase of the partnet")
    result = session.run("witness-vault ledger cosigner-key partner.example key")
    assert (result.exit_code, "differ" in result.err) == (1, True)
    assert not (place / "key").exists()
