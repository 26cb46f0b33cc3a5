"""Rosters: read back as written; every other shape is refused; who may be sealed to when."""

import copy
import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault import canonical, clock
from vault.errors import FormatError, UnknownVersionError
from vault.roster.model import GENDERS, MAX_MEMBERS, Roster, RosterMember, Term
from vault.roster.roles import ROLES

MOMENTS = st.integers(0, 2**32).map(clock.moment)
IDS = st.binary(min_size=16, max_size=16).map(bytes.hex)


@given(
    ids=st.sets(IDS, max_size=4),
    roles=st.sets(st.sampled_from(sorted(ROLES))),
    moments=st.tuples(MOMENTS, st.none() | MOMENTS),
    gender=st.none() | st.sampled_from(sorted(GENDERS)),
    version=st.integers(1, 2**53 - 1),
    previous=st.none() | st.binary(min_size=32, max_size=32),
)
def test_a_roster_reads_back_as_written(rosters, ids, roles, moments, gender, version, previous):
    valid_from, valid_to = moments
    members = tuple(
        dataclasses.replace(
            rosters.member(),
            id=member_id,
            roles=frozenset(roles),
            valid_from=valid_from,
            valid_to=valid_to,
            reader_gender=gender,
        )
        for member_id in sorted(ids)
    )
    roster = rosters.first(members=members, version=version, previous=previous)
    again = Roster.from_json(canonical.loads(roster.encode()))
    assert again == roster
    assert again.hash == roster.hash


def set_at(path, value):
    def change(document):
        *steps, last = path
        for step in steps:
            document = document[step]
        document[last] = value

    return change


def swap_members(document):
    document["members"].reverse()


def repeat_member(document):
    document["members"].insert(0, document["members"][0])


def drop(*path):
    def change(document):
        *steps, last = path
        for step in steps:
            document = document[step]
        del document[last]

    return change


