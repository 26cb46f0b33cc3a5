"""An export is the log of one moment, whole or from a kept checkpoint on."""

from io import BytesIO

import pytest

from vault.errors import ForkedError, FormatError, LedgerError, RolledBackError, SignatureError
from vault.journal import Draft, exporting
from vault.ledger import export as layout
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.verify import verify_export
from vault.storage.tables.ledger import ledger_entries

MEMBER, SIZE = "a" * 32, 20


@pytest.fixture
def notes(journal, database):
    """Twenty entries, a checkpoint after each; the notes."""
    made = []
    for _ in range(SIZE):
        with database.write() as connection:
            journal.append(connection, [Draft("list", MEMBER)])
        made.append(journal.checkpoint())
    return made


def exported(journal, since=None):
    with journal.exporting(since) as files:
        return {name: b"".join(pieces) for name, pieces in files.items()}


def verified(files, **more):
    return verify_export(
        layout.parse_entries(BytesIO(files[layout.ENTRIES])),
        layout.parse_hashes(BytesIO(files[layout.HASHES])),
        layout.parse_checkpoints(BytesIO(files[layout.CHECKPOINTS])),
        layout.parse_vkey(files[layout.VKEY]),
        **more,
    )


def test_a_whole_export_verifies(journal, notes):
    report = verified(exported(journal))
    assert (report.entries, report.verified, report.checkpoints) == (SIZE, SIZE, SIZE)


def test_it_is_read_some_rows_at_a_time(journal, notes, monkeypatch):
    monkeypatch.setattr(exporting, "ROWS_AT_ONCE", 7)
    assert verified(exported(journal)).verified == SIZE


def test_of_many_checkpoints_some_go_along_the_last_among_them(journal, notes, monkeypatch):
    monkeypatch.setattr(exporting, "CHECKPOINTS", 5)
    report = verified(exported(journal))
    assert (report.verified, report.checkpoints) == (SIZE, 4)


@pytest.mark.parametrize("size", [1, 8, 13, SIZE])
def test_an_export_since_a_checkpoint_holds_what_came_after_it(journal, notes, size):
    files = exported(journal, notes[size - 1])
    frontier, note = layout.parse_since(files[layout.SINCE])
    assert (frontier.size, note) == (size, notes[size - 1])
    report = verified(files, after=frontier)
    assert (report.entries, report.verified, report.checkpoints) == (SIZE, SIZE, SIZE - size)
    assert files[layout.ENTRIES].count(b"\n") == SIZE - size


def test_nothing_is_exported_since_a_checkpoint_of_somebody_else(journal, notes, agent):
    forged = notes[4].replace(b"\n5\n", b"\n6\n")
    for bad, error in ((forged, SignatureError), (b"x", FormatError)):
        with pytest.raises(error):
            exported(journal, bad)


def test_a_checkpoint_that_this_log_does_not_follow_from_is_named(journal, notes, agent, database):
    first = journal.verifier()
    key = agent._ledger_key()
    other = Checkpoint(first.name, 5, bytes(32)).sign(first, key.sign)
    ahead = Checkpoint(first.name, 99, bytes(32)).sign(first, key.sign)
    with pytest.raises(ForkedError):
        exported(journal, other)
    with pytest.raises(RolledBackError) as caught:
        exported(journal, ahead)
    assert caught.value.seq == SIZE


def test_what_was_changed_in_the_database_is_exported_as_it_stands(journal, notes, database):
    with database.write() as connection:
        changed = ledger_entries.update().where(ledger_entries.c.seq == 3)
        connection.execute(changed.values(leaf=b"{}"))
    with pytest.raises(LedgerError) as caught:
        verified(exported(journal))
    assert caught.value.seq == 3
