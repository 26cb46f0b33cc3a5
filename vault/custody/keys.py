"""The vault's key files: made once, opened at every start, never in clear on a disk.

    keys/vault.key    the vault key, sealed by the operator's passphrase
    keys/vault.spare  the same vault key, sealed by the spare passphrase, which is kept elsewhere
    keys/custody.key  lasting key, ledger seed, collector seeds; under a sub-key of the vault key
    keys/root.key     the root key's seed, sealed by the root passphrase; belongs offline
    keys/root.public  the root public key, hex
    keys/recovery.public  the public half of the recovery key, for testing its shares elsewhere

See docs/spec/key-file.md and keys/README.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vault import canonical
from vault.agents.api import Kdf, VaultAgent
from vault.crypto import suite
from vault.crypto.keyfile import open_keyfile, seal_keyfile
from vault.crypto.passphrase import SALT_SIZE, Argon2Parameters
from vault.crypto.sign import SigningKey
from vault.custody.recovery.documents import PublicKey
from vault.errors import (
    FormatError,
    SealError,
    StorageError,
    WitnessVaultError,
    WrongPassphraseError,
)
from vault.letterbox import files
from vault.settings import Settings

FORMAT = "witness-vault/custody/v1"
VAULT_KEY, SPARE_KEY = "vault.key", "vault.spare"
CUSTODY_KEY, ROOT_KEY = "custody.key", "root.key"
RECOVERY_PUBLIC = "recovery.public"
# Each with a purpose of its own, so that one never passes for the other.
PURPOSES = {VAULT_KEY: "vault", SPARE_KEY: "vault-spare"}
MAX_FILE = 10_000

MAX_COLLECTORS = 8

_FIELDS = frozenset({"format", "lasting", "ledger", "collectors"})


@dataclass(frozen=True)
class VaultSecrets:
    """What the vault's agent is unlocked with, 32 bytes each.

    Attributes:
        vault: the vault key; seals the databases' files, backups and what follows here.
        lasting: seals what stands inside the databases; stays when the vault key is changed.
        ledger: seed of the key that signs checkpoints.
        collectors: seeds of the collector keys, the newest first; earlier ones open what was
            sealed to them and is still on its way.
    """

    vault: bytes = field(repr=False)
    lasting: bytes = field(repr=False)
    ledger: bytes = field(repr=False)
    collectors: tuple[bytes, ...] = field(repr=False)

    @classmethod
    def generate(cls) -> VaultSecrets:
        """Return the secrets of a new vault."""
        return cls(suite.random(32), suite.random(32), suite.random(32), (suite.random(32),))

    @property
    def collector(self) -> bytes:
        """The seed whose public key the roster names."""
        return self.collectors[0]

    def open(self, agent: VaultAgent) -> None:
        """Unlock an agent with all of them."""
        agent.unlock(self.vault, self.lasting, self.ledger, b"".join(self.collectors))


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
    spare: str,
    kdf: Kdf,
    parameters: Argon2Parameters,
) -> None:
    """Write `vault.key`, `vault.spare` and, last of all, `custody.key`."""
    write_vault_key(settings, SPARE_KEY, secrets.vault, spare, kdf, parameters)
    write_vault_key(settings, VAULT_KEY, secrets.vault, passphrase, kdf, parameters)
    write_custody_key(settings, secrets)


def write_custody_key(settings: Settings, secrets: VaultSecrets) -> None:
    """Write `custody.key` in one step; what stood there counts until then."""
    inner = {
        "format": FORMAT,
        "lasting": canonical.b64(secrets.lasting),
        "ledger": canonical.b64(secrets.ledger),
        "collectors": [canonical.b64(seed) for seed in secrets.collectors],
    }
    wrapped = suite.aead_seal(_wrap_key(secrets.vault), canonical.dumps(inner), FORMAT.encode())
    _write(settings, CUSTODY_KEY, wrapped)


def write_vault_key(
    settings: Settings,
    name: str,
    vault_key: bytes,
    passphrase: str,
    kdf: Kdf,
    parameters: Argon2Parameters,
) -> None:
    """Write `vault.key` or `vault.spare` in one step; what stood there counts until then."""
    sealed = seal_with_passphrase(
        {"vault": vault_key}, PURPOSES[name], owner_of(settings), passphrase, kdf, parameters
    )
    _write(settings, name, sealed)


def open_vault_keys(settings: Settings, passphrase: str, kdf: Kdf) -> VaultSecrets:
    """Return the vault's secrets, by the operator's passphrase or the spare one.

    Raises:
        WrongPassphraseError: neither of the two.
        StorageError: a key file is missing or unreadable.
        FormatError, SealError: a key file was changed.
    """
    files_by_name = {name: lambda name=name: _read(settings, name) for name in PURPOSES}
    vault = open_vault_key(files_by_name, owner_of(settings), passphrase, kdf)
    inner = suite.aead_open(_wrap_key(vault), _read(settings, CUSTODY_KEY), FORMAT.encode())
    return _secrets(vault, canonical.loads_object(inner, _FIELDS))


def _secrets(vault: bytes, value: dict[str, Any]) -> VaultSecrets:
    collectors = value["collectors"]
    if value["format"] != FORMAT or not isinstance(collectors, list):
        raise FormatError("custody key file")
    if not 0 < len(collectors) <= MAX_COLLECTORS:
        raise FormatError("custody key file")
    return VaultSecrets(
        vault,
        canonical.unb64(value["lasting"], 32),
        canonical.unb64(value["ledger"], 32),
        tuple(canonical.unb64(seed, 32) for seed in collectors),
    )


def open_vault_key(
    key_files: Mapping[str, Callable[[], bytes]], owner: str, passphrase: str, kdf: Kdf
) -> bytes:
    """Return the vault key from the first of its files that the passphrase opens.

    Args:
        key_files: by their names in PURPOSES, `vault.key` first; each read when it is its turn.
        owner: whose they must be.
        passphrase: the operator's or the spare one; which of them is never said.
        kdf: derives, once for each file.

    Raises:
        WrongPassphraseError, StorageError, FormatError, SealError: none opens; what was wrong with
            the first.
    """
    first: WitnessVaultError | None = None
    for name, read in key_files.items():
        try:
            opened = open_keyfile(
                read(),
                purpose=PURPOSES[name],
                owner=owner,
                derive=lambda salt, parameters: kdf.derive(passphrase, salt, parameters),
            )
            return opened["vault"]
        except (WrongPassphraseError, StorageError, FormatError, SealError) as error:
            first = first or error
    raise first or StorageError("no key file")


def write_root_key(
    settings: Settings, root: SigningKey, passphrase: str, kdf: Kdf, parameters: Argon2Parameters
) -> None:
    """Write `root.key` and `root.public`."""
    owner = owner_of(settings)
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
        owner=owner_of(settings),
        derive=lambda salt, parameters: kdf.derive(passphrase, salt, parameters),
    )
    return SigningKey(opened["root"])


def write_recovery_key(settings: Settings, key: PublicKey) -> None:
    """Write `recovery.public`: no secret, and nothing trusts it."""
    _write(settings, RECOVERY_PUBLIC, key.encode())


def is_initialised(settings: Settings) -> bool:
    """Return whether this folder holds a vault."""
    return is_vault(settings.paths.root)


def is_vault(folder: Path) -> bool:
    """Return whether a vault was founded in `folder`; `custody.key` is what is written last."""
    return (folder / "keys" / CUSTODY_KEY).exists()


def owner_of(settings: Settings) -> str:
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
