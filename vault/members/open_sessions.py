"""The sessions that a member has open: looking at them, ending one.

What is noted of a session is when it began, when it was last seen and in which interface; no
address and no name of a browser. It is kept by the agent, in memory, as long as the key that seals
the sessions, and the agent bounds how many there are.
"""

from __future__ import annotations

from dataclasses import dataclass

from vault import canonical, clock
from vault.crypto import suite
from vault.errors import NotFoundError
from vault.journal.vault import Vault
from vault.members.actor import Actor

_FIELDS = frozenset({"began", "generation", "interface", "seen"})
_HANDLE = b"witness-vault/session-handle/v1/"
_HANDLE_SIZE = 16


@dataclass(frozen=True)
class OpenSession:
    """One session.

    Attributes:
        handle: names it on a page; the id itself stays inside its cookie.
        interface: `staff` or `audit`.
        began, seen: seconds since the epoch.
        here: whether it is the one that asks.
    """

    handle: str
    interface: str
    began: int
    seen: int
    here: bool


def note(vault: Vault, actor: Actor, session_id: bytes, interface: str, began: int) -> None:
    """Note that a session of `actor` is open and was seen now.

    Raises:
        SessionEndedError: it was ended.
    """
    about = {
        "began": began,
        "generation": actor.generation,
        "interface": interface,
        "seen": clock.now(),
    }
    vault.agent.note_session(actor.id, session_id, canonical.dumps(about))


def of(vault: Vault, actor: Actor, here: bytes) -> list[OpenSession]:
    """Return the member's sessions that can still be used, the one that asks first.

    Args:
        vault: the vault.
        actor: whose.
        here: id of the session that asks.
    """
    found = [_shown(session_id, about, here) for session_id, about in _usable(vault, actor)]
    return sorted(found, key=lambda one: (not one.here, -one.seen))


def end(vault: Vault, actor: Actor, handle: str) -> None:
    """End one of the member's sessions.

    Raises:
        NotFoundError: no session of theirs has this handle, or it is over already.
    """
    chosen = next((key for key, _ in _usable(vault, actor) if _handle(key) == handle), None)
    if chosen is None:
        raise NotFoundError
    with vault.journal.transaction() as transaction:
        transaction.log("sessions.ended", actor.id, {"member": actor.id}, {"count": 1})
    vault.agent.end(chosen, vault.settings.staff.session_absolute)


def _usable(vault: Vault, actor: Actor) -> list[tuple[bytes, dict[str, int | str]]]:
    noted = [
        (key, canonical.loads_object(about, _FIELDS))
        for key, about in vault.agent.sessions_of(actor.id)
    ]
    now, staff = clock.now(), vault.settings.staff
    return [
        (key, about)
        for key, about in noted
        if about["generation"] == actor.generation
        and now - about["seen"] <= staff.session_idle
        and now - about["began"] <= staff.session_absolute
    ]


def _shown(session_id: bytes, about: dict[str, int | str], here: bytes) -> OpenSession:
    return OpenSession(
        _handle(session_id),
        str(about["interface"]),
        int(about["began"]),
        int(about["seen"]),
        suite.equal(session_id, here),
    )


def _handle(session_id: bytes) -> str:
    return suite.sha256(_HANDLE + session_id)[:_HANDLE_SIZE].hex()
