"""The chain of rosters: only what follows from the pinned root key, and never backwards."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault import canonical
from vault.crypto.sign import SigningKey
from vault.errors import RosterError, RosterExpiredError
from vault.roster.chain import (
    MAX_LINE,
    Pin,
    check_time,
    sign_roster,
    verify_chain,
    verify_history,
)

STRANGER = SigningKey(b"stranger".ljust(32))


@pytest.fixture
def three(rosters):
    one = rosters.first()
    two = rosters.after(one, expires="2027-06-01T00:00:00Z")
    return one, two, rosters.after(two)


@pytest.fixture
def lines(rosters, three):
    return rosters.chain(*three)


@pytest.fixture
def pin(rosters):
    return Pin(rosters.root.public)


def refused(lines, pin):
    with pytest.raises(RosterError):
        verify_chain(lines, pin)


def test_a_chain_gives_its_newest_roster(lines, pin, three):
    assert verify_chain(lines, pin) == three[2]


def test_a_chain_holds_against_every_version_seen_before(lines, rosters, three):
    for seen in three:
        assert verify_chain(lines, Pin(rosters.root.public, seen.version, seen.hash)) == three[2]


def test_a_line_holds_no_line_break(lines):
    assert all(b"\n" not in line for line in lines)


def test_an_empty_chain_is_refused(pin):
    refused([], pin)


@pytest.mark.parametrize("missing", [0, 1])
def test_a_missing_link_is_refused(lines, pin, missing):
    refused(lines[:missing] + lines[missing + 1 :], pin)


def test_links_out_of_order_or_twice_are_refused(lines, pin):
    refused([lines[0], lines[2], lines[1]], pin)
    refused([lines[0], lines[0], lines[1]], pin)


def test_a_chain_older_than_what_was_seen_is_refused(lines, rosters, three):
    seen = Pin(rosters.root.public, 3, three[2].hash)
    refused(lines[:2], seen)


def test_another_branch_at_the_version_seen_is_refused(lines, rosters, three):
    branch = rosters.after(three[1], expires="2027-07-01T00:00:00Z")
    later = rosters.after(branch)
    seen = Pin(rosters.root.public, 3, three[2].hash)
    refused([*lines[:2], *rosters.chain(branch, later)], seen)


def test_a_first_version_that_names_another_is_refused(rosters, pin):
    refused(rosters.chain(rosters.first(previous=bytes(32))), pin)


def test_a_chain_of_another_root_key_is_refused(rosters, pin):
    foreign = rosters.first(root=STRANGER.public)
    refused(rosters.chain(foreign, by=STRANGER), pin)
    refused(rosters.chain(foreign), pin)


def test_a_later_version_that_names_another_root_key_is_refused(rosters, pin, three):
    replaced = rosters.after(three[0], root=STRANGER.public)
    refused(rosters.chain(three[0], replaced), pin)


def test_a_roster_signed_by_another_key_is_refused(rosters, pin):
    refused(rosters.chain(rosters.first(), by=STRANGER), pin)


def test_a_member_changed_after_signing_is_refused(rosters, pin):
    signed = json.loads(sign_roster(rosters.first(), rosters.root))
    for field, value in (
        ("opening", canonical.b64(rosters.key("attacker").public)),
        ("valid_from", "2026-10-01T00:00:00Z"),
        ("roles", ["intake_officer", "lawyer"]),
        ("reader_gender", "female"),
    ):
        changed = json.loads(json.dumps(signed))
        changed["roster"]["members"][0][field] = value
        refused([canonical.dumps(changed)], pin)


@pytest.mark.parametrize("key", ["recovery", "collector"])
def test_a_key_changed_after_signing_is_refused(rosters, pin, key):
    signed = json.loads(sign_roster(rosters.first(), rosters.root))
    signed["roster"][key] = canonical.b64(rosters.key("attacker").public)
    refused([canonical.dumps(signed)], pin)


@pytest.mark.parametrize(
    "signatures",
    [
        [],
        {},
        None,
        [None],
        ["root"],
        [{"by": "root"}],
        [{"by": "root", "signature": "AA"}],
        [{"by": "root", "signature": canonical.b64(bytes(64))}],
        [{"by": "11" * 16, "signature": canonical.b64(bytes(64))}],
    ],
)
def test_an_unsigned_roster_is_refused(rosters, pin, signatures):
    signed = json.loads(sign_roster(rosters.first(), rosters.root))
    refused([canonical.dumps({**signed, "signatures": signatures})], pin)


def test_a_signature_beside_the_roots_is_refused(rosters, pin):
    signed = json.loads(sign_roster(rosters.first(), rosters.root))
    signed["signatures"].append({"by": "11" * 16, "signature": canonical.b64(bytes(64))})
    refused([canonical.dumps(signed)], pin)


def test_nothing_is_added_to_a_signature(rosters, pin):
    signed = json.loads(sign_roster(rosters.first(), rosters.root))
    signed["signatures"][0]["name"] = "root"
    refused([canonical.dumps(signed)], pin)


def test_every_version_is_returned_oldest_first(lines, pin, three):
    assert verify_history(lines, pin) == list(three)


def test_who_is_unchanged_is_the_same_object_in_every_version(lines, pin):
    history = verify_history(lines, pin)
    assert all(
        one is other for one, other in zip(history[0].members, history[2].members, strict=True)
    )


@pytest.mark.parametrize(
    "line",
    [b"", b"{}", b"[]", b"null", b"\xff", b"{", b"x" * (MAX_LINE + 1), b"[" * 5000],
)
def test_garbage_is_refused_at_any_place(lines, pin, line):
    refused([line, *lines], pin)
    refused([*lines, line], pin)


@given(data=st.data())
def test_any_flipped_bit_is_refused(rosters, data):
    line = bytearray(sign_roster(rosters.first(), rosters.root))
    at = data.draw(st.integers(0, len(line) - 1))
    line[at] ^= 1 << data.draw(st.integers(0, 7))
    refused([bytes(line)], Pin(rosters.root.public))


@given(data=st.data())
def test_any_cut_line_is_refused(rosters, data):
    line = sign_roster(rosters.first(), rosters.root)
    refused([line[: data.draw(st.integers(0, len(line) - 1))]], Pin(rosters.root.public))


def test_a_roster_is_over_from_its_last_moment_on(rosters):
    roster = rosters.first(expires="2027-05-01T00:00:00Z")
    assert check_time(roster, "2027-04-30T23:59:59Z") is roster
    for moment in ("2027-05-01T00:00:00Z", "2031-01-01T00:00:00Z"):
        with pytest.raises(RosterExpiredError):
            check_time(roster, moment)
