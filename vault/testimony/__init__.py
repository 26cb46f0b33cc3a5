"""What a witness does: tell, return, instruct."""

from vault.testimony.boxes import Box, Known, Opening, Reply, Sent
from vault.testimony.come_back import Return
from vault.testimony.nobodys import FOLLOWUP
from vault.testimony.tell import Outcome, Tell, Told

__all__ = [
    "FOLLOWUP",
    "Box",
    "Known",
    "Opening",
    "Outcome",
    "Reply",
    "Return",
    "Sent",
    "Tell",
    "Told",
]
