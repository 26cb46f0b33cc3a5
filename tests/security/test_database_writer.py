"""Write access to the database: it can delete; it cannot add a reader, swap a key, forge or move.

Every attack ends in a refusal or stands on the page as what it is, and never reaches further than
its own row: the other records and the other case stay as they were.
"""

from __future__ import annotations

import pytest

from tests.support.attacks import (
    change,
    copy_of,
    drop,
    forged_reply,
    insert,
    plant,
    rows,
    stored_testimony,
)
from tests.support.house import STORY
from vault import canonical, clock
from vault.cases.epochs import due, reseal
from vault.cases.holders import assign, revoke
from vault.cases.reveal import open_case
from vault.cases.written import messages, notes
from vault.crypto.seal import OpeningKey, key_id, sealed_for
from vault.crypto.sign import SigningKey
from vault.crypto.suite import aead_open, random
from vault.custody import erasure
from vault.errors import NoGrantError, NotFoundError, RefusedError, SealError, WitnessVaultError
from vault.keyring import epochs as keyring_epochs
from vault.keyring.compartments import Compartment, Seeds
from vault.keyring.grants import Grant, seal_grant, wrap, wrap_context
from vault.packet.format import Header
from vault.storage.tables.cases import (
    assignments,
    cases,
    epochs,
    grants,
    outbox,
    records,
    testimonies,
)

ACCOUNT, MEDICAL, WORK = Compartment.ACCOUNT, Compartment.MEDICAL, Compartment.WORK
FORGED = {
    "form": {"id": "victim", "version": 1},
    "language": "ru",
    "day": "2026-01-01",
    "answers": {"story": "a forged word"},
}


def read(house, name="first", who="lawyer"):
    return open_case(house.vault, house.actors[who], house.cases[name])


def texts(view):
    """Return what a case shows, by kind: stories of witnesses, texts of members."""
    return {
        (record.kind, record.text or record.answers.get("story"))
        for record in view.records
        if record.text or record.answers
    }


def whole(name):
    return {
        ("statement", f"the {name} story"),
        ("reply", f"the {name} reply"),
        ("note", f"the {name} note"),
    }


def origin_of(view, record_id):
    (found,) = (record for record in view.records if record.id == record_id)
    assert not found.answers
    assert found.text is None
    return found.origin


def account_public(house, case):
    """Return epoch 1 of the account as everybody with the database reads it."""
    header = Header.from_json(canonical.loads(stored_testimony(house, case).header))
    return 1, header.publics[ACCOUNT]


def newest_public(house, case, compartment=ACCOUNT):
    subject = case if compartment is WORK else stored_testimony(house, case).id
    row = max(rows(house, epochs, subject=subject), key=lambda row: row.epoch)
    return row.epoch, keyring_epochs.Epoch.from_json(canonical.loads(row.document)).publics[
        compartment
    ]


@pytest.fixture
def first(house):
    return house.cases["first"]


def test_without_an_attack_both_cases_are_whole(house):
    for name in ("first", "second"):
        assert texts(read(house, name)) == whole(name)
        assert {record.origin for record in read(house, name).records} == {"receipt", "member"}


# --- forging -------------------------------------------------------------------------------------


@pytest.mark.parametrize("mac", [None, b"", bytes(32)])
@pytest.mark.parametrize("kind", ["addendum", "statement"])
def test_what_is_sealed_to_the_public_key_without_a_receipt_is_unproven_and_not_shown(
    house, first, mac, kind
):
    planted = plant(house, first, account_public(house, first), FORGED, mac=mac, kind=kind)
    view = read(house)
    assert origin_of(view, planted) == "unproven"
    assert texts(view) == whole("first")


def test_a_second_first_statement_does_not_stand_in_for_the_account(house, first):
    receipts = {"salt": canonical.b64(bytes(32)), "boxes": []}
    planted = plant(
        house,
        first,
        account_public(house, first),
        {**FORGED, "receipts": receipts},
        kind="statement",
        slot_day="2000-01-01",
    )
    view = read(house)
    assert origin_of(view, planted) == "unproven"
    assert texts(view) == whole("first")
    assert view.form == "victim"


