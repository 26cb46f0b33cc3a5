"""The hint, before something is sent, that a text seems to say who wrote it. Never a refusal.

It is shown once: the page that shows it says so in a hidden field, and whatever that page posts is
sent as it is. Not looked at is what is sealed apart from the account: who one is belongs there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from vault.forms import naming
from vault.forms.model import Field
from vault.web.intake.services import services
from vault.web.shared.decoding import Form

SEEN = "seen"
_PLACE = re.compile(r"\.[0-9]+")


def is_new(fields: Mapping[str, Field], typed: Form) -> bool:
    """Tell whether the hint is due: there is something to say, and it was not said yet."""
    return not typed.text(SEEN) and bool(of(fields, typed))


def of(fields: Mapping[str, Field], typed: Form) -> tuple[str, ...]:
    """Return the places in what was typed that seem to say who one is.

    Args:
        fields: of the form, by id.
        typed: what the page posted; texts over their limit are refused elsewhere and not read here.
    """
    limit = services().settings.intake.story_limit
    named = [(fields.get(_PLACE.sub("", name)), text) for name, text in typed.items(multi=True)]
    return naming.found(
        text for field, text in named if field and _is_open(field) and len(text) <= limit
    )


def _is_open(field: Field) -> bool:
    return field.type == "text" and field.compartment != "identity"
