"""Proofs of date of a case: for its lawyer and deputy, entered first, and true for a stranger."""

import re

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.support.house import STORY
from vault import clock
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.reveal import opened, proving
from vault.cases.reveal.identity import PURPOSES
from vault.crypto.suite import random
from vault.errors import (
    CannotProveError,
    FormatError,
    LedgerError,
    NotFoundError,
    SignatureError,
    StorageError,
)
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.cosignature import cosign
from vault.ledger.note import COSIGNATURE, Note, NoteVerifier
from vault.ledger.proof_of_date import ProofOfDate
from vault.packet import collector


def give_and_deliver(house):
    house.receipt = house.send()
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    house.case = line.id
    who = (house.actors[name].id for name in ("lawyer", "deputy"))
    assign.give(house.vault, house.actors["officer"], line.id, *who)
    house.collect()


@pytest.fixture
def given(house):
    """A house where one testimony was sent, and given to lawyer and deputy."""
    return house.after(give_and_deliver)


def make(house, who="lawyer", **asked):
    return proving.make(house.vault, house.actors[who], house.case, **{"record_id": ""} | asked)


def checked(house, made):
    return ProofOfDate.parse(made.data).verify(house.vault.journal.first_verifier().vkey())


def kinds(house):
    return [entry.kind for entry in house.vault.journal.read()]


def size(house):
    return house.vault.journal.size()


@pytest.mark.parametrize("who", ["lawyer", "deputy"])
def test_lawyer_and_deputy_prove_the_day_of_the_first_statement_with_its_words(given, who):
    found = checked(given, make(given, who, answers=("story",)))
    assert found.day == clock.day()
    assert found.shown["answer/story"] == STORY["story"]


@pytest.mark.parametrize("who", ["officer", "auditor", "admin"])
def test_nobody_else_does(given, who):
    before = kinds(given).count("proof.made")
    with pytest.raises(NotFoundError):
        make(given, who)
    with pytest.raises(NotFoundError):
        proving.look(given.vault, given.actors[who], given.case)
    assert kinds(given).count("proof.made") == before


def test_only_the_chosen_words_are_in_the_file_and_no_id(given):
    with_story, without = make(given, answers=("story",)), make(given)
    assert checked(given, with_story).commitment == checked(given, without).commitment
    # As a word of its own: a hash may hold any three letters.
    assert not re.search(r"\bC02\b", with_story.data.decode())
    assert STORY["story"] not in without.data.decode()
    log = given.vault.journal.read()
    (testimony,) = {entry.subject["testimony"] for entry in log if entry.kind == "intake"}
    for made in (with_story, without):
        for one in (given.case, testimony, made.view.id, given.actors["lawyer"].id):
            assert one not in made.data.decode()


def test_the_entry_stands_before_anything_is_opened(given, monkeypatch):
    real, seen = opened.open_record, []

    def watched(*args):
        seen.append("proof.made" in kinds(given))
        return real(*args)

    monkeypatch.setattr(opened, "open_record", watched)
    make(given)
    assert seen
    assert all(seen)


def test_without_an_entry_nothing_is_opened(given, monkeypatch):
    monkeypatch.setattr(opened, "open_record", lambda *_: pytest.fail("opened"))
    monkeypatch.setattr("vault.journal.journal.append", lambda *_: raised(StorageError))
    with pytest.raises(StorageError):
        make(given)


def raised(error):
    raise error


def test_making_and_looking_are_entries_by_role_and_say_whether_words_are_shown(given):
    before = size(given)
    proving.look(given.vault, given.actors["lawyer"], given.case)
    make(given, answers=("story",))
    make(given)
    entries = given.vault.journal.read()[before:]
    assert {e.detail["for"] for e in entries if e.kind == "reveal"} == {proving.PURPOSE}
    made = [e for e in entries if e.kind == "proof.made"]
    assert [e.detail["words"] for e in made] == ["yes", "no"]
    assert proving.PURPOSE not in PURPOSES


