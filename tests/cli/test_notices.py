"""The process of the daily notice: one mail a day, at its hour, the same whatever happened.

A real vault, a real mail server over TLS on this machine, and a clock that the tests set.
"""

from __future__ import annotations

import pytest

from tests.custody.test_mail import without_date_and_id
from tests.support.attacks import give
from tests.support.house import House
from tests.support.mail import SIGN_IN, Authority, served
from tests.support.ports import free_ports
from vault import clock, settings
from vault.agents.kdf import LocalKdf
from vault.cases.lists import summaries
from vault.cases.reveal import open_case
from vault.cases.written import drafts, messages
from vault.cli import notices as process
from vault.cli.notices import WINDOW_SECONDS, run, since
from vault.cli.processes import Addresses, Processes
from vault.custody import doctor, keys, mail
from vault.journal.reading import Filter
from vault.members import notices

HOUR = 4
DAYS = [clock.day(clock.now() + number * clock.DAY) for number in range(1, 9)]
PLANTED = ("planted-story", "planted-reply", "planted-draft", "planted-label")
ADDRESSES = {"lawyer": "lawyer@example.invalid", "officer": "officer@example.invalid"}


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"), "authority")


class World:
    """A vault whose time passes only while the process waits."""

    def __init__(self, folder, authority, monkeypatch):
        self.authority, self.port = authority, free_ports()
        stated = {"enabled": True, "ca": str(authority.file), "hour": HOUR, "port": self.port}
        self.house = House.found(folder, notices=stated).staff()
        (folder / "keys" / "mail").write_text("\n".join(SIGN_IN))
        (folder / "keys" / "mail").chmod(0o600)
        self.now = clock.seconds_of(DAYS[0])
        monkeypatch.setattr(clock, "now", lambda: self.now)
        for who, address in ADDRESSES.items():
            notices.choose(self.house.vault, self.house.actors[who], address)

    def at(self, moment):
        self.now = clock.seconds_of(moment)

    def lives_until(self, moment):
        """Let the process run until then, as if it had started now."""
        end = clock.seconds_of(moment)

        def wait(seconds):
            self.now += int(seconds)
            return self.now >= end

        run(self.house.vault, wait)
        self.now = end

    @property
    def entries(self):
        found = self.house.vault.journal.read()
        return [(e.kind, e.detail.get("count")) for e in found if e.kind.startswith("notice.")][2:]

    @property
    def found(self):
        (found,) = doctor.examine(self.house.vault, only=["notices"])
        return found.well, found.said


@pytest.fixture
def world(tmp_path, authority, monkeypatch):
    monkeypatch.setattr(mail, "TIMEOUT_SECONDS", 60.0)
    made = World(tmp_path, authority, monkeypatch)
    yield made
    made.house.close()


def post_at(world, **options):
    return served(world.authority, port=world.port, **options)


def much(house):
    """A day on which everything happens."""
    receipt, case = give(house, PLANTED[0])
    lawyer = house.actors["lawyer"]
    open_case(house.vault, lawyer, case)
    messages.reply(house.vault, lawyer, case, PLANTED[1])
    drafts.save(house.vault, lawyer, case, ("reply", PLANTED[2]), "")
    summaries.mark(house.vault, lawyer, case, PLANTED[3], waiting=True)
    for _ in range(3):
        back, said = house.come_back, {"story": PLANTED[0], "urgency_self": ["held_now"]}
        back.add(receipt, "ru", said, back.new_send_id())
    house.collect()
    return case


def test_a_day_with_much_and_one_with_nothing_send_the_same_bytes(world):
    with post_at(world) as post:
        world.lives_until(f"{DAYS[2]}T00:00:00Z")
        case = much(world.house)
        world.lives_until(f"{DAYS[3]}T00:00:00Z")
    assert [to for to, _ in post.mails] == 2 * [[ADDRESSES[who]] for who in in_order(world)]
    quiet, busy = post.mails[:2], post.mails[2:]
    for (to, before), (same, after) in zip(quiet, busy, strict=True):
        assert to == same
        assert before != after
        assert len(before) == len(after)
        assert without_date_and_id(before) == without_date_and_id(after)
    names = [actor.name for actor in world.house.actors.values()]
    ids = [actor.id for actor in world.house.actors.values()]
    for _, data in post.mails:
        for planted in (*PLANTED, *names, *ids, case, world.house.settings.ledger.origin):
            assert planted.encode() not in data


def in_order(world):
    return sorted(ADDRESSES, key=lambda who: world.house.actors[who].id)


def test_it_goes_out_at_its_hour_and_at_no_other(world):
    said = []
    with post_at(world) as post:
        for hour in range(24):
            world.at(f"{DAYS[0]}T{hour:02}:45:00Z")
            before = len(post.mails)
            world.lives_until(f"{DAYS[0]}T{hour:02}:59:59Z")
            said.append(len(post.mails) - before)
    assert said == [0] * 24  # every start was too late: outside the half hour nothing goes out
    with post_at(world) as post:
        world.at(f"{DAYS[1]}T00:00:00Z")
        world.lives_until(f"{DAYS[1]}T03:59:59Z")
        assert post.mails == []
        world.lives_until(f"{DAYS[1]}T04:00:01Z")
        assert len(post.mails) == len(ADDRESSES)


def test_it_is_one_a_day_and_the_log_counts_them(world):
    with post_at(world) as post:
        world.lives_until(f"{DAYS[7]}T00:00:00Z")
    assert len(post.mails) == 6 * len(ADDRESSES)
    assert world.entries == 6 * [("notice.sent", 2)]
    assert world.found == (True, "found")


