"""Two signatures: an administrator proposes the next version, a second member confirms it.

What waits is the whole next version, signed by the administrator. The second member signs the very
same bytes, after comparing the fingerprint with the person; nobody else can complete it, and nobody
who writes to the database can change it. A version that was made for an older one is stale: the
same change is proposed anew. See decision 0017.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from vault import clock
from vault.crypto import sign, suite
from vault.custody.rosters.changing import (
    NOBODY_LEFT,
    NOT_ADMINISTRATOR,
    NOT_BEGUN,
    NOT_FOUNDED,
    change_roles_id,
    present,
    with_roles,
)
from vault.custody.rosters.confirming import enrolled, find_enrolled, with_replaced
from vault.custody.rosters.publishing import following, keep, moment_of_issue, show_to_intake
from vault.errors import FormatError, NotFoundError, RefusedError, RosterError, WitnessVaultError
from vault.journal.transaction import Transaction
from vault.journal.vault import Vault
from vault.members import people
from vault.members.actor import Actor
from vault.roster.chain import Signed, add_signature, sign_roster
from vault.roster.model import FORMAT, Roster, RosterMember, after
from vault.roster.roles import ADMINISTRATOR, check_together
from vault.roster.signers import Change, compare, has_two, is_founded
from vault.storage.tables.people import proposals

OPEN, STALE, OVER = "open", "stale", "over"

# What a refusal says, besides those of `changing`.
NO_SECOND = "no second member is left who could confirm this"
CONCERNED = "whoever is concerned does not confirm"
PROPOSED_IT = "whoever proposed does not confirm"
TOO_MUCH = "over the bounds of a roster, or changed twice within a second"
NOT_AGREED = "this is not who was agreed to"
NO_LONGER = "proposed for an older list of members, or too long ago"


@dataclasses.dataclass(frozen=True)
class Proposal:
    """A change that waits for its second signature.

    Attributes:
        id: of the proposal.
        by: id of the administrator who signed.
        member: who is concerned, as they will stand in the roster.
        name: what colleagues call them.
        gains: roles that they would get, with the moment these end or None.
        begins: from when these count.
        until: until when it can be confirmed.
        state: OPEN, STALE (for an older version) or OVER (waited too long).
        roles_before: the roles they have now; empty for somebody new.
        line: the next version, as the administrator signed it.
    """

    id: str
    by: str
    member: RosterMember
    name: str = dataclasses.field(repr=False)
    gains: tuple[tuple[str, str | None], ...]
    begins: str
    until: str
    state: str
    roles_before: tuple[str, ...]
    line: bytes = dataclasses.field(repr=False)

    def keeps_out(self, actor: Actor, roster: Roster) -> str | None:
        """Return why a member cannot confirm this; None if they can."""
        own = roster.member(actor.id)
        if actor.id in (self.member.id, self.member.replaces):
            return CONCERNED
        if actor.id == self.by:
            return PROPOSED_IT
        if own is None or not own.active(moment_of_issue(roster)):
            return NOT_BEGUN
        return None if self.state == OPEN else NO_LONGER


def propose_member(
    vault: Vault, actor: Actor, member_id: str, gender: str | None, agreed: str | None = None
) -> str:
    """Propose somebody who enrolled as a member; returns the proposal's id.

    Args:
        vault: the vault.
        actor: an administrator, who has compared the fingerprint.
        member_id: who enrolled.
        gender: "female", "male" or None.
        agreed: what the actor was shown, as `RosterMember.agreed`; nothing else is signed. Until
            then it stands in the database alone, and may have changed since the page was made.

    Raises:
        NotFoundError: nobody of this id waits.
        RefusedError: see the reasons of this module; or the enrolment does not verify.
    """
    before = vault.roster()
    if before.member(member_id) is not None:
        raise NotFoundError
    with vault.database.read() as connection:
        row = find_enrolled(connection, member_id)
    issued = moment_of_issue(before)
    member = enrolled(vault, row, before, issued, gender, waits=_window(vault))
    if agreed is not None and agreed != member.agreed:
        raise RefusedError(NOT_AGREED)
    return _propose(vault, actor, before, issued, with_replaced(before, issued, member))


def propose_roles(vault: Vault, actor: Actor, member_id: str, roles: Iterable[str]) -> str:
    """Propose other roles for a member, at least one of them new; returns the proposal's id.

    Raises:
        NotFoundError: no such member.
        RefusedError: see the reasons of this module; or the roles exclude each other or are theirs.
    """
    before = vault.roster()
    chosen, issued = check_together(roles, vault.roles), moment_of_issue(before)
    member = present(before, member_id)
    changed = with_roles(vault, before, issued, member, chosen, waits=_window(vault))
    return _propose(vault, actor, before, issued, (changed,))


def change_or_propose(vault: Vault, actor: Actor, member_id: str, roles: Iterable[str]) -> bool:
    """Take roles away at once, or propose others, or a new time; returns whether it waits.

    Raises:
        NotFoundError: no such member.
        RefusedError: as either.
    """
    chosen = check_together(roles, vault.roles)
    if not chosen < present(vault.roster(), member_id).roles:
        propose_roles(vault, actor, member_id, chosen)
        return True
    change_roles_id(vault, member_id, chosen, actor)
    return False


def propose_again(vault: Vault, actor: Actor, proposal_id: str) -> str:
    """Propose the change of a stale proposal anew, on the present list; returns the new id.

    Raises:
        NotFoundError: no such proposal.
        RefusedError: as for proposing.
    """
    proposal = find(vault, proposal_id)
    if vault.roster().member(proposal.member.id) is None:
        member = proposal.member
        return propose_member(vault, actor, member.id, member.reader_gender, member.agreed)
    return propose_roles(vault, actor, proposal.member.id, proposal.member.roles)


def confirm_proposal(vault: Vault, actor: Actor, proposal_id: str) -> RosterMember:
    """Confirm a proposal by one's own signature: the version is published and shown to intake.

    Args:
        vault: the vault.
        actor: a second member, who compared the fingerprint with the person.
        proposal_id: which.

    Raises:
        NotFoundError: no such proposal.
        RefusedError: see the reasons of this module.
    """
    before, proposal = vault.roster(), find(vault, proposal_id)
    reason = proposal.keeps_out(actor, before)
    if reason is not None:
        raise RefusedError(reason)
    line = add_signature(proposal.line, actor.id, actor.signing)
    with vault.journal.transaction() as transaction:
        keep(transaction, line, before, actor.id, proposal.member)
        _remove(transaction, proposals.c.member_id == proposal.member.id)
    show_to_intake(vault)
    return proposal.member


def decline(vault: Vault, actor: Actor, proposal_id: str) -> None:
    """Take a proposal away: declined by a second member, or withdrawn by who made it.

    Raises:
        NotFoundError: no such proposal.
        RefusedError: the actor's own time has not begun.
    """
    roster, proposal = vault.roster(), find(vault, proposal_id)
    own = roster.member(actor.id)
    if own is None or not own.active(moment_of_issue(roster)):
        raise RefusedError(NOT_BEGUN)
    with vault.journal.transaction() as transaction:
        _remove(transaction, proposals.c.id == proposal_id)
        transaction.log("roster.declined", actor.id, {"member": proposal.member.id})


def list_proposals(vault: Vault) -> list[Proposal]:
    """Return what waits, sorted by name; what no administrator signed is passed over."""
    roster, names = vault.roster(), people.names(vault)
    with vault.database.read() as connection:
        rows = connection.execute(select(proposals)).all()
    found = (_proposal(vault, row, roster, names) for row in rows)
    return sorted((one for one in found if one), key=lambda one: (one.name, one.id))


def find(vault: Vault, proposal_id: str) -> Proposal:
    """Return one proposal.

    Raises:
        NotFoundError: there is none that an administrator signed.
    """
    found = next((one for one in list_proposals(vault) if one.id == proposal_id), None)
    if found is None:
        raise NotFoundError
    return found


def two_sign(vault: Vault) -> bool:
    """Return whether two members confirm now, and not the root at the terminal."""
    roster = vault.roster()
    return is_founded(roster) and has_two(roster, moment_of_issue(roster))


def _window(vault: Vault) -> int:
    return vault.settings.roster.proposal_valid


def _propose(
    vault: Vault, actor: Actor, before: Roster, issued: str, changed: tuple[RosterMember, ...]
) -> str:
    _check_proposer(before, actor, changed)
    roster = following(vault, before, issued, changed)
    change = _compared(before, roster)
    if change.ends and not has_two(roster, roster.issued):
        raise RefusedError(NOBODY_LEFT)
    line = sign_roster(roster, actor.signing, actor.id)
    row = {"id": id_of(line), "member_id": changed[0].id, "document": line}
    with vault.journal.transaction() as transaction:
        _remove(transaction, proposals.c.member_id == changed[0].id)
        transaction.connection.execute(proposals.insert().values(**row))
        about: dict[str, Any] = {"version": roster.version, "roles": sorted(changed[0].roles)}
        transaction.log("roster.proposed", actor.id, {"member": changed[0].id}, about)
    return str(row["id"])


def id_of(line: bytes) -> str:
    """Return a proposal's id: whoever confirms it names the very bytes that they were shown."""
    return suite.sha256(line)[:16].hex()


