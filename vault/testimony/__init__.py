"""What a witness does: tell, return, instruct."""

from vault.testimony.boxes import Box, Opening, Reply, Sent
from vault.testimony.come_back import Return
from vault.testimony.tell import Outcome, Tell, Told

__all__ = ["Box", "Opening", "Outcome", "Reply", "Return", "Sent", "Tell", "Told"]
