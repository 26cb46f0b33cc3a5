"""The vault's key files: made once, opened at every start, never in clear on a disk.

    keys/vault.key    the vault key, sealed by the operator's passphrase
    keys/custody.key  ledger and collector seeds, sealed under a sub-key of the vault key
    keys/root.key     the root key's seed, sealed by the root passphrase; belongs offline
    keys/root.public  the root public key, hex

See docs/spec/key-file.md and keys/README.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from vault import canonical
from vault.agents.api import Kdf
from vault.crypto import suite
from vault.crypto.keyfile import open_keyfile, seal_keyfile
from vault.crypto.passphrase import SALT_SIZE, Argon2Parameters
from vault.crypto.sign import SigningKey
from vault.errors import FormatError, StorageError
from vault.letterbox import files
from vault.settings import Settings

FORMAT = "witness-vault/custody/v1"
VAULT_KEY, CUSTODY_KEY, ROOT_KEY = "vault.key", "custody.key", "root.key"
MAX_FILE = 10_000

_FIELDS = frozenset({"format", "ledger", "collector"})


@dataclass(frozen=True)
class VaultSecrets:
    """What the vault's agent is unlocked with, 32 bytes each."""

    vault: bytes = field(repr=False)
    ledger: bytes = field(repr=False)
    collector: bytes = field(repr=False)

    @classmethod
    def generate(cls) -> VaultSecrets:
        """Return the secrets of a new vault."""
        return cls(suite.random(32), suite.random(32), suite.random(32))


def seal_with_passphrase(
    secrets: dict[str, bytes],
    purpose: str,
    owner: str,
    passphrase: str,
    kdf: Kdf,
    parameters: Argon2Parameters,
) -> bytes:
    """Return a key file of `secrets` sealed by a passphrase."""
    salt = suite.random(SALT_SIZE)
    return seal_keyfile(
        secrets,
        purpose=purpose,
        owner=owner,
        passphrase_key=kdf.derive(passphrase, salt, parameters),
        salt=salt,
        parameters=parameters,
    )


def write_vault_keys(
    settings: Settings,
    secrets: VaultSecrets,
    passphrase: str,
    kdf: Kdf,
    parameters: Argon2Parameters,
) -> None:
    """Write `vault.key` and `custody.key`."""
    owner = _owner(settings)
    sealed = seal_with_passphrase(
        {"vault": secrets.vault}, "vault", owner, passphrase, kdf, parameters
    )
    inner = {
        "format": FORMAT,
        "ledger": canonical.b64(secrets.ledger),
        "collector": canonical.b64(secrets.collector),
    }
    wrapped = suite.aead_seal(_wrap_key(secrets.vault), canonical.dumps(inner), FORMAT.encode())
    _write(settings, VAULT_KEY, sealed)
    _write(settings, CUSTODY_KEY, wrapped)


def open_vault_keys(settings: Settings, passphrase: str, kdf: Kdf) -> VaultSecrets:
    """Return the vault's secrets.

    Raises:
        WrongPassphraseError: not the operator's passphrase.
        StorageError: a key file is missing or unreadable.
        FormatError, SealError: a key file was changed.
    """
    opened = open_keyfile(
        _read(settings, VAULT_KEY),
        purpose="vault",
        owner=_owner(settings),
        derive=lambda salt, parameters: kdf.derive(passphrase, salt, parameters),
    )
    vault = opened["vault"]
    inner = suite.aead_open(_wrap_key(vault), _read(settings, CUSTODY_KEY), FORMAT.encode())
    value = canonical.loads_object(inner, _FIELDS)
    if value["format"] != FORMAT:
        raise FormatError("custody key file")
    return VaultSecrets(
        vault, canonical.unb64(value["ledger"], 32), canonical.unb64(value["collector"], 32)
    )


def write_root_key(
    settings: Settings, root: SigningKey, passphrase: str, kdf: Kdf, parameters: Argon2Parameters
) -> None:
    """Write `root.key` and `root.public`."""
    owner = _owner(settings)
    sealed = seal_with_passphrase({"root": root.seed}, "root", owner, passphrase, kdf, parameters)
    _write(settings, ROOT_KEY, sealed)
    _write(settings, "root.public", root.public.hex().encode())


def open_root_key(settings: Settings, passphrase: str, kdf: Kdf) -> SigningKey:
    """Return the root key, for as long as one confirmation takes.

    Raises:
        WrongPassphraseError: not the root passphrase.
        StorageError: the key file is not here; it may be kept offline.
    """
    opened = open_keyfile(
        _read(settings, ROOT_KEY),
        purpose="root",
        owner=_owner(settings),
        derive=lambda salt, parameters: kdf.derive(passphrase, salt, parameters),
    )
    return SigningKey(opened["root"])


def is_initialised(settings: Settings) -> bool:
    """Return whether this folder holds a vault."""
    return (settings.paths.keys / VAULT_KEY).exists()


def _owner(settings: Settings) -> str:
    """Return whose keys these are: the log's name, hashed into the alphabet of key files."""
    return suite.sha256(settings.ledger.origin.encode())[:16].hex()


def _wrap_key(vault_key: bytes) -> bytes:
    return suite.hkdf(vault_key, b"witness-vault/vault/v1/custody")


def _write(settings: Settings, name: str, data: bytes) -> None:
    folder: Path = settings.paths.keys
    files.make_directories(folder)
    files.write(folder / name, data, folder)


def _read(settings: Settings, name: str) -> bytes:
    data = files.read(settings.paths.keys / name, MAX_FILE)
    if data is None:
        raise StorageError(f"keys/{name} is missing")
    return data
