import threading
import time

import pytest

from vault.agents import operations
from vault.agents.kdf import KdfQueue, LocalKdf, SocketKdf
from vault.crypto.passphrase import Argon2Parameters
from vault.errors import BusyError, EncodingError, FormatError, TooLongError

CHEAP = Argon2Parameters(8, 1, 1)
SLOW = Argon2Parameters(16_384, 10, 1)
SALT = b"s" * 16


@pytest.fixture
def kdf(serve, folder):
    serve(KdfQueue(2, 65_536), operations.KDF)
    return SocketKdf(folder / "run" / "a.sock", timeout=30)


@pytest.mark.parametrize(
    "passphrase", ["correct horse", "", "құпия сөз", "\N{LATIN SMALL LIGATURE FI}"]
)
def test_the_process_derives_what_is_derived_here(kdf, passphrase):
    here = LocalKdf().derive(passphrase, SALT, CHEAP)
    assert kdf.derive(passphrase, SALT, CHEAP) == here
    assert len(here) == 32


def test_another_passphrase_salt_or_cost_gives_another_key(kdf):
    keys = {
        kdf.derive("one", SALT, CHEAP),
        kdf.derive("two", SALT, CHEAP),
        kdf.derive("one", b"t" * 16, CHEAP),
        kdf.derive("one", SALT, Argon2Parameters(16, 1, 1)),
    }
    assert len(keys) == 4


def test_more_memory_than_allowed_is_refused(kdf):
    with pytest.raises(FormatError):
        kdf.derive("one", SALT, Argon2Parameters(65_537, 1, 1))


def test_a_cost_out_of_bounds_is_refused_on_the_wire(kdf):
    with pytest.raises(FormatError):
        kdf._channel.call("derive_key", b"one", SALT, 8, 1000, 1)


def test_a_salt_of_another_size_is_refused(kdf):
    with pytest.raises(FormatError):
        kdf.derive("one", b"s" * 15, CHEAP)


def test_a_passphrase_beyond_the_limit_is_not_even_sent(kdf):
    with pytest.raises(TooLongError):
        kdf.derive("x" * 1025, SALT, CHEAP)


def test_a_passphrase_that_is_no_text_is_refused_without_repeating_it(kdf):
    with pytest.raises(EncodingError) as caught:
        kdf.derive("secret\udc80", SALT, CHEAP)
    assert "secret" not in str(caught.value)
    assert caught.value.__suppress_context__
    with pytest.raises(EncodingError):
        kdf._channel.call("derive_key", b"\xff", SALT, 8, 1, 1)


def test_a_full_queue_refuses_and_answers_everybody_already_in_it(kdf):
    outcomes = []

    def ask():
        try:
            outcomes.append(kdf.derive("one", SALT, SLOW))
        except BusyError:
            outcomes.append("busy")

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("busy") == 3  # one runs, two wait
    assert len({*outcomes} - {"busy"}) == 1
    assert kdf.derive("one", SALT, CHEAP)


def test_derivations_run_one_at_a_time(monkeypatch):
    running, most = [], []

    def watched(*arguments):
        running.append(1)
        most.append(len(running))
        time.sleep(0.01)
        running.pop()
        return bytes(32)

    # The derivation itself is not under test here, only how many run.
    monkeypatch.setattr("vault.agents.kdf.argon2.derive", watched)
    queue = KdfQueue(8, 65_536)
    threads = [
        threading.Thread(target=queue.derive_key, args=(b"one", SALT, 8, 1, 1)) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1] * 6
