"""What a witness can allow: eighteen items, each with what it lets happen and until when.

Silence is never a yes. An item names the values that allow something, from the narrowest to the
broadest; every other value ("no", "not_yet", "ask_me_later", "paused", anything unknown) allows
nothing. `intake_forms` says it to witnesses in their words; docs/spec/consent.md has the rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from vault.roster.roles import DOCTOR, INTERPRETER

KEEP, READ, KNOWN = "C01", "C02", "C02_identity"
STATISTICS, DOMESTIC, LIMITED = "C06", "C12", "C18"
COMPARE, TOLD_OF_OTHERS, FILES, TRUSTED, UNREACHABLE = "C09", "C10", "C15", "C16", "C17"
BESIDE = {INTERPRETER: "C04", DOCTOR: "C05"}
"""Which item lets somebody besides lawyer and deputy read, by capacity."""
YES, PAUSED = "yes", "paused"
FILES_NOW = "files_now"
"""The answer that lets those who handle the case see the files that were kept back until then."""

# A child's own word and that of the adult beside it; of a proxy, what the person wishes.
ASSENT, GUARDIAN, PERSON = "child_assent", "guardian", "person"
WISHED, AGAINST = "asked_yes", "disagrees"

# Until when an item can be taken back.
ANY_TIME, ACCESS, TABLE, PUBLISHED = "any", "access", "table", "published"
SENT, COMPARED, FILED, FILED_FOR_GOOD = "sent", "compared", "filed", "filed_for_good"
HANDED_OVER, USED = "handed_over", "used"


@dataclass(frozen=True)
class Item:
    """One thing that a witness can allow.

    Args:
        id: C01 to C18.
        until: until when it can be taken back.
        allows: values that allow something, narrowest first.
        proxy: somebody who tells for another may say it.
        child: a child is asked it on its own pages; the rest a lawyer brings up, in words.
        onward: something leaves the people who handle the case; "pause everything" stops it.
    """

    id: str
    until: str
    allows: tuple[str, ...] = (YES,)
    proxy: bool = False
    child: bool = False
    onward: bool = False

    def rank(self, value: object) -> int:
        """Return how much a value allows: 0 nothing, then as far as `allows` goes."""
        return self.allows.index(value) + 1 if value in self.allows else 0


@dataclass(frozen=True)
class Threshold(Item):
    """How many other accounts there must be: the fewer are enough, the more is allowed."""

    def rank(self, value: object) -> int:
        """Return how much a value allows: 0 nothing, which is what anything but a number does."""
        known = isinstance(value, str) and value.isascii() and value.isdecimal()
        number = int(str(value)) if known and len(str(value)) <= len(str(MOST_OTHERS)) else -1
        return MOST_OTHERS + 1 - number if 0 <= number <= MOST_OTHERS else 0


MOST_OTHERS = 1_000
"""The highest number that can be asked for, as on the page."""

THRESHOLD = Threshold("C09_threshold", COMPARED, onward=True)
"""Stands beside C09 and narrows it; whoever says no number asks for none."""


def shown_to(file: str, viewer: str) -> Item:
    """Return the item of one file and one kind of viewer, which C15 alone does not allow."""
    return Item(f"{FILES}/{file}", USED, allows=(viewer,), onward=True)


ITEMS: Mapping[str, Item] = {
    item.id: item
    for item in (
        Item(KEEP, ANY_TIME, proxy=True, child=True),
        Item(READ, ACCESS, proxy=True, child=True),
        Item("C03", ACCESS, child=True),
        Item("C04", ACCESS, child=True),
        Item("C05", ACCESS, child=True),
        Item(STATISTICS, TABLE, proxy=True, child=True, onward=True),
        Item("C07", PUBLISHED, onward=True),
        Item("C08", SENT, allows=("yes_confidential", "yes_name_to_government"), onward=True),
        Item(COMPARE, COMPARED, onward=True),
        Item(TOLD_OF_OTHERS, ANY_TIME, onward=True),
        Item("C11", FILED, onward=True),
        Item(DOMESTIC, FILED_FOR_GOOD, onward=True),
        Item("C13", SENT, onward=True),
        Item("C14", HANDED_OVER, onward=True),
        Item(FILES, USED, onward=True),
        Item(TRUSTED, ANY_TIME, onward=True),
        Item(UNREACHABLE, ANY_TIME, allows=("lawyer_decides",), proxy=True, child=True),
        Item(LIMITED, ANY_TIME, child=True),
    )
}

PAUSED_TOGETHER = tuple(
    item.id for item in ITEMS.values() if item.onward or item.id in {"C03", "C04", "C05"}
)
"""What "pause everything" stops: every further reader, and everything that goes onward."""


BY_PROXY, BY_CHILD = frozenset({"relative"}), frozenset({"child"})
"""Forms that somebody fills for a person who lives, and that a child fills. Whoever lost somebody
speaks for themselves: nobody else can be asked."""

PERSON_ASKED, WRITER = "knows_person_consents", "who_writes"
"""Answers beside consent that decide whether a word of a proxy counts, and who is one."""
THEMSELVES = "self"
"""The answer of whoever writes about themselves; everybody else who writes is a proxy."""
UNDER_AGE = "under_18"
"""The age that makes whoever writes a child, whichever form they took."""
OWN_WORD = frozenset({"death", "lawyer", "medic"})
"""Forms in which whoever writes, whatever they are, speaks for themselves."""


def is_asked(form: str, field: str) -> bool:
    """Return whether a form asks a field of its pages.

    Of a proxy only what they may say; of a child only what concerns those who help it, and how
    long it is kept. What goes further, to a committee, a court or a newspaper, is nothing to
    decide alone in front of a page.
    """
    group, _, name = field.partition(".")
    item = ITEMS.get(name.partition("_")[0]) if group == "consent" else None
    if item is None:
        return True
    return (item.proxy or form not in BY_PROXY) and (item.child or form not in BY_CHILD)


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
