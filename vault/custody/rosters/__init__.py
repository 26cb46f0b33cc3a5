"""The roster as the vault writes it: the only way to become somebody who may be sealed to."""

from vault.custody.rosters.changing import change_roles, end, end_id, find, stop
from vault.custody.rosters.confirming import Waiting, confirm, waiting
from vault.custody.rosters.proposing import (
    Proposal,
    change_or_propose,
    confirm_proposal,
    decline,
    list_proposals,
    propose_again,
    propose_member,
    propose_roles,
    two_sign,
)
from vault.custody.rosters.publishing import first_roster, keep, renew, show_to_intake

__all__ = [
    "Proposal",
    "Waiting",
    "change_or_propose",
    "change_roles",
    "confirm",
    "confirm_proposal",
    "decline",
    "end",
    "end_id",
    "find",
    "first_roster",
    "keep",
    "list_proposals",
    "propose_again",
    "propose_member",
    "propose_roles",
    "renew",
    "show_to_intake",
    "stop",
    "two_sign",
    "waiting",
]
