"""A new vault passphrase or a new spare one, given either of the present two; a new root one.

Only one file is written, in one step: whenever this stops, the one that was to be replaced opens
it, or its successor. The keys themselves stay as they are: `rotation` changes those.
"""

from __future__ import annotations

from collections.abc import Callable

from vault.crypto.passphrase import generate_passphrase
from vault.custody import keys
from vault.journal.vault import Vault
from vault.ledger.entry import ROOT, SYSTEM


def renew(vault: Vault, present: str, name: str, show: Callable[[str], None]) -> None:
    """Seal the vault key by a passphrase made now.

    Args:
        vault: the vault, unlocked: that this happened is an entry.
        present: the operator's passphrase or the spare one.
        name: which file, VAULT_KEY or SPARE_KEY.
        show: gives the new passphrase to a person. It counts only when this has returned, so one
            that nobody saw never replaces one that somebody knows.

    Raises:
        WrongPassphraseError: neither of the present two.
        StorageError: the file could not be written; the present one counts.
    """
    secrets = keys.open_vault_keys(vault.settings, present, vault.kdf)
    fresh = generate_passphrase()
    show(fresh)
    # Before the file: an entry too many is better than a change that nobody knows of.
    with vault.journal.transaction() as transaction:
        transaction.log("vault.passphrase", SYSTEM, {}, {"file": name})
    parameters = vault.passphrase_parameters
    keys.write_vault_key(vault.settings, name, secrets.vault, fresh, vault.kdf, parameters)


def renew_root(vault: Vault, present: str, show: Callable[[str], None]) -> None:
    """Seal the root key by a passphrase made now; the key file has to be here.

    Args:
        vault: the vault, unlocked: that this happened is an entry.
        present: the root passphrase.
        show: as for `renew`.

    Raises:
        WrongPassphraseError: not the root passphrase.
        StorageError: the key file is not here, or could not be written; the present one counts.
    """
    root = keys.open_root_key(vault.settings, present, vault.kdf)
    fresh = generate_passphrase()
    show(fresh)
    with vault.journal.transaction() as transaction:
        transaction.log("vault.passphrase", ROOT, {}, {"file": keys.ROOT_KEY})
    keys.write_root_key(vault.settings, root, fresh, vault.kdf, vault.passphrase_parameters)