def _compared(before: Roster, roster: Roster) -> Change:
    try:
        Roster.from_json(roster.to_json())
        return compare(before, roster, founded=True)
    except (FormatError, RosterError) as error:
        raise RefusedError(TOO_MUCH) from error


def _check_proposer(before: Roster, actor: Actor, changed: tuple[RosterMember, ...]) -> None:
    moment, own = moment_of_issue(before), before.member(actor.id)
    if own is None or not own.holds(ADMINISTRATOR, moment):
        raise RefusedError(NOT_ADMINISTRATOR)
    if not is_founded(before):
        raise RefusedError(NOT_FOUNDED)
    concerned = {member.id for member in changed}
    if not any(m.active(moment) and m.id not in concerned | {actor.id} for m in before.members):
        raise RefusedError(NO_SECOND)


def _proposal(vault: Vault, row: Any, roster: Roster, names: dict[str, str]) -> Proposal | None:
    """Return a row as a proposal; None if it is none that somebody in the roster signed."""
    try:
        signed = Signed.parse(row.document)
        ((by, made),) = signed.signatures
        signer, member = roster.member(by), signed.roster.member(row.member_id)
        if signer is None or member is None or ADMINISTRATOR not in signer.ever:
            return None
        if row.id != id_of(row.document):
            return None
        sign.verify(signer.signing, FORMAT, signed.roster.encode(), made)
    except (WitnessVaultError, ValueError):
        return None
    before, until = roster.member(member.id), after(signed.roster.issued, _window(vault))
    had = before.roles if before else frozenset()
    stood = {term for role in had for term in before.times(role)} if before else frozenset()
    given = [term for role in sorted(member.roles) for term in member.times(role)[-1:]]
    given = [term for term in given if term not in stood]
    times = (term.valid_from for term in given)
    begins = max(times, default=signed.roster.issued)
    state = _state(roster, signed.roster, member, begins, until)
    if state is None:
        return None
    return Proposal(
        row.id,
        by,
        member,
        names.get(member.id, ""),
        tuple((term.role, term.valid_to) for term in given),
        begins,
        until,
        state,
        tuple(sorted(had)),
        row.document,
    )


def _state(
    roster: Roster, proposed: Roster, member: RosterMember, begins: str, until: str
) -> str | None:
    """Return OPEN, STALE or OVER; None if more would change than a page shows of it."""
    if (proposed.version, proposed.previous) != (roster.version + 1, roster.hash):
        return STALE
    try:
        change = compare(roster, proposed, founded=True)
    except RosterError:
        return None
    if change.keys or not change.concerned <= {member.id, member.replaces}:
        return None
    now = clock.moment()
    # Whatever an administrator made it say: it is announced for no less than the delay.
    announced = not roster.delay or begins >= after(now, roster.delay)
    return OPEN if now < until and announced else OVER


def _remove(transaction: Transaction, which: Any) -> None:
    transaction.connection.execute(proposals.delete().where(which))