@pytest.mark.parametrize("signer", ["nobody", "auditor", "admin", "officer"])
@pytest.mark.parametrize("named", ["signer", "lawyer"])
def test_a_forged_reply_is_broken_and_never_reaches_the_witness(house, first, signer, named):
    actor = house.actors.get(signer)
    signing = actor.signing if actor else SigningKey(random(32))
    author = actor.id if actor and named == "signer" else house.actors["lawyer"].id
    record_id = random(16).hex()
    content = forged_reply(stored_testimony(house, first).id, author, signing, record_id)
    plant(
        house,
        first,
        newest_public(house, first),
        content,
        id=record_id,
        kind="reply",
        author=author,
    )
    view = read(house)
    assert origin_of(view, record_id) == "broken"
    assert texts(view) == whole("first")
    house.collect()
    box = house.come_back.open(house.receipts["first"])
    assert [reply.text for reply in box.replies] == ["the first reply"]


def test_a_signed_reply_of_another_case_is_not_taken_for_one_of_this(house, first):
    lawyer, record_id = house.actors["lawyer"], random(16).hex()
    other = stored_testimony(house, house.cases["second"]).id
    content = forged_reply(other, lawyer.id, lawyer.signing, record_id)
    public = newest_public(house, first)
    plant(house, first, public, content, id=record_id, kind="reply", author=lawyer.id)
    assert origin_of(read(house), record_id) == "broken"


@pytest.mark.parametrize("field", ["number", "day", "text"])
def test_a_signed_document_with_fields_of_another_type_stops_nothing(house, first, field):
    lawyer, record_id = house.actors["lawyer"], random(16).hex()
    subject = stored_testimony(house, first).id
    document = forged_reply(subject, lawyer.id, lawyer.signing, record_id)["document"]
    document[field] = ["odd"]
    signature = lawyer.signing.sign("witness-vault/reply/v1", canonical.dumps(document))
    content = {"document": document, "signature": canonical.b64(signature)}
    public = newest_public(house, first)
    plant(house, first, public, content, id=record_id, kind="reply", author=lawyer.id)
    assert origin_of(read(house), record_id) == "broken"
    assert texts(read(house)) == whole("first")


# --- moving and replacing ------------------------------------------------------------------------


def _statement(house, name, compartment="account"):
    subject = stored_testimony(house, house.cases[name]).id
    (row,) = rows(house, records, subject=subject, kind="statement", compartment=compartment)
    return row


def test_a_record_moved_to_another_case_is_unproven_there(house, first):
    subject = stored_testimony(house, first).id
    moved = _statement(house, "second").id
    change(house, records, {"id": moved}, subject=subject)
    view = read(house)
    assert origin_of(view, moved) == "unproven"
    assert texts(view) == whole("first")


@pytest.mark.parametrize("compartment", ["identity", "medical"])
def test_a_record_moved_into_the_account_is_unproven_there(house, compartment):
    moved = _statement(house, "first", compartment).id
    change(house, records, {"id": moved}, compartment="account", slot_day="2000-01-01")
    view = read(house)
    assert origin_of(view, moved) == "unproven"
    assert texts(view) == whole("first")


@pytest.mark.parametrize(
    ("values", "origin"),
    [
        ({"kind": "note"}, "broken"),
        ({"kind": "addendum"}, "broken"),
        ({"epoch": 1}, "broken"),
        ({"epoch": 77}, "broken"),
        ({"author": None}, "unproven"),
        ({"compartment": "work"}, "broken"),
        ({"sealed": b""}, "broken"),
        ({"sealed": bytes(5000)}, "broken"),
    ],
)
def test_a_reply_relabelled_or_replaced_is_marked(house, first, values, origin):
    (row,) = rows(house, records, subject=stored_testimony(house, first).id, kind="reply")
    change(house, records, {"id": row.id}, **values)
    view = read(house)
    assert origin_of(view, row.id) == origin
    assert texts(view) == whole("first") - {("reply", "the first reply")}


def test_a_reply_given_to_another_author_is_broken(house, first):
    (row,) = rows(house, records, subject=stored_testimony(house, first).id, kind="reply")
    change(house, records, {"id": row.id}, author=house.actors["deputy"].id)
    assert origin_of(read(house), row.id) == "broken"


