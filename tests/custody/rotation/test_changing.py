"""Changing the vault's own keys: nothing is lost, old keys open nothing new, kill -9 anywhere."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from dataclasses import replace

import pytest
from sqlalchemy import select

from tests.support.exported import exported
from tests.support.factor import fresh_code
from tests.support.house import STORY, passphrase_of
from vault import clock
from vault.agents.kdf import LocalKdf
from vault.agents.vault_keys import VaultKeys
from vault.cases.lists import inbox
from vault.cases.reveal import open_case
from vault.crypto import seal
from vault.crypto.seal import OpeningKey
from vault.crypto.sign import SigningKey
from vault.custody import backup, keys, rotation
from vault.custody.rotation import Settled, switching
from vault.errors import (
    BusyError,
    LedgerError,
    RefusedError,
    SealError,
    SignatureError,
    WrongDatabaseKeyError,
    WrongPassphraseError,
)
from vault.journal import Filter
from vault.journal.vault import Vault
from vault.ledger.checkpoint import Checkpoint, open_checkpoint
from vault.ledger.note import NoteVerifier
from vault.ledger.verify import verify_export
from vault.members import signin
from vault.storage.tables.cases import testimonies, tombstones
from vault.storage.tables.erasure import erasure_keys

KDF = LocalKdf()


class Changes:
    """A vault that is not served, and the three ways to change a key of it."""

    def __init__(self, house):
        self.house, self.settings = house, house.settings
        self.passphrases = [(house.sheet.vault_passphrase, house.sheet.spare_passphrase)]

    def shown(self, passphrase, spare):
        # On the disk before anything else happens, as on paper: the process may be killed next.
        with (self.settings.paths.root / "sheets").open("a") as sheets:
            sheets.write(f"{passphrase}|{spare}\n")
            sheets.flush()
            os.fsync(sheets.fileno())

    def sheets(self):
        path = self.settings.paths.root / "sheets"
        written = path.read_text().splitlines() if path.exists() else []
        return [*self.passphrases, *(tuple(line.split("|")) for line in written)]

    def root(self, settings):
        return keys.open_root_key(settings, self.house.sheet.root_passphrase, KDF)

    def counting(self):
        """Return the passphrase of those ever shown that opens the vault now."""
        rotation.settle(self.settings)
        for passphrase, spare in reversed(self.sheets()):
            try:
                secrets = keys.open_vault_keys(self.settings, passphrase, KDF)
            except WrongPassphraseError:
                continue
            assert keys.open_vault_keys(self.settings, spare, KDF) == secrets
            return passphrase
        raise AssertionError("no passphrase opens the vault")

    def change(self, which):
        present = self.counting()
        if which == "vault":
            return rotation.change_vault_key(self.settings, present, KDF, self.shown)
        if which == "ledger":
            return rotation.change_ledger_key(self.settings, present, self.root, KDF)
        return rotation.change_collector_key(self.settings, present, self.root, KDF)

    def opened(self):
        secrets = keys.open_vault_keys(self.settings, self.counting(), KDF)
        agent = VaultKeys(self.settings.ledger.origin)
        secrets.open(agent)
        return Vault(self.settings, agent, KDF)


@pytest.fixture
def changes(house):
    """A vault with one account that waits for the officer, stopped."""
    house.send()
    house.close()
    house.vault.agent.lock()
    return Changes(house)


def secrets_of(changes):
    return keys.open_vault_keys(changes.settings, changes.counting(), KDF)


def works(changes):
    """Everything that a vault does with its keys, done once; nothing was lost."""
    vault = changes.opened()
    try:
        assert vault.journal.verify().unverified == 0
        officer = changes.house.actors["officer"]
        (line,) = inbox.new_cases(vault, officer)
        assert open_case(vault, officer, line.id).records[0].answers == STORY
        code = fresh_code(vault, "officer")
        signin.sign_in(vault, "officer", passphrase_of("officer"), code)
    finally:
        vault.close()
    stands(changes)


def stands(changes):
    """Both databases and the whole log are there, under keys that belong together."""
    vault = changes.opened()
    try:
        assert vault.journal.verify().unverified == 0
        with vault.erasure.read() as connection:
            assert connection.execute(select(erasure_keys)).first()
        assert vault.roster().ledger == vault.journal.verifier().vkey()
        seed = vault.agent.collector_seeds()[:32]
        assert vault.roster().collector == OpeningKey(seed).public
    finally:
        vault.close()


WHICH = pytest.mark.parametrize("which", ["vault", "ledger", "collector"])


@WHICH
def test_after_a_change_everything_goes_on(changes, which):
    before = secrets_of(changes)
    assert changes.change(which).earlier is Settled.NOTHING
    after = secrets_of(changes)
    assert getattr(after, which) != getattr(before, which)
    others = {"vault", "lasting", "ledger", "collector"} - {which}
    assert all(getattr(after, name) == getattr(before, name) for name in others)
    works(changes)
    vault = changes.opened()
    (entry,) = vault.journal.read(Filter(kind="key.changed"))
    assert entry.detail["key"] == which
    vault.close()
    assert not switching.folder_of(changes.settings).exists()


@WHICH
def test_a_second_change_and_a_third_go_on_as_well(changes, which):
    for _ in range(3):
        changes.change(which)
    works(changes)


@WHICH
def test_what_witnesses_send_meanwhile_waits_and_is_taken(changes, which):
    tell = changes.house.tell
    tell.send("victim", "ru", STORY, tell.new_send_id())
    changes.change(which)
    tell.send("victim", "ru", STORY, changes.house.tell.new_send_id())
    changes.house.vault = changes.opened()
    done = changes.house.collect()
    assert (done.accepted, done.refused) == (2, 0)
    changes.house.close()


# --- the vault key -------------------------------------------------------------------------------


def test_the_old_vault_key_opens_nothing_of_the_new_files(changes):
    old = secrets_of(changes)
    changes.change("vault")
    agent = VaultKeys(changes.settings.ledger.origin)
    old.open(agent)
    stolen = Vault(changes.settings, agent, KDF)
    for database in (stolen.database, stolen.erasure):
        with pytest.raises(WrongDatabaseKeyError), database.read():
            pass
    wrapped = (changes.settings.paths.keys / keys.CUSTODY_KEY).read_bytes()
    with pytest.raises(SealError):
        keys.suite.aead_open(keys._wrap_key(old.vault), wrapped, keys.FORMAT.encode())
    for passphrase in changes.passphrases[0]:
        with pytest.raises(WrongPassphraseError):
            keys.open_vault_keys(changes.settings, passphrase, KDF)


def test_no_page_of_the_old_databases_is_left_in_place(changes):
    before = {p.name: p.read_bytes() for p in changes.settings.paths.vault.glob("*.db")}
    changes.change("vault")
    for name, data in before.items():
        now = (changes.settings.paths.vault / name).read_bytes()
        pages = {now[at : at + 4096] for at in range(0, len(now), 4096)}
        assert not pages & {data[at : at + 4096] for at in range(4096, len(data), 4096)}


def test_a_packet_erased_or_taken_before_is_still_known(changes):
    vault = changes.opened()
    with vault.database.read() as connection:
        before = connection.execute(select(tombstones.c.key)).scalars().all()
    tombstone_key = vault.agent.subkey("tombstones")
    vault.close()
    changes.change("vault")
    vault = changes.opened()
    assert vault.agent.subkey("tombstones") == tombstone_key
    with vault.database.read() as connection:
        assert connection.execute(select(tombstones.c.key)).scalars().all() == before != []
    vault.close()


def test_a_backup_made_before_opens_with_the_passphrases_of_its_day(changes, tmp_path):
    folder = tmp_path / "stick"
    folder.mkdir()
    settings = changes.settings
    (settings.paths.root / "settings.toml").write_text('[ledger]\norigin = "test.invalid"\n')
    vault = changes.opened()
    made = [item.path for item in backup.create(vault, folder)]
    vault.close()
    changes.change("vault")
    for passphrase in changes.sheets()[-1]:
        with pytest.raises(WrongPassphraseError):
            backup.restore(made, tmp_path / "new", passphrase, KDF)
    assert backup.restore(made, tmp_path / "new", changes.passphrases[0][1], KDF).closed == 0


@WHICH
def test_a_wrong_passphrase_changes_nothing(changes, which):
    before = secrets_of(changes)
    changes.counting = lambda: "no passphrase of this vault"
    with pytest.raises(WrongPassphraseError):
        changes.change(which)
    del changes.counting
    assert secrets_of(changes) == before
    assert not switching.folder_of(changes.settings).exists()


def test_passphrases_that_nobody_saw_change_nothing(changes):
    def refuse(*_):
        raise RefusedError("nobody wrote it down")

    changes.shown = refuse
    before = secrets_of(changes)
    with pytest.raises(RefusedError):
        changes.change("vault")
    assert secrets_of(changes) == before
    works(changes)


@WHICH
def test_two_changes_at_once_are_refused(changes, which):
    with switching.alone(changes.settings), pytest.raises(BusyError):
        changes.change(which)


@pytest.mark.parametrize("which", ["ledger", "collector"])
def test_another_vaults_root_key_is_refused(changes, which):
    changes.root = lambda _: SigningKey(b"r" * 32)
    before = secrets_of(changes)
    with pytest.raises(RefusedError):
        changes.change(which)
    assert secrets_of(changes) == before
    works(changes)


# --- the access log ------------------------------------------------------------------------------


def taken_away(changes):
    vault = changes.opened()
    held, first = exported(vault.journal), vault.journal.first_verifier().vkey()
    vault.close()
    return held, first


def test_an_auditor_with_the_first_key_follows_the_log_through_every_change(changes):
    _, first = taken_away(changes)
    for _ in range(2):
        changes.change("ledger")
    held, still_first = taken_away(changes)
    assert still_first == first
    report = verify_export(held.entries, held.leaf_hashes, held.checkpoints, first)
    assert report.unverified == 0
    assert report.vkey != first


def test_the_checkpoint_at_the_change_is_signed_by_both_and_later_ones_by_the_new(changes):
    origin = changes.settings.ledger.origin
    old = NoteVerifier(origin, SigningKey(secrets_of(changes).ledger).public)
    changes.change("ledger")
    new = NoteVerifier(origin, SigningKey(secrets_of(changes).ledger).public)
    held, _ = taken_away(changes)
    signed = {}
    for note in held.checkpoints:
        for name, verifier in (("old", old), ("new", new)):
            try:
                signed.setdefault(open_checkpoint(note, verifier).size, set()).add(name)
            except SignatureError:
                continue
    both = [size for size, names in signed.items() if names == {"old", "new"}]
    assert len(both) == 1
    assert all(names == {"old"} for size, names in signed.items() if size < both[0])
    assert all(names == {"new"} for size, names in signed.items() if size > both[0])


def test_a_checkpoint_that_the_old_key_signs_after_the_change_is_refused(changes):
    """Whoever stole the key that was replaced."""
    stolen = SigningKey(secrets_of(changes).ledger)
    _, first = taken_away(changes)
    changes.change("ledger")
    held, _ = taken_away(changes)
    checkpoint = Checkpoint.parse(held.checkpoints[-1].decode().partition("\n\n")[0] + "\n")
    origin = changes.settings.ledger.origin
    forged = checkpoint.sign(NoteVerifier(origin, stolen.public), stolen.sign_raw)
    with pytest.raises(SignatureError):
        verify_export(held.entries, held.leaf_hashes, [*held.checkpoints[:-1], forged], first)


def test_whoever_writes_to_the_database_cannot_name_the_next_key(changes):
    """They have no key that counts: the entry needs a signature of the key before."""
    mine = SigningKey(b"m" * 32)
    vault = changes.opened()
    first = vault.journal.first_verifier().vkey()
    for signature in ("", keys.canonical.b64(mine.sign("witness-vault/ledger-key/v1", b"x"))):
        with vault.journal.transaction() as transaction:
            detail = {"key": "ledger", "public": mine.public.hex(), "signature": signature}
            transaction.log("key.changed", "system", {}, detail)
    held = exported(vault.journal)
    with pytest.raises(LedgerError, match="did not sign"):
        verify_export(held.entries, held.leaf_hashes, held.checkpoints, first)
    with pytest.raises(LedgerError):
        vault.journal.verify()
    vault.close()


# --- the collector -------------------------------------------------------------------------------


def test_what_is_stored_is_sealed_to_the_new_collector_key(changes):
    changes.change("collector")
    newest = seal.key_id(OpeningKey(secrets_of(changes).collector).public)
    vault = changes.opened()
    with vault.database.read() as connection:
        parts = connection.execute(select(testimonies.c.collector_part)).scalars().all()
    vault.close()
    assert {seal.sealed_for(part) for part in parts} == {newest}


def test_the_old_seed_is_kept_while_another_intake_host_is_behind(changes, monkeypatch, tmp_path):
    changes.change("collector")
    later = clock.now() + 31 * clock.DAY
    monkeypatch.setattr(clock, "now", lambda: later)
    named = replace(changes.settings.letterbox, others=(str(tmp_path / "away"),))
    settings = replace(changes.settings, letterbox=named)
    with pytest.raises(RefusedError, match="host is behind"):
        rotation.drop_old_collector_keys(settings, changes.counting(), KDF)


def test_the_old_seed_is_kept_while_something_may_still_come_for_it(changes, monkeypatch):
    tell = changes.house.tell
    tell.send("victim", "ru", STORY, tell.new_send_id())
    changes.change("collector")
    drop = lambda: rotation.drop_old_collector_keys(  # noqa: E731 - said once
        changes.settings, changes.counting(), KDF
    )
    with pytest.raises(RefusedError, match="30 days after"):
        drop()
    later = clock.now() + 31 * clock.DAY
    monkeypatch.setattr(clock, "now", lambda: later)
    with pytest.raises(RefusedError, match="waits in the letterbox"):
        drop()
    changes.house.vault = changes.opened()
    assert changes.house.collect().accepted == 1
    changes.house.close()
    assert drop() == 1
    assert len(secrets_of(changes).collectors) == 1
    works_later = changes.opened()
    works_later.journal.verify()
    works_later.close()


# --- kill -9 -------------------------------------------------------------------------------------

STEPS = frozenset({"os.rename", "os.mkdir", "os.rmdir", "os.link"})


def is_step(event, arguments):
    """Say whether a file or a name is about to be made, to move or to go.

    What changes nothing of that is no step: killed there, the disk is as at the step that follows.
    """
    if event == "open":
        path, _, flags = arguments
        return not isinstance(path, int) and bool(flags & (os.O_RDWR | os.O_WRONLY))
    if event == "os.remove":
        path, folder = arguments
        return folder != -1 or os.path.lexists(path)
    return event in STEPS


def killed_at(step, act):
    """Run `act` in a process that is killed at its n-th step on the disk; says if it was."""
    child = os.fork()
    if child == 0:
        left = [step]

        def hook(event, arguments):
            if is_step(event, arguments):
                left[0] -= 1
                if left[0] == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        try:
            act()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@WHICH
def test_killed_at_any_step_it_is_undone_or_finished_and_goes_on(changes, which, tmp_path):
    root = changes.settings.paths.root
    kept = tmp_path / "kept"
    shutil.copytree(root, kept)
    before = getattr(secrets_of(changes), which)
    outcomes, step = set(), 0
    while True:
        step += 1
        shutil.rmtree(root)
        shutil.copytree(kept, root)
        if not killed_at(step, lambda: changes.change(which)):
            break
        now = getattr(secrets_of(changes), which)
        outcomes.add(now == before)
        stands(changes)
        assert not switching.folder_of(changes.settings).exists()
        if step % 10 == 0:
            works(changes)
            changes.change(which)
            assert getattr(secrets_of(changes), which) not in {now, before}
            works(changes)
    assert step > 20
    assert outcomes == {True, False}


def test_with_nothing_to_settle_nothing_happens(changes):
    assert rotation.settle(changes.settings) is Settled.NOTHING


def test_a_half_made_change_is_thrown_away_and_never_read(changes):
    folder = switching.folder_of(changes.settings)
    (folder / "keys").mkdir(parents=True)
    (folder / "keys" / "custody.key").write_bytes(b"planted")
    assert rotation.settle(changes.settings) is Settled.UNDONE
    works(changes)
