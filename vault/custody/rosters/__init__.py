"""The roster as the vault writes it: the only way to become somebody who may be sealed to."""

from vault.custody.rosters.changing import change_roles, end
from vault.custody.rosters.confirming import Waiting, confirm, waiting
from vault.custody.rosters.publishing import first_roster, publish, renew, show_to_intake

__all__ = [
    "Waiting",
    "change_roles",
    "confirm",
    "end",
    "first_roster",
    "publish",
    "renew",
    "show_to_intake",
    "waiting",
]
