"""What a witness says was done to them since they told: it stands above everything else of a case.

Read from the answers alone, whatever form they came with. It changes nothing and asks for nothing:
that a complaint was withdrawn, or that somebody ticked "I want it deleted", deletes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from vault.cases.model import RecordView
from vault.consent.items import YES
from vault.keyring.compartments import Compartment

REPRISAL, DEADLINE = "reprisal", "deadline"
"""Codes of the list `urgency`, as a witness would state them."""

SINCE, KIND, RISK, WITHDRAWAL = "happened_since", "kind", "risk", "withdrawal"
ASKED, PAPER, SIGNED, UNTIL = "asked_to_sign", "text_offered", "signed", "deadline"
FOLLOWUP: Final = "followup"
_PRESSURE, _OFFER = "pressure", "withdraw_offer"


def urgency_in(view: RecordView) -> tuple[str, ...]:
    """Return what one record says without having ticked it as urgent; nothing of most.

    Threats that are told as part of the account are part of the account; told on the pages for
    what happened since, they are news.
    """
    if view.compartment != Compartment.ACCOUNT:
        return ()
    answers, paper = view.answers, _paper(view.answers)
    pressed = (
        _is_filled(answers.get(SINCE))
        or _PRESSURE in _codes(answers.get(KIND))
        or _OFFER in _codes(answers.get(RISK))
        or (view.form == FOLLOWUP and bool(_codes(answers.get(RISK))))
        or paper.get(ASKED) in (True, YES)
        or paper.get(SIGNED) in (YES, "not_yet")
        or _is_filled(paper.get(PAPER))
    )
    waits = _is_filled(paper.get(UNTIL)) and paper.get(SIGNED) != YES
    return (*((REPRISAL,) if pressed else ()), *((DEADLINE,) if waits else ()))


def _paper(answers: Mapping[str, Any]) -> Mapping[str, Any]:
    value = answers.get(WITHDRAWAL)
    return value if isinstance(value, Mapping) else {}


def _codes(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _is_filled(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
