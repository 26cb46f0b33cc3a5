"""Files of a testimony: into the vault whole, opened after their entry, gone with their account."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from tests.support.attacks import rows
from tests.support.erased import DELAY, ask, given_house, is_there
from tests.support.house import House
from tests.support.uploading import PLANTED, picture, send, upload
from vault import canonical, clock
from vault.cases.arriving import arrived
from vault.cases.ending import stopping
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.reveal import attached, open_case, proving
from vault.cases.reveal.opened import GIVEN, SHOWN
from vault.crypto import suite
from vault.crypto.receipt import encode
from vault.errors import (
    KeptBackError,
    NoEntryError,
    NoRoomError,
    NotArrivedError,
    NotFoundError,
    SealError,
    StorageError,
)
from vault.packet.deletion import Left
from vault.packet.files import SealedFile
from vault.storage.tables.base import VAULT
from vault.storage.tables.cases import attachments
from vault.web.intake import Services, create_app


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    built = House.found(tmp_path_factory.mktemp("vault")).staff()
    yield built
    built.close()


@pytest.fixture(scope="module")
def intake(house):
    return create_app(Services.connect(house.settings, house.intake_agent))


@pytest.fixture
def visit(house, intake):
    """Somebody who told, whose case was given, and who is back in their box."""

    def come():
        officer, lawyer = house.actors["officer"], house.actors["lawyer"]
        receipt = house.send()
        (line,) = inbox.new_cases(house.vault, officer)
        assign.give(house.vault, officer, line.id, lawyer.id, house.actors["deputy"].id)
        come.case = line.id
        come.receipt, client = receipt, intake.test_client()
        client.post("/return?lang=ru", data={"receipt": " ".join(encode(receipt.entropy, "ru"))})
        return client

    return come


def files_of(house, case, who="lawyer"):
    return [f for r in open_case(house.vault, house.actors[who], case).records for f in r.files]


def open_file(house, case, file_id, how=SHOWN, who="lawyer"):
    return attached.tell(house.vault, house.actors[who], case, file_id).open(file_id, how)


def kinds(house):
    return [entry.kind for entry in house.vault.journal.read()]


def attach(house, visit, *files, **chosen):
    """Send files and let the slot come; returns the case."""
    client = visit()
    assert send(client, upload(client, *files), len(files), **chosen).status_code == 303
    house.collect()
    return visit.case


def test_what_was_sent_opens_whole_and_the_entry_stands_first(house, visit):
    data = picture()
    case = attach(house, visit, ("снимок.jpg", data))
    (file,) = files_of(house, case)
    before = kinds(house).count("file.shown")
    lawyer = house.actors["lawyer"]
    opened = open_file(house, case, file.id)
    assert b"".join(opened.pieces()) == data
    assert (opened.attachment.name, opened.attachment.type) == ("снимок.jpg", "image/jpeg")
    assert kinds(house).count("file.shown") == before + 1
    open_file(house, case, file.id, GIVEN)
    seen = attached.tell(house.vault, lawyer, case, file.id).seen(file.id)
    assert [(one.member, one.kind) for one in seen] == [(lawyer.id, SHOWN), (lawyer.id, GIVEN)]


def test_without_the_entry_nothing_is_opened(house, visit, monkeypatch):
    case = attach(house, visit, ("a", b"abc"))
    (file,) = files_of(house, case)
    opened = []
    monkeypatch.setattr("vault.cases.reveal.opened.open_record", lambda *_: opened.append(1))

    def refuse(*_, **__):
        raise StorageError("read-only")

    monkeypatch.setattr("vault.journal.journal.Transaction.log", refuse)
    with pytest.raises(StorageError):
        open_file(house, case, file.id)
    assert opened == []


@pytest.mark.parametrize("who", ["officer", "auditor", "admin"])
def test_whoever_does_not_hold_the_case_finds_nothing(house, visit, who):
    case = attach(house, visit, ("a", b"abc"))
    (file,) = files_of(house, case)
    with pytest.raises(NotFoundError):
        open_file(house, case, file.id, who=who)


def test_a_file_of_another_case_is_not_found_in_this_one(house, visit):
    case = attach(house, visit, ("a", b"abc"))
    (file,) = files_of(house, case)
    other = attach(house, visit, ("b", b"def"))
    with pytest.raises(NotFoundError):
        open_file(house, other, file.id)
    with pytest.raises(NotFoundError):
        open_file(house, other, "0" * 32)


def test_what_the_witness_keeps_back_is_shown_to_nobody(house, visit):
    case = attach(house, visit, ("a", b"abc"), see="nobody")
    (file,) = files_of(house, case)
    with pytest.raises(KeptBackError):
        open_file(house, case, file.id)


def test_the_picture_of_a_body_lies_with_the_medical_part(house, visit):
    case = attach(house, visit, ("a.jpg", picture()), kind="body")
    view = open_case(house.vault, house.actors["lawyer"], case)
    assert [r.compartment for r in view.records if r.files] == ["medical"]


def test_both_are_sent_and_the_copy_names_what_it_is_a_copy_of_and_betrays_nothing(house, visit):
    data = picture()
    case = attach(house, visit, ("a.jpg", data), keep="both")
    original, copy = files_of(house, case)
    assert (original.parent, copy.parent) == (None, original.id)
    assert (original.original, copy.original) == (None, suite.sha256(data))
    opened = open_file(house, case, copy.id)
    cleaned = b"".join(opened.pieces())
    assert cleaned[:3] == b"\xff\xd8\xff"
    assert not any(word.encode() in cleaned for word in PLANTED)
    assert all(word.encode() in data for word in PLANTED)


def test_the_same_page_sent_twice_sends_once(house, visit):
    client = visit()
    page = upload(client, ("a", b"abc"), ("b.jpg", picture()))
    for outcome in ("new", "same"):
        answer = send(client, page, 2, keep="original")
        assert f"sent={outcome}" in answer.headers["Location"]
    house.collect()
    assert len(files_of(house, visit.case)) == 2


def test_the_page_sent_again_with_another_choice_brings_what_is_new_of_it(house, visit):
    client = visit()
    for slot_between in (False, True):
        page = upload(client, ("a.jpg", picture()))
        send(client, page, keep="cleaned")
        if slot_between:
            house.collect()
        assert "sent=new" in send(client, page, keep="both").headers["Location"]
        house.collect()
        original, copy = files_of(house, visit.case)[-2:]
        assert copy.parent == original.id
        assert open_file(house, visit.case, original.id)
        assert open_file(house, visit.case, copy.id)
        assert list((house.settings.paths.letterbox / "files").iterdir()) == []


def test_the_page_sent_again_to_keep_a_file_back_keeps_it_back(house, visit):
    client = visit()
    page = upload(client, ("a", b"abc"))
    for see in ("lawyer", "nobody"):
        send(client, page, see=see)
    house.collect()
    (file_id,) = {file.id for file in files_of(house, visit.case)}
    with pytest.raises(KeptBackError):
        open_file(house, visit.case, file_id)


def test_neither_letterbox_nor_vault_tells_the_size_of_a_file_that_somebody_knows(house, visit):
    client = visit()
    bodies = (b"x" * 1_000_000, b"x" * 1_048_575, b"x" * 930_000, b"abc")
    page = upload(client, *((f"n{n}", body) for n, body in enumerate(bodies)))
    send(client, page, len(bodies))
    here = sorted(
        path.stat().st_size for path in (house.settings.paths.letterbox / "files").iterdir()
    )
    assert len(set(here)) == 2
    house.collect()
    found = files_of(house, visit.case)
    assert sorted(file.size for file in found) == sorted(map(len, bodies))
    kept = [(house.settings.paths.files / file.id).stat().st_size for file in found]
    assert sorted(kept) == here
    for file in found:
        opened = open_file(house, visit.case, file.id)
        assert sum(map(len, opened.pieces())) == file.size


@pytest.mark.parametrize("said", [1, 2, 4, 65_537, 2**53 - 1])
def test_a_record_that_lies_about_the_size_of_its_file_opens_nothing(house, visit, said):
    case = attach(house, visit, ("a", b"abc"))
    (file,) = files_of(house, case)
    lawyer = house.actors["lawyer"]
    entered = attached.tell(house.vault, lawyer, case)._enter(SHOWN, {"file": file.id})
    lying = attached.OpenedFile(replace(file, size=said), house.vault, entered)
    with pytest.raises(SealError):
        attached._check(lying)


def test_files_wait_in_the_letterbox_before_they_fill_the_disk_of_the_vault(
    house, visit, monkeypatch
):
    client = visit()
    send(client, upload(client, ("a", b"abc")))
    stat = Path.stat

    def apart(path, **options):
        told = stat(path, **options)
        if path != house.settings.paths.files:
            return told
        return os.stat_result([*told[:2], told.st_dev + 1, *told[3:]])

    def full(*_):
        raise NoRoomError

    with monkeypatch.context() as other:
        other.setattr(Path, "stat", apart)
        other.setattr(arrived, "check_reserve", full)
        house.collect()
    (file,) = files_of(house, visit.case)
    with pytest.raises(NotArrivedError):
        open_file(house, visit.case, file.id)
    assert not (house.settings.paths.files / file.id).exists()
    house.collect()
    assert open_file(house, visit.case, file.id)


def test_nothing_of_a_file_lies_anywhere_in_clear(house, visit):
    body = b"planted words of a paper " * 4000
    attach(house, visit, ("planted name.txt", body), ("b.jpg", picture()), keep="original")
    for path in house.settings.paths.root.rglob("*"):
        if path.is_file():
            held = path.read_bytes()
            for word in (b"planted words", b"planted name", *(w.encode() for w in PLANTED)):
                assert word not in held, path


def test_no_hash_and_no_size_of_a_file_stands_where_a_seized_vault_is_read(house, visit):
    """Also with the passphrase of its files: whoever has the same film would know who sent it."""
    body = os.urandom(123_457)
    case = attach(house, visit, ("film.mp4", body), ("b.jpg", picture()), keep="original")
    (file_id,) = {file.id for file in files_of(house, case) if file.size == len(body)}
    open_file(house, case, file_id, GIVEN)
    digest = hashlib.sha256(body).digest()
    spellings = (digest, digest.hex().encode(), canonical.b64(digest).encode(), b"123457")
    with house.vault.database.read() as connection:
        tables = [connection.execute(select(table)).all() for table in VAULT.sorted_tables]
    values = [value for table in tables for row in table for value in row]
    held = [one if isinstance(one, bytes) else str(one).encode() for one in values]
    held += [path.read_bytes() for path in house.settings.paths.root.rglob("*") if path.is_file()]
    assert len(values) > 1000
    assert not [spelling for spelling in spellings for one in held if spelling in one]


def test_a_file_that_comes_after_its_packet_is_fetched_at_a_later_slot(house, visit):
    client = visit()
    send(client, upload(client, ("a", b"abc")))
    uploads = house.settings.paths.letterbox / "files"
    (path,) = uploads.iterdir()
    away = path.rename(house.settings.paths.root / "away")
    house.collect()
    (file,) = files_of(house, visit.case)
    with pytest.raises(NotArrivedError):
        open_file(house, visit.case, file.id)
    away.rename(path)
    house.collect()
    assert open_file(house, visit.case, file.id)


ALTERED = {
    "another file": lambda data: data[:24] + bytes(len(data) - 24),
    "a bit": lambda data: data[:-1] + bytes([data[-1] ^ 1]),
    "cut off": lambda data: data[:-10],
    "longer": lambda data: data + b"x",
    "empty": lambda _: b"",
}


@pytest.mark.parametrize("how", ALTERED)
def test_what_the_letterbox_changed_is_never_taken_for_the_file(house, visit, how):
    client = visit()
    send(client, upload(client, ("a", b"abc" * 50_000)))
    (path,) = (house.settings.paths.letterbox / "files").iterdir()
    path.write_bytes(ALTERED[how](path.read_bytes()))
    house.collect()
    (file,) = files_of(house, visit.case)
    with pytest.raises(NotArrivedError):
        open_file(house, visit.case, file.id)
    path.unlink(missing_ok=True)


@pytest.mark.parametrize("how", ALTERED)
def test_what_the_disk_changed_is_never_given_out(house, visit, how):
    case = attach(house, visit, ("a", b"abc" * 50_000))
    (file,) = files_of(house, case)
    path = house.settings.paths.files / file.id
    path.write_bytes(ALTERED[how](path.read_bytes()))
    with pytest.raises(SealError):
        open_file(house, case, file.id)


def test_two_files_exchanged_on_the_disk_are_neither_of_them(house, visit):
    case = attach(house, visit, ("a", b"abc"), ("b", b"def"))
    first, second = (house.settings.paths.files / one.id for one in files_of(house, case))
    held = first.read_bytes()
    first.write_bytes(second.read_bytes())
    second.write_bytes(held)
    for file in files_of(house, case):
        with pytest.raises(SealError):
            open_file(house, case, file.id)


def test_an_upload_that_was_never_sent_is_swept_and_what_waits_is_not(house, visit, monkeypatch):
    upload(visit(), ("never sent", b"abc"))
    client = visit()
    send(client, upload(client, ("waits", b"def")))
    folder = house.settings.paths.letterbox / "files"
    assert len(list(folder.iterdir())) == 2
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now + 2 * clock.DAY)
    house.collect()
    assert list(folder.iterdir()) == []
    assert len(files_of(house, visit.case)) == 1


def test_no_packet_takes_a_file_of_another_testimony(house, visit):
    case = attach(house, visit, ("a", b"abc"))
    (file,) = files_of(house, case)
    own = attached.hold(house.vault, house.actors["lawyer"], case).testimony
    named = (SealedFile(file.id, 84, bytes(32)),)
    with house.vault.database.read() as connection:
        for testimony, sealed, refused in (
            ("0" * 32, named, True),
            (own, named, False),
            ("0" * 32, (), False),
        ):
            packet = SimpleNamespace(testimony=testimony, files=sealed)
            assert arrived.are_of_another(connection, packet) is refused


@pytest.mark.parametrize("how", [SHOWN, GIVEN])
def test_the_box_tells_apart_who_looked_at_a_file_and_who_saved_one(house, visit, how):
    case = attach(house, visit, ("a", b"abc"))
    (file,) = files_of(house, case)
    open_file(house, case, file.id, SHOWN)
    open_file(house, case, file.id, how)
    house.collect()
    told = house.come_back.open(visit.receipt)
    today = ("lawyer", "files"), *([("lawyer", "saved")] if how == GIVEN else [])
    parts = {(one.role, one.compartment) for one in told.openings}
    assert parts - {("lawyer", "account"), ("lawyer", "medical")} == {
        ("intake_officer", "account"),
        *today,
    }
    assert [one.compartment for one in told.left] == (["saved"] if how == GIVEN else [])


def test_the_certificate_of_a_deletion_names_what_had_left_and_the_second_box_nothing(
    tmp_path, monkeypatch
):
    with given_house(tmp_path, monkeypatch) as given:
        app = create_app(Services.connect(given.settings, given.intake_agent))
        client = app.test_client()
        words = " ".join(encode(given.receipt.entropy, "ru"))
        client.post("/return?lang=ru", data={"receipt": words})
        send(client, upload(client, ("a", b"abc")), 1)
        given.collect()
        (file,) = files_of(given, given.case)
        open_file(given, given.case, file.id, GIVEN, who="deputy")
        proving.make(given.vault, given.actors["lawyer"], given.case, "")
        given.collect()
        before = given.come_back.open(given.receipt).left
        assert {(one.role, one.compartment) for one in before} == {
            ("lawyer", "saved"),
            ("lawyer", "proof"),
        }
        assert stopping.left(given.vault, given.case) == tuple(
            Left(one.day, one.role, one.compartment) for one in before
        )
        for receipt in (given.receipt, given.decoy):
            ask(given, receipt)
        given.collect()
        given.pass_days(DELAY)
        own, second = (given.come_back.open(one) for one in (given.receipt, given.decoy))
        assert own.left == before
        assert second.left == ()
        assert own.erased
        assert second.erased


def test_with_the_account_its_files_are_gone_at_the_same_slot(tmp_path, monkeypatch):
    with given_house(tmp_path, monkeypatch) as given:
        app = create_app(Services.connect(given.settings, given.intake_agent))
        client = app.test_client()
        words = " ".join(encode(given.receipt.entropy, "ru"))
        client.post("/return?lang=ru", data={"receipt": words})
        send(client, upload(client, ("a", b"abc"), ("b", b"def")), 2)
        given.collect()
        folder = given.settings.paths.files
        assert len(list(folder.iterdir())) == 2
        ask(given)
        given.collect()
        given.pass_days(DELAY)
        assert not is_there(given)
        assert list(folder.iterdir()) == []
        assert rows(given, attachments) == []


def test_no_entry_of_another_file_or_of_none_opens_a_file(house, visit):
    case = attach(house, visit, ("a", b"abc"), ("b", b"def"))
    first, second = files_of(house, case)
    lawyer = house.actors["lawyer"]
    told = attached.tell(house.vault, lawyer, case)
    with house.vault.journal.transaction() as transaction:
        subject = {"case": case, "testimony": told.held.testimony, "file": first.id}
        transaction.log(attached.SHOWN, lawyer.id, subject)
        with pytest.raises(NoEntryError):
            attached.OpenedFile(first, house.vault, transaction)  # not committed yet
    assert b"".join(attached.OpenedFile(first, house.vault, transaction).pieces()) == b"abc"
    with pytest.raises(NoEntryError):
        attached.OpenedFile(second, house.vault, transaction)
