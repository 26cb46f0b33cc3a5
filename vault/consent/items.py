"""What a witness's answers to the consent items mean. Silence is never a yes.

The items are in `docs/spec/forms.md`; this knows those that decide at sending and
who else may read. Values are "yes",
"not_yet", "no", "ask_me_later", "paused", or absent; only "yes" permits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from vault.roster.roles import DOCTOR, INTERPRETER

KEEP, READ, KNOWN = "C01", "C02", "C02_identity"
BESIDE = {INTERPRETER: "C04", DOCTOR: "C05"}
"""Which item lets somebody besides lawyer and deputy read, by capacity."""
YES = "yes"


def permits(answers: Mapping[str, Any], item: str) -> bool:
    """Return whether checked answers permit what one item asks."""
    return bool(stated(answers, item) == YES)


def stated(answers: Mapping[str, Any], item: str) -> Any:
    """Return what checked answers say to one item; None if they say nothing."""
    consent = answers.get("consent")
    return consent.get(item) if isinstance(consent, Mapping) else None


def keeping(answers: Mapping[str, Any]) -> bool:
    """Return whether the account may be kept, sealed (C01); without it nothing is sent."""
    return permits(answers, KEEP)


def known(answers: Mapping[str, Any]) -> bool:
    """Return whether those who handle the case may know at once who the witness is."""
    return reading(answers) and permits(answers, KNOWN)


def reading(answers: Mapping[str, Any]) -> bool:
    """Return whether it may be read (C02); otherwise every grant is held back in the box."""
    return permits(answers, READ)
