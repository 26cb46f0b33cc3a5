"""The only way to testimony: each opening is in the ledger before anything is decrypted."""

from vault.cases.reveal.boxes import queue_boxes
from vault.cases.reveal.opening import open_case
from vault.cases.reveal.reading import Account, read_account

__all__ = ["Account", "open_case", "queue_boxes", "read_account"]
