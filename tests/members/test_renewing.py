"""A new second factor takes passphrase and code, or the root key; the old one ends with it."""

from __future__ import annotations

import pytest

from tests.support.attacks import rows
from tests.support.exported import exported
from tests.support.factor import code_of, fresh_code, pairing_of, secret_of, time_passes
from tests.support.house import passphrase_of, sign_in_as
from vault.agents.kdf import LocalKdf
from vault.crypto.sign import SigningKey
from vault.custody import keys
from vault.errors import (
    InputError,
    NotFoundError,
    RefusedError,
    SessionEndedError,
    SignInError,
)
from vault.journal.vault import Vault
from vault.members import factors, renewing, totp
from vault.members.actor import Actor
from vault.members.factors import Pairing
from vault.members.signin import sign_in
from vault.storage.tables.people import members, recovery_codes

RIGHT = passphrase_of("lawyer")
NEW = pairing_of("the lawyer's new phone")


@pytest.fixture
def lawyer(house):
    return house.actors["lawyer"]


def stored(house, lawyer):
    (row,) = rows(house, members, id=lawyer.id)
    return row.totp, sorted(code.mac for code in rows(house, recovery_codes, member_id=lawyer.id))


def renew(house, lawyer, passphrase=RIGHT, code=None, pairing=None):
    code = fresh_code(house.vault, "lawyer") if code is None else code
    pairing = pairing or pairing_of("the lawyer's new phone")
    renewing.renew_authenticator(house.vault, lawyer, passphrase, code, pairing)


def renew_codes(house, lawyer, passphrase=RIGHT, code=None):
    code = fresh_code(house.vault, "lawyer") if code is None else code
    return renewing.renew_codes(house.vault, lawyer, passphrase, code)


def changes(house, lawyer):
    found = [e for e in house.vault.journal.read() if e.kind == "factor.changed"]
    assert {entry.subject["member"] for entry in found} == {lawyer.id}
    return [(entry.actor, entry.detail["factor"]) for entry in found]


def test_new_recovery_codes_replace_all_earlier_ones(house, lawyer):
    first = renew_codes(house, lawyer)
    second = renew_codes(house, lawyer)
    assert len(second) == 10
    with pytest.raises(SignInError):
        sign_in(house.vault, "lawyer", RIGHT, first[0])
    assert sign_in(house.vault, "lawyer", RIGHT, second[0])
    assert changes(house, lawyer) == [(lawyer.id, "recovery_codes")] * 2


def test_a_new_authenticator_replaces_the_old_one_and_leaves_the_recovery_codes(house, lawyer):
    codes = renew_codes(house, lawyer)
    renew(house, lawyer)
    time_passes(house.vault, "lawyer")
    with pytest.raises(SignInError):
        sign_in(house.vault, "lawyer", RIGHT, code_of("lawyer"))
    assert sign_in(house.vault, "lawyer", RIGHT, code_of("the lawyer's new phone"))
    assert sign_in(house.vault, "lawyer", RIGHT, codes[0])
    assert changes(house, lawyer)[-1] == (lawyer.id, "authenticator")


def test_the_code_that_proved_the_new_app_is_used(house, lawyer):
    renew(house, lawyer)
    with pytest.raises(SignInError):
        sign_in(house.vault, "lawyer", RIGHT, code_of("the lawyer's new phone"))


def test_a_recovery_code_stands_in_for_the_lost_phone_and_is_used_up(house, lawyer):
    codes = renew_codes(house, lawyer)
    renew(house, lawyer, code=codes[0])
    assert factors.status(house.vault, lawyer.id).codes_left == 9


@pytest.mark.parametrize("change", [renew, renew_codes])
@pytest.mark.parametrize(
    ("passphrase", "code"),
    [(RIGHT, "000000"), (RIGHT, ""), ("wrong", None), (passphrase_of("deputy"), None)],
)
def test_without_passphrase_or_code_nothing_changes(house, lawyer, change, passphrase, code):
    before = stored(house, lawyer)
    with pytest.raises(SignInError):
        change(house, lawyer, passphrase, code)
    assert stored(house, lawyer) == before
    assert sign_in_as(house.vault, "lawyer")


