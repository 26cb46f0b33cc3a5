"""Erasure keys: 32 bytes for each testimony and case, in a small separate store.

Every stored grant is wrapped with its subject's key once more. Deleting the key is deletion,
also in every backup of the main database.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import select

from vault.crypto import suite
from vault.errors import NotFoundError
from vault.journal.vault import Vault
from vault.storage.tables.erasure import erasure_keys

_AT_ONCE = 500  # keeps a statement below SQLite's bound on values


def make(vault: Vault, subjects: Sequence[str]) -> dict[str, bytes]:
    """Return a key for each subject, made and kept before anything is wrapped with it.

    Only what takes a testimony in calls this: made again for one that was erased, a key would let
    new grants of it stand. A subject that has a key keeps it.
    """
    with vault.erasure.write() as connection:
        query = select(erasure_keys).where(erasure_keys.c.subject.in_(subjects))
        known = {row.subject: row.key for row in connection.execute(query)}
        fresh = {name: suite.random(32) for name in subjects if name not in known}
        if fresh:
            rows = [{"subject": name, "key": key} for name, key in fresh.items()]
            connection.execute(erasure_keys.insert(), rows)
    return known | fresh


def forget(vault: Vault, subjects: Sequence[str]) -> None:
    """Delete the keys of subjects: nothing that was wrapped with them opens any more."""
    with vault.erasure.write() as connection:
        connection.execute(erasure_keys.delete().where(erasure_keys.c.subject.in_(subjects)))


def find(vault: Vault, subject: str) -> bytes | None:
    """Return a subject's key, None if it was erased."""
    with vault.erasure.read() as connection:
        query = select(erasure_keys.c.key).where(erasure_keys.c.subject == subject)
        key = connection.execute(query).scalar_one_or_none()
    return None if key is None else bytes(key)


def needed(vault: Vault, subjects: Iterable[str]) -> dict[str, bytes]:
    """Return the keys of subjects that something is about to be wrapped for.

    Raises:
        NotFoundError: one of them was erased.
    """
    wanted = set(subjects)
    found = find_many(vault, wanted)
    if found.keys() != wanted:
        raise NotFoundError("erased")
    return found


def find_many(vault: Vault, subjects: Iterable[str]) -> dict[str, bytes]:
    """Return the keys of many subjects, without those that were erased."""
    wanted, found = sorted(set(subjects)), dict[str, bytes]()
    with vault.erasure.read() as connection:
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            query = select(erasure_keys).where(erasure_keys.c.subject.in_(part))
            found.update((row.subject, bytes(row.key)) for row in connection.execute(query))
    return found