FAULTS = {
    "version zero": set_at(["version"], 0),
    "version true": set_at(["version"], value=True),
    "version as text": set_at(["version"], "1"),
    "previous short": set_at(["previous"], "AA"),
    "issued a day": set_at(["issued"], "2026-11-22"),
    "expires with an offset": set_at(["expires"], "2026-11-22T00:00:00+05:00"),
    "expires in other digits": set_at(["expires"], "٢٠٢٦-11-22T00:00:00Z"),
    "expires null": set_at(["expires"], None),
    "root short": set_at(["root"], "AA"),
    "recovery no key": set_at(["recovery"], canonical.b64(b"\xff" * 1216)),
    "collector missing": drop("collector"),
    "ledger a list": set_at(["ledger"], []),
    "extra field": set_at(["name"], "x"),
    "members an object": set_at(["members"], {}),
    "members unsorted": swap_members,
    "member twice": repeat_member,
    "member a text": set_at(["members", 0], "x"),
    "member id upper case": set_at(["members", 0, "id"], "AB" * 16),
    "member id with a line break": set_at(["members", 0, "id"], "11" * 16 + "\n"),
    "member without signing key": drop("members", 0, "signing"),
    "member signing key short": set_at(["members", 0, "signing"], "AA"),
    "member opening key no key": set_at(["members", 0, "opening"], canonical.b64(b"\xff" * 1216)),
    "member with a name": set_at(["members", 0, "name"], "x"),
    "role unknown": set_at(["members", 0, "roles"], ["owner"]),
    "role a list": set_at(["members", 0, "roles"], [[]]),
    "role a number": set_at(["members", 0, "roles"], [1, "lawyer"]),
    "role twice": set_at(["members", 0, "roles"], ["lawyer", "lawyer"]),
    "roles unsorted": set_at(["members", 0, "roles"], ["lawyer", "doctor"]),
    "roles a text": set_at(["members", 0, "roles"], "lawyer"),
    "gender unknown": set_at(["members", 0, "reader_gender"], "x"),
    "gender a list": set_at(["members", 0, "reader_gender"], []),
    "valid_from null": set_at(["members", 0, "valid_from"], None),
    "valid_to a number": set_at(["members", 0, "valid_to"], 1),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_any_other_shape_is_refused(rosters, fault):
    document = copy.deepcopy(rosters.first().to_json())
    FAULTS[fault](document)
    with pytest.raises(FormatError):
        Roster.from_json(document)


@pytest.mark.parametrize("value", [None, [], {}, {"format": "witness-vault/roster/v2"}])
def test_another_version_is_named_as_such(value):
    with pytest.raises(UnknownVersionError):
        Roster.from_json(value)


def test_the_number_of_members_is_bounded(rosters):
    document = rosters.first().to_json()
    document["members"] = document["members"][:1] * (MAX_MEMBERS + 1)
    with pytest.raises(FormatError):
        Roster.from_json(document)


@pytest.mark.parametrize(
    ("moment", "active"),
    [
        ("2026-10-31T23:59:59Z", False),
        ("2026-11-01T00:00:00Z", True),
        ("2026-11-30T23:59:59Z", True),
        ("2026-12-01T00:00:00Z", False),
    ],
)
def test_a_member_is_sealed_to_from_valid_from_until_before_valid_to(rosters, moment, active):
    member = rosters.member(valid_to="2026-12-01T00:00:00Z")
    roster = rosters.first(members=(member,))
    assert member.active(moment) is active
    assert roster.holders("intake_officer", moment) == ((member,) if active else ())
    assert roster.holders("lawyer", moment) == ()
    assert roster.member(member.id) == member


def test_an_unknown_id_is_no_member(rosters):
    assert rosters.first().member("33" * 16) is None


def test_a_fingerprint_changes_with_either_key(rosters):
    one = rosters.member()
    other = rosters.member(rosters.lawyer)
    prints = {
        m.fingerprint
        for m in (
            one,
            other,
            dataclasses.replace(one, signing=other.signing),
            dataclasses.replace(one, opening=other.opening),
        )
    }
    assert len(prints) == 4
    assert {len(p.split()) for p in prints} == {8}


@given(st.dictionaries(st.text(), st.integers() | st.lists(st.text())) | st.integers())
def test_whatever_stands_there_a_member_is_read_or_refused(value):
    with pytest.raises(FormatError):
        RosterMember.from_json(value)


# --- roles with a time of their own --------------------------------------------------------------


@pytest.fixture
def member(rosters):
    return rosters.member(role="lawyer")


BEGIN, MIDDLE, END = "2026-11-02T09:00:00Z", "2026-12-01T09:00:00Z", "2027-01-01T09:00:00Z"


def with_terms(member, roles, *terms):
    return dataclasses.replace(member, roles=frozenset(roles), terms=terms)


def test_a_role_without_a_term_has_the_members_own_time(member):
    assert member.times("lawyer") == (Term("lawyer", member.valid_from, member.valid_to),)
    assert member.times("doctor") == ()
    assert member.holds("lawyer", member.valid_from)
    assert not member.holds("lawyer", "2000-01-01T00:00:00Z")


def test_a_role_added_later_begins_later_and_the_others_do_not_wait(member):
    both = with_terms(member, {"lawyer", "doctor"}, Term("doctor", END))
    assert (both.holds("lawyer", MIDDLE), both.holds("doctor", MIDDLE)) == (True, False)
    assert both.holds("doctor", END)


def test_a_role_held_no_more_is_remembered(member):
    former = with_terms(member, {"doctor"}, Term("doctor", END), Term("lawyer", BEGIN, MIDDLE))
    assert former.ever == {"doctor", "lawyer"}
    assert (former.holds("lawyer", BEGIN), former.holds("lawyer", MIDDLE)) == (True, False)


def test_the_members_own_end_ends_every_role(member):
    ended = dataclasses.replace(
        with_terms(member, {"lawyer", "doctor"}, Term("doctor", BEGIN)), valid_to=MIDDLE
    )
    assert not ended.holds("doctor", MIDDLE)


def test_members_with_terms_read_back_and_those_without_say_nothing_of_them(member):
    both = with_terms(member, {"lawyer", "doctor"}, Term("doctor", END))
    assert RosterMember.from_json(both.to_json()) == both
    assert "terms" not in member.to_json()


@pytest.mark.parametrize(
    "terms",
    [
        [],
        None,
        [{"role": "surgeon", "valid_from": BEGIN, "valid_to": None}],
        [{"role": "lawyer", "valid_from": BEGIN}],
        [{"role": "lawyer", "valid_from": MIDDLE, "valid_to": BEGIN}],
        [
            {"role": "lawyer", "valid_from": BEGIN, "valid_to": None},
            {"role": "lawyer", "valid_from": MIDDLE, "valid_to": None},
        ],
        [{"role": "doctor", "valid_from": BEGIN, "valid_to": None}],
        [{"role": "lawyer", "valid_from": BEGIN, "valid_to": None}] * 2,
        [{"role": "doctor", "valid_from": BEGIN, "valid_to": MIDDLE}] * 65,
    ],
)
def test_terms_of_another_form_are_refused(member, terms):
    with pytest.raises(FormatError):
        RosterMember.from_json(member.to_json() | {"terms": terms})