@pytest.mark.parametrize("change", [renew, renew_codes])
def test_the_code_of_a_sign_in_does_not_change_anything_as_well(house, lawyer, change):
    code = fresh_code(house.vault, "lawyer")
    sign_in(house.vault, "lawyer", RIGHT, code)
    with pytest.raises(SignInError):
        change(house, lawyer, code=code)


def test_an_app_without_the_new_secret_changes_nothing_and_uses_no_code_up(house, lawyer):
    before, code = stored(house, lawyer), fresh_code(house.vault, "lawyer")
    for digits in ("", "000000", totp.code_at(NEW.secret, totp.step_now() - 2)):
        with pytest.raises(InputError):
            renew(house, lawyer, code=code, pairing=Pairing(NEW.secret, digits))
    assert stored(house, lawyer) == before
    assert sign_in(house.vault, "lawyer", RIGHT, code)


# --- by the root key -----------------------------------------------------------------------------


def reset(house, login="lawyer", root=None):
    root = root or keys.open_root_key(house.settings, house.sheet.root_passphrase, LocalKdf())
    return renewing.reset(house.vault, login, root)


def test_a_reset_ends_authenticator_codes_and_sessions_and_gives_one_code(house, lawyer):
    codes = renew_codes(house, lawyer)
    code = reset(house)
    assert factors.status(house.vault, lawyer.id) == factors.Status(
        authenticator=False, codes_left=1, passkeys=0
    )
    for old in (fresh_code(house.vault, "lawyer"), codes[0]):
        with pytest.raises(SignInError):
            sign_in(house.vault, "lawyer", RIGHT, old)
    with pytest.raises(SessionEndedError):
        Actor.from_secret(house.vault, lawyer.to_secret())
    assert changes(house, lawyer)[-1] == ("root", "reset")
    assert house.vault.journal.read()[-1].kind == "sessions.ended"
    with pytest.raises(SignInError):
        sign_in(house.vault, "lawyer", "not the passphrase", code)
    assert sign_in(house.vault, "lawyer", RIGHT, code)


def test_after_a_reset_the_passphrase_alone_sets_up_a_new_authenticator(house):
    again = sign_in(house.vault, "lawyer", RIGHT, reset(house))
    with pytest.raises(SignInError):
        renew(house, again, passphrase="wrong", code="")
    renew(house, again, code="")
    assert factors.status(house.vault, again.id).authenticator
    with pytest.raises(SignInError):
        renew(house, again, code="")


def test_a_change_that_began_before_a_reset_does_not_stand(house, lawyer):
    class Slow(LocalKdf):
        def derive(self, *arguments):
            reset(house)
            return super().derive(*arguments)

    vault = Vault(house.settings, house.vault.agent, Slow())
    code = fresh_code(house.vault, "lawyer")
    pairing = pairing_of("the lawyer's new phone")
    with pytest.raises(RefusedError):
        renewing.renew_authenticator(vault, lawyer, RIGHT, code, pairing)
    vault.close()
    assert not factors.status(house.vault, lawyer.id).authenticator


def test_only_the_root_key_of_this_vault_resets(house, lawyer):
    before = stored(house, lawyer)
    with pytest.raises(RefusedError):
        reset(house, root=SigningKey(bytes(32)))
    with pytest.raises(NotFoundError):
        reset(house, "nobody")
    assert stored(house, lawyer) == before


def test_no_code_or_secret_stands_in_the_log(house, lawyer):
    shown = [*renew_codes(house, lawyer), reset(house), totp.text_of(secret_of("lawyer"))]
    logged = repr(exported(house.vault.journal))
    assert not [text for text in shown if text in logged or text.replace("-", "") in logged]
