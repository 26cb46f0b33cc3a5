"""Signing in: who fails learns nothing, not even from the work it took."""

from __future__ import annotations

import dataclasses
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.attacks import change, rows
from tests.support.exported import exported
from tests.support.factor import code_of, fresh_code, time_passes
from tests.support.house import enrol_as, passphrase_of, sign_in_as
from vault import canonical, clock
from vault.agents.kdf import LocalKdf
from vault.crypto.seal import OpeningKey
from vault.crypto.sign import SigningKey
from vault.crypto.suite import random
from vault.custody import keys
from vault.errors import (
    BusyError,
    LockedError,
    RefusedError,
    SealError,
    SessionEndedError,
    SignInError,
    WitnessVaultError,
)
from vault.journal.vault import Vault
from vault.members import enrol, people, totp
from vault.members.actor import Actor
from vault.members.signin import sign_in, sign_out
from vault.roster.chain import sign_roster
from vault.storage.tables.people import members, rosters


class CountingKdf(LocalKdf):
    """Derives as ever, and notes at what cost."""

    def __init__(self):
        self.costs = []

    def derive(self, passphrase, salt, parameters):
        self.costs.append(parameters)
        return super().derive(passphrase, salt, parameters)


@pytest.fixture
def counted(house):
    """The same vault, its derivations counted."""
    vault = Vault(house.settings, house.vault.agent, CountingKdf())
    yield vault
    vault.close()


def entries(house, kind):
    house.vault.journal.write_refusals()
    return [entry for entry in house.vault.journal.read() if entry.kind == kind]


def answer(vault, login, passphrase, code):
    with pytest.raises(WitnessVaultError) as caught:
        sign_in(vault, login, passphrase, code)
    return type(caught.value), str(caught.value), caught.value.detail


def test_login_passphrase_and_code_open_the_keys_and_are_logged(house):
    actor = sign_in_as(house.vault, "lawyer")
    assert actor.to_secret() == house.actors["lawyer"].to_secret()
    entry = entries(house, "signin")[-1]
    assert (entry.actor, entry.detail) == (actor.id, {})


def test_case_and_spaces_around_a_login_do_not_matter(house):
    code = fresh_code(house.vault, "lawyer")
    assert sign_in(house.vault, " LAWYER ", passphrase_of("lawyer"), code)


def test_unknown_login_wrong_passphrase_and_wrong_code_are_one_answer(house):
    right, code = passphrase_of("lawyer"), fresh_code(house.vault, "lawyer")
    attempts = [
        ("nobody", right, code),
        ("lawyer", passphrase_of("nobody"), code),
        ("lawyer", "", code),
        ("lawyer", right, "000000"),
        ("lawyer", right, ""),
        ("lawyer", right, "AAAAA-AAAAA"),
        ("lawyer", right, code_of("deputy")),
        ("", "", ""),
    ]
    assert {answer(house.vault, *attempt) for attempt in attempts} == {
        (SignInError, SignInError.text, "")
    }


def test_a_wrong_code_reaches_no_derivation_whatever_the_passphrase(counted):
    for number in range(200):
        login = ("lawyer", "nobody", "admin")[number % 3]
        with pytest.raises(SignInError):
            sign_in(counted, login, passphrase_of(login), f"wrong {number}")
    assert counted.kdf.costs == []


def test_a_refusal_waits_for_no_write(house):
    with house.vault.database.write():  # whoever waits for it, waits ten seconds in vain
        for login in ("lawyer", "nobody"):
            began = time.monotonic()
            with pytest.raises(SignInError):
                sign_in(house.vault, login, "x", "000000")
            assert time.monotonic() - began < 9
    assert len(entries(house, "signin.refused")) == 2


def test_a_code_guessed_for_a_login_that_nobody_has_costs_what_a_real_one_does(
    counted, monkeypatch
):
    guessed = bytes(totp.SECRET_SIZE)
    monkeypatch.setattr(totp, "new_secret", lambda: guessed)
    with pytest.raises(SignInError):
        sign_in(counted, "nobody", "x", totp.code_at(guessed, totp.step_now()))
    assert counted.kdf.costs == [counted.passphrase_parameters]


