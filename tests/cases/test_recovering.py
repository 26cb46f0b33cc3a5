"""A departed lawyer's cases come back through the trustees, and through nobody else."""

from __future__ import annotations

import dataclasses

import pytest
from sqlalchemy import select

from tests.support.house import STORY, House, sign_in_as
from vault import canonical, clock
from vault.agents.kdf import LocalKdf
from vault.cases import reveal
from vault.cases.epochs import due, recovering
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.written import notes
from vault.crypto import shares
from vault.crypto.seal import OpeningKey
from vault.custody import bars, erasure, keys, rosters
from vault.custody.recovery import combining
from vault.custody.recovery.documents import Answer, Request
from vault.errors import (
    FormatError,
    NotFoundError,
    RefusedError,
    RosterError,
    SealError,
    ShareError,
)
from vault.keyring.compartments import Compartment, Seeds
from vault.keyring.grants import Grant, parse_compartments, seal_grant
from vault.keyring.opening import open_grant, unwrap
from vault.storage.tables.cases import assignments, grants, testimonies

NOT_YET = {"story": "Не сейчас.", "consent": {"C01": "yes", "C02": "not_yet"}}


def root_of(house):
    return keys.open_root_key(house.settings, house.sheet.root_passphrase, LocalKdf())


def the_lawyer_leaves(house):
    vault, officer = house.vault, house.actors["officer"]
    lawyer, deputy = house.actors["lawyer"], house.actors["deputy"]
    house.cases = []
    for second in (None, None, deputy.id):
        house.send()
        line = next(line for line in inbox.new_cases(vault, officer) if line.status == "new")
        assign.give(vault, officer, line.id, lawyer.id, second)
        house.cases.append(line.id)
    notes.write(vault, lawyer, house.cases[0], "what the lawyer noted")
    house.add("successor", "lawyer")
    rosters.end(vault, "lawyer", root_of(house))


@pytest.fixture
def left(house):
    """Two cases whose only lawyer is gone, and one that a deputy still holds."""
    return house.after(the_lawyer_leaves)


def asked(house, *chosen, login="successor", by="admin"):
    return recovering.request(house.vault, house.actors[by], login, chosen)


def answered(house, request, *at):
    """The trustees put shares together, with nothing but the request's file in hand."""
    typed = [house.sheet.recovery_shares[n] for n in at or (0, 1)]
    return combining.combine(combining.examine(request.data), typed)


# --- what is asked for ---------------------------------------------------------------------------


def test_cases_without_a_holder_are_those_that_nobody_who_handles_them_can_open(left):
    found = {case.id for case in recovering.without_holder(left.vault)}
    assert found == set(left.cases[:2])


def test_a_case_nobody_left_is_not_among_them(house):
    house.send()
    assert recovering.without_holder(house.vault) == []
    with pytest.raises(RefusedError, match="no case is without a holder"):
        asked(house, login="lawyer")


def test_a_new_account_whose_officers_are_gone_is(house):
    house.send()
    rosters.end(house.vault, "officer", root_of(house))
    (case,) = recovering.without_holder(house.vault)
    request = asked(house, login="lawyer")
    recovering.accept(house.vault, answered(house, request).answer)
    lawyer = house.actors["lawyer"]
    view = reveal.open_case(house.vault, lawyer, case.id)
    assert view.records[0].answers == STORY
    # The case had no keys of its own yet: the next sign-in makes them.
    assert due.begin_due(house.vault, lawyer) == 1
    notes.write(house.vault, lawyer, case.id, "mine now")
    assert "mine now" in {r.text for r in reveal.open_case(house.vault, lawyer, case.id).records}


def test_what_a_witness_has_not_allowed_yet_cannot_be_asked_for(house):
    house.send(NOT_YET)
    rosters.end(house.vault, "officer", root_of(house))
    with house.vault.database.read() as connection:
        assert connection.execute(select(grants)).first() is None
        case_id = connection.execute(select(testimonies.c.case_id)).scalar_one()
    assert recovering.without_holder(house.vault) == []
    with pytest.raises(RefusedError, match="nothing to recover"):
        asked(house, case_id, login="lawyer")


def test_chosen_cases_go_by_id_or_short_code(left):
    codes = {case.id: case.code for case in recovering.without_holder(left.vault)}
    for name in (left.cases[0], codes[left.cases[0]]):
        subjects = {subject.subject for subject in asked(left, name).subjects}
        assert left.cases[0] in subjects
        assert left.cases[1] not in subjects


