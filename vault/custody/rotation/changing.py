"""Changing the vault key, the key of the access log and the collector's key.

Each change is made in a copy of the vault that nobody else sees, with its entry, and put in place
in one step (`switching`). The vault must not be served meanwhile.
"""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, select

from vault import clock
from vault.agents.api import Kdf
from vault.agents.vault_keys import VaultKeys
from vault.crypto import seal, suite
from vault.crypto.passphrase import generate_passphrase
from vault.crypto.seal import OpeningKey
from vault.crypto.sign import SigningKey
from vault.custody import keys, rosters
from vault.custody.keys import SPARE_KEY, VAULT_KEY, VaultSecrets
from vault.custody.rotation import switching
from vault.errors import FormatError, RefusedError, SealError, StorageError, WitnessVaultError
from vault.journal import Filter
from vault.journal.drafts import read_head
from vault.journal.vault import DATABASE_LABEL, ERASURE_LABEL, Vault
from vault.ledger import succession
from vault.ledger.entry import ROOT, SYSTEM
from vault.ledger.note import Note, NoteSignature, NoteVerifier
from vault.letterbox import files
from vault.packet import collector
from vault.packet import format as packets
from vault.settings import Paths, Settings
from vault.storage.engine import rekey
from vault.storage.tables.cases import deletions, testimonies
from vault.storage.tables.ledger import checkpoints

KEEP_DAYS = 30
KIND = succession.KIND

_KEPT = ("root.public", "roster.seen", VAULT_KEY, SPARE_KEY, keys.CUSTODY_KEY)
_DATABASES = {"vault.db": DATABASE_LABEL, "erasure.db": ERASURE_LABEL}

Show = Callable[[str, str], None]
"""Given the new vault passphrase and the new spare one; what counts when it has returned."""


@dataclass(frozen=True)
class Changed:
    """What was changed.

    Attributes:
        earlier: what was found of a change that was interrupted before.
    """

    earlier: switching.Settled


def change_vault_key(settings: Settings, present: str, kdf: Kdf, show: Show) -> Changed:
    """Put another vault key in place of the present one, under two new passphrases.

    Both databases are encrypted anew, and so is `custody.key`. What stands sealed inside the
    databases hangs from the lasting key in there and stays as it is. Backups made before open with
    the passphrases of their day, as always.

    Args:
        settings: of a vault that is not being served.
        present: the vault passphrase or the spare one.
        kdf: derives.
        show: gives the new passphrases to people; they count only when this has returned.

    Raises:
        WrongPassphraseError: neither of the two.
        BusyError, StorageError: nothing was changed, or it goes on when this is run again.
    """
    with _begun(settings, present, kdf) as (half, secrets, earlier):
        fresh = dataclasses.replace(secrets, vault=suite.random(32))
        for name, label in _DATABASES.items():
            old, new = (_subkey(of, label, half) for of in (secrets, fresh))
            rekey(half.paths.vault / name, old, new)
        with _opened(half, fresh, kdf) as vault, vault.journal.transaction() as transaction:
            transaction.log(KIND, SYSTEM, {}, {"key": "vault"})
        passphrase, spare = generate_passphrase(), generate_passphrase()
        show(passphrase, spare)
        parameters = vault.passphrase_parameters
        keys.write_vault_keys(half, fresh, passphrase, spare, kdf, parameters)
        _finish(settings)
    return Changed(earlier)


def change_ledger_key(
    settings: Settings, present: str, root: Callable[[Settings], SigningKey], kdf: Kdf
) -> Changed:
    """Let the access log go on under a new key.

    The present key signs the entry that names the new one; both sign the checkpoint that covers it;
    the root key signs the list of members that names it.

    Args:
        settings: of a vault that is not being served.
        present: the vault passphrase or the spare one.
        root: gives the root key.
        kdf: derives.

    Raises:
        WrongPassphraseError, RefusedError: not its passphrase, not its root key.
        BusyError, StorageError: nothing was changed, or it goes on when this is run again.
    """
    with _begun(settings, present, kdf) as (half, secrets, earlier):
        root_key = root(settings)
        fresh = dataclasses.replace(secrets, ledger=suite.random(32))
        before, after = (SigningKey(each.ledger) for each in (secrets, fresh))
        with _opened(half, secrets, kdf) as vault:
            _hand_over(vault, before, after)
        with _opened(half, fresh, kdf) as vault:
            rosters.renew(vault, root_key, ledger=vault.journal.verifier().vkey())
        keys.write_custody_key(half, fresh)
        _finish(settings)
    with _opened(settings, fresh, kdf) as vault:
        rosters.show_to_intake(vault)
    return Changed(earlier)


