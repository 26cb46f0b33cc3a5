"""Where the agents' sockets lie, and that nobody else can put one there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from vault.errors import SettingError

if TYPE_CHECKING:
    from pathlib import Path

    from vault.settings import Settings

INTAKE, VAULT, KDF = "intake", "vault", "kdf"

# Linux allows 107 bytes (unix(7)); other systems fewer.
MAX_PATH = 100


def socket_path(settings: Settings, agent: str) -> Path:
    """Return the socket of `agent` (INTAKE, VAULT or KDF).

    Raises:
        SettingError: the path is longer than a Unix socket allows.
    """
    path = settings.paths.run / f"{agent}.sock"
    check_length(path)
    return path


def check_length(path: Path) -> None:
    """Refuse a path over MAX_PATH bytes.

    Raises:
        SettingError: it is too long.
    """
    length = len(os.fsencode(path))
    if length > MAX_PATH:
        raise SettingError(
            f"the path of {path.name} has {length} bytes, a socket's at most {MAX_PATH}:"
            " use a shorter folder"
        )


def prepare_folder(folder: Path) -> None:
    """Make `folder` so that only its owner, who we are, can enter it.

    Raises:
        SettingError: it belongs to somebody else or cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if folder.stat().st_uid != os.geteuid():
            raise SettingError(f"the folder {folder.name} belongs to another user")
        folder.chmod(0o700)
    except OSError as error:
        raise SettingError(f"the folder {folder.name} cannot be made") from error