def test_a_case_that_somebody_holds_is_refused(left):
    with pytest.raises(RefusedError, match="somebody holds it"):
        asked(left, left.cases[2])


@pytest.mark.parametrize("login", ["lawyer", "officer", "auditor", "admin", "nobody"])
def test_only_for_somebody_who_is_a_lawyer_now(left, login):
    with pytest.raises(RefusedError, match="for a lawyer of the list"):
        asked(left, login=login)


def test_an_auditor_may_not_ask(left):
    with pytest.raises(RefusedError):
        asked(left, by="auditor")


def test_every_case_has_its_entry_before_anything_is_given_out(left, monkeypatch):
    before = left.vault.journal.size()
    request = asked(left)
    entries = left.vault.journal.read()[before:]
    assert [entry.kind for entry in entries] == ["recovery.requested"] * 2
    assert {entry.subject["case"] for entry in entries} == set(left.cases[:2])
    assert {entry.subject["file"] for entry in entries} == {request.id}
    assert {entry.actor for entry in entries} == {left.actors["admin"].id}


def test_a_request_opens_nothing_without_the_shares(left):
    """Not for the administrator who carries it, nor for the one to whom keys will be sealed."""
    request = asked(left)
    for who in ("admin", "successor", "deputy", "officer"):
        for subject in request.subjects:
            for grant in subject.grants:
                with pytest.raises(SealError):
                    open_grant(grant, left.actors[who].opening)


# --- what comes back -----------------------------------------------------------------------------


@pytest.mark.parametrize("at", [(0, 1), (2, 0), (1, 2), (2, 1, 0)])
def test_any_k_of_the_shares_bring_the_cases_to_the_new_lawyer(left, at):
    accepted = recovering.accept(left.vault, answered(left, asked(left), *at).answer)
    assert set(accepted.cases) == set(left.cases[:2])
    successor = left.actors["successor"]
    view = reveal.open_case(left.vault, successor, left.cases[0])
    assert view.records[0].answers == STORY
    assert "what the lawyer noted" in {record.text for record in view.records if record.text}
    assert recovering.without_holder(left.vault) == []


def test_the_new_lawyer_handles_the_case_and_the_departed_one_no_more(left):
    recovering.accept(left.vault, answered(left, asked(left)).answer)
    with left.vault.database.read() as connection:
        query = select(assignments.c.member_id).where(assignments.c.case_id == left.cases[0])
        assert connection.execute(query).scalars().all() == [left.actors["successor"].id]
    kinds = [entry.kind for entry in left.vault.journal.read()[-4:]]
    assert kinds == ["recovery.accepted", "assign"] * 2


def test_a_case_that_the_member_may_not_see_is_neither_asked_for_nor_taken(left):
    successor, (barred, other) = left.actors["successor"], left.cases[:2]
    answer = answered(left, asked(left)).answer
    with left.vault.journal.transaction() as transaction:
        subject = {"case": barred, "member": successor.id}
        transaction.log(bars.BARRED, left.actors["admin"].id, subject)
    assert recovering.accept(left.vault, answer).cases == (other,)
    for chosen in ((barred,), ()):
        with pytest.raises(RefusedError):
            asked(left, *chosen)
    with pytest.raises(NotFoundError):
        reveal.open_case(left.vault, successor, barred)


def test_a_lawyer_who_lost_their_passphrase_gets_their_cases_back_by_the_trustees(house):
    """New keys leave the case theirs, without a grant (see `rosters`); no deputy holds it."""
    house.send()
    officer, lawyer = house.actors["officer"], house.actors["lawyer"]
    (line,) = inbox.new_cases(house.vault, officer)
    assign.give(house.vault, officer, line.id, lawyer.id, None)
    with house.vault.database.write() as connection:
        connection.execute(grants.delete().where(grants.c.member_id == lawyer.id))
    with pytest.raises(NotFoundError):
        reveal.open_case(house.vault, lawyer, line.id)
    request = asked(house, login="lawyer")
    assert recovering.accept(house.vault, answered(house, request).answer).cases == (line.id,)
    assert reveal.open_case(house.vault, lawyer, line.id).records[0].answers == STORY
    with house.vault.database.read() as connection:
        assert connection.execute(select(assignments.c.capacity)).scalars().all() == ["lawyer"]