def change_collector_key(
    settings: Settings, present: str, root: Callable[[Settings], SigningKey], kdf: Kdf
) -> Changed:
    """Put another collector key in place; the one before still opens what is on its way.

    What is stored sealed to the key before is sealed to the new one. The seed before stays beside
    the new one until `drop_old_collector_keys`.

    Raises:
        WrongPassphraseError, RefusedError: not its passphrase, not its root key; or as many earlier
            keys as can be held.
        BusyError, StorageError: nothing was changed, or it goes on when this is run again.
    """
    with _begun(settings, present, kdf) as (half, secrets, earlier):
        root_key = root(settings)
        if len(secrets.collectors) == keys.MAX_COLLECTORS:
            raise RefusedError("too many earlier keys are held: drop them first")
        fresh = dataclasses.replace(secrets, collectors=(suite.random(32), *secrets.collectors))
        public = OpeningKey(fresh.collector).public
        with _opened(half, fresh, kdf) as vault:
            with vault.journal.transaction() as transaction:
                _seal_parts_anew(transaction.connection, fresh)
                transaction.log(KIND, SYSTEM, {}, {"key": "collector"})
            rosters.renew(vault, root_key, collector=public)
        keys.write_custody_key(half, fresh)
        _finish(settings)
    with _opened(settings, fresh, kdf) as vault:
        rosters.show_to_intake(vault)
    return Changed(earlier)


def drop_old_collector_keys(settings: Settings, present: str, kdf: Kdf) -> int:
    """Forget the collector's earlier keys; returns how many there were.

    Raises:
        RefusedError: something in the letterbox is sealed to one of them, another intake host is
            behind, or the last change was less than KEEP_DAYS ago: pages that were open then, and
            packets carried by hand, still come.
        WrongPassphraseError, BusyError, StorageError: nothing was changed.
    """
    with switching.alone(settings):
        switching.settle_alone(settings)
        secrets = keys.open_vault_keys(settings, present, kdf)
        with _opened(settings, secrets, kdf) as vault:
            _check_unused(vault, secrets)
        fresh = dataclasses.replace(secrets, collectors=secrets.collectors[:1])
        keys.write_custody_key(settings, fresh)
    return len(secrets.collectors) - 1


# --- a vault beside the vault --------------------------------------------------------------------


@contextmanager
def _begun(
    settings: Settings, present: str, kdf: Kdf
) -> Iterator[tuple[Settings, VaultSecrets, switching.Settled]]:
    """Give the settings of a copy of the vault, its secrets, and what became of an earlier try."""
    with switching.alone(settings):
        earlier = switching.settle_alone(settings)
        secrets = keys.open_vault_keys(settings, present, kdf)
        folder = switching.folder_of(settings)
        half = dataclasses.replace(settings, paths=Paths(folder))
        try:
            _copy(settings, half, secrets, kdf)
            yield half, secrets, earlier
        finally:
            if not (folder / switching.READY).exists():
                shutil.rmtree(folder, ignore_errors=True)


def _copy(settings: Settings, half: Settings, secrets: VaultSecrets, kdf: Kdf) -> None:
    files.make_directories(half.paths.root, *(half.paths.root / part for part in switching.PARTS))
    for name in _KEPT:
        data = files.read(settings.paths.keys / name, keys.MAX_FILE)
        if data is not None:
            files.write(half.paths.keys / name, data, half.paths.keys)
    with _opened(settings, secrets, kdf) as vault:
        for database in (vault.database, vault.erasure):
            database.flush()
            database.copy_to(half.paths.vault / database.path.name)