def test_one_passphrase_of_a_member_is_tried_at_a_time(house):
    inside, go_on = threading.Event(), threading.Event()

    class Slow(LocalKdf):
        def derive(self, *arguments):
            inside.set()
            assert go_on.wait(20)
            return super().derive(*arguments)

    vault = Vault(house.settings, house.vault.agent, Slow())
    code = fresh_code(house.vault, "lawyer")
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(sign_in, vault, "lawyer", passphrase_of("lawyer"), code)
        assert inside.wait(20)
        with pytest.raises(BusyError):
            sign_in(house.vault, "lawyer", passphrase_of("lawyer"), code)
        assert sign_in_as(house.vault, "deputy")
        go_on.set()
        assert first.result()
    vault.close()
    assert sign_in_as(house.vault, "lawyer")


@pytest.mark.parametrize("passphrase", ["x" * 5000, "\ud800"])
def test_a_passphrase_that_cannot_be_one_is_one_answer_as_well(house, passphrase):
    assert answer(house.vault, "nobody", passphrase, "000000") == answer(
        house.vault, "lawyer", passphrase, "000000"
    )


@pytest.mark.parametrize("code", ["x" * 100_000, "\ud800", "\0", "٠١٢٣٤٥", "ЖЖЖЖЖ-ЖЖЖЖЖ"])
def test_a_code_that_cannot_be_one_is_wrong(house, code):
    with pytest.raises(SignInError):
        sign_in(house.vault, "lawyer", passphrase_of("lawyer"), code)


def test_a_refused_sign_in_is_counted_and_what_was_typed_kept_nowhere(house):
    attempts = [
        ("typed-by-mistake", "a secret typed into the wrong field", "also-typed"),
        ("lawyer", "a secret typed into the wrong field", "also-typed"),
        ("deputy", "a secret typed into the wrong field", fresh_code(house.vault, "deputy")),
    ]
    for attempt in attempts:
        with pytest.raises(SignInError):
            sign_in(house.vault, *attempt)
    counted = {entry.subject.get("member") for entry in entries(house, "signin.refused")}
    assert counted == {None, house.actors["lawyer"].id, house.actors["deputy"].id}
    logged = repr(exported(house.vault.journal))
    for typed in ("typed-by-mistake", "wrong field", "also-typed"):
        assert typed not in logged


def test_who_waits_for_confirmation_does_not_sign_in(house):
    code = people.invite(house.vault, house.actors["admin"], "Waiting", ["lawyer"])
    enrol_as(house.vault, code, "waiting")
    with pytest.raises(RefusedError):
        sign_in_as(house.vault, "waiting")
    with pytest.raises(SignInError):
        sign_in_as(house.vault, "waiting", passphrase_of("nobody"))
    with pytest.raises(SignInError):
        sign_in(house.vault, "waiting", passphrase_of("waiting"), "000000")


def test_nobody_signs_in_after_the_lock(house):
    secret = house.actors["lawyer"].to_secret()
    house.vault.agent.lock()
    with pytest.raises(LockedError):
        sign_in(house.vault, "lawyer", passphrase_of("lawyer"), code_of("lawyer"))
    with pytest.raises(LockedError):
        Actor.from_secret(house.vault, secret)


def test_after_unlocking_again_everybody_signs_in(house):
    opened = keys.open_vault_keys(house.settings, house.sheet.vault_passphrase, LocalKdf())
    house.vault.agent.lock()
    opened.open(house.vault.agent)
    assert sign_in_as(house.vault, "lawyer")


# --- key files in a database that somebody else writes -------------------------------------------


def test_another_members_key_file_is_refused(house):
    lawyer, deputy = house.actors["lawyer"], house.actors["deputy"]
    (row,) = rows(house, members, id=deputy.id)
    change(house, members, {"id": lawyer.id}, key_file=row.key_file)
    for login in ("lawyer", "deputy"):
        if login == "lawyer":
            with pytest.raises(SealError):
                sign_in_as(house.vault, login, passphrase_of("deputy"))
        else:
            assert sign_in_as(house.vault, login, passphrase_of("deputy"))


def test_a_key_file_made_by_an_attacker_is_refused(house):
    lawyer = house.actors["lawyer"]
    forged = enrol.seal_member_keys(
        house.vault,
        lawyer.id,
        "known to the attacker",
        SigningKey(random(32)),
        OpeningKey.generate(),
    )
    change(house, members, {"id": lawyer.id}, key_file=forged)
    with pytest.raises(SignInError):
        sign_in_as(house.vault, "lawyer", "known to the attacker")


