"""What one version of the roster may change, and whose signatures that needs.

Every reader asks the same questions here, of nothing but two documents and the names of the
signers: intake, the vault and the command line refuse the same chains. The rules and their reasons:
docs/spec/roster.md, decision 0017.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from vault.errors import RosterError
from vault.roster.model import MAX_LIFETIME, Roster, RosterMember, Term, after
from vault.roster.roles import ADMINISTRATOR

ROOT = "root"
FOUNDERS = 3


@dataclass(frozen=True)
class Change:
    """What one version changes.

    Attributes:
        concerned: ids of everybody who is added or changed.
        gains: somebody is added, or is given a role.
        ends: something ends that had begun.
        keys: a key of the vault or the delay is another.
    """

    concerned: frozenset[str]
    gains: bool
    ends: bool
    keys: bool


def is_founded(roster: Roster) -> bool:
    """Return whether the roster ever held an administrator and two others.

    Once it did, the rules stay: whoever has the root key could else take the administrator's role
    away for a moment, and add a reader whom nobody sees coming.
    """
    administrators = any(ADMINISTRATOR in member.ever for member in roster.members)
    return administrators and len(roster.members) >= FOUNDERS


def has_two(roster: Roster, moment: str, concerned: frozenset[str] = frozenset()) -> bool:
    """Return whether an administrator and a second member, who is not concerned, can sign."""
    seconds = [m.id for m in roster.members if m.active(moment) and m.id not in concerned]
    return any(
        second != first.id for first in roster.holders(ADMINISTRATOR, moment) for second in seconds
    )


def compare(before: Roster, following: Roster, *, founded: bool) -> Change:
    """Return what `following` changes.

    Args:
        before: the version before it.
        following: the next one.
        founded: whether the chain ever held an administrator and two others up to `before`.

    Raises:
        RosterError: something that nobody may change, or that would begin too early.
    """
    if following.issued < before.issued:
        raise RosterError("issued before the version before it")
    _check_lifetime(following)
    if founded and following.delay < before.delay:
        # Else the root alone could end everybody, and then add a reader without a delay.
        raise RosterError("the delay may not be shorter")
    earliest = after(following.issued, before.delay if founded else 0)
    old = {member.id: member for member in before.members}
    if old.keys() - {member.id for member in following.members}:
        raise RosterError("a member is missing")
    concerned: set[str] = set()
    gains = ends = False
    for member in following.members:
        was = old.get(member.id)
        if was == member:
            continue
        concerned.add(member.id)
        if was is None:
            _check_added(member, before, following, earliest)
            gains = True
        else:
            gained, ended = _changed(was, member, following.issued, earliest)
            gains, ends = gains or gained, ends or ended
    return Change(frozenset(concerned), gains, ends, _keys(before) != _keys(following))


def check_signers(
    before: Roster, following: Roster, change: Change, by: tuple[str, ...], *, founded: bool
) -> None:
    """Refuse a change that these signers may not make.

    Args:
        before: the version before it, whose members count.
        following: the next one.
        change: between them.
        by: who signed, in this order.
        founded: as in `compare`.

    Raises:
        RosterError: others have to sign.
    """
    moment = following.issued
    if by == (ROOT,):
        if founded and change.gains and has_two(before, moment, change.concerned):
            raise RosterError("two members sign this, not the root")
        return
    if not founded or change.keys:
        raise RosterError("the root signs this")
    _check_members(before, following, change, by)


def _check_members(before: Roster, following: Roster, change: Change, by: tuple[str, ...]) -> None:
    moment = following.issued
    signers = [before.member(signer) for signer in by]
    if not all(signer and signer.active(moment) for signer in signers):
        raise RosterError("signed by somebody who is no active member")
    first, second = signers[0], by[1] if len(by) > 1 else None
    only_stops = bool(change.concerned) and not change.gains and not change.ends
    if not only_stops and not (first and first.holds(ADMINISTRATOR, moment)):
        raise RosterError("not signed by an administrator first")
    if change.gains and (second is None or second == by[0] or second in change.concerned):
        raise RosterError("not signed by a second member who is not concerned")
    if not change.gains and second is not None:
        raise RosterError("more signatures than needed")
    if change.ends and not has_two(following, moment):
        raise RosterError("no administrator and second member would be left")


def check_first(roster: Roster, by: tuple[str, ...]) -> None:
    """Refuse a first version that the root alone did not sign.

    Raises:
        RosterError: others signed it, or its time is no time.
    """
    if by != (ROOT,):
        raise RosterError("the root signs this")
    _check_lifetime(roster)


def _check_lifetime(roster: Roster) -> None:
    if not roster.issued < roster.expires <= after(roster.issued, MAX_LIFETIME):
        raise RosterError("its time is no time")


def _check_added(member: RosterMember, before: Roster, following: Roster, earliest: str) -> None:
    begins = [member.valid_from, *(term.valid_from for term in member.terms)]
    if min(begins) < earliest:
        raise RosterError("a member begins too early")
    if member.replaces is None:
        return
    old, now = before.member(member.replaces), following.member(member.replaces)
    if old is None or now is None or now.valid_to is None or now.valid_to > following.issued:
        raise RosterError("stands in place of nobody who has ended")
    if sum(other.replaces == member.replaces for other in following.members) > 1:
        raise RosterError("stands in place of somebody twice")


def _changed(was: RosterMember, now: RosterMember, issued: str, earliest: str) -> tuple[bool, bool]:
    """Return whether a member gains a role, and whether something ends that had begun."""
    same = dataclasses.replace(now, roles=was.roles, terms=was.terms, valid_to=was.valid_to)
    if same != was:
        raise RosterError("a member's keys, begin or gender are another")
    if was.valid_to is not None and was.valid_to <= issued:
        raise RosterError("a member who has ended is changed")
    if now.valid_to != was.valid_to and not _is_sooner(now.valid_to, was.valid_to, issued):
        raise RosterError("a member's end is moved otherwise than to sooner")
    gains, ends = False, now.valid_to != was.valid_to and was.valid_from <= issued
    for role in was.ever | now.ever:
        gained, ended = _compare_terms(was.times(role), now.times(role), issued, earliest)
        gains, ends = gains or gained, ends or ended
    return gains, ends


def _is_sooner(now: str | None, was: str | None, issued: str) -> bool:
    """Return whether an end is moved to sooner, and not into the past."""
    return now is not None and issued <= now and (was is None or now < was)


def _compare_terms(
    was: tuple[Term, ...], now: tuple[Term, ...], issued: str, earliest: str
) -> tuple[bool, bool]:
    old = {term.valid_from: term for term in was}
    gains = ends = False
    for term in now:
        before = old.pop(term.valid_from, None)
        if before is None:
            if term.valid_from < earliest:
                raise RosterError("a role begins too early")
            gains = True
        elif term != before:
            if not _is_sooner(term.valid_to, before.valid_to, issued):
                raise RosterError("the time of a role is another")
            ends = ends or term.valid_from <= issued
    if any(term.valid_from <= issued for term in old.values()):
        raise RosterError("the time of a role is missing")  # only what never began may go
    return gains, ends


def _keys(roster: Roster) -> tuple[bytes | str | int, ...]:
    return roster.recovery, roster.collector, roster.ledger, roster.delay
