"""Guesses are slowed down, and whoever guesses keeps nobody out of a browser that is known."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.factor import fresh_code
from tests.support.house import passphrase_of, sign_in_as
from vault import canonical, clock
from vault.agents.kdf import LocalKdf
from vault.crypto.suite import random
from vault.custody import keys
from vault.errors import SignInError
from vault.journal.vault import Vault
from vault.members import browsers, changing, factors, renewing, sessions
from vault.members.signin import sign_in

RIGHT = passphrase_of("lawyer")


@pytest.fixture
def lawyer(house):
    return house.actors["lawyer"]


@pytest.fixture
def known(house, lawyer):
    """The token of a browser in which the lawyer has signed in."""
    return browsers.remember(house.vault, lawyer)


@pytest.fixture
def burst(house):
    return house.settings.staff.guesses


class Counted(LocalKdf):
    """Counts derivations."""

    def __init__(self):
        self.times = 0

    def derive(self, *arguments):
        self.times += 1
        return super().derive(*arguments)


@pytest.fixture
def counted(house):
    vault = Vault(house.settings, house.vault.agent, Counted())
    yield vault
    vault.close()


def guess(vault, times=1, login="lawyer", passphrase=RIGHT, code="000000", browser=""):
    for _ in range(times):
        with pytest.raises(SignInError):
            sign_in(vault, login, passphrase, code, browser)


def enters(vault, browser="", login="lawyer", code=None):
    try:
        code = fresh_code(vault, login) if code is None else code
        return bool(sign_in(vault, login, passphrase_of(login), code, browser))
    except SignInError:
        return False


def codes_of(house, lawyer):
    return renewing.renew_codes(house.vault, lawyer, RIGHT, fresh_code(house.vault, "lawyer"))


def half_an_hour_later(monkeypatch, agent, seconds=1800):
    ahead = agent._lanes._clock
    monkeypatch.setattr(agent._lanes, "_clock", lambda: ahead() + seconds)


# --- strangers -----------------------------------------------------------------------------------


def test_after_a_few_wrong_codes_even_the_right_one_is_no_longer_looked_at(house, burst):
    guess(house.vault, burst)
    assert not enters(house.vault)


def test_then_one_guess_comes_back_every_so_often(house, burst, monkeypatch):
    guess(house.vault, burst)
    half_an_hour_later(monkeypatch, house.vault.agent, house.settings.staff.guess_every)
    assert enters(house.vault)
    guess(house.vault)
    assert not enters(house.vault)


def test_a_right_code_costs_no_guess(house, burst):
    assert all(enters(house.vault) for _ in range(burst * 2))


def test_strangers_keep_nobody_out_of_a_known_browser(house, known):
    guess(house.vault, 300)
    assert enters(house.vault, known)


def test_strangers_keep_nobody_out_who_comes_with_a_recovery_code(house, lawyer):
    codes = codes_of(house, lawyer)
    guess(house.vault, 300)
    assert enters(house.vault, code=codes[0])


def test_strangers_at_one_login_keep_nobody_else_out(house):
    guess(house.vault, 300)
    assert enters(house.vault, login="deputy")


def test_strangers_at_logins_that_nobody_has_keep_nobody_out(house):
    for number in range(300):
        guess(house.vault, login=f"nobody{number}")
    assert enters(house.vault)


def test_strangers_at_many_logins_share_one_lane(tmp_path):
    from tests.support.house import House

    few = House.found(tmp_path, staff={"guesses": 3}).staff()
    others = [few.add(f"m{number}", "lawyer") for number in range(20)]
    known = browsers.remember(few.vault, few.actors["lawyer"])
    for number in range(len(others)):
        guess(few.vault, 3, login=f"m{number}")
    assert not enters(few.vault, login="lawyer")
    assert enters(few.vault, known)
    few.close()


def test_many_guesses_at_once_are_no_more_guesses(house, burst, monkeypatch):
    looked = []
    right = factors.check

    def look(vault, row, typed):
        proof = right(vault, row, typed)
        looked.append(proof)
        return proof

    monkeypatch.setattr(factors, "check", look)
    code, start = fresh_code(house.vault, "lawyer"), threading.Barrier(8)
    guess(house.vault, burst)

    def attempt(_):
        start.wait(10)
        return enters(house.vault, code=code)

    with ThreadPoolExecutor(8) as pool:
        assert not any(pool.map(attempt, range(8)))
    assert len(looked) == burst + 8  # each costs the same, whether it counts or not


def test_the_answer_is_the_same_whether_it_counted_or_not(house, burst):
    def answer(login):
        with pytest.raises(SignInError) as caught:
            sign_in(house.vault, login, RIGHT, "000000")
        return type(caught.value), str(caught.value), caught.value.detail

    before = answer("lawyer")
    guess(house.vault, burst)
    assert {before, answer("lawyer"), answer("nobody")} == {before}


def test_every_refused_guess_is_counted_in_the_log(house, burst, monkeypatch):
    guess(house.vault, burst * 3)
    later = clock.now() + 180
    monkeypatch.setattr("vault.clock.now", lambda: later)
    house.vault.journal.flush_refusals()
    entries = [entry for entry in house.vault.journal.read() if entry.kind == "signin.refused"]
    assert sum(entry.detail.get("more", 1) for entry in entries) == burst * 3


# --- known browsers ------------------------------------------------------------------------------


def test_a_known_browser_is_slowed_down_as_well(house, known, burst):
    guess(house.vault, burst, browser=known)
    assert not enters(house.vault, known)
    assert enters(house.vault)  # and keeps no other browser out


def test_two_known_browsers_have_a_lane_each(house, lawyer, known, burst):
    other = browsers.remember(house.vault, lawyer)
    guess(house.vault, burst, browser=known)
    assert enters(house.vault, other)


def test_a_token_counts_for_its_member_only(house, burst):
    token = browsers.remember(house.vault, house.actors["deputy"])
    guess(house.vault, burst)
    assert not enters(house.vault, token)


def test_tokens_say_nothing_of_whose_they_are(house, known, lawyer):
    tokens = [
        known,
        browsers.remember(house.vault, lawyer),
        browsers.remember(house.vault, house.actors["deputy"]),
    ]
    assert {len(token) for token in tokens} == {browsers.SIZE}
    assert len({token[:20] for token in tokens}) == 3
    for token in tokens:
        held = canonical.unb64(token)
        assert bytes.fromhex(lawyer.id) not in held
        assert b"lawyer" not in held


@pytest.mark.parametrize("junk", ["", "x", "A" * 102, "Ж" * 102, "\ud800" * 102, "A" * 100_000])
def test_what_is_no_token_is_none(house, burst, junk):
    guess(house.vault, burst)
    assert not enters(house.vault, junk)


def test_a_changed_token_is_none(house, known, burst):
    guess(house.vault, burst)
    for place in (0, 30, 80):
        other = "A" if known[place] != "A" else "B"
        assert not enters(house.vault, known[:place] + other + known[place + 1 :])


def test_what_was_sealed_for_something_else_is_no_token(house, lawyer, burst):
    guess(house.vault, burst)
    sealed = factors.seal_secret(house.vault, lawyer.id, random(48))
    assert not enters(house.vault, canonical.b64(sealed))


@pytest.mark.parametrize(("age", "counts"), [(0, True), (-1, False)])
def test_a_token_counts_for_its_time(house, known, burst, monkeypatch, age, counts):
    guess(house.vault, burst)
    now = clock.now()
    later = now + (house.settings.staff.browser_known + age if age else 0)
    monkeypatch.setattr("vault.clock.now", lambda: later if counts else later + 1)
    assert enters(house.vault, known) is counts


def reset(house):
    root = keys.open_root_key(house.settings, house.sheet.root_passphrase, LocalKdf())
    return renewing.reset(house.vault, "lawyer", root)


@pytest.mark.parametrize(
    "ending",
    [
        lambda house, lawyer: sessions.end_others(house.vault, lawyer),
        lambda house, lawyer: sessions.end_all(house.vault, house.actors["admin"], lawyer.id),
        lambda house, lawyer: changing.change_passphrase(
            house.vault,
            lawyer,
            RIGHT,
            fresh_code(house.vault, "lawyer"),
            "seven herons walk over the lake",
        ),
        lambda house, _: reset(house),
    ],
    ids=["own sessions", "by an administrator", "passphrase", "reset"],
)
def test_what_ends_the_sessions_ends_the_known_browsers(house, lawyer, known, ending):
    from sqlalchemy import select

    from vault.storage.tables.people import members

    def lane():
        with house.vault.database.read() as connection:
            row = connection.execute(select(members).filter_by(id=lawyer.id)).one()
        return browsers.lane_of(house.vault, row, known)

    assert not lane().shared
    ending(house, lawyer)
    assert lane().shared


# --- whoever has the phone -----------------------------------------------------------------------


def test_whoever_has_the_phone_tries_few_passphrases(counted, burst):
    for _ in range(burst * 2):
        guess(counted, passphrase="a wrong guess", code=fresh_code(counted, "lawyer"))
    assert counted.kdf.times == burst


def test_whoever_has_the_phone_keeps_the_member_out_of_neither_browser_nor_recovery(
    house, lawyer, known, burst
):
    codes = codes_of(house, lawyer)
    for _ in range(burst * 2):
        guess(house.vault, passphrase="a wrong guess", code=fresh_code(house.vault, "lawyer"))
    assert not enters(house.vault)
    assert enters(house.vault, known)
    assert enters(house.vault, code=codes[0])


def test_whoever_has_the_phone_does_not_keep_the_only_place_busy(house, known):
    inside, go_on = threading.Event(), threading.Event()

    class Slow(LocalKdf):
        def derive(self, *arguments):
            inside.set()
            assert go_on.wait(20)
            return super().derive(*arguments)

    vault = Vault(house.settings, house.vault.agent, Slow())
    thief = fresh_code(house.vault, "lawyer")
    with ThreadPoolExecutor(1) as pool:
        busy = pool.submit(guess, vault, passphrase="a wrong guess", code=thief)
        assert inside.wait(20)
        assert enters(house.vault, known)
        go_on.set()
        busy.result()
    vault.close()


def test_a_session_s_own_guesses_are_slowed_down_and_keep_nobody_out(house, lawyer, burst):
    for _ in range(burst):
        with pytest.raises(SignInError):
            renewing.renew_codes(house.vault, lawyer, RIGHT, "000000")
    with pytest.raises(SignInError):
        codes_of(house, lawyer)
    assert sign_in_as(house.vault, "lawyer")
