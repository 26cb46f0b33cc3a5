"""Founding a vault: every key of it, the first roster, the first invitation, and one sheet.

The sheet is the only place where the passphrases, the recovery shares and the invitation ever
stand in clear; it is shown once and kept nowhere.
"""

from __future__ import annotations

import secrets as system_random
from dataclasses import dataclass, field

from vault.agents.kdf import LocalKdf
from vault.agents.vault_keys import VaultKeys
from vault.crypto import suite
from vault.crypto.passphrase import generate_passphrase
from vault.crypto.seal import OpeningKey
from vault.crypto.sign import SigningKey
from vault.custody import keys, rosters
from vault.custody.recovery import making
from vault.errors import RefusedError
from vault.journal.vault import Vault
from vault.ledger.entry import ROOT
from vault.letterbox import files
from vault.members.people import invite
from vault.roster.chain import sign_roster
from vault.roster.roles import ADMINISTRATOR
from vault.settings import Settings
from vault.storage import migrations
from vault.storage.tables.base import ERASURE, VAULT


@dataclass(frozen=True)
class Sheet:
    """What is shown once when a vault is founded."""

    vault_passphrase: str = field(repr=False)
    spare_passphrase: str = field(repr=False)
    root_passphrase: str = field(repr=False)
    recovery_shares: tuple[str, ...] = field(repr=False)
    recovery_threshold: int
    root_fingerprint: str
    invitation: str = field(repr=False)


def new_origin() -> str:
    """Return a name for a new log: random, so that two vaults never share one."""
    return f"witness-vault.invalid/{system_random.token_hex(8)}"


def found(settings: Settings, first_name: str = "Administrator") -> Sheet:
    """Make a vault in an empty folder.

    Args:
        settings: of the new vault; its folder holds `settings.toml` with the log's name.
        first_name: of the first person, who is invited as administrator.

    Raises:
        RefusedError: there is a vault already.
        StorageError: a file cannot be written.
    """
    if keys.is_initialised(settings):
        raise RefusedError("there is a vault in this folder already")
    if (settings.paths.vault / "vault.db").exists():
        # The vault's keys are written last: without them nobody can ever open what lies here.
        raise RefusedError("a founding stopped half-way here: remove the folder and begin anew")
    paths = settings.paths
    files.make_directories(paths.root, paths.keys, paths.vault, paths.letterbox, paths.run)
    secrets = keys.VaultSecrets.generate()
    agent = VaultKeys(settings.ledger.origin)
    secrets.open(agent)
    vault = Vault(settings, agent, LocalKdf(), create=True)
    try:
        return _found(vault, secrets, first_name)
    finally:
        vault.close()
        agent.lock()


def _found(vault: Vault, secrets: keys.VaultSecrets, first_name: str) -> Sheet:
    settings, parameters = vault.settings, vault.passphrase_parameters
    migrations.upgrade(vault.database, VAULT)
    migrations.upgrade(vault.erasure, ERASURE)
    root, chosen = SigningKey(suite.random(32)), settings.recovery
    recovery, split = making.make(chosen.threshold, chosen.shares)
    root_passphrase = generate_passphrase()
    vault_passphrase, spare = generate_passphrase(), generate_passphrase()
    keys.write_root_key(settings, root, root_passphrase, vault.kdf, parameters)
    collector = OpeningKey(secrets.collector).public
    with vault.journal.transaction() as transaction:
        transaction.log("vault.init", ROOT)
        roster = rosters.first_roster(vault, root, recovery.public, collector)
        rosters.keep(transaction, sign_roster(roster, root), None)
    rosters.show_to_intake(vault)
    invitation = invite(vault, None, first_name, [ADMINISTRATOR])
    keys.write_recovery_key(settings, recovery)
    # Last, because these files are what says that the vault is complete.
    keys.write_vault_keys(settings, secrets, vault_passphrase, spare, vault.kdf, parameters)
    return Sheet(
        vault_passphrase,
        spare,
        root_passphrase,
        split,
        chosen.threshold,
        suite.fingerprint(root.public),
        invitation,
    )