def test_a_restart_on_the_same_day_sends_nothing_twice(world):
    with post_at(world) as post:
        world.at(f"{DAYS[0]}T04:00:00Z")
        for minute in ("05", "10", "20"):
            world.lives_until(f"{DAYS[0]}T04:{minute}:00Z")
    # Chosen today: the first one is tomorrow's.
    assert post.mails == []
    with post_at(world) as post:
        world.at(f"{DAYS[1]}T04:00:00Z")
        for minute in ("05", "10", "20"):
            world.lives_until(f"{DAYS[1]}T04:{minute}:00Z")
    assert len(post.mails) == len(ADDRESSES)


def test_whoever_is_killed_after_claiming_sends_nothing_rather_than_twice(world, monkeypatch):
    class KilledError(BaseException):
        pass

    def killed(*_):
        raise KilledError

    monkeypatch.setattr(process, "deliver", killed)
    world.at(f"{DAYS[1]}T04:00:00Z")
    with pytest.raises(KilledError):
        world.lives_until(f"{DAYS[1]}T05:00:00Z")
    monkeypatch.undo()
    monkeypatch.setattr(clock, "now", lambda: world.now)
    with post_at(world) as post:
        world.lives_until(f"{DAYS[1]}T05:00:00Z")
    assert post.mails == []


def test_a_locked_vault_sends_nothing_that_day_whenever_it_is_unlocked(world, capfd):
    house = world.house
    secrets = keys.open_vault_keys(house.settings, house.sheet.vault_passphrase, LocalKdf())
    world.at(f"{DAYS[1]}T04:00:00Z")
    end = clock.seconds_of(f"{DAYS[1]}T06:00:00Z")
    pauses = []

    def wait(seconds):
        pauses.append(seconds)
        if len(pauses) == 1:
            house.vault.agent.lock()
        if len(pauses) == 2:
            secrets.open(house.vault.agent)
        world.now += int(seconds)
        return world.now >= end

    with post_at(world) as post:
        run(house.vault, wait)
    assert post.mails == []
    assert "the vault is locked" in capfd.readouterr().err
    world.at(f"{DAYS[1]}T06:00:00Z")
    assert world.found == (False, "missed")


def test_a_server_that_is_down_is_asked_three_times_and_then_left_until_tomorrow(
    world, capfd, caplog
):
    world.at(f"{DAYS[1]}T04:00:00Z")
    world.lives_until(f"{DAYS[1]}T06:00:00Z")
    assert world.entries == [("notice.sent", 2), ("notice.failed", 2)]
    said = capfd.readouterr().err + caplog.text
    assert "2 of 2 were not delivered (ConnectionRefusedError)" in said
    assert "example" not in said
    assert world.found == (False, "refused")
    with post_at(world) as post:
        world.lives_until(f"{DAYS[2]}T04:00:01Z")
    assert len(post.mails) == len(ADDRESSES)
    assert world.found == (True, "found")


def test_a_server_that_is_back_at_the_second_attempt_gets_them(world):
    attempts = []
    world.at(f"{DAYS[1]}T04:00:00Z")
    end = clock.seconds_of(f"{DAYS[1]}T05:00:00Z")
    opened = []

    def wait(seconds):
        attempts.append(seconds)
        world.now += int(seconds)
        if len(attempts) == 3:  # before the process began, before the first, before the second
            opened.append(post_at(world))
            opened.append(opened[0].__enter__())
        return world.now >= end

    run(world.house.vault, wait)
    opened[0].__exit__(None, None, None)
    assert len(opened[1].mails) == len(ADDRESSES)
    assert world.entries == [("notice.sent", 2)]


def test_every_attempt_is_made_within_the_half_hour(world):
    longest = (mail.DEADLINE_SECONDS) * len(process.PAUSES) + sum(process.PAUSES)
    assert longest <= WINDOW_SECONDS


def test_a_missing_file_with_name_and_password_is_said_and_stops_nothing(world, capfd):
    (world.house.settings.paths.keys / "mail").unlink()
    world.at(f"{DAYS[1]}T04:00:00Z")
    world.lives_until(f"{DAYS[2]}T03:00:00Z")
    assert "notices.sign_in cannot be read" in capfd.readouterr().err
    assert world.entries == [("notice.sent", 2), ("notice.failed", 2)]


def test_an_empty_vault_without_anybody_who_asked_says_nothing_to_the_server(world):
    for who in ADDRESSES:
        notices.stop(world.house.vault, world.house.actors[who])
    with post_at(world) as post:
        world.lives_until(f"{DAYS[2]}T00:00:00Z")
    assert post.mails == []
    assert world.house.vault.journal.read(Filter(kind="notice.sent")) == []
    assert world.found == (True, "found")


@pytest.mark.parametrize("enabled", [False, True])
def test_the_process_is_started_only_where_notices_are_turned_on(tmp_path, monkeypatch, enabled):
    stated = {"ledger": {"origin": "test.invalid"}, "notices": {"enabled": enabled}}
    served, started = Processes(settings.load(tmp_path, stated), Addresses(8000)), []
    monkeypatch.setattr(served, "_start", lambda name, *_: started.append(name))
    monkeypatch.setattr(served, "_wait_for", lambda _: None)
    served.start_servers()
    assert ("notices" in started) == enabled
    assert "collector" in started


@pytest.mark.parametrize(
    ("moment", "expected"),
    [("T04:00:00Z", 0), ("T04:29:59Z", 1_799), ("T03:59:59Z", clock.DAY - 1)],
)
def test_how_long_ago_the_hour_was(moment, expected):
    assert since(HOUR, clock.seconds_of(DAYS[0] + moment)) == expected
