"""Who gets the daily notice: whoever asked for it, at an address that lies nowhere in clear."""

from __future__ import annotations

import pytest

from tests.support.attacks import rows
from tests.support.house import House
from vault import clock
from vault.custody import rosters
from vault.errors import InputError, RefusedError
from vault.journal.reading import Filter
from vault.members import notices
from vault.storage.tables.people import notices as table

ADDRESS = "advokat@planted-example.invalid"
TOMORROW = "2031-03-04"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    house = House.found(tmp_path_factory.mktemp("vault"), notices={"enabled": True}).staff()
    yield house
    house.close()


@pytest.fixture
def house(made):
    for actor in made.actors.values():
        if any(row.member_id == actor.id for row in rows(made, table)):
            notices.stop(made.vault, actor)
    return made


def choose(house, who="lawyer", address=ADDRESS):
    notices.choose(house.vault, house.actors[who], address)


def test_nobody_gets_one_who_did_not_ask(house):
    assert notices.address_of(house.vault, house.actors["lawyer"]) is None
    assert notices.claim(house.vault, TOMORROW) == {}


def test_nobody_can_ask_while_notices_are_off(tmp_path):
    house = House.found(tmp_path).staff()
    assert not house.settings.notices.enabled
    with pytest.raises(RefusedError):
        choose(house)
    house.close()


def test_whoever_asks_gets_one_from_tomorrow_on(house):
    choose(house)
    assert notices.claim(house.vault, clock.day()) == {}
    assert notices.claim(house.vault, TOMORROW) == {house.actors["lawyer"].id: ADDRESS}


def test_each_day_is_claimed_once_and_an_earlier_one_never_again(house):
    choose(house)
    assert notices.claim(house.vault, TOMORROW)
    assert notices.claim(house.vault, TOMORROW) == {}
    assert notices.claim(house.vault, "2031-03-03") == {}
    assert notices.claim(house.vault, "2031-03-05")


def test_the_order_is_always_the_same(house):
    for who in ("officer", "lawyer", "auditor", "deputy"):
        choose(house, who, f"{who}@planted-example.invalid")
    for day in ("2031-03-04", "2031-03-05"):
        assert list(notices.claim(house.vault, day)) == sorted(
            house.actors[who].id for who in ("officer", "lawyer", "auditor", "deputy")
        )


def test_entries_say_how_many_and_never_to_whom_or_where(house):
    before = house.vault.journal.size()
    choose(house)
    notices.claim(house.vault, TOMORROW)
    notices.failed(house.vault, TOMORROW, [house.actors["lawyer"].id], 1)
    notices.stop(house.vault, house.actors["lawyer"])
    new = house.vault.journal.read()[before:]
    assert [(entry.kind, dict(entry.subject), dict(entry.detail)) for entry in new] == [
        ("notice.chosen", {}, {}),
        ("notice.sent", {}, {"count": 1}),
        ("notice.failed", {}, {"count": 1}),
        ("notice.ended", {}, {}),
    ]


def test_another_address_takes_the_place_of_the_first_and_stopping_forgets_it(house):
    choose(house)
    choose(house, address="other@planted-example.invalid")
    assert [row.address for row in rows(house, table)] == ["other@planted-example.invalid"]
    notices.stop(house.vault, house.actors["lawyer"])
    assert rows(house, table) == []
    size = house.entered()
    notices.stop(house.vault, house.actors["lawyer"])
    assert house.entered() == size


@pytest.mark.parametrize(
    "address",
    [
        "",
        "x",
        "@example.invalid",
        "x@",
        "a b@example.invalid",
        "x@example.invalid\r\nBcc: y@example.invalid",
        "x@example.invalid,y@example.invalid",
        "<x@example.invalid>",
        '"x"@example.invalid',
        "адвокат@example.invalid",
        "x@exam ple.invalid",
        "x" * 65 + "@example.invalid",
        "x@" + "a" * 260,
        "x@example..invalid",
    ],
)
def test_what_is_no_plain_address_is_refused(house, address):
    with pytest.raises(InputError):
        choose(house, address=address)
    assert rows(house, table) == []


def test_the_address_lies_in_no_file_in_clear(house):
    choose(house)
    house.vault.database.flush()
    files = [path for path in house.settings.paths.root.rglob("*") if path.is_file()]
    assert files
    assert not any(b"planted-example" in path.read_bytes() for path in files)


def test_whoever_is_ended_gets_none_and_their_address_is_deleted(tmp_path):
    house = House.found(tmp_path, notices={"enabled": True}).staff()
    choose(house, "deputy")
    rosters.end(house.vault, "deputy", house.root)
    assert rows(house, table) == []
    assert notices.claim(house.vault, TOMORROW) == {}
    assert house.vault.journal.read(Filter(kind="notice.sent")) == []
    house.close()