def test_a_copy_of_a_record_under_another_name_is_unproven(house, first):
    row = _statement(house, "first", "medical")
    insert(house, records, **{**row._mapping, "id": "ab" * 16})
    assert origin_of(read(house), "ab" * 16) == "unproven"


def test_with_the_account_replaced_what_members_wrote_is_still_read(house, first):
    row = _statement(house, "first")
    change(house, records, {"id": row.id}, sealed=_statement(house, "second").sealed)
    view = read(house)
    assert origin_of(view, row.id) == "unproven"
    assert view.form is None
    assert texts(view) == whole("first") - {("statement", "the first story")}
    assert texts(read(house, "second")) == whole("second")
    with pytest.raises(SealError):
        messages.reply(house.vault, house.actors["lawyer"], first, "to whom?")


# --- grants --------------------------------------------------------------------------------------


def test_a_grant_moved_to_another_member_opens_nothing_for_them(house, first):
    stranger, subject = house.actors["stranger"], stored_testimony(house, first).id
    who = {"subject": subject, "member_id": house.actors["lawyer"].id}
    change(house, grants, who, member_id=stranger.id)
    for actor in ("stranger", "lawyer"):
        with pytest.raises(NotFoundError):
            read(house, who=actor)
    assert texts(read(house, who="deputy")) == whole("first")


def test_a_grant_moved_to_another_case_opens_nothing_there(house):
    stranger = house.actors["stranger"]
    one, other = (stored_testimony(house, house.cases[name]).id for name in ("first", "second"))
    lawyer = house.actors["lawyer"].id
    change(house, grants, {"subject": one, "member_id": lawyer}, subject=other)
    with pytest.raises(NotFoundError):
        read(house)
    assert texts(read(house, "second")) == whole("second")
    with pytest.raises(NotFoundError):
        open_case(house.vault, stranger, house.cases["second"])


def _hand(house, actor, subject, seeds, grant_id="0" * 32):
    """Put a well-formed grant for a member beside the true ones, wrapped as it should be."""
    grant = seal_grant(subject, actor.id, actor.opening.public, seeds)
    insert(
        house,
        grants,
        id=grant_id,
        subject=subject,
        member_id=actor.id,
        compartments=canonical.dumps(list(grant.compartments)).decode(),
        epoch=grant.epoch,
        sealed=wrap(erasure.find(house.vault, subject), grant, grant_id),
        made_by=None,
        day="2026-01-01",
    )


@pytest.mark.parametrize("row", [{"sealed": b"junk"}, {"compartments": "[1]"}, {"epoch": 9}])
@pytest.mark.parametrize("grant_id", ["0" * 32, "f" * 32])
def test_a_broken_grant_beside_the_true_one_keeps_nobody_out(house, first, row, grant_id):
    lawyer, subject = house.actors["lawyer"], stored_testimony(house, first).id
    (true,) = rows(house, grants, subject=subject, member_id=lawyer.id)
    insert(house, grants, **{**true._mapping, "id": grant_id, **row})
    assert texts(read(house)) == whole("first")


@pytest.mark.parametrize("grant_id", ["0" * 32, "f" * 32])
@pytest.mark.parametrize("epoch", [1, 2])
def test_seeds_that_do_not_give_the_stated_keys_replace_nothing(house, first, grant_id, epoch):
    lawyer, subject = house.actors["lawyer"], stored_testimony(house, first).id
    _hand(house, lawyer, subject, Seeds({(ACCOUNT, epoch): random(32)}), grant_id)
    assert texts(read(house)) == whole("first")
    messages.reply(house.vault, lawyer, first, "still possible")


def test_a_member_handed_foreign_seeds_only_opens_nothing(house, first):
    subject = stored_testimony(house, first).id
    _hand(house, house.actors["stranger"], subject, Seeds({(ACCOUNT, 1): random(32)}))
    with pytest.raises(NotFoundError):
        read(house, who="stranger")


