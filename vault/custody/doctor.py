"""Is everything well? Each check says what it found and, if not well, what to do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vault import clock
from vault.errors import NotOpenYetError, WitnessVaultError
from vault.journal.vault import Vault
from vault.ledger.checkpoint import open_checkpoint

EXPIRY_WARNING = 14 * 86_400
WAITING_WARNING = 1_000  # a working collector leaves none; this many are a long lock or a flood


@dataclass(frozen=True)
class Finding:
    """The outcome of one check.

    Args:
        name: of the check.
        well: whether all is well.
        text: what was found.
        advice: what to do; empty when well.
    """

    name: str
    well: bool
    text: str
    advice: str = ""


def examine(vault: Vault) -> list[Finding]:
    """Run every check; one that cannot run is a finding, never an exception."""
    return [_guarded(name, check, vault) for name, check in _CHECKS.items()]


def _guarded(name: str, check: Callable[[Vault], tuple[bool, str, str]], vault: Vault) -> Finding:
    try:
        well, text, advice = check(vault)
    except WitnessVaultError as error:
        return Finding(
            name, well=False, text=str(error), advice="Mend this first, then look again."
        )
    return Finding(name, well, text, "" if well else advice)


def _agent(vault: Vault) -> tuple[bool, str, str]:
    locked = vault.agent.locked()
    return not locked, "locked" if locked else "unlocked", "Run witness-vault unlock."


def _roster(vault: Vault) -> tuple[bool, str, str]:
    roster = vault.roster()
    left = clock.seconds_of(roster.expires) - clock.now()
    text = f"version {roster.version}, {len(roster.members)} members, expires {roster.expires[:10]}"
    return left > EXPIRY_WARNING, text, "Run witness-vault member renew, with the root passphrase."


def _published(vault: Vault) -> tuple[bool, str, str]:
    try:
        shown = vault.letterbox.roster().version
    except NotOpenYetError:
        shown = 0
    mine = vault.roster().version
    return shown == mine, f"intake sees version {shown} of {mine}", "Check the letterbox folder."


def _officer(vault: Vault) -> tuple[bool, str, str]:
    count = len(vault.roster().holders("intake_officer", clock.moment()))
    advice = "Invite, enrol and confirm an intake officer; until then intake takes nothing."
    return count > 0, f"{count} can receive new testimony", advice


def _letterbox(vault: Vault) -> tuple[bool, str, str]:
    waiting = len(vault.letterbox.waiting())
    advice = "See whether the collector runs; while the vault is locked packets wait here."
    return waiting <= WAITING_WARNING, f"{waiting} packets wait", advice


def _ledger(vault: Vault) -> tuple[bool, str, str]:
    report = vault.journal.verify()
    text = f"{report.entries} entries, the first {report.verified} verified"
    return report.unverified == 0, text, "Let the collector run once; it signs a checkpoint."


def _checkpoint(vault: Vault) -> tuple[bool, str, str]:
    note = vault.journal.latest_checkpoint()
    if note is None:
        return False, "no checkpoint yet", "Use the vault once; the first entry signs one."
    size = open_checkpoint(note, vault.journal.verifier()).size
    text = f"the newest covers {size} entries; this program cannot see whether one is held outside"
    return True, text, ""


_CHECKS = {
    "key agent": _agent,
    "roster": _roster,
    "roster at intake": _published,
    "intake officer": _officer,
    "letterbox": _letterbox,
    "ledger": _ledger,
    "checkpoint": _checkpoint,
}
