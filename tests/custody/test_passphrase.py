"""The vault passphrase and the spare one: either opens, each can be made anew by either."""

from __future__ import annotations

import pytest

from vault.agents.kdf import LocalKdf
from vault.custody import keys, passphrase
from vault.errors import RefusedError, SealError, StorageError, WrongPassphraseError


def opens(house, word):
    return keys.open_vault_keys(house.settings, word, LocalKdf())


def renewed(house, present, name=keys.VAULT_KEY):
    shown = []
    passphrase.renew(house.vault, present, name, shown.append)
    return shown[0]


def test_either_opens_the_same_secrets(house):
    sheet = house.sheet
    assert sheet.vault_passphrase != sheet.spare_passphrase
    assert opens(house, sheet.vault_passphrase) == opens(house, sheet.spare_passphrase)


def test_a_wrong_one_is_refused_without_saying_which_file(house):
    with pytest.raises(WrongPassphraseError) as caught:
        opens(house, house.sheet.root_passphrase)
    assert str(caught.value) == WrongPassphraseError.text


@pytest.mark.parametrize("lost", [keys.VAULT_KEY, keys.SPARE_KEY])
def test_with_one_file_lost_or_damaged_the_other_opens(house, lost):
    sheet = house.sheet
    word = sheet.spare_passphrase if lost == keys.VAULT_KEY else sheet.vault_passphrase
    path = house.settings.paths.keys / lost
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    assert opens(house, word)
    path.unlink()
    assert opens(house, word)
    assert keys.is_initialised(house.settings)


def test_with_vault_key_lost_its_passphrase_says_so(house):
    (house.settings.paths.keys / keys.VAULT_KEY).unlink()
    with pytest.raises(StorageError, match=r"vault\.key is missing"):
        opens(house, house.sheet.vault_passphrase)


def test_neither_file_passes_for_the_other(house):
    folder = house.settings.paths.keys
    (folder / keys.VAULT_KEY).write_bytes((folder / keys.SPARE_KEY).read_bytes())
    (folder / keys.SPARE_KEY).unlink()
    with pytest.raises(SealError):
        opens(house, house.sheet.spare_passphrase)


def test_by_the_spare_one_a_lost_passphrase_is_made_anew(house):
    sheet, before = house.sheet, opens(house, house.sheet.vault_passphrase)
    fresh = renewed(house, sheet.spare_passphrase)
    assert opens(house, fresh) == opens(house, sheet.spare_passphrase) == before
    with pytest.raises(WrongPassphraseError):
        opens(house, sheet.vault_passphrase)


def test_the_spare_one_is_made_anew_by_the_other(house):
    sheet = house.sheet
    fresh = renewed(house, sheet.vault_passphrase, keys.SPARE_KEY)
    assert opens(house, fresh) == opens(house, sheet.vault_passphrase)
    with pytest.raises(WrongPassphraseError):
        opens(house, sheet.spare_passphrase)


def test_a_stranger_changes_nothing_and_is_shown_nothing(house):
    shown, before = [], (house.settings.paths.keys / keys.VAULT_KEY).read_bytes()
    with pytest.raises(WrongPassphraseError):
        passphrase.renew(house.vault, "a stranger's", keys.VAULT_KEY, shown.append)
    assert shown == []
    assert (house.settings.paths.keys / keys.VAULT_KEY).read_bytes() == before


@pytest.mark.parametrize("step", ["show", "log", "write"])
def test_wherever_it_stops_a_working_pair_is_left(house, monkeypatch, step):
    def stop(*_):
        raise StorageError("disk")

    def no(_):
        raise RefusedError("not written down")

    if step == "log":
        monkeypatch.setattr(type(house.vault.journal), "transaction", stop)
    if step == "write":
        monkeypatch.setattr("vault.letterbox.files.os.fsync", lambda _: stop())
    with pytest.raises((StorageError, RefusedError, OSError)):
        passphrase.renew(
            house.vault,
            house.sheet.vault_passphrase,
            keys.VAULT_KEY,
            no if step == "show" else lambda _: None,
        )
    assert opens(house, house.sheet.vault_passphrase) == opens(house, house.sheet.spare_passphrase)


def test_it_is_an_entry_that_holds_no_word_of_it(house):
    fresh = renewed(house, house.sheet.vault_passphrase)
    entry = house.vault.journal.read()[-1]
    assert (entry.kind, dict(entry.detail)) == ("vault.passphrase", {"file": "vault.key"})
    assert not any(word in entry.encode().decode() for word in fresh.split() if len(word) > 6)
