"""Lanes: whose guesses are counted together, so that strangers' guesses keep nobody out.

A browser in which a member has signed in before has a lane of its own. All other browsers share one
lane for each login, and one for all logins together. Whoever is signed in already has a third. A
lane lets a few wrong codes through at once and then one every so often; a right code costs nothing.
What cannot be guessed, a recovery code or a passkey, is taken in every lane at any time. Wrong
passphrases after a right code are counted apart, for each kind of factor that proved itself: who
has only the phone is in nobody's way who comes with something else. Numbers: docs/spec/factor.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from vault.journal.vault import Vault

_ALL = "strangers/all"
_ALL_GUESSES = 20  # times what one login's lane lets through at once


@dataclass(frozen=True)
class Lane:
    """One lane.

    Attributes:
        name: names nobody to anybody but the agent.
        counted: whether guesses here can hit anything; false for a login that nobody has.
        shared: whether they count among those of all strangers too.
    """

    name: str = field(repr=False)
    counted: bool = True
    shared: bool = False


def of_strangers(row: Any | None) -> Lane:
    """Return the lane of browsers that nobody knows, for a login; `row` None: nobody has it."""
    if row is None:
        return Lane("strangers/nobody", counted=False, shared=True)
    return Lane(f"strangers/{row.id}", shared=True)


def of_browser(browser_id: bytes) -> Lane:
    """Return the lane of a browser in which its member has signed in."""
    return Lane(f"browser/{browser_id.hex()}")


def inside(member_id: str) -> Lane:
    """Return the lane of a member who is signed in and proves once more who they are."""
    return Lane(f"inside/{member_id}")


def take_code(vault: Vault, lane: Lane) -> bool:
    """Take one guess of a code; false if none is left. The same work for a login nobody has."""
    staff = vault.settings.staff
    own = vault.agent.take(f"{lane.name}/code", _every(vault, lane), staff.guesses)
    if not lane.shared:
        return own
    all_every = staff.guess_every_all if lane.counted else 0
    together = vault.agent.take(_ALL, all_every, staff.guesses * _ALL_GUESSES)
    if own and together:
        return True
    if own:
        vault.agent.give_back(f"{lane.name}/code", _every(vault, lane))
    elif together:
        vault.agent.give_back(_ALL, all_every)
    return False


def give_code_back(vault: Vault, lane: Lane) -> None:
    """Put back what `take_code` took: the code was right."""
    vault.agent.give_back(f"{lane.name}/code", _every(vault, lane))
    if lane.shared and lane.counted:
        vault.agent.give_back(_ALL, vault.settings.staff.guess_every_all)


def take_passphrase(vault: Vault, slot: str) -> bool:
    """Take one guess of a passphrase in a slot; false if none is left."""
    staff = vault.settings.staff
    return vault.agent.take(slot, staff.guess_every, staff.guesses)


def give_passphrase_back(vault: Vault, slot: str) -> None:
    """Put back what `take_passphrase` took: it was right, or was never looked at."""
    vault.agent.give_back(slot, vault.settings.staff.guess_every)


def _every(vault: Vault, lane: Lane) -> int:
    return vault.settings.staff.guess_every if lane.counted else 0
