"""Enters which settings are others than when the vault was last unlocked.

The log itself remembers: a setting is as its last entry says, or as its default. Numbers and
switches stand in the entry. Texts may name people and machines, and the log goes to auditors
outside: of them it holds a fingerprint under a salt of its own, which shows that they changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sqlalchemy import select

from vault import canonical
from vault.crypto import suite
from vault.errors import FormatError
from vault.ledger.entry import SYSTEM, Entry, Value
from vault.settings import Described, described
from vault.storage.tables.ledger import ledger_entries

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from vault.journal.transaction import Transaction
    from vault.settings import Settings

KIND = "setting"
_NAME, _NOW, _FINGERPRINT = "setting", "now", "fingerprint"
_SALT_SIZE = 16


def enter(transaction: Transaction, settings: Settings) -> None:
    """Log every setting that is not as the log says; nothing if all are.

    Raises:
        StorageError: the log cannot be read.
    """
    told = _told(transaction.connection)
    for setting in described(settings):
        name = f"{setting.section}.{setting.name}"
        if not _is_told(setting, told.get(name)):
            transaction.log(KIND, SYSTEM, {}, {_NAME: name, **_stated(setting)})


def _told(connection: Connection) -> dict[str, Mapping[str, Value]]:
    """Return the detail of the last entry of each setting."""
    columns = ledger_entries.c
    leaves = connection.execute(
        select(columns.leaf).where(columns.kind == KIND).order_by(columns.seq)
    ).scalars()
    found: dict[str, Mapping[str, Value]] = {}
    for leaf in leaves:
        try:
            detail = Entry.parse(leaf).detail
        except FormatError:
            continue  # the verifier finds it; a setting is told once more than needed
        found[str(detail.get(_NAME))] = detail
    return found


def _is_told(setting: Described, detail: Mapping[str, Value] | None) -> bool:
    if detail is None:
        return setting.value == setting.default
    if _FINGERPRINT not in detail:
        return detail.get(_NOW) == _stated(setting).get(_NOW)
    salt, _, digest = str(detail[_FINGERPRINT]).partition(".")
    try:
        return digest == _digest(canonical.unb64(salt, _SALT_SIZE), setting)
    except FormatError:
        return False


def _stated(setting: Described) -> dict[str, Value]:
    if isinstance(setting.value, bool):
        return {_NOW: "yes" if setting.value else "no"}
    if isinstance(setting.value, int):
        return {_NOW: setting.value}
    salt = suite.random(_SALT_SIZE)
    return {_FINGERPRINT: f"{canonical.b64(salt)}.{_digest(salt, setting)}"}


def _digest(salt: bytes, setting: Described) -> str:
    value = list(setting.value) if isinstance(setting.value, tuple) else setting.value
    return canonical.b64(suite.sha256(salt + canonical.dumps(value)))
