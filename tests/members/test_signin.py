"""Signing in: who fails learns nothing, not even from the work it took."""

from __future__ import annotations

import dataclasses

import pytest

from tests.support.attacks import change, rows
from tests.support.house import passphrase_of
from vault import canonical, clock
from vault.agents.kdf import LocalKdf
from vault.crypto.seal import OpeningKey
from vault.crypto.sign import SigningKey
from vault.crypto.suite import random
from vault.custody import keys
from vault.errors import (
    LockedError,
    RefusedError,
    SealError,
    SessionEndedError,
    SignInError,
    WitnessVaultError,
)
from vault.journal.vault import Vault
from vault.members import enrol, people
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


def test_the_right_passphrase_opens_the_keys_and_is_logged(house):
    actor = sign_in(house.vault, " LAWYER ", passphrase_of("lawyer"))
    assert actor.to_secret() == house.actors["lawyer"].to_secret()
    assert (house.vault.journal.read()[-1].kind, house.vault.journal.read()[-1].actor) == (
        "signin",
        actor.id,
    )


def test_unknown_login_and_wrong_passphrase_are_one_answer_after_one_derivation(counted):
    answers = []
    for login, passphrase in (
        ("nobody", passphrase_of("lawyer")),
        ("lawyer", passphrase_of("nobody")),
        ("", ""),
        ("lawyer", ""),
    ):
        counted.kdf.costs.clear()
        with pytest.raises(SignInError) as caught:
            sign_in(counted, login, passphrase)
        answers.append((type(caught.value), str(caught.value), caught.value.detail))
        assert counted.kdf.costs == [counted.passphrase_parameters]
    assert len(set(answers)) == 1


@pytest.mark.parametrize("passphrase", ["x" * 5000, "\ud800"])
def test_a_passphrase_that_cannot_be_one_is_one_answer_as_well(house, passphrase):
    answers = set()
    for login in ("nobody", "lawyer"):
        with pytest.raises(WitnessVaultError) as caught:
            sign_in(house.vault, login, passphrase)
        answers.add((type(caught.value), str(caught.value)))
    assert len(answers) == 1


def test_a_refused_sign_in_is_counted_and_the_typed_login_kept_nowhere(house):
    for login in ("typed-by-mistake", "lawyer"):
        with pytest.raises(SignInError):
            sign_in(house.vault, login, "a secret typed into the wrong field")
    entries = [e for e in house.vault.journal.read() if e.kind == "signin.refused"]
    assert {e.subject.get("member") for e in entries} == {None, house.actors["lawyer"].id}
    logged = repr(house.vault.journal.export())
    assert "typed-by-mistake" not in logged
    assert "wrong field" not in logged


def test_who_waits_for_confirmation_does_not_sign_in(house):
    code = people.invite(house.vault, house.actors["admin"], "Waiting", ["lawyer"])
    enrol.enrol(house.vault, code, "waiting", passphrase_of("waiting"))
    with pytest.raises(RefusedError):
        sign_in(house.vault, "waiting", passphrase_of("waiting"))
    with pytest.raises(SignInError):
        sign_in(house.vault, "waiting", passphrase_of("nobody"))


def test_nobody_signs_in_after_the_lock(house):
    secret = house.actors["lawyer"].to_secret()
    house.vault.agent.lock()
    with pytest.raises(LockedError):
        sign_in(house.vault, "lawyer", passphrase_of("lawyer"))
    with pytest.raises(LockedError):
        Actor.from_secret(house.vault, secret)


def test_after_unlocking_again_everybody_signs_in(house):
    opened = keys.open_vault_keys(house.settings, house.sheet.vault_passphrase, LocalKdf())
    house.vault.agent.lock()
    house.vault.agent.unlock(opened.vault, opened.ledger, opened.collector)
    assert sign_in(house.vault, "lawyer", passphrase_of("lawyer"))


# --- key files in a database that somebody else writes -------------------------------------------


def test_another_members_key_file_is_refused(house):
    lawyer, deputy = house.actors["lawyer"], house.actors["deputy"]
    (row,) = rows(house, members, id=deputy.id)
    change(house, members, {"id": lawyer.id}, key_file=row.key_file)
    for login in ("lawyer", "deputy"):
        if login == "lawyer":
            with pytest.raises(SealError):
                sign_in(house.vault, login, passphrase_of("deputy"))
        else:
            assert sign_in(house.vault, login, passphrase_of("deputy"))


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
        sign_in(house.vault, "lawyer", "known to the attacker")


@pytest.mark.parametrize("junk", [b"", b"{}", bytes(100)])
def test_a_key_file_that_is_none_is_refused(house, junk):
    change(house, members, {"id": house.actors["lawyer"].id}, key_file=junk)
    with pytest.raises(WitnessVaultError):
        sign_in(house.vault, "lawyer", passphrase_of("lawyer"))
    assert sign_in(house.vault, "deputy", passphrase_of("deputy"))


def test_a_login_exchanged_in_the_database_opens_no_other_persons_keys(house):
    lawyer, auditor = house.actors["lawyer"], house.actors["auditor"]
    change(house, members, {"id": lawyer.id}, login="moved")
    change(house, members, {"id": auditor.id}, login="lawyer")
    with pytest.raises(SignInError):
        sign_in(house.vault, "lawyer", passphrase_of("lawyer"))
    assert sign_in(house.vault, "lawyer", passphrase_of("auditor")).roles == {"auditor"}


def test_roles_written_into_the_database_count_for_nothing(house):
    from vault.storage.tables.people import enrolments

    auditor = house.actors["auditor"]
    change(house, enrolments, {"member_id": auditor.id}, roles='["lawyer"]')
    assert sign_in(house.vault, "auditor", passphrase_of("auditor")).roles == {"auditor"}
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
    publish(house, lambda m: dataclasses.replace(m, roles=frozenset({"analyst"})))
    assert Actor.from_secret(house.vault, lawyer.to_secret()).roles == {"analyst"}


def test_after_their_last_moment_a_member_neither_stays_nor_comes_back(house):
    lawyer = house.actors["lawyer"]
    publish(house, lambda m: dataclasses.replace(m, valid_to=clock.moment()))
    with pytest.raises(SessionEndedError):
        Actor.from_secret(house.vault, lawyer.to_secret())
    with pytest.raises(WitnessVaultError):
        sign_in(house.vault, "lawyer", passphrase_of("lawyer"))
    assert sign_in(house.vault, "deputy", passphrase_of("deputy"))


def test_a_member_who_leaves_tomorrow_works_today(house):
    tomorrow = clock.moment(clock.now() + 86_400)
    publish(house, lambda m: dataclasses.replace(m, valid_to=tomorrow))
    assert Actor.from_secret(house.vault, house.actors["lawyer"].to_secret())


def test_replaced_keys_end_the_session(house):
    publish(house, lambda m: dataclasses.replace(m, opening=OpeningKey.generate().public))
    with pytest.raises(SessionEndedError):
        Actor.from_secret(house.vault, house.actors["lawyer"].to_secret())


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
