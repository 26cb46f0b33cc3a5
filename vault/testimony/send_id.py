"""The `send_id` of a form page: makes a resend harmless, and is the form's CSRF token.

    id (16 B, random) ‖ issued at (8 B, big endian seconds) ‖ MAC (16 B), as base64url

The MAC is made under the agent's memory-only key. The same key and id give the secret from which
receipts, seeds and salts of the testimony derive: a double click, reload or resend within the
stated time has the same words; after that time, or after a restart, nobody can derive them again.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vault import canonical, clock
from vault.agents.api import SessionAgent
from vault.crypto import suite
from vault.errors import FormatError

_ID, _TIME, _MAC = 16, 8, 16
_FUTURE = 300


@dataclass(frozen=True)
class SendId:
    """A send_id that was read and judged.

    Args:
        id: 16 bytes.
        fresh: made by this agent and within its time.
    """

    id: bytes = field(repr=False)
    fresh: bool


def issue(agent: SessionAgent) -> str:
    """Return a new send_id for a page."""
    body = suite.random(_ID) + clock.now().to_bytes(_TIME, "big")
    return canonical.b64(body + _mac(agent, body))


def read(agent: SessionAgent, text: str, valid: int) -> SendId:
    """Read a send_id; one that is malformed, foreign or too old is simply not fresh.

    A page that was open too long must still be able to send: the answer is new words and a
    sentence, never a lost testimony.
    """
    try:
        data = canonical.unb64(text, _ID + _TIME + _MAC)
    except FormatError:
        return SendId(suite.random(_ID), fresh=False)
    body, mac = data[:-_MAC], data[-_MAC:]
    age = clock.now() - int.from_bytes(body[_ID:], "big")
    genuine = suite.equal(_mac(agent, body), mac)
    return SendId(body[:_ID], fresh=genuine and -_FUTURE <= age <= valid)


def secret(agent: SessionAgent, send_id: SendId, use: str) -> bytes:
    """Return the 32-byte secret of one fresh send_id for one use."""
    return agent.derive(f"send/{use}", send_id.id)


def _mac(agent: SessionAgent, body: bytes) -> bytes:
    return agent.derive("send/mac", body)[:_MAC]
