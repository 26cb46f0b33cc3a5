"""What the intake side remembers of the vault, apart from the letterbox.

    root   the root key, base64url; handed over once, when intake is set up
    seen   the highest roster version seen, with its hash

The letterbox is carried between two houses, and whoever writes to it must not be able to say which
root key counts. So these lie in a folder of intake's own, which nothing carries anywhere.
"""

from __future__ import annotations

from pathlib import Path

from vault import canonical
from vault.errors import FormatError, NotOpenYetError, RosterError
from vault.letterbox import files
from vault.roster.chain import Pin
from vault.roster.model import Roster

ROOT, SEEN = "root", "seen"
MAX_FILE = 1000


class Pins:
    """One folder of pins.

    Args:
        folder: intake's own; made if missing.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        files.make_directories(folder)

    def pin_root(self, root_public: bytes) -> None:
        """Pin the root key; a pinned one is never replaced.

        Raises:
            RosterError: another key is pinned already.
        """
        pinned = files.read(self._folder / ROOT, MAX_FILE)
        if pinned is None:
            self._write(ROOT, canonical.b64(root_public).encode())
        elif pinned != canonical.b64(root_public).encode():
            raise RosterError("another root key is pinned")

    def read(self) -> Pin:
        """Return the root key and the highest version seen.

        Raises:
            NotOpenYetError: no root key was handed over yet.
            RosterError: what was pinned cannot be read.
        """
        root = files.read(self._folder / ROOT, MAX_FILE)
        if root is None:
            raise NotOpenYetError
        try:
            return self._parsed(canonical.unb64(root.decode("ascii"), 32))
        except (FormatError, UnicodeError) as error:
            raise RosterError("what was pinned cannot be read") from error

    def remember(self, roster: Roster) -> None:
        """Remember a verified roster as the highest version seen."""
        seen = {"version": roster.version, "hash": canonical.b64(roster.hash)}
        self._write(SEEN, canonical.dumps(seen))

    def _parsed(self, root: bytes) -> Pin:
        seen = files.read(self._folder / SEEN, MAX_FILE)
        if seen is None:
            return Pin(root)
        value = canonical.loads_object(seen, frozenset({"version", "hash"}))
        if type(value["version"]) is not int:
            raise FormatError("version")
        return Pin(root, value["version"], canonical.unb64(value["hash"], 32))

    def _write(self, name: str, data: bytes) -> None:
        files.write(self._folder / name, data, self._folder)
