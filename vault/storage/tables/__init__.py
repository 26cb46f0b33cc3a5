"""One file per table family."""

from vault.storage.tables import base, cases, erasure, ledger, people, recovery
from vault.storage.tables.base import ERASURE, VAULT

__all__ = ["ERASURE", "VAULT", "base", "cases", "erasure", "ledger", "people", "recovery"]
