"""Founding: once, whole, and what stands on the sheet is all that opens it."""

from __future__ import annotations

import itertools

import pytest

from tests.support.house import LOW_COST, House
from vault import settings as settings_module
from vault.agents.kdf import LocalKdf
from vault.crypto import shares
from vault.crypto.seal import OpeningKey
from vault.custody import founding, keys
from vault.errors import (
    MissingSharesError,
    RefusedError,
    SealError,
    StorageError,
    WitnessVaultError,
    WrongPassphraseError,
)
from vault.journal.vault import Vault
from vault.letterbox import files


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """A vault just founded, with its administrator; nothing is changed in it."""
    house = House.found(tmp_path_factory.mktemp("founded"))
    yield house
    house.close()


@pytest.fixture
def settings(tmp_path):
    return settings_module.load(tmp_path, LOW_COST)


def test_a_second_founding_is_refused_and_changes_nothing(settings):
    founding.found(settings)
    before = {p: p.read_bytes() for p in settings.paths.keys.iterdir()}
    with pytest.raises(RefusedError):
        founding.found(settings)
    assert {p: p.read_bytes() for p in settings.paths.keys.iterdir()} == before


@pytest.mark.parametrize(
    "step",
    [
        "vault.custody.founding.migrations.upgrade",
        "vault.custody.founding.keys.write_root_key",
        "vault.custody.founding.rosters.keep",
        "vault.custody.founding.rosters.show_to_intake",
        "vault.custody.founding.invite",
        "vault.custody.recovery.making.shares.split",
        "vault.custody.founding.keys.write_vault_keys",
    ],
)
def test_a_founding_that_stops_half_way_is_no_vault(settings, monkeypatch, step):
    def stop(*_args, **_named):
        raise StorageError("disk")

    monkeypatch.setattr(step, stop)
    with pytest.raises(StorageError):
        founding.found(settings)
    assert not keys.is_initialised(settings)
    assert not (settings.paths.keys / keys.VAULT_KEY).exists()


def test_after_half_a_founding_another_does_not_write_over_its_keys(settings, monkeypatch):
    monkeypatch.setattr(keys, "write_vault_keys", lambda *_: (_ for _ in ()).throw(StorageError()))
    with pytest.raises(StorageError):
        founding.found(settings)
    monkeypatch.undo()
    before = {p: p.read_bytes() for p in settings.paths.keys.iterdir()}
    with pytest.raises(WitnessVaultError):
        founding.found(settings)
    assert {p: p.read_bytes() for p in settings.paths.keys.iterdir()} == before


def test_any_two_of_the_three_shares_give_the_recovery_key(house):
    given = house.sheet.recovery_shares
    assert (len(given), house.sheet.recovery_threshold) == (3, 2)
    for chosen in [*itertools.permutations(given, 2), given]:
        seed = shares.combine(list(chosen)).secret
        assert OpeningKey(seed).public == house.vault.roster().recovery
    with pytest.raises(MissingSharesError):
        shares.combine([given[0]])


def test_the_operators_passphrase_opens_and_no_other(house):
    opened = keys.open_vault_keys(house.settings, house.sheet.vault_passphrase, LocalKdf())
    assert OpeningKey(opened.collector).public == house.vault.roster().collector
    for wrong in ("", house.sheet.root_passphrase, house.sheet.vault_passphrase[:-1]):
        with pytest.raises(WrongPassphraseError):
            keys.open_vault_keys(house.settings, wrong, LocalKdf())


def test_the_root_passphrase_opens_the_root_key_and_no_other(house):
    root = keys.open_root_key(house.settings, house.sheet.root_passphrase, LocalKdf())
    assert root.public == house.vault.root_public()
    with pytest.raises(WrongPassphraseError):
        keys.open_root_key(house.settings, house.sheet.vault_passphrase, LocalKdf())


def test_a_passphrase_typed_in_another_case_or_spacing_is_taken_as_it_is_derived(house):
    with pytest.raises(WrongPassphraseError):
        keys.open_vault_keys(house.settings, house.sheet.vault_passphrase.upper(), LocalKdf())


def test_neither_sheet_nor_secrets_show_themselves(house):
    opened = keys.open_vault_keys(house.settings, house.sheet.vault_passphrase, LocalKdf())
    shown = repr(house.sheet) + str(house.sheet) + repr(opened) + repr(house.vault.agent)
    for secret in (house.sheet.vault_passphrase, house.sheet.invitation, opened.vault.hex()):
        assert secret not in shown
    assert not [share for share in house.sheet.recovery_shares if share in shown]
    assert repr(opened.vault) not in shown


def test_key_files_are_their_owners_alone(house):
    for path in house.settings.paths.keys.iterdir():
        assert path.stat().st_mode & 0o777 == files.PRIVATE
    assert house.settings.paths.keys.stat().st_mode & 0o777 == files.PRIVATE_DIRECTORY


# --- key files that are not as they were ---------------------------------------------------------


@pytest.mark.parametrize("name", [keys.VAULT_KEY, keys.CUSTODY_KEY, keys.ROOT_KEY])
@pytest.mark.parametrize("damage", ["missing", "empty", "cut", "bit", "large"])
def test_a_key_file_missing_or_damaged_is_refused(settings, name, damage):
    sheet = founding.found(settings)
    path = settings.paths.keys / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    changed = {
        "empty": b"",
        "cut": path.read_bytes()[:-1],
        "bit": bytes(data),
        "large": b"x" * 20_000,
    }
    path.unlink() if damage == "missing" else path.write_bytes(changed[damage])
    if name == keys.ROOT_KEY:
        opens, passphrase = keys.open_root_key, sheet.root_passphrase
    else:
        opens, passphrase = keys.open_vault_keys, sheet.vault_passphrase
    with pytest.raises(WitnessVaultError) as caught:
        opens(settings, passphrase, LocalKdf())
    assert sheet.vault_passphrase not in repr(caught.value)


def test_key_files_of_another_vault_are_refused(tmp_path):
    folders = [tmp_path / "one", tmp_path / "other"]
    ours, theirs = (settings_module.load(folder, LOW_COST) for folder in folders)
    sheet = founding.found(ours)
    founding.found(theirs)
    foreign = (theirs.paths.keys / keys.CUSTODY_KEY).read_bytes()
    (ours.paths.keys / keys.CUSTODY_KEY).write_bytes(foreign)
    with pytest.raises(SealError):
        keys.open_vault_keys(ours, sheet.vault_passphrase, LocalKdf())


def test_key_files_of_a_vault_of_another_name_are_refused(tmp_path, settings):
    sheet = founding.found(settings)
    renamed = settings_module.load(tmp_path, LOW_COST | {"ledger": {"origin": "other.invalid"}})
    with pytest.raises(SealError):
        keys.open_vault_keys(renamed, sheet.vault_passphrase, LocalKdf())


@pytest.mark.parametrize("data", [b"", b"zz", b"ab" * 31, "ж".encode()])
def test_a_pinned_root_key_that_cannot_be_read_stops_everything_sealed(settings, data):
    house = House.found(settings.paths.root)
    (settings.paths.keys / "root.public").write_bytes(data)
    with pytest.raises(WitnessVaultError):
        Vault(house.settings, house.vault.agent, house.vault.kdf).roster()
    house.close()
