"""What k trustees do together, offline: open recovery grants and seal them to one member.

Everything that decides stands in the request itself and is verified before a share is asked for:
the chain of signed rosters, the member, the time. The one thing that is not in it is which root key
to believe: people compare its fingerprint with what stands on the paper of their shares.

Python cannot promise that no copy of the recovery key stays in memory; it is never written, never
returned, and the process that had it ends.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from vault import canonical, clock
from vault.crypto import seal, shares, suite
from vault.crypto.seal import OpeningKey
from vault.custody.recovery.documents import Answer, Request, Subject
from vault.errors import (
    FormatError,
    RefusedError,
    RosterError,
    SealError,
    ShareError,
    WitnessVaultError,
)
from vault.keyring.compartments import PASSED_ON, Compartment, Seeds
from vault.keyring.epochs import verified
from vault.keyring.grants import Grant, seal_grant
from vault.keyring.opening import open_grant
from vault.roster.chain import Pin, check_time, verify_history
from vault.roster.model import RECOVERY, Roster, RosterMember
from vault.roster.roles import LAWYER

VALID_DAYS = 30

_WORK = (Compartment.WORK,)
_TESTIMONY_ID = 64


@dataclass(frozen=True)
class Examined:
    """A request whose rosters hold together, for people to agree to.

    Attributes:
        request: as read.
        roster: the newest.
        recipient: to whom keys will be sealed.
        root_fingerprint: of the root key; people compare it with the paper of their shares.
        days: by public recovery key, from which day to which it stood in the roster.
    """

    request: Request
    roster: Roster
    recipient: RosterMember
    root_fingerprint: str
    days: Mapping[bytes, tuple[str, str]] = field(repr=False)


@dataclass(frozen=True)
class Done:
    """What came of it.

    Attributes:
        answer: to be carried back.
        days: of the recovery key that the shares gave.
        faults: what was wrong with shares that were not needed.
        other_key: how many subjects are sealed to the recovery key of another year.
        broken: how many did not open, or hold what is never passed on.
    """

    answer: Answer
    days: tuple[str, str]
    faults: tuple[ShareError, ...]
    other_key: int
    broken: int


def examine(data: bytes) -> Examined:
    """Read a request and check all that can be checked without a share.

    Raises:
        FormatError: it is no request.
        RosterError: its rosters do not hold together, or their time is over.
        RefusedError: too old, or the member may not be sealed to now.
    """
    request = Request.parse(data)
    root = _root_of(request)
    history = verify_history(request.chain, Pin(root))
    roster = check_time(history[-1], clock.moment())
    _check_age(request)
    recipient = roster.member(request.recipient)
    if recipient is None or not recipient.holds(LAWYER, clock.moment()):
        raise RefusedError("the member is no lawyer of the list of members now")
    return Examined(request, roster, recipient, suite.fingerprint(root), _days(history))


def combine(examined: Examined, typed: Sequence[str]) -> Done:
    """Put shares together and seal again what the recovery key opens.

    Raises:
        ShareError: they do not give a recovery key of this vault; says which share is wrong, as far
            as can be known.
        RefusedError: the key opens nothing of this request.
    """
    combined = shares.combine(typed, lambda secret: OpeningKey(secret).public in examined.days)
    key = OpeningKey(combined.secret)
    made, other, broken = [], 0, 0
    for subject in examined.request.subjects:
        mine = [g for g in subject.grants if _is_sealed_to(g, key)]
        seeds = _seeds(subject, mine, key, examined.roster)
        if seeds.by_epoch:
            member = examined.recipient
            made.append(seal_grant(subject.subject, member.id, member.opening, seeds))
        elif subject.grants and not mine:
            other += 1
        else:
            broken += 1
    if not made:
        raise RefusedError("these shares open nothing of this request; another year's might")
    request = examined.request
    answer = Answer(request.id, request.digest, request.recipient, tuple(made))
    return Done(answer, examined.days[key.public], combined.faults, other, broken)


def allowed(subject: str, grant: Grant) -> bool:
    """Say whether recovery may pass on a grant with these compartments; `identity` never."""
    wide = frozenset(PASSED_ON if len(subject) == _TESTIMONY_ID else _WORK)
    return wide.issuperset(grant.compartments)


def _seeds(subject: Subject, mine: Sequence[Grant], key: OpeningKey, roster: Roster) -> Seeds:
    """Return the seeds that open and are not another key's than header and epochs state."""
    stated = _stated(subject, roster)
    seeds: dict[tuple[Compartment, int], bytes] = {}
    for grant in mine:
        if grant.recipient != RECOVERY or not allowed(subject.subject, grant):
            continue
        try:
            opened = open_grant(grant, key)
        except (FormatError, SealError):
            continue
        for place, seed in opened.by_epoch.items():
            if stated.get(place, b"") in {b"", OpeningKey(seed).public}:
                seeds.setdefault(place, seed)
    return Seeds(seeds)


def _stated(subject: Subject, roster: Roster) -> dict[tuple[Compartment, int], bytes]:
    stated: dict[tuple[Compartment, int], bytes] = {}
    for document, signature in subject.epochs:
        epoch = verified(document, signature, roster)
        if epoch is not None and epoch.subject == subject.subject:
            stated.update({(c, epoch.number): public for c, public in epoch.publics.items()})
    header = subject.header
    if header is not None and header.testimony == subject.subject:
        stated.update({(c, 1): public for c, public in header.publics.items()})
    return stated


def _is_sealed_to(grant: Grant, key: OpeningKey) -> bool:
    try:
        return seal.sealed_for(grant.sealed) == seal.key_id(key.public)
    except FormatError:
        return False


def _root_of(request: Request) -> bytes:
    """Return the root key that the chain names; believed only when people have compared it."""
    try:
        first = canonical.loads_object(request.chain[0])
        return Roster.from_json(first["roster"]).root
    except (WitnessVaultError, IndexError, KeyError) as error:
        raise RosterError("the request holds no list of members") from error


def _check_age(request: Request) -> None:
    try:
        age = clock.seconds_of(clock.day()) - clock.seconds_of(request.day)
    except ValueError:
        raise FormatError("not a day") from None
    if not -clock.DAY <= age <= VALID_DAYS * clock.DAY:
        raise RefusedError(f"the request is of {request.day}: make a new one, or set the clock")


def _days(rosters: Sequence[Roster]) -> dict[bytes, tuple[str, str]]:
    """Return when each recovery key stood in the roster; the last one until today."""
    days: dict[bytes, tuple[str, str]] = {}
    until = [*(roster.issued[:10] for roster in rosters[1:]), clock.day()]
    for roster, end in zip(rosters, until, strict=True):
        first, _ = days.get(roster.recovery, (roster.issued[:10], ""))
        days[roster.recovery] = (first, end)
    return days