def test_seeds_of_an_epoch_that_nobody_signed_are_never_sealed_to(house, first):
    lawyer, subject = house.actors["lawyer"], stored_testimony(house, first).id
    _hand(house, lawyer, subject, Seeds({(ACCOUNT, 3): random(32)}))
    assert texts(read(house)) == whole("first")
    with pytest.raises(NoGrantError):
        messages.reply(house.vault, lawyer, first, "to whose key?")


# --- epochs: nothing is sealed to a key that only the database names -----------------------------


def _forge_epoch(house, subject, number, signer, compartments=(ACCOUNT, MEDICAL)):
    """Return the row of an epoch whose keys the attacker holds, signed by `signer`."""
    who = house.actors[signer].id if signer in house.actors else house.actors["officer"].id
    key = house.actors[signer].signing if signer in house.actors else SigningKey(random(32))
    epoch, _ = keyring_epochs.begin(subject, number, compartments, None, who, "2026-01-01")
    return {
        "subject": subject,
        "epoch": number,
        "document": epoch.encode(),
        "signature": epoch.signed(key),
        "made_by": who,
    }


def _attempts(house, case):
    """Try everything that seals to an epoch's key; returns the errors."""
    lawyer, errors = house.actors["lawyer"], []
    for act in (messages.reply, notes.write):
        try:
            act(house.vault, lawyer, case, "sealed to whom?")
        except WitnessVaultError as error:
            errors.append(type(error))
    return errors


def _sealed_keys(house, case):
    subjects = {case, stored_testimony(house, case).id}
    return {sealed_for(row.sealed) for row in rows(house, records) if row.subject in subjects}


@pytest.mark.parametrize("signer", ["nobody", "auditor", "admin"])
@pytest.mark.parametrize("number", [2, 3])
def test_an_epoch_signed_by_nobody_who_may_make_one_is_never_sealed_to(
    house, first, signer, number
):
    before = _sealed_keys(house, first)
    for subject, n, parts in (
        (stored_testimony(house, first).id, number, (ACCOUNT, MEDICAL)),
        (first, number - 1, (WORK,)),
    ):
        row = _forge_epoch(house, subject, n, signer, parts)
        if rows(house, epochs, subject=subject, epoch=n):
            change(house, epochs, {"subject": subject, "epoch": n}, **row)
        else:
            insert(house, epochs, **row)
    assert texts(read(house)) == whole("first")
    errors = _attempts(house, first)
    assert errors == ([NoGrantError] * 2 if number == 2 else [])
    assert _sealed_keys(house, first) == before


def test_an_epoch_made_by_a_lawyer_of_another_case_is_not_sealed_to(house, first):
    insert(house, epochs, **_forge_epoch(house, stored_testimony(house, first).id, 3, "stranger"))
    assert texts(read(house)) == whole("first")
    with pytest.raises(NoGrantError):
        messages.reply(house.vault, house.actors["lawyer"], first, "to whose key?")


def test_an_epoch_taken_back_does_not_bring_the_officers_key_back(house, first):
    drop(house, epochs, subject=stored_testimony(house, first).id)
    assert texts(read(house)) == whole("first")
    with pytest.raises(NoGrantError):
        messages.reply(house.vault, house.actors["lawyer"], first, "readable by the officer?")
    house.collect()
    assert house.come_back.add(
        house.receipts["first"], "ru", {"story": "more"}, house.come_back.new_send_id()
    )
    (name,) = house.letterbox.waiting()
    assert canonical.loads(house.letterbox.packet(name))["records"][0]["epoch"] == 2


def test_the_signed_epoch_of_another_case_does_not_count_here(house, first):
    one, other = (stored_testimony(house, house.cases[name]).id for name in ("first", "second"))
    (foreign,) = rows(house, epochs, subject=other)
    values = {"document": foreign.document, "signature": foreign.signature}
    change(house, epochs, {"subject": one}, **values)
    with pytest.raises(NoGrantError):
        messages.reply(house.vault, house.actors["lawyer"], first, "to whose key?")
    assert texts(read(house, "second")) == whole("second")


# --- headers and testimonies ---------------------------------------------------------------------