@pytest.mark.parametrize("junk", [b"", b"{}", bytes(100)])
def test_a_key_file_that_is_none_is_refused(house, junk):
    change(house, members, {"id": house.actors["lawyer"].id}, key_file=junk)
    with pytest.raises(WitnessVaultError):
        sign_in_as(house.vault, "lawyer")
    assert sign_in_as(house.vault, "deputy")


def test_a_login_exchanged_in_the_database_opens_no_other_persons_keys(house):
    lawyer, auditor = house.actors["lawyer"], house.actors["auditor"]
    change(house, members, {"id": lawyer.id}, login="moved")
    change(house, members, {"id": auditor.id}, login="lawyer")
    with pytest.raises(SignInError):
        sign_in_as(house.vault, "lawyer")
    time_passes(house.vault, "lawyer")
    actor = sign_in(house.vault, "lawyer", passphrase_of("auditor"), code_of("auditor"))
    assert actor.roles == {"auditor"}


def test_roles_written_into_the_database_count_for_nothing(house):
    from vault.storage.tables.people import enrolments

    auditor = house.actors["auditor"]
    change(house, enrolments, {"member_id": auditor.id}, roles='["lawyer"]')
    assert sign_in_as(house.vault, "auditor").roles == {"auditor"}
    (line,) = (line for line in people.list_members(house.vault) if line.id == auditor.id)
    assert line.roles == ("auditor",)


# --- sessions ------------------------------------------------------------------------------------


def publish(house, edit):
    """Publish a roster in which `edit` changes the lawyer, as the root would."""
    before, lawyer = house.vault.roster(), house.actors["lawyer"]
    after = dataclasses.replace(
        before,
        version=before.version + 1,
        previous=before.hash,
        members=tuple(edit(m) if m.id == lawyer.id else m for m in before.members),
    )
    root = keys.open_root_key(house.settings, house.sheet.root_passphrase, LocalKdf())
    with house.vault.journal.transaction() as transaction:
        transaction.connection.execute(
            rosters.insert().values(version=after.version, document=sign_roster(after, root))
        )
        detail = {"version": after.version}
        transaction.log("roster.published", "root", {"roster": after.hash.hex()}, detail)


def test_a_session_gives_the_member_as_the_roster_knows_them_now(house):
    lawyer = house.actors["lawyer"]
    again = Actor.from_secret(house.vault, lawyer.to_secret())
    assert (again.to_secret(), again.name, again.roles) == (
        lawyer.to_secret(),
        "Lawyer",
        {"lawyer"},
    )
    house.change_roles("lawyer", "analyst")
    assert Actor.from_secret(house.vault, lawyer.to_secret()).roles == {"analyst"}


def test_after_their_last_moment_a_member_neither_stays_nor_comes_back(house):
    lawyer = house.actors["lawyer"]
    publish(house, lambda m: dataclasses.replace(m, valid_to=clock.moment()))
    with pytest.raises(SessionEndedError):
        Actor.from_secret(house.vault, lawyer.to_secret())
    with pytest.raises(WitnessVaultError):
        sign_in_as(house.vault, "lawyer")
    assert sign_in_as(house.vault, "deputy")


def test_a_member_who_leaves_tomorrow_works_today(house):
    tomorrow = clock.moment(clock.now() + 86_400)
    publish(house, lambda m: dataclasses.replace(m, valid_to=tomorrow))
    assert Actor.from_secret(house.vault, house.actors["lawyer"].to_secret())


def test_a_session_with_other_keys_than_the_rosters_is_over(house):
    other = dataclasses.replace(house.actors["lawyer"], opening=OpeningKey.generate())
    with pytest.raises(SessionEndedError):
        Actor.from_secret(house.vault, other.to_secret())


@pytest.mark.parametrize("secret", [b"", b"{}", b"junk", canonical.dumps({"id": "x"})])
def test_what_is_no_session_is_none(house, secret):
    with pytest.raises(SessionEndedError):
        Actor.from_secret(house.vault, secret)


def test_a_session_of_nobody_is_none(house):
    value = canonical.loads(house.actors["lawyer"].to_secret()) | {"id": random(16).hex()}
    with pytest.raises(SessionEndedError):
        Actor.from_secret(house.vault, canonical.dumps(value))


def test_signing_out_is_logged(house):
    sign_out(house.vault, house.actors["lawyer"])
    assert house.vault.journal.read()[-1].kind == "signout"
