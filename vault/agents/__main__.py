"""`python -m vault.agents intake|vault|kdf`: one agent of the vault in WITNESS_VAULT_DIR."""

from __future__ import annotations

import sys

from vault import settings
from vault.agents import process
from vault.errors import SettingError


def main(arguments: list[str]) -> int:
    """Run one agent; return the exit code."""
    if len(arguments) != 1 or arguments[0] not in process.SERVERS:
        sys.stderr.write(f"usage: python -m vault.agents {'|'.join(process.SERVERS)}\n")
        return 2
    try:
        process.run(arguments[0], settings.from_environment())
    except SettingError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
