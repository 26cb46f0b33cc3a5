"""After a whole flow, no file, log record, repr or error holds what people said or who they are."""

from __future__ import annotations

import base64
import gc
import logging

import pytest

from tests.cli.conftest import write_settings
from tests.support.exported import exported
from tests.support.factor import fresh_code, pairing_of, secret_of
from tests.support.house import House, enrol_as, passphrase_of, sign_in_as
from tests.support.passkeys import Device
from vault.agents.kdf import LocalKdf
from vault.cases.holders import assign
from vault.cases.lists import inbox, summaries
from vault.cases.reveal import open_case
from vault.cases.reveal.identity import open_identity
from vault.cases.written import drafts, messages, notes
from vault.crypto.receipt import encode, encode_digits
from vault.custody import backup, erasure, keys
from vault.errors import WitnessVaultError
from vault.members import (
    browsers,
    changing,
    estimate,
    offer,
    open_sessions,
    passkeys,
    people,
    renewing,
    signin,
    totp,
)
from vault.members.passkeys import Answer

STORY = "Planted story: Меня забрали утром у подъезда"
NAME = "Planted Witness Name Айгерим"
MORE = "Planted addendum: вспомнил белую Ниву"
REPLY = "Planted reply: я приду завтра"
NOTE = "Planted note: проверить протокол"
DRAFT = "Planted draft: приходите, если сможете"
LABEL = "Planted label: человек из спортзала"
MEMBER = "Planted Member Name"
LOGIN = "planted-login"
PASSKEY = "Planted passkey: синий ключ"
CHOSEN = "planted herons walk over the frozen lake"
WEAK = "planted planted planted"
SESSION = b"planted session."
ANSWERS = {
    "story": STORY,
    "identity": {"person": {"name": NAME}},
    "consent": {"C01": "yes", "C02": "yes"},
}


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A house in which everything happened once, and all that was logged and answered meanwhile."""
    records, shown = [], []
    handler = logging.Handler(logging.DEBUG)
    handler.emit = lambda record: records.append(
        f"{record.getMessage()} {record.args} {record.exc_info}"
    )
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    folder = tmp_path_factory.mktemp("lived") / "var"
    write_settings(folder)
    house = House.found(folder).staff()
    house.receipt = live(house, shown)
    house.stick = tmp_path_factory.mktemp("stick")
    shown += backup.create(house.vault, house.stick)
    root.removeHandler(handler)
    root.setLevel(level)
    house.records, house.shown = records, shown
    yield house
    house.close()


def live(house, shown):
    form = {**ANSWERS}
    tell, send_id = house.tell, house.tell.new_send_id()
    told = tell.send("victim", "ru", form, send_id)
    tell.send("victim", "ru", {**form, "story": MORE}, send_id)
    house.collect()
    officer, lawyer = house.actors["officer"], house.actors["lawyer"]
    (line,) = inbox.new_cases(house.vault, officer)
    shown += [told, line, open_case(house.vault, officer, line.id)]
    assign.give(house.vault, officer, line.id, lawyer.id, house.actors["deputy"].id)
    view = open_case(house.vault, lawyer, line.id)
    assert STORY in {record.answers.get("story") for record in view.records}
    messages.reply(house.vault, lawyer, line.id, REPLY)
    notes.write(house.vault, lawyer, line.id, NOTE)
    drafts.save(house.vault, lawyer, line.id, ("reply", DRAFT), "")
    shown += open_case(house.vault, lawyer, line.id).drafts
    summaries.mark(house.vault, lawyer, line.id, LABEL, waiting=True)
    (marked,) = inbox.my_cases(house.vault, lawyer)
    assert marked.summary.label == LABEL
    shown += [marked, marked.summary]
    house.collect()
    box = house.come_back.open(told.receipt)
    assert [reply.text for reply in box.replies] == [REPLY]
    house.come_back.add(told.receipt, "ru", {"story": MORE}, house.come_back.new_send_id())
    shown += identified(house, told.receipt, line.id)
    code = people.invite(house.vault, house.actors["admin"], MEMBER, ["analyst"])
    house.code = code
    shown += [view, *view.records, box, *box.replies, told.receipt, lawyer, house.sheet]
    house.pairing = pairing_of(LOGIN)
    house.enrolled = enrol_as(house.vault, code, LOGIN)
    house.offer = offer.make(house.vault, offer.RENEW, bytes(16))
    house.renewed = renewing.renew_codes(
        house.vault, lawyer, passphrase_of("lawyer"), fresh_code(house.vault, "lawyer")
    )
    members_of_their_own(house, shown)
    house.reset = renewing.reset(house.vault, "deputy", root_key(house))
    shown += [house.pairing, house.enrolled, house.offer]
    shown += refusals(house, told, send_id, line)
    return told.receipt


def members_of_their_own(house, shown):
    """A passkey, a known browser, an open session and a new passphrase of a member."""
    officer, device = house.actors["officer"], Device()
    made = offer.make(house.vault, offer.ADD, bytes(16))
    given = Answer(device.make(made.secret), made)
    code, right = fresh_code(house.vault, "officer"), passphrase_of("officer")
    renewing.add_passkey(house.vault, officer, right, code, PASSKEY, given)
    asked = offer.make(house.vault, offer.PROVE, bytes(16))
    house.device, house.challenges = device, (made, asked)
    house.browser = browsers.remember(house.vault, officer)
    open_sessions.note(house.vault, officer, SESSION, "staff", 0)
    answer = Answer(device.sign(asked.secret), asked)
    changing.change_passphrase(house.vault, officer, right, answer, CHOSEN)
    shown += [made, given, asked, answer, *passkeys.of_member(house.vault, officer.id)]
    shown += [browsers.Known.open(house.vault.agent.subkey(browsers.LABEL), house.browser)]


def identified(house, receipt, case):
    """Release who the witness is, open it for a purpose, take it back; return what was shown."""
    back, lawyer = house.come_back, house.actors["lawyer"]
    assert back.release(receipt, back.open(receipt).identity.stand)
    house.collect()
    opened = open_identity(house.vault, lawyer, case, "contact")
    assert NAME in str([record.answers for record in opened.records])
    house.collect()
    box = back.open(receipt)
    assert back.withdraw(receipt, box.identity.stand)
    house.collect()
    return [opened, *opened.records, box, box.identity, *box.openings]


def refusals(house, told, send_id, line):
    """Provoke errors while holding what must not be in them."""
    lawyer = house.actors["lawyer"]
    attempts = (
        lambda: house.tell.send("victim", "ru", {**ANSWERS, "story": STORY + "\0"}, send_id),
        lambda: house.tell.send("victim", "ru", {**ANSWERS, STORY: 1}, send_id),
        lambda: house.tell.send("victim", "ru", {**ANSWERS, "risk": [STORY]}, send_id),
        lambda: house.come_back.add(told.receipt, "ru", {"story": [STORY]}, send_id),
        lambda: messages.reply(house.vault, lawyer, line.id, REPLY + "\0"),
        lambda: notes.write(house.vault, lawyer, line.id, NOTE * 5000),
        lambda: summaries.mark(house.vault, lawyer, line.id, LABEL * 9, waiting=True),
        lambda: summaries.mark(house.vault, lawyer, line.id, LABEL + "\0", waiting=True),
        lambda: open_identity(house.vault, lawyer, line.id, NAME),
        lambda: open_identity(house.vault, lawyer, line.id, "contact"),
        lambda: open_identity(house.vault, house.actors["deputy"], line.id, "contact"),
        lambda: sign_in_as(house.vault, LOGIN),
        lambda: sign_in_as(house.vault, LOGIN, passphrase_of("lawyer")),
        lambda: signin.sign_in(house.vault, LOGIN, passphrase_of(LOGIN), house.renewed[0]),
        lambda: signin.sign_in(house.vault, "lawyer", "", house.enrolled.recovery_codes[0]),
        lambda: enrol_as(house.vault, house.code, LOGIN),
        lambda: changing.change_passphrase(house.vault, lawyer, "", "000000", CHOSEN),
        lambda: estimate.check(WEAK, (MEMBER, LOGIN), house.settings.passphrase),
        lambda: signin.sign_in(house.vault, "officer", CHOSEN, "000000", house.browser),
        lambda: signin.sign_in(
            house.vault, "officer", CHOSEN, Answer(house.device.sign(b""), house.challenges[1])
        ),
        lambda: totp.secret_of(totp.text_of(house.offer.secret)[:-1]),
        lambda: offer.read(house.vault, offer.ENROL, bytes(16), house.offer.sealed),
        lambda: people.invite(house.vault, house.actors["admin"], MEMBER + "\n" * 200, ["nobody"]),
        lambda: keys.open_vault_keys(house.settings, house.sheet.root_passphrase, LocalKdf()),
    )
    errors = []
    for attempt in attempts:
        with pytest.raises(WitnessVaultError) as caught:
            attempt()
        error = caught.value
        while error is not None:
            errors += [repr(error), str(error), repr(error.args), repr(vars(error))]
            error = error.__cause__ or error.__context__
    return errors


def root_key(house):
    return keys.open_root_key(house.settings, house.sheet.root_passphrase, LocalKdf())


def texts(house):
    entropy = house.receipt.entropy
    yield from (STORY, NAME, MORE, REPLY, NOTE, DRAFT, LABEL, MEMBER, LOGIN, house.code)
    sheet = house.sheet
    yield from (sheet.vault_passphrase, sheet.spare_passphrase, sheet.root_passphrase)
    yield sheet.invitation
    yield from (PASSKEY, CHOSEN, WEAK, house.browser, SESSION.decode())
    yield from (each.sealed for each in house.challenges)
    yield from house.sheet.recovery_shares
    for login in ("admin", "officer", "lawyer", LOGIN):
        yield passphrase_of(login)
        yield totp.text_of(secret_of(login))
        yield totp.groups_of(secret_of(login))
    yield totp.text_of(house.offer.secret)
    for code in (*house.enrolled.recovery_codes, *house.renewed, house.reset):
        yield code
        yield code.replace("-", "")
    for language in ("ru", "en"):
        yield " ".join(encode(entropy, language))
    yield encode_digits(entropy)


def secrets(house):
    opened = keys.open_vault_keys(house.settings, house.sheet.vault_passphrase, LocalKdf())
    root, receipt = root_key(house), house.receipt
    yield from (house.device.credential, *(each.secret for each in house.challenges))
    yield from (house.offer.secret, *map(secret_of, ("admin", "officer", "lawyer", LOGIN)))
    yield from (opened.vault, opened.ledger, opened.collector, root.seed, receipt.entropy)
    yield from (receipt.box_seed, receipt.addenda_key, receipt.instructions_key)
    for actor in house.actors.values():
        yield from (actor.signing.seed, actor.opening.seed)
    for entry in house.vault.journal.read():
        if "testimony" in entry.subject:
            yield erasure.find(house.vault, entry.subject["testimony"])


def spellings(data):
    """Yield bytes as they might lie in a file: raw, hex, and base64 at each of three offsets."""
    yield data
    yield data.hex().encode()
    for shift in range(3):
        coded = base64.b64encode(bytes(shift) + data)
        inner = coded[4 if shift else 0 : -4]
        yield inner
        yield inner.translate(bytes.maketrans(b"+/", b"-_"))


def test_nothing_stands_in_clear_in_any_file(lived):
    folders = (lived.settings.paths.root, lived.stick)
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    found = {path: path.read_bytes() for path in files}
    assert len([path for path in found if path.parent == lived.stick]) == 2
    assert len(found) > 15
    assert sum(map(len, found.values())) > 100_000
    needles = set()
    for text in texts(lived):
        assert text
        for coding in ("utf-8", "utf-16-le", "utf-16-be"):
            needles.update(spellings(text.encode(coding)))
    for secret in secrets(lived):
        needles.update(spellings(secret))
    assert min(map(len, needles)) >= 8
    names = {path.name for path, data in found.items() for n in needles if n in data}
    assert not names


def test_the_search_would_find_what_is_there(lived, tmp_path):
    for shift in range(3):
        coded = base64.b64encode(b"x" * shift + STORY.encode())
        assert any(needle in coded for needle in spellings(STORY.encode()))


def test_nothing_is_logged(lived):
    logging.getLogger("vault").debug("heard")
    said = "\n".join(lived.records)
    assert not [text for text in texts(lived) if text in said]
    assert not [secret for secret in secrets(lived) if secret.hex() in said or repr(secret) in said]


def test_no_repr_and_no_error_holds_it(lived):
    said = "\n".join(f"{thing!r} {thing}" for thing in lived.shown)
    assert not [text for text in texts(lived) if text in said]
    assert not [secret for secret in secrets(lived) if secret.hex() in said or repr(secret) in said]


def test_the_access_log_holds_ids_only(lived):
    export = exported(lived.vault.journal)
    said = b"\n".join((*export.entries, *export.checkpoints)).decode()
    assert not [text for text in texts(lived) if text in said]


def test_nothing_is_left_in_the_temporary_folder(lived, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    lived.tell.send("victim", "ru", ANSWERS, lived.tell.new_send_id())
    lived.collect()
    gc.collect()
    assert not list(tmp_path.iterdir())
