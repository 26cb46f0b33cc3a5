"""The newest roster: verified once, kept, and not taken back by whoever writes to the database."""

from __future__ import annotations

import pytest

from tests.support.attacks import change, drop, rows
from vault import canonical
from vault.errors import RosterError, StorageError
from vault.journal import rosters as reading
from vault.journal.vault import Vault
from vault.storage.tables.ledger import ledger_entries
from vault.storage.tables.people import rosters


def newest(house):
    return max(row.version for row in rows(house, rosters))


def seen(house):
    return house.settings.paths.keys / reading.SEEN


def fresh(house):
    """Return the same vault as another process sees it."""
    return Vault(house.settings, house.vault.agent, house.vault.kdf)


def hide_publication(house):
    last = rows(house, ledger_entries, kind="roster.published")[-1]
    change(house, ledger_entries, {"seq": last.seq}, kind="list")


def test_the_highest_version_seen_is_kept_beside_the_root_key(house):
    roster = house.vault.roster()
    value = canonical.loads(seen(house).read_bytes())
    assert value == {"version": newest(house), "hash": canonical.b64(roster.hash)}
    assert seen(house).stat().st_mode & 0o777 == 0o600


def test_a_roster_taken_back_whose_publication_was_relabelled_is_refused(house):
    house.vault.roster()
    hide_publication(house)
    drop(house, rosters, version=newest(house))
    for vault in (house.vault, fresh(house)):
        with pytest.raises(RosterError):
            vault.roster()


def test_all_rosters_dropped_with_every_publication_relabelled_is_refused(house):
    house.vault.roster()
    change(house, ledger_entries, {"kind": "roster.published"}, kind="list")
    with house.vault.database.write() as connection:
        connection.execute(rosters.delete())
    with pytest.raises(RosterError):
        fresh(house).roster()


def test_without_the_file_the_log_still_remembers(house):
    house.vault.roster()
    seen(house).unlink()
    drop(house, rosters, version=newest(house))
    with pytest.raises(RosterError):
        fresh(house).roster()


def test_a_publication_relabelled_alone_keeps_nobody_out(house):
    hide_publication(house)
    assert house.vault.roster().version == newest(house)


@pytest.mark.parametrize(
    "data",
    [b"", b"junk", b"{}", b'{"hash":"x","version":1}', "ж".encode()]
    + [
        canonical.dumps({"hash": canonical.b64(bytes(32)), "version": v})
        for v in ("1", None, True, 0, -1, 1, 99)
    ],
)
def test_a_version_seen_that_cannot_be_read_or_is_another_branch_is_refused(house, data):
    seen(house).write_bytes(data)
    with pytest.raises(RosterError):
        house.vault.roster()


def test_a_version_seen_that_cannot_be_kept_is_refused(house):
    seen(house).unlink(missing_ok=True)
    seen(house).mkdir()
    with pytest.raises(StorageError):
        house.vault.roster()


def test_what_another_process_saw_meanwhile_is_not_set_back(house):
    vault = house.vault
    value = {"version": 99, "hash": canonical.b64(bytes(32))}

    def other(chain, pin):
        seen(house).write_bytes(canonical.dumps(value))
        return verify(chain, pin)

    seen(house).unlink(missing_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        verify = reading.verify_history
        patch.setattr(reading, "verify_history", other)
        vault.roster()
    assert canonical.loads(seen(house).read_bytes()) == value


def test_the_chain_is_verified_once_until_something_is_published(house, monkeypatch):
    verified, true = [], reading.verify_history
    monkeypatch.setattr(reading, "verify_history", lambda *a: verified.append(1) or true(*a))
    first = house.vault.roster()
    assert house.vault.roster() is first
    assert len(verified) == 1
    member = house.add("late", "lawyer")
    assert house.vault.roster().member(member.id) is not None
    assert first.member(member.id) is None
    assert len(verified) == 2


def test_a_row_changed_in_place_is_never_believed_and_refused_by_the_next_process(house):
    before = house.vault.roster()
    one, two = (row.document for row in rows(house, rosters)[:2])
    change(house, rosters, {"version": 1}, document=two)
    change(house, rosters, {"version": 2}, document=one)
    assert house.vault.roster() == before
    with pytest.raises(RosterError):
        fresh(house).roster()
