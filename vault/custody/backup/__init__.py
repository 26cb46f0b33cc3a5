"""Backups: sealed copies of a vault, made while it runs. Specification: docs/spec/backup.md."""

from vault.custody.backup.making import Made, create
from vault.custody.backup.restoring import (
    Restored,
    Verified,
    by_passphrase,
    check_free,
    restore,
    stated,
    verify,
)

__all__ = [
    "Made",
    "Restored",
    "Verified",
    "by_passphrase",
    "check_free",
    "create",
    "restore",
    "stated",
    "verify",
]