def test_identity_is_never_in_it(left):
    """Not even if somebody had put it into a grant of the recovery key."""
    request = asked(left)
    testimony = next(s for s in request.subjects if s.header)
    planted = seal_grant(
        testimony.subject,
        "recovery",
        left.vault.roster().recovery,
        Seeds({(Compartment.IDENTITY, 1): b"i" * 32}),
    )
    subjects = tuple(
        dataclasses.replace(s, grants=(*s.grants, planted)) if s is testimony else s
        for s in request.subjects
    )
    done = answered(left, dataclasses.replace(request, subjects=subjects))
    for grant in done.answer.grants:
        opened = open_grant(grant, left.actors["successor"].opening)
        assert {c for c, _, _ in opened} <= {"account", "medical", "work"}


def test_an_answer_with_identity_in_it_is_refused(left):
    request = asked(left)
    successor, subject = left.actors["successor"], request.subjects[0].subject
    held = Seeds({(Compartment.IDENTITY, 1): b"i" * 32})
    planted = seal_grant(subject, successor.id, successor.opening.public, held)
    answer = Answer(request.id, request.digest, successor.id, (planted,))
    with pytest.raises(FormatError):
        recovering.accept(left.vault, answer)


def test_seeds_that_are_not_those_of_the_header_are_not_passed_on(left):
    request = asked(left, left.cases[0])
    testimony = next(s for s in request.subjects if s.header)
    swapped = seal_grant(
        testimony.subject,
        "recovery",
        left.vault.roster().recovery,
        Seeds({(Compartment.ACCOUNT, 1): b"x" * 32}),
    )
    request = dataclasses.replace(
        request, subjects=(dataclasses.replace(testimony, grants=(swapped,)),)
    )
    with pytest.raises(RefusedError, match="open nothing"):
        answered(left, request)


def test_a_made_up_answer_opens_nothing(left):
    """Whoever writes to the database and knows the request can seal nonsense to a member."""
    request, successor = asked(left, left.cases[0]), left.actors["successor"]
    made = tuple(
        seal_grant(
            s.subject,
            successor.id,
            successor.opening.public,
            Seeds({((Compartment.ACCOUNT if s.header else Compartment.WORK), 1): b"x" * 32}),
        )
        for s in request.subjects
    )
    recovering.accept(left.vault, Answer(request.id, request.digest, successor.id, made))
    with pytest.raises(NotFoundError):
        reveal.open_case(left.vault, successor, left.cases[0])


def test_an_answer_counts_once(left):
    answer = answered(left, asked(left)).answer
    recovering.accept(left.vault, answer)
    with pytest.raises(RefusedError, match="no case that has no holder"):
        recovering.accept(left.vault, answer)


def test_an_answer_to_no_request_of_this_vault_is_refused(left):
    answer = answered(left, asked(left)).answer
    with pytest.raises(NotFoundError):
        recovering.accept(left.vault, dataclasses.replace(answer, request="0" * 32))


def test_an_answer_to_a_request_that_was_changed_on_its_way_is_refused(left):
    request = asked(left)
    changed = dataclasses.replace(request, subjects=request.subjects[:2])
    with pytest.raises(RefusedError, match="another request"):
        recovering.accept(left.vault, answered(left, changed).answer)


def test_an_answer_for_somebody_else_is_refused(left):
    left.add("other", "lawyer")
    answer = answered(left, asked(left, login="other")).answer
    other = dataclasses.replace(answer, recipient=left.actors["successor"].id)
    with pytest.raises(RefusedError):
        recovering.accept(left.vault, other)


def test_an_answer_is_refused_when_its_member_has_left_meanwhile(left):
    answer = answered(left, asked(left)).answer
    rosters.end(left.vault, "successor", root_of(left))
    with pytest.raises(RefusedError, match="for a lawyer of the list"):
        recovering.accept(left.vault, answer)
    with left.vault.database.read() as connection:
        query = select(grants).where(grants.c.member_id == left.actors["successor"].id)
        assert connection.execute(query).first() is None


def test_an_old_request_is_not_answered_any_more(left, monkeypatch):
    request = asked(left)
    answer = answered(left, request).answer
    later = clock.now() + (combining.VALID_DAYS + 2) * clock.DAY
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(RefusedError, match="make a new one"):
        recovering.accept(left.vault, answer)
    with pytest.raises(RefusedError, match="make a new one"):
        combining.examine(request.data)


# --- years ---------------------------------------------------------------------------------------


