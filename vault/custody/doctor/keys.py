"""The vault's keys: where they are, how old, and whether their memory stays in memory."""

from __future__ import annotations

from pathlib import Path

from vault import canonical, clock
from vault.agents.memory import DUMPS, LOCKED
from vault.custody.doctor.check import Outcome
from vault.custody.doctor.machine import swap_in_clear
from vault.custody.keys import SPARE_KEY
from vault.errors import AgentError
from vault.journal.vault import Vault
from vault.roster.model import Roster

RECOVERY_DAYS = 365


def agent(vault: Vault) -> Outcome:
    """Look whether the vault runs and is unlocked."""
    try:
        locked = vault.agent.locked()
    except AgentError:
        return False, "silent", {}
    return not locked, "locked" if locked else "found", {}


def memory(vault: Vault) -> Outcome:
    """Look whether what the agent holds can reach a disk: by a core dump, or by swap."""
    state = vault.agent.memory_state()
    if state == DUMPS:
        return False, "dumps", {}
    if state == LOCKED:
        return True, "found", {}
    return (False, "swapped", {}) if swap_in_clear() else (True, "open", {})


def spare(vault: Vault) -> Outcome:
    """Look whether there is a second passphrase."""
    there = (Path(vault.settings.paths.keys) / SPARE_KEY).exists()
    return there, "found" if there else "missing", {}


def recovery(vault: Vault) -> Outcome:
    """Look how old the recovery key is: by the first roster that names it."""
    current, since = vault.roster().recovery, ""
    for line in vault.chain():
        roster = Roster.from_json(canonical.loads(line)["roster"])
        if roster.recovery != current:
            since = ""
        since = since or roster.issued
    age = (clock.now() - clock.seconds_of(since)) // clock.DAY
    return age <= RECOVERY_DAYS, "found" if age <= RECOVERY_DAYS else "old", {"day": since[:10]}
