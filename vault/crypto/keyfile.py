"""Key files: a few 32-byte secrets, sealed by a passphrase. Specification: docs/spec/key-file.md.

Deriving the key from the passphrase is slow on purpose and may run in another process, so reading
takes a function for it, and the cost a file asks for is checked before that function is called.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from vault import canonical
from vault.crypto.passphrase import SALT_SIZE, Argon2Parameters
from vault.crypto.suite import (
    KEY_SIZE,
    aead_open,
    aead_seal,
    equal,
    hkdf,
)
from vault.errors import FormatError, SealError, UnknownVersionError, WrongPassphraseError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FORMAT = "witness-vault/keyfile/v1"
SECRET_SIZE = 32
MAX_SECRETS = 16
MAX_SIZE = 8192

_FAMILY = "witness-vault/keyfile/"
_FIELDS = frozenset({"format", "purpose", "owner", "kdf", "commitment", "sealed"})
_KDF_FIELDS = frozenset({"name", "memory_kib", "time", "parallelism", "salt"})
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,31}", re.ASCII)
_OWNER = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)


def seal_keyfile(
    secrets: Mapping[str, bytes],
    *,
    purpose: str,
    owner: str,
    passphrase_key: bytes,
    salt: bytes,
    parameters: Argon2Parameters,
) -> bytes:
    """Return a key file.

    Args:
        secrets: 1 to 16 secrets of 32 bytes, by name.
        purpose: what the file is for ("member", "vault", "root"); a short lower-case name.
        owner: the id it belongs to, 1 to 64 of letters, digits and `._:-`.
        passphrase_key: 32 bytes, `passphrase.derive` of the passphrase with the next two.
        salt: 16 fresh random bytes.
        parameters: the cost of that derivation.

    Raises:
        FormatError: a name or size outside these bounds.
    """
    _check_names(secrets, purpose, owner)
    stated = {
        "format": FORMAT,
        "purpose": purpose,
        "owner": owner,
        "kdf": {"name": "argon2id", **asdict(parameters), "salt": canonical.b64(salt)},
        "commitment": canonical.b64(_commitment(passphrase_key)),
    }
    _read_kdf(stated["kdf"])
    plain = canonical.dumps({name: canonical.b64(secret) for name, secret in secrets.items()})
    sealed = aead_seal(_wrap_key(passphrase_key), plain, canonical.dumps(stated))
    return canonical.dumps({**stated, "sealed": canonical.b64(sealed)})


def open_keyfile(
    data: bytes,
    *,
    purpose: str,
    owner: str,
    derive: Callable[[bytes, Argon2Parameters], bytes],
) -> dict[str, bytes]:
    """Return the secrets of a key file by name.

    Args:
        data: the file.
        purpose: what it must be for.
        owner: whom it must belong to.
        derive: gives the passphrase key for a salt and a cost; called once, after all that can be
            checked without a key.

    Raises:
        FormatError: not a key file, or a cost out of bounds.
        UnknownVersionError: another version of it.
        SealError: for another purpose or owner, or changed after it was sealed.
        WrongPassphraseError: the passphrase is another (or the salt or the cost was changed, which
            cannot be told from it).
    """
    stated = _read(data)
    salt, parameters = _read_kdf(stated["kdf"])
    if (stated["purpose"], stated["owner"]) != (purpose, owner):
        raise SealError("a key file for another purpose or owner")
    sealed = canonical.unb64(stated.pop("sealed"))
    key = derive(salt, parameters)
    if not equal(canonical.unb64(stated["commitment"], KEY_SIZE), _commitment(key)):
        raise WrongPassphraseError
    plain = canonical.loads_object(aead_open(_wrap_key(key), sealed, canonical.dumps(stated)))
    secrets = {name: canonical.unb64(value, SECRET_SIZE) for name, value in plain.items()}
    _check_names(secrets, purpose, owner)
    return secrets


def _wrap_key(passphrase_key: bytes) -> bytes:
    if len(passphrase_key) != KEY_SIZE:
        raise FormatError(f"a key of {KEY_SIZE} bytes expected")
    return hkdf(passphrase_key, f"{FORMAT}/wrap".encode())


def _commitment(passphrase_key: bytes) -> bytes:
    # AES-GCM does not commit to its key: without this, one planted file could test many
    # passphrases at once, and a damaged file would be taken for a wrong passphrase.
    return hkdf(passphrase_key, f"{FORMAT}/commitment".encode())


def _read(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_SIZE:
        raise FormatError("too long for a key file")
    stated = canonical.loads_object(data)
    version = stated.get("format")
    if version != FORMAT:
        if isinstance(version, str) and version.startswith(_FAMILY):
            raise UnknownVersionError(f"this program reads {FORMAT}")
        raise FormatError(f"not {FORMAT}")
    if stated.keys() != _FIELDS:
        raise FormatError("unexpected or missing field")
    return stated


def _read_kdf(kdf: Any) -> tuple[bytes, Argon2Parameters]:
    if not isinstance(kdf, dict) or kdf.keys() != _KDF_FIELDS or kdf["name"] != "argon2id":
        raise FormatError("unexpected key derivation")
    parameters = Argon2Parameters(kdf["memory_kib"], kdf["time"], kdf["parallelism"])
    return canonical.unb64(kdf["salt"], SALT_SIZE), parameters


def _check_names(secrets: Mapping[str, bytes], purpose: str, owner: str) -> None:
    if not _NAME.fullmatch(purpose) or not _OWNER.fullmatch(owner):
        raise FormatError("a purpose or an owner is out of bounds")
    if not 1 <= len(secrets) <= MAX_SECRETS or not all(map(_NAME.fullmatch, secrets)):
        raise FormatError(f"1 to {MAX_SECRETS} short lower-case names expected")
    if any(len(secret) != SECRET_SIZE for secret in secrets.values()):
        raise FormatError(f"secrets of {SECRET_SIZE} bytes expected")