def test_shares_of_one_year_open_what_was_sealed_in_it_and_no_more(left):
    """k trustees with the whole database get the years of their key only."""
    new = OpeningKey.generate()
    rosters.renew(left.vault, root_of(left), recovery=new.public)
    left.send()
    rosters.end(left.vault, "officer", root_of(left))
    assert len({case.recovery for case in recovering.without_holder(left.vault)}) == 2
    done = answered(left, asked(left))
    assert done.other_key == 1
    accepted = recovering.accept(left.vault, done.answer)
    assert set(accepted.cases) == set(left.cases[:2])
    (case,) = recovering.without_holder(left.vault)
    assert case.id not in left.cases


def test_k_trustees_with_the_whole_database_open_no_identity_and_nothing_at_not_yet(left):
    left.send(NOT_YET)
    vault, key = left.vault, OpeningKey(shares.combine(left.sheet.recovery_shares[1:]).secret)
    opened = set()
    with vault.database.read() as connection:
        for row in connection.execute(select(grants)).all():
            compartments = parse_compartments(canonical.loads(row.compartments.encode()))
            stored = Grant(row.subject, row.member_id, compartments, row.epoch, row.sealed)
            grant = unwrap(erasure.find(vault, row.subject), stored, row.id)
            if row.member_id == "recovery":
                opened |= {(row.subject, str(c)) for c, _, _ in open_grant(grant, key)}
            else:
                with pytest.raises(SealError):
                    open_grant(grant, key)
        told = connection.execute(select(testimonies.c.id)).scalars().all()
    assert {compartment for _, compartment in opened} == {"account", "medical", "work"}
    assert len([one for one in told if (one, "account") not in opened]) == 1


def test_shares_of_no_key_of_this_vault_are_refused(left, tmp_path):
    other = House.found(tmp_path / "other", fresh=True)
    examined = combining.examine(asked(left).data)
    with pytest.raises(ShareError):
        combining.combine(examined, other.sheet.recovery_shares[:2])
    other.close()


# --- who may be believed -------------------------------------------------------------------------


def test_the_root_key_to_believe_is_shown_by_its_fingerprint(left, tmp_path):
    """A server that was taken over can make up a list of members, but not the same root key."""
    examined = combining.examine(asked(left).data)
    assert examined.root_fingerprint == left.sheet.root_fingerprint
    other = House.found(tmp_path / "other", fresh=True)
    made_up = other.add("mallory", "lawyer")
    forged = dataclasses.replace(
        asked(left), chain=tuple(other.vault.chain()), recipient=made_up.id
    )
    assert combining.examine(forged.data).root_fingerprint != left.sheet.root_fingerprint
    other.close()


def test_a_member_put_into_the_list_of_members_by_somebody_else_is_refused(left):
    request = asked(left)
    lines = [canonical.loads(line) for line in request.chain]
    member = lines[-1]["roster"]["members"][0]
    member["opening"] = canonical.b64(OpeningKey.generate().public)
    changed = dataclasses.replace(request, chain=tuple(canonical.dumps(line) for line in lines))
    with pytest.raises(RosterError):
        combining.examine(changed.data)


def test_a_request_for_somebody_who_is_no_lawyer_is_refused_offline_too(left):
    request = dataclasses.replace(asked(left), recipient=left.actors["officer"].id)
    with pytest.raises(RefusedError, match="no lawyer"):
        combining.examine(request.data)


def test_no_key_and_no_share_stands_in_what_is_given_out_or_said(left):
    request = asked(left)
    done = answered(left, request)
    said = repr(done) + repr(combining.examine(request.data)) + done.answer.encode().decode()
    seed = shares.combine(left.sheet.recovery_shares[:2]).secret
    for secret in (seed.hex(), canonical.b64(seed), *left.sheet.recovery_shares):
        assert secret not in said


def test_after_recovery_the_member_signs_in_and_works_on(left):
    recovering.accept(left.vault, answered(left, asked(left)).answer)
    actor = sign_in_as(left.vault, "successor")
    assert due.begin_due(left.vault, actor) == 2
    notes.write(left.vault, actor, left.cases[0], "taken over")
    view = reveal.open_case(left.vault, actor, left.cases[0])
    assert "taken over" in {record.text for record in view.records if record.text}


def test_a_request_reads_back_as_it_was_written(left):
    request = asked(left)
    assert Request.parse(request.data) == request
    answer = answered(left, request).answer
    assert Answer.parse(answer.encode()) == answer
