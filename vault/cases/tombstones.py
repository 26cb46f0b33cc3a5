"""Keyed marks of what was taken or is gone; without the key they tell nobody of what."""

from __future__ import annotations

from sqlalchemy import Connection, select

from vault.crypto import suite
from vault.journal.vault import Vault
from vault.storage.tables.cases import tombstones

LABEL = "tombstones"


def stands(vault: Vault, connection: Connection, name: str) -> bool:
    """Say whether there is one for a packet's or testimony's id, or a box (see `of_box`)."""
    query = select(tombstones).where(tombstones.c.key == _key(vault, name))
    return connection.execute(query).first() is not None


def put(vault: Vault, connection: Connection, name: str) -> None:
    """Put one, unless it stands."""
    if not stands(vault, connection, name):
        connection.execute(tombstones.insert().values(key=_key(vault, name)))


def of_box(locator: str) -> str:
    """Return the name under which a box is marked that is never written again."""
    return f"box/{locator}"


def _key(vault: Vault, name: str) -> bytes:
    return suite.mac(vault.agent.subkey(LABEL), name.encode())
