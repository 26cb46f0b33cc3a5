"""The list of members: whether it verifies, who it is shown to, what of it ends soon."""

from __future__ import annotations

from vault import clock
from vault.custody.doctor.check import Outcome, Values
from vault.errors import NotOpenYetError
from vault.journal.vault import Vault
from vault.members.people import names
from vault.roster.chain import Pin, verify_chain
from vault.roster.model import RosterMember
from vault.roster.roles import INTAKE_OFFICER
from vault.roster.rules import check_members

EXPIRY_WARNING = 14 * clock.DAY
NAMED = 5


def roster(vault: Vault) -> Outcome:
    """Look how long the list of members is valid."""
    current = vault.roster()
    left = clock.seconds_of(current.expires) - clock.now()
    values: Values = {"members": len(current.members), "day": current.expires[:10]}
    return left > EXPIRY_WARNING, "found", values


def chain(vault: Vault) -> Outcome:
    """Verify every version from the pinned root key, and compare with what intake remembers."""
    lines = vault.chain()
    newest = check_members(verify_chain(lines, Pin(vault.root_public())), vault.roles)
    try:
        pin = vault.letterbox.pins.read()
    except NotOpenYetError:
        return False, "unpinned", {}
    if pin.root != newest.root:
        return False, "foreign", {}
    if pin.version > newest.version:
        return False, "ahead", {"seen": pin.version, "mine": newest.version}
    return True, "found", {"count": len(lines)}


def published(vault: Vault) -> Outcome:
    """Look whether intake sees the newest list."""
    try:
        shown = vault.letterbox.roster().version
    except NotOpenYetError:
        shown = 0
    mine = vault.roster().version
    return shown == mine, "found" if shown == mine else "other", {"shown": shown, "mine": mine}


def officer(vault: Vault) -> Outcome:
    """Look whether anybody can receive a new account."""
    count = len(vault.roster().holders(INTAKE_OFFICER, clock.moment()))
    return count > 0, "found" if count else "none", {"count": count}


def ending(vault: Vault) -> Outcome:
    """Look whose time, or whose role, ends within two weeks."""
    now, soon = clock.moment(), clock.moment(clock.now() + EXPIRY_WARNING)
    known = names(vault)
    odd = sorted(
        f"{known.get(member.id, member.id)} ({end[:10]})"
        for member in vault.roster().members
        for end in [_end(member, now)]
        if end is not None and end <= soon
    )
    return not odd, "soon" if odd else "found", {"names": ", ".join(odd[:NAMED])} if odd else {}


def _end(member: RosterMember, now: str) -> str | None:
    """Return when the first of what they are now ends."""
    ends = [
        end
        for role in member.held(now)
        for term in member.times(role)
        for end in (term.valid_to, member.valid_to)
        if end is not None and term.covers(now)
    ]
    return min(ends, default=None)
