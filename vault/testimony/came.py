"""Files that came and wait for their sender's word, and the field of a page that holds them.

The keys go back to the page in a field that only the agent opens; nothing is kept here but sealed
bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from vault import canonical, clock
from vault.agents.api import SessionAgent
from vault.crypto import suite
from vault.errors import FormatError, SessionEndedError
from vault.packet.files import SealedFile

PURPOSE = "files"
_HELD = frozenset("id key size sha256 sealed name type cleans looked facts".split())


@dataclass(frozen=True)
class Came:
    """A file that is sealed in the letterbox and waits for its sender's word.

    Args:
        id: of the sealed file.
        key: that opens it.
        size: in bytes, as it was sent.
        sha256: as it was sent.
        sealed: as a packet names it.
        name: as its sender calls it.
        type: by its content.
        cleans: a cleaned copy can be made.
        looked: it was looked into, so `facts` says what it betrays.
        facts: category, name and value, the first `attaching.MAX_FACTS`.
    """

    id: str
    key: bytes = field(repr=False)
    size: int
    sha256: bytes = field(repr=False)
    sealed: SealedFile
    name: str = field(repr=False)
    type: str
    cleans: bool = False
    looked: bool = False
    facts: tuple[tuple[str, str, str], ...] = field(default=(), repr=False)

    def to_json(self) -> dict[str, Any]:
        """Return it for the sealed field of the page."""
        return {
            "id": self.id,
            "key": canonical.b64(self.key),
            "size": self.size,
            "sha256": canonical.b64(self.sha256),
            "sealed": self.sealed.to_json(),
            "name": self.name,
            "type": self.type,
            "cleans": self.cleans,
            "looked": self.looked,
            "facts": [list(fact) for fact in self.facts],
        }

    @classmethod
    def from_json(cls, value: Any) -> Came:
        """Return what `to_json` made; raises FormatError."""
        if not isinstance(value, dict) or value.keys() != _HELD:
            raise FormatError("file that came")
        key, digest = canonical.unb64(value["key"], 32), canonical.unb64(value["sha256"], 32)
        facts = tuple((str(one), str(name), str(said)) for one, name, said in value["facts"])
        held = {**value, "key": key, "sha256": digest, "facts": facts}
        return cls(**{**held, "sealed": SealedFile.from_json(value["sealed"])})


def seal(agent: SessionAgent, came: Sequence[Came]) -> str:
    """Return the field that holds what came until the page is sent."""
    held = {"at": clock.now(), "files": [one.to_json() for one in came]}
    return canonical.b64(agent.seal(PURPOSE, suite.random(16), canonical.dumps(held)))


def opened(agent: SessionAgent, text: str, valid: int) -> list[Came]:
    """Return what a page's field holds.

    Raises:
        SessionEndedError: it does not open, or is older than `valid` seconds.
    """
    try:
        _, plain = agent.open(PURPOSE, canonical.unb64(text))
        held = canonical.loads_object(plain, frozenset({"at", "files"}))
        came = [Came.from_json(one) for one in held["files"]]
    except FormatError:
        raise SessionEndedError from None
    if clock.now() - held["at"] > valid:
        raise SessionEndedError
    return came
