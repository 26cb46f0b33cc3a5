"""The vault's keys, held in memory between unlock and lock.

The ledger key signs checkpoints of this log and nothing else, and each only if a proof leads to it
from the one before: whoever takes over the process that asks can stop the log, but cannot
make this key vouch for two histories. What was signed last is forgotten only with the process.

Python cannot promise that no copy of a key is left in memory; what can be overwritten, is.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault.agents.lanes import Lanes
from vault.agents.register import Register
from vault.agents.sessions import MAX_KEEP_SECONDS, SessionKeys, check_label
from vault.errors import AgentError, FormatError, LedgerError, LockedError, SessionEndedError
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.merkle import HASH_SIZE, verify_consistency

KEY_SIZE = 32
# What seals whole files hangs from the vault key, and is sealed anew when that is changed. What
# stands inside the databases hangs from the lasting key: some of it cannot be made again, since
# what it was made of is gone (tombstones) or known to nobody here (recovery codes).
OF_FILES = frozenset({"database", "erasure-database", "backup/v1"})

_CONTEXT = b"witness-vault/vault/v1/"


@dataclass
class _Held:
    vault_key: bytearray = field(repr=False)
    lasting_key: bytearray = field(repr=False)
    ledger_seed: bytearray = field(repr=False)
    collector_seeds: bytearray = field(repr=False)

    def _all(self) -> tuple[bytearray, ...]:
        return self.vault_key, self.lasting_key, self.ledger_seed, self.collector_seeds

    def wipe(self) -> None:
        for key in self._all():
            key[:] = bytes(len(key))

    def equals(self, *keys: bytes) -> bool:
        return hmac.compare_digest(b"".join(self._all()), b"".join(keys))


class VaultKeys(SessionKeys):
    """Implements `api.VaultAgent` in this process. Starts locked.

    Args:
        origin: the name of the log whose checkpoints may be signed.
    """

    def __init__(self, origin: str) -> None:
        self._register, self._lanes = Register(), Lanes()
        super().__init__()
        self._origin = origin
        self._held: _Held | None = None
        self._signed: Checkpoint | None = None

    def unlock(
        self, vault_key: bytes, lasting_key: bytes, ledger_seed: bytes, collector_seeds: bytes
    ) -> None:
        """Take the keys."""
        keys = (vault_key, lasting_key, ledger_seed, collector_seeds)
        if any(len(key) != KEY_SIZE for key in keys[:-1]):
            raise FormatError(f"a key has {KEY_SIZE} bytes")
        if not collector_seeds or len(collector_seeds) % KEY_SIZE:
            raise FormatError(f"seeds of {KEY_SIZE} bytes expected")
        with self._mutex:
            if self._held is not None and not self._held.equals(*keys):
                raise AgentError("other keys are held already")
            if self._held is None:
                self._held = _Held(*map(bytearray, keys))

    def lock(self) -> None:
        """Empty the keys and end every session."""
        with self._mutex:
            if self._held is not None:
                self._held.wipe()
            self._held = None
            self._end_all()

    def locked(self) -> bool:
        """Return whether the keys are absent."""
        with self._mutex:
            return self._held is None

    def subkey(self, label: str) -> bytes:
        """Return the sub-key of `label`."""
        info = _CONTEXT + check_label(label)
        with self._mutex:
            held = self._keys()
            key = bytes(held.vault_key if label in OF_FILES else held.lasting_key)
        return HKDF(hashes.SHA256(), KEY_SIZE, salt=None, info=info).derive(key)

    def signed(self) -> int:
        """Return the size of the last checkpoint that was signed."""
        with self._mutex:
            return self._signed.size if self._signed else 0

    def sign_note(self, text: bytes, proof: bytes = b"") -> bytes:
        """Sign a checkpoint that follows from the last one."""
        checkpoint = self._parse(text)
        with self._mutex:
            key = self._ledger_key()
            self._check_follows(checkpoint, proof)
            self._signed = checkpoint
        return key.sign(text)

    def ledger_public(self) -> bytes:
        """Return the public key of the log."""
        with self._mutex:
            key = self._ledger_key()
        return key.public_key().public_bytes_raw()

    def collector_seeds(self) -> bytes:
        """Return the collector's seeds, the newest first."""
        with self._mutex:
            return bytes(self._keys().collector_seeds)

    def end(self, session_id: bytes, keep_seconds: int) -> None:
        """End a session and list it no more."""
        super().end(session_id, keep_seconds)
        self._register.forget(session_id)

    def note_session(self, member: str, session_id: bytes, about: bytes) -> None:
        """Remember that a session of a member is open."""
        with self._mutex:
            if self._has_ended(session_id):
                raise SessionEndedError
            for over in self._register.note(member, session_id, about):
                self.end(over, MAX_KEEP_SECONDS)

    def sessions_of(self, member: str) -> list[tuple[bytes, bytes]]:
        """Return the open sessions of a member."""
        return self._register.of(member)

    def take(self, lane: str, every: int, burst: int) -> bool:
        """Take one attempt out of a lane."""
        return self._lanes.take(lane, every, burst)

    def give_back(self, lane: str, every: int) -> None:
        """Put an attempt back."""
        self._lanes.give_back(lane, every)

    def _end_all(self) -> None:
        super()._end_all()
        self._register.clear()

    def _keys(self) -> _Held:
        if self._held is None:
            raise LockedError
        return self._held

    def _ledger_key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(bytes(self._keys().ledger_seed))

    def _parse(self, text: bytes) -> Checkpoint:
        try:
            checkpoint = Checkpoint.parse(text.decode("utf-8", "strict"))
        except (FormatError, UnicodeDecodeError) as error:
            raise LedgerError("not a checkpoint") from error
        if checkpoint.origin != self._origin or checkpoint.text().encode() != text:
            raise LedgerError("not a checkpoint of this log")
        return checkpoint

    def _check_follows(self, checkpoint: Checkpoint, proof: bytes) -> None:
        last = self._signed
        if last is None:
            return
        if checkpoint.size < last.size:
            raise LedgerError(f"{last.size} entries were signed already")
        if checkpoint.size == last.size and checkpoint.root != last.root:
            raise LedgerError(f"another root was signed for {last.size} entries")
        if checkpoint.size > last.size:
            parts = [proof[at : at + HASH_SIZE] for at in range(0, len(proof), HASH_SIZE)]
            verify_consistency(last.size, checkpoint.size, parts, last.root, checkpoint.root)
