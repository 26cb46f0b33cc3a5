"""Changing the vault's own keys. Everything is made beside the vault, then put in its place.

See docs/decisions/0019-recovery-and-rotation.md.
"""

from vault.custody.rotation.changing import (
    Changed,
    change_collector_key,
    change_ledger_key,
    change_vault_key,
    drop_old_collector_keys,
)
from vault.custody.rotation.switching import Settled, settle

__all__ = [
    "Changed",
    "Settled",
    "change_collector_key",
    "change_ledger_key",
    "change_vault_key",
    "drop_old_collector_keys",
    "settle",
]