def test_a_header_of_another_testimony_is_refused(house):
    foreign = stored_testimony(house, house.cases["second"]).header
    change(house, testimonies, {"case_id": house.cases["first"]}, header=foreign)
    with pytest.raises(NotFoundError):
        read(house)
    assert texts(read(house, "second")) == whole("second")


@pytest.mark.parametrize("header", [b"", b"{}", b"not json"])
def test_a_header_that_is_none_is_refused(house, first, header):
    change(house, testimonies, {"case_id": first}, header=header)
    with pytest.raises(NotFoundError):
        read(house)


def test_a_public_key_swapped_in_a_header_is_refused(house, first):
    value = canonical.loads(stored_testimony(house, first).header)
    value["publics"]["account"] = canonical.b64(OpeningKey.generate().public)
    change(house, testimonies, {"case_id": first}, header=canonical.dumps(value))
    with pytest.raises(NotFoundError):
        read(house)
    with pytest.raises(NotFoundError):
        messages.reply(house.vault, house.actors["lawyer"], first, "to whose key?")


def test_a_testimony_moved_into_another_case_does_not_close_that_case(house):
    receipt = house.send({"story": "not given to anybody", "consent": {"C01": "yes"}})
    assert receipt
    moved = [row for row in rows(house, testimonies) if row.case_id not in house.cases.values()]
    change(house, testimonies, {"id": moved[0].id}, case_id=house.cases["first"])
    assert texts(read(house)) == whole("first")


def test_a_dropped_testimony_closes_its_own_case_only(house, first):
    drop(house, testimonies, case_id=first)
    with pytest.raises(NotFoundError):
        read(house)
    assert texts(read(house, "second")) == whole("second")


# --- members' keys -------------------------------------------------------------------------------


def test_public_keys_swapped_in_the_database_are_not_granted_to(template, tmp_path):
    from tests.support.attacks import give as give_to_lawyer
    from vault.storage.tables.people import enrolments

    house = copy_of(template, tmp_path)
    lawyer, attacker = house.actors["lawyer"], OpeningKey.generate()
    change(house, enrolments, {"member_id": lawyer.id}, opening=attacker.public)
    _, case = give_to_lawyer(house, "a third story")
    subject = stored_testimony(house, case).id
    key = erasure.find(house.vault, subject)
    for row in rows(house, grants, subject=subject):
        grant = Grant(subject, row.member_id, (), row.epoch, row.sealed)
        inner = aead_open(key, row.sealed, wrap_context(grant, row.id))
        assert sealed_for(inner) != key_id(attacker.public)
        if row.member_id == lawyer.id:
            assert sealed_for(inner) == key_id(lawyer.opening.public)
    house.close()


# --- the outbox ----------------------------------------------------------------------------------


@pytest.mark.parametrize("forged", [b"", bytes(2000), b"\x01" + bytes(5000)])
def test_what_is_no_box_of_its_name_is_never_written_and_stops_no_other(house, first, forged):
    from vault.testimony.boxes import box_locator

    read(house)
    locator = bytes.fromhex(box_locator(house.receipts["first"]))
    before = house.letterbox.box(locator.hex())
    change(house, outbox, {"locator": locator}, box=forged)
    waiting = len(rows(house, outbox))
    assert house.collect().boxes == waiting - 1
    assert house.letterbox.box(locator.hex()) == before


def test_an_officer_gives_nothing_away_when_the_header_was_changed(template, tmp_path):
    house = copy_of(template, tmp_path)
    house.send()
    (row,) = (r for r in rows(house, testimonies) if r.case_id not in house.cases.values())
    value = canonical.loads(row.header)
    value["publics"]["medical"] = canonical.b64(OpeningKey.generate().public)
    change(house, testimonies, {"id": row.id}, header=canonical.dumps(value))
    before = len(rows(house, grants))
    with pytest.raises(NotFoundError):
        assign.give(
            house.vault, house.actors["officer"], row.case_id, house.actors["lawyer"].id, None
        )
    assert len(rows(house, grants)) == before
    house.close()


