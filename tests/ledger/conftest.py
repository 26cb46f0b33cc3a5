"""A small log with its key, as the vault would write it."""

from dataclasses import dataclass, field

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vault.ledger import merkle
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.entry import Entry
from vault.ledger.note import NoteVerifier

MEMBER = "0a" * 16


@dataclass
class Log:
    """Signs whatever it is told to, also what no honest log would sign."""

    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    origin: str = "vault.example/log"

    @property
    def verifier(self):
        return NoteVerifier(self.origin, self.key.public_key().public_bytes_raw())

    @property
    def vkey(self):
        return self.verifier.vkey()

    def entry(self, seq):
        return Entry(seq, "2026-11-22T10:00:00Z", "reveal", MEMBER, {"case": "0b" * 16}).encode()

    def entries(self, size):
        return [self.entry(seq) for seq in range(size)]

    def checkpoint(self, entries, size=None):
        covered = entries[:size]
        found = Checkpoint(self.origin, len(covered), merkle.root(hashes(covered)))
        return found.sign(self.verifier, self.key.sign)


def hashes(entries):
    return [merkle.leaf_hash(entry) for entry in entries]


@pytest.fixture
def log():
    return Log()


@pytest.fixture(name="hashes")
def hashes_fixture():
    return hashes