def test_what_was_added_later_has_its_own_day(given, monkeypatch):
    first, tomorrow = clock.day(), clock.now() + clock.DAY
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    back = given.come_back
    back.add(given.receipt, "ru", {"story": "More."}, back.new_send_id())
    given.collect()
    found = proving.look(given.vault, given.actors["lawyer"], given.case)
    assert [one.day for one in found.records] == [first, clock.day()]
    added = found.records[1].view
    proven = checked(given, make(given, record_id=added.id, answers=("story",)))
    assert (proven.day, proven.shown["answer/story"]) == (clock.day(), "More.")


def test_a_proof_is_made_under_the_checkpoint_that_somebody_outside_signed(given):
    kept = given.vault.journal.latest_checkpoint()
    key = Ed25519PrivateKey.generate()
    outside = NoteVerifier("partner", key.public_key().public_bytes_raw(), COSIGNATURE)
    signed = cosign(kept, outside, clock.now(), key.sign)
    given.send()
    made = make(given, under=signed.decode().replace("\n", "\r\n"))
    found = ProofOfDate.parse(made.data).verify(
        given.vault.journal.first_verifier().vkey(), [kept], [outside.vkey()]
    )
    assert found.held
    assert found.seen.keys() == {"partner"}


def test_what_is_no_checkpoint_of_this_log_or_too_old_is_refused(given):
    key = Ed25519PrivateKey.generate()
    verifier = NoteVerifier("test.invalid", key.public_key().public_bytes_raw())
    foreign = Checkpoint("test.invalid", size(given), random(32)).sign(verifier, key.sign)
    newest = Note.parse(given.vault.journal.latest_checkpoint()).text
    forged = Checkpoint.parse(newest).sign(verifier, key.sign)
    early = Checkpoint("test.invalid", 2, random(32)).sign(verifier, key.sign)
    for under, error in (
        ("words", FormatError),
        (foreign.decode(), LedgerError),
        (forged.decode(), SignatureError),
        (early.decode(), FormatError),
    ):
        with pytest.raises(error):
            make(given, under=under)


def test_a_log_that_was_changed_gives_no_proof(given):
    with given.vault.database.write() as connection:
        connection.exec_driver_sql("UPDATE ledger_entries SET hash = zeroblob(32) WHERE seq = 1")
    with pytest.raises(LedgerError):
        make(given)


def test_a_statement_that_came_with_a_wrong_commitment_is_said_to_have_none(given, monkeypatch):
    real = collector.commitments
    monkeypatch.setattr(collector, "commitments", lambda part: [random(32) for _ in real(part)])
    given.send({**STORY, "story": "Another."})
    (line,) = inbox.new_cases(given.vault, given.actors["officer"])
    lawyer = given.actors["lawyer"]
    assign.give(given.vault, given.actors["officer"], line.id, lawyer.id, None)
    look = proving.look(given.vault, lawyer, line.id)
    assert [one.day for one in look.records] == [None]
    with pytest.raises(CannotProveError):
        proving.make(given.vault, lawyer, line.id, "")


def test_a_record_that_is_not_the_witnesss_is_not_found_and_not_entered(given):
    before = kinds(given).count("proof.made")
    with pytest.raises(NotFoundError):
        make(given, record_id="0b" * 16)
    assert kinds(given).count("proof.made") == before


def test_the_box_says_who_opened_it_by_role_and_day_and_of_which_parts(given, monkeypatch):
    tomorrow = clock.now() + clock.DAY
    monkeypatch.setattr(clock, "now", lambda: tomorrow)
    proving.look(given.vault, given.actors["lawyer"], given.case)
    given.collect()
    openings = given.come_back.open(given.receipt).openings
    mine = {(one.role, one.compartment) for one in openings if one.day == clock.day()}
    assert mine == {("lawyer", "account"), ("lawyer", "medical")}