def test_one_changed_row_stops_neither_the_batch_nor_the_boxes(template, tmp_path):
    house = copy_of(template, tmp_path)
    not_yet = {"story": "x", "consent": {"C01": "yes", "C02": "not_yet"}}
    receipt = house.send(not_yet)
    (row,) = (r for r in rows(house, testimonies) if r.case_id not in house.cases.values())
    broken = row.collector_part[:-1] + bytes([row.collector_part[-1] ^ 1])
    change(house, testimonies, {"id": row.id}, collector_part=broken)
    house.come_back.allow(receipt)
    tell = house.tell
    tell.send("victim", "ru", STORY, tell.new_send_id())
    collected = house.collect()
    assert (collected.accepted, collected.refused) == (1, 1)
    assert not house.letterbox.waiting()


# --- who handles a case ---------------------------------------------------------------------------


def planted_handler(house, case, *, with_grant):
    """Write a lawyer of the roster into a case, and a grant of nothing beside; say an epoch due."""
    stranger = house.actors["stranger"]
    row = {"case_id": case, "member_id": stranger.id, "from_day": clock.day()}
    insert(house, assignments, capacity="deputy", **row)
    if with_grant:
        named = {"subject": stored_testimony(house, case).id, "compartments": '["account"]'}
        row = {"id": random(16).hex(), "member_id": stranger.id, "epoch": 1, "day": clock.day()}
        insert(house, grants, sealed=b"nothing", **row, **named)
    change(house, cases, {"id": case}, keys_due=1)
    return stranger


@pytest.mark.parametrize("with_grant", [True, False])
def test_a_handler_planted_beside_a_grant_of_nothing_gets_no_key_of_the_next_epoch(
    house, with_grant
):
    case = house.cases["first"]
    stranger = planted_handler(house, case, with_grant=with_grant)
    assert due.begin_due(house.vault, house.actors["lawyer"]) == 1
    assert not rows(house, grants, member_id=stranger.id)
    with pytest.raises(NotFoundError):
        open_case(house.vault, stranger, case)
    assert whole("first") <= texts(read(house))


def test_a_planted_handler_is_not_offered_the_keys_as_somebody_with_new_ones(house):
    case, lawyer = house.cases["first"], house.actors["lawyer"]
    stranger = planted_handler(house, case, with_grant=False)
    assert reseal.waiting(house.vault, lawyer) == []
    fingerprint = house.vault.roster().member(stranger.id).fingerprint
    with pytest.raises(RefusedError):
        reseal.reseal(house.vault, lawyer, case, stranger.id, fingerprint)


def test_another_capacity_or_last_day_than_the_log_states_counts_for_nothing(house):
    case, deputy = house.cases["first"], house.actors["deputy"]
    where = {"case_id": case, "member_id": deputy.id}
    for changed in ({"capacity": "lawyer"}, {"capacity": "deputy", "until_day": clock.day()}):
        change(house, assignments, where, **changed)
        with pytest.raises(NotFoundError):
            open_case(house.vault, deputy, case)
    change(house, assignments, where, until_day=None)
    assert open_case(house.vault, deputy, case).records


def test_keys_put_back_to_an_earlier_day_with_all_their_grants_are_not_sealed_to(house):
    """Whoever lost access, and writes to the database, takes the new epoch back."""
    case, deputy, lawyer = (
        house.cases["first"],
        house.actors["deputy"],
        house.actors["lawyer"],
    )
    subject = stored_testimony(house, case).id
    tables = (epochs, grants)
    before = {table: [row._asdict() for row in rows(house, table)] for table in tables}
    revoke.revoke(house.vault, house.actors["officer"], case, lawyer.id)
    assert due.begin_due(house.vault, deputy) == 1
    left_behind = max(row.epoch for row in rows(house, epochs, subject=subject))
    for table in tables:
        with house.vault.database.write() as connection:
            connection.execute(table.delete())
            connection.execute(table.insert(), before[table])
    with pytest.raises(NoGrantError):
        messages.reply(house.vault, deputy, case, "not for who left")
    assert due.begin_anew(house.vault, deputy, case)
    messages.reply(house.vault, deputy, case, "for who is here")
    assert max(row.epoch for row in rows(house, epochs, subject=subject)) > left_behind
    assert not rows(house, grants, member_id=lawyer.id, subject=subject)
