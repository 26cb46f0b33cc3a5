"""What can be asked of the agents. In-process objects and socket clients both answer to this.

`operations` states the same as data, for the wire.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from vault.crypto.passphrase import Argon2Parameters


class SessionAgent(Protocol):
    """Seals sessions under a key that exists in memory only and ends with its process.

    Every method raises AgentError when the agent does not answer, BusyError when it answers too
    many already, FormatError when an argument is out of its bounds.
    """

    def seal(self, purpose: str, session_id: bytes, plaintext: bytes) -> bytes:
        """Seal `plaintext` for a session (id of 16 bytes) and one purpose; 44 bytes longer.

        Raises:
            SessionEndedError: the session was ended.
        """

    def open(self, purpose: str, sealed: bytes) -> tuple[bytes, bytes]:
        """Return the session id and plaintext of what `seal` made for the same purpose.

        Raises:
            SessionEndedError: it does not open, or the session was ended.
        """

    def end(self, session_id: bytes, keep_seconds: int) -> None:
        """End a session; remember it for as long as something sealed for it could still count."""

    def derive(self, label: str, data: bytes) -> bytes:
        """Return 32 bytes from `data` and the memory-only key; another label, other bytes."""

    def forget(self) -> None:
        """End every session, and derive nothing again as before: as after a restart."""

    def memory_state(self) -> str:
        """Return what can become of the memory that holds the keys; see `memory.state`."""


class VaultAgent(SessionAgent, Protocol):
    """Holds the vault's keys between `unlock` and `lock`; otherwise raises LockedError."""

    def unlock(
        self, vault_key: bytes, lasting_key: bytes, ledger_seed: bytes, collector_seeds: bytes
    ) -> None:
        """Take the keys, 32 bytes each; of the collector one or more, the newest first.

        Repeating the same is harmless.

        Raises:
            AgentError: it holds other keys already; lock first.
        """

    def lock(self) -> None:
        """Empty all keys at once and end every session."""

    def locked(self) -> bool:
        """Return whether the vault's keys are absent."""

    def subkey(self, label: str) -> bytes:
        """Return HKDF-SHA256(key, info="witness-vault/vault/v1/" + label), 32 bytes.

        The key is the vault key where `label` seals whole files, and else the lasting key, which
        stays when the vault key is changed.
        """

    def signed(self) -> int:
        """Return how many entries the last checkpoint has that was signed; 0: none since start."""

    def sign_note(self, text: bytes, proof: bytes = b"") -> bytes:
        """Return the Ed25519 signature (64 bytes) over the text of a checkpoint of this log.

        Args:
            text: of the checkpoint.
            proof: that it follows from the last one signed: the hashes of the consistency proof,
                32 bytes each, one after the other.

        Raises:
            LedgerError: no checkpoint of this log, one smaller than the last signed, the same size
                under another root, or a larger one that does not follow from it.
        """

    def ledger_public(self) -> bytes:
        """Return the public key (32 bytes) that belongs to `sign_note`."""

    def collector_seeds(self) -> bytes:
        """Return the seeds (32 bytes each) of the collector keys, the newest first."""

    def note_session(self, member: str, session_id: bytes, about: bytes) -> None:
        """Remember, in memory, that a session of a member is open; ends the oldest if too many are.

        Args:
            member: whose.
            session_id: 16 bytes.
            about: up to 256 bytes that mean something to the caller alone.

        Raises:
            SessionEndedError: it was ended.
        """

    def sessions_of(self, member: str) -> list[tuple[bytes, bytes]]:
        """Return ids and `about` of what was noted of a member and has not been ended."""

    def take(self, lane: str, every: int, burst: int) -> bool:
        """Take one attempt out of a lane; false if none is left now. See `lanes`."""

    def give_back(self, lane: str, every: int) -> None:
        """Put an attempt back that was no guess."""


class Kdf(Protocol):
    """Derives keys from people's passphrases."""

    def derive(self, passphrase: str, salt: bytes, parameters: Argon2Parameters) -> bytes:
        """Return the 32-byte Argon2id key.

        Raises:
            FormatError: salt, passphrase or parameters out of bounds.
            BusyError: too many wait already.
            AgentError: the process does not answer.
        """
