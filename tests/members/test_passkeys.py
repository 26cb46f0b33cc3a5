"""A passkey stands in the place of the code, for one member, host and challenge; never alone."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.support.attacks import change, drop, insert, rows
from tests.support.factor import fresh_code
from tests.support.house import passphrase_of
from tests.support.passkeys import PRESENT, VERIFIED, Device
from vault import clock
from vault.agents.kdf import LocalKdf
from vault.custody import keys
from vault.errors import InputError, NotFoundError, SealError, SignInError
from vault.journal.vault import Vault
from vault.members import browsers, factors, offer, passkeys, renewing
from vault.members.passkeys import Answer
from vault.members.signin import sign_in
from vault.storage.tables.people import passkeys as table

BOUND = b"b" * 16
RIGHT = passphrase_of("lawyer")


@pytest.fixture
def lawyer(house):
    return house.actors["lawyer"]


def add(house, name="lawyer", device=None, called="blue key", **other):
    member = house.actors[name]
    device = device or Device(handle=passkeys.handle_of(house.vault, member.id))
    challenge = offer.make(house.vault, offer.ADD, BOUND)
    made = Answer(device.make(challenge.secret, **other), challenge)
    code = fresh_code(house.vault, name)
    renewing.add_passkey(house.vault, member, passphrase_of(name), code, called, made)
    return device


@pytest.fixture
def device(house):
    return add(house)


def asked(house):
    return offer.make(house.vault, offer.PROVE, BOUND)


def answer(house, device, **other):
    challenge = asked(house)
    return Answer(device.sign(challenge.secret, **other), challenge)


def enters(house, given, login="lawyer", passphrase=None):
    try:
        passphrase = passphrase_of(login) if passphrase is None else passphrase
        return bool(sign_in(house.vault, login, passphrase, given))
    except SignInError:
        return False


def changes(house):
    return [
        (entry.actor, entry.detail["factor"])
        for entry in house.vault.journal.read()
        if entry.kind == "factor.changed"
    ]


# --- signing in ----------------------------------------------------------------------------------


def test_passkey_and_passphrase_sign_in_and_the_log_says_so(house, device):
    actor = sign_in(house.vault, "lawyer", RIGHT, answer(house, device))
    assert actor.id == house.actors["lawyer"].id
    entry = house.vault.journal.read()[-1]
    assert (entry.kind, entry.detail) == ("signin", {"factor": "passkey"})
    assert all(enters(house, answer(house, device)) for _ in range(3))


def test_a_device_that_keeps_no_count_signs_in_again_and_again(house):
    device = add(house, device=Device(count=None))
    assert all(enters(house, answer(house, device)) for _ in range(3))


def test_without_the_passphrase_it_opens_nothing(house, device):
    assert not enters(house, answer(house, device), passphrase="not the passphrase")


def test_a_wrong_passphrase_does_not_use_the_answer_up(house, device):
    given = answer(house, device)
    assert not enters(house, given, passphrase="not the passphrase")
    assert enters(house, given)


def test_app_and_recovery_codes_count_as_before(house, device):
    assert enters(house, fresh_code(house.vault, "lawyer"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "elsewhere.invalid"},
        {"origin": "http://elsewhere.invalid"},
        {"origin": "http://localhost:9999"},
        {"origin": "https://localhost:8001"},
        {"kind": "webauthn.create"},
        {"flags": VERIFIED},
        {"flags": PRESENT},
        {"handle": b"h" * 16},
    ],
    ids=str,
)
def test_an_answer_for_somewhere_else_or_without_the_person_is_refused(house, device, wrong):
    assert not enters(house, answer(house, device, **wrong))
    assert enters(house, answer(house, device))


def test_the_audit_address_is_the_same_host_and_counts_as_well(house, device):
    assert enters(house, answer(house, device, origin="http://localhost:8002"))


def test_a_challenge_is_signed_once(house, device):
    challenge = asked(house)
    given = Answer(device.sign(challenge.secret), challenge)
    assert enters(house, given)
    assert not enters(house, given)
    assert not enters(house, Answer(device.sign(challenge.secret), challenge))
    with pytest.raises(Exception, match="session"):
        offer.read(house.vault, offer.PROVE, BOUND, challenge.sealed)


def test_one_answer_twice_at_once_signs_in_once(house):
    device = add(house, device=Device(count=None))
    given, start = answer(house, device), threading.Barrier(4)

    def attempt(_):
        start.wait(10)
        vault = Vault(house.settings, house.vault.agent, LocalKdf())
        try:
            browser = browsers.remember(vault, house.actors["lawyer"])  # a slot of its own
            return bool(sign_in(vault, "lawyer", RIGHT, given, browser))
        except SignInError:
            return False
        finally:
            vault.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == [False, False, False, True]


def test_another_challenge_s_answer_is_refused(house, device):
    signed, other = asked(house), asked(house)
    assert not enters(house, Answer(device.sign(signed.secret), other))
    assert not enters(house, Answer(device.sign(signed.secret), None))
    assert not enters(house, Answer(device.sign(b""), None))


def test_another_member_s_passkey_is_refused(house, device):
    add(house, "deputy")
    assert not enters(house, answer(house, device), login="deputy")


def test_a_device_that_nobody_added_is_refused(house, device):
    stranger = Device(credential=device.credential)
    assert not enters(house, answer(house, stranger))


@pytest.mark.parametrize(
    "junk",
    [
        "",
        "x",
        "{}",
        "[]",
        "null",
        '{"id": "AAAA", "response": {}}',
        '{"id": 7, "response": []}',
        "[" * 5000,
        "A" * 1_000_000,
        "\ud800",
        "\0",
    ],
    ids=repr,
)
def test_what_is_no_answer_is_refused(house, device, junk):
    assert not enters(house, Answer(junk[:2000] if junk[:1] == "A" else junk, asked(house)))


@pytest.mark.parametrize("field", ["clientDataJSON", "authenticatorData", "signature"])
def test_an_answer_that_was_changed_is_refused(house, device, field):
    given = answer(house, device)
    said = json.loads(given.response)
    text = said["response"][field]
    said["response"][field] = text[:20] + ("A" if text[20] != "A" else "B") + text[21:]
    assert not enters(house, Answer(json.dumps(said), given.challenge))


def test_all_refusals_are_one_answer(house, device):
    def said(login, given):
        with pytest.raises(SignInError) as caught:
            sign_in(house.vault, login, RIGHT, given)
        return str(caught.value), caught.value.detail

    assert {
        said("lawyer", answer(house, Device())),
        said("deputy", answer(house, device)),
        said("nobody", answer(house, device)),
        said("lawyer", answer(house, device, host="elsewhere.invalid")),
        said("lawyer", "000000"),
    } == {(SignInError.text, "")}


def test_a_login_that_nobody_has_costs_a_verification_too(house, device, monkeypatch):
    tried = []
    real = passkeys._verified
    monkeypatch.setattr(
        passkeys,
        "_verified",
        lambda vault, given, key: tried.append(key) or real(vault, given, key),
    )
    for login in ("nobody", "deputy", "lawyer"):
        assert not enters(house, answer(house, Device()), login=login)
    assert len(tried) == 3
    assert {len(key) for key in tried} == {77}


def test_strangers_who_guess_digits_keep_no_passkey_out(house, device):
    for _ in range(house.settings.staff.guesses * 2):
        assert not enters(house, "000000")
    assert not enters(house, fresh_code(house.vault, "lawyer"))
    assert enters(house, answer(house, device))


def test_wrong_answers_are_no_guesses_of_digits(house, device):
    for _ in range(house.settings.staff.guesses * 2):
        assert not enters(house, answer(house, Device()))
    assert enters(house, fresh_code(house.vault, "lawyer"))


# --- a copy --------------------------------------------------------------------------------------


@pytest.mark.parametrize("back", [0, 1])
def test_a_count_that_went_back_stops_the_passkey(house, device, back):
    for _ in range(3):
        assert enters(house, answer(house, device))
    device.count -= back + 1
    assert not enters(house, answer(house, device))
    device.count += 10
    assert not enters(house, answer(house, device))
    (shown,) = passkeys.of_member(house.vault, house.actors["lawyer"].id)
    assert shown.stopped
    assert changes(house)[-1] == ("system", "passkey_stopped")
    assert enters(house, fresh_code(house.vault, "lawyer"))


# --- adding and removing -------------------------------------------------------------------------


def test_adding_takes_passphrase_and_code_and_stands_in_the_log(house, lawyer, device):
    (shown,) = passkeys.of_member(house.vault, lawyer.id)
    assert (shown.name, shown.day, shown.stopped) == ("blue key", clock.day(), False)
    assert changes(house) == [(lawyer.id, "passkey")]
    assert factors.status(house.vault, lawyer.id).passkeys == 1


def attempt(house, lawyer, made, passphrase=RIGHT, code=None, name="key"):
    code = fresh_code(house.vault, "lawyer") if code is None else code
    renewing.add_passkey(house.vault, lawyer, passphrase, code, name, made)


@pytest.mark.parametrize("wrong", [{"passphrase": "wrong"}, {"code": "000000"}])
def test_without_them_nothing_is_added(house, lawyer, wrong):
    challenge = offer.make(house.vault, offer.ADD, BOUND)
    with pytest.raises(SignInError):
        attempt(house, lawyer, Answer(Device().make(challenge.secret), challenge), **wrong)
    assert rows(house, table) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"host": "elsewhere.invalid"},
        {"origin": "http://elsewhere.invalid"},
        {"kind": "webauthn.get"},
        {"flags": PRESENT},
        {"flags": VERIFIED},
    ],
    ids=str,
)
def test_what_was_made_elsewhere_or_without_the_person_is_not_added(house, lawyer, wrong):
    with pytest.raises(InputError) as caught:
        add(house, **wrong)
    assert caught.value.detail == "passkey"
    assert rows(house, table) == []


@pytest.mark.parametrize("junk", ["", "{}", "x" * 9000, "[" * 5000, "\ud800"], ids=repr)
def test_what_is_no_new_passkey_is_not_added(house, lawyer, junk):
    with pytest.raises(InputError):
        attempt(house, lawyer, Answer(junk, offer.make(house.vault, offer.ADD, BOUND)))
    assert rows(house, table) == []


def test_what_was_made_for_another_page_is_not_added(house, lawyer):
    one, other = (offer.make(house.vault, offer.ADD, BOUND) for _ in range(2))
    for challenge in (other, None):
        with pytest.raises(InputError):
            attempt(house, lawyer, Answer(Device().make(one.secret), challenge))


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "a\nb", "\0"])
def test_a_name_that_is_none_is_refused(house, lawyer, name):
    with pytest.raises(InputError) as caught:
        add(house, called=name)
    assert caught.value.detail == "name"


def test_there_are_a_few_at_most_and_each_once(house, lawyer, device):
    with pytest.raises(InputError) as caught:
        add(house, device=device)
    assert caught.value.detail == "twice"
    for _ in range(passkeys.MAX - 1):
        add(house)
    with pytest.raises(InputError) as caught:
        add(house)
    assert caught.value.detail == "too many"
    assert len(rows(house, table)) == passkeys.MAX


def test_a_removed_one_counts_no_more_and_only_its_owner_removes_it(house, lawyer, device):
    (shown,) = passkeys.of_member(house.vault, lawyer.id)
    with pytest.raises(NotFoundError):
        renewing.remove_passkey(house.vault, house.actors["deputy"], shown.id)
    renewing.remove_passkey(house.vault, lawyer, shown.id)
    assert not enters(house, answer(house, device))
    assert changes(house)[-1] == (lawyer.id, "passkey_removed")
    with pytest.raises(NotFoundError):
        renewing.remove_passkey(house.vault, lawyer, shown.id)


def test_a_reset_takes_all_of_them_away(house, device):
    root = keys.open_root_key(house.settings, house.sheet.root_passphrase, LocalKdf())
    renewing.reset(house.vault, "lawyer", root)
    assert rows(house, table) == []
    assert not enters(house, answer(house, device))


# --- a database that somebody else writes --------------------------------------------------------


def test_a_passkey_written_into_the_database_signs_nobody_in(house, lawyer):
    from vault.canonical import b64, dumps

    mine = Device()
    other = add(house, "deputy")
    assert other
    forged = dumps({"credential": b64(mine.credential)})
    insert(house, table, id="0" * 32, member_id=lawyer.id, sealed=forged)
    with pytest.raises(SealError):
        sign_in(house.vault, "lawyer", RIGHT, answer(house, mine))
    assert sign_in(house.vault, "lawyer", RIGHT, fresh_code(house.vault, "lawyer"))


def test_a_passkey_moved_to_another_member_signs_nobody_in(house, lawyer):
    mine = add(house, "deputy")
    (row,) = rows(house, table)
    change(house, table, {"id": row.id}, member_id=lawyer.id)
    with pytest.raises(SealError):
        sign_in(house.vault, "lawyer", RIGHT, answer(house, mine))


def test_a_passkey_exchanged_within_one_member_is_noticed(house, lawyer, device):
    (row,) = rows(house, table)
    drop(house, table, id=row.id)
    insert(house, table, id="f" * 32, member_id=lawyer.id, sealed=row.sealed)
    with pytest.raises(SealError):
        sign_in(house.vault, "lawyer", RIGHT, answer(house, device))


def test_nothing_of_it_stands_in_clear(house, lawyer, device):
    (row,) = rows(house, table)
    for text in (b"blue key", device.credential, passkeys.handle_of(house.vault, lawyer.id)):
        assert text not in row.sealed
    (shown,) = passkeys.of_member(house.vault, lawyer.id)
    assert "blue key" not in repr(shown)
    assert repr(answer(house, device)) == "Answer()"


def test_a_handle_names_nobody_and_differs(house):
    handles = {passkeys.handle_of(house.vault, actor.id) for actor in house.actors.values()}
    assert len(handles) == len(house.actors)
    assert not {bytes.fromhex(actor.id) for actor in house.actors.values()} & handles
