"""The intake side's only store: packets in, boxes out, the published roster."""

from vault.letterbox.store import Letterbox

__all__ = ["Letterbox"]