@contextmanager
def _opened(settings: Settings, secrets: VaultSecrets, kdf: Kdf) -> Iterator[Vault]:
    """Give a vault that only this process has open, unlocked; nothing of it stays open."""
    agent = VaultKeys(settings.ledger.origin)
    secrets.open(agent)
    vault = Vault(settings, agent, kdf)
    try:
        yield vault
        vault.database.flush()
        vault.erasure.flush()
    finally:
        vault.close()
        agent.lock()


def _finish(settings: Settings) -> None:
    switching.make_ready(settings)
    switching.settle_alone(settings)


def _subkey(secrets: VaultSecrets, label: str, settings: Settings) -> bytes:
    agent = VaultKeys(settings.ledger.origin)
    secrets.open(agent)
    try:
        return agent.subkey(label)
    finally:
        agent.lock()


# --- the log -------------------------------------------------------------------------------------


def _hand_over(vault: Vault, before: SigningKey, after: SigningKey) -> None:
    origin = vault.settings.ledger.origin
    with vault.journal.transaction() as transaction:
        transaction.log(KIND, ROOT, {}, succession.detail(origin, before, after.public))
    with vault.database.write() as connection:
        query = select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)
        row = connection.execute(query).one()
        if row.size != read_head(connection).size:
            raise StorageError("the last checkpoint could not be signed")
        note = Note.parse(row.note)
        key_id = NoteVerifier(origin, after.public).key_id
        mark = NoteSignature(origin, key_id, after.sign_raw(note.text.encode()))
        signed = note.with_signature(mark).encode()
        connection.execute(
            checkpoints.update().where(checkpoints.c.size == row.size).values(note=signed)
        )


# --- the collector -------------------------------------------------------------------------------


def _seal_parts_anew(connection: Connection, secrets: VaultSecrets) -> None:
    """Seal what is stored to the new key; what does not open is left as it is."""
    held = [OpeningKey(seed) for seed in secrets.collectors]
    for row in connection.execute(select(testimonies.c.id, testimonies.c.collector_part)).all():
        if sealed := _part_anew(held, row.id, row.id, row.collector_part):
            own = testimonies.update().where(testimonies.c.id == row.id)
            connection.execute(own.values(collector_part=sealed))
    for row in connection.execute(select(deletions)).all():
        if sealed := _part_anew(held, row.testimony, row.packet, row.sealed):
            own = deletions.update().where(deletions.c.packet == row.packet)
            connection.execute(own.values(sealed=sealed))


def _part_anew(held: list[OpeningKey], testimony: str, packet: str, sealed: bytes) -> bytes | None:
    try:
        part = collector.open_part(held, testimony, packet, sealed)
    except (FormatError, SealError):
        return None
    return collector.seal_part(held[0].public, testimony, packet, part)


def _check_unused(vault: Vault, secrets: VaultSecrets) -> None:
    changes = vault.journal.read(Filter(kind=KIND), newest_first=True)
    mine = [entry for entry in changes if entry.detail.get("key") == "collector"]
    # Of very many changes only the newest are read; then it was before the oldest of those.
    last = (mine[:1] or changes[-1:])[0].time[:10] if changes else clock.day()
    since = clock.seconds_of(clock.day()) - clock.seconds_of(last)
    if since < KEEP_DAYS * clock.DAY:
        raise RefusedError(f"wait until {KEEP_DAYS} days after the last change")
    if vault.letterbox.hosts.behind()[0]:
        raise RefusedError("another intake host is behind: packets may wait there")
    newest = seal.key_id(OpeningKey(secrets.collector).public)
    for name in vault.letterbox.waiting():
        if _sealed_for(vault.letterbox.packet(name)) not in {newest, None}:
            raise RefusedError("a packet that waits in the letterbox is sealed to an earlier key")


def _sealed_for(data: bytes | None) -> bytes | None:
    try:
        return seal.sealed_for(packets.parse(data or b"").collector)
    except WitnessVaultError:
        return None
