"""Fields as controls: what a page shows of each question, in the language of the request.

The inverse of `vault.forms.reading`, which reads what these controls post. Values are those that
were typed into this very page and never anything that was sent before. `docs/spec/forms.md` has
the table of kinds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import ClassVar, Final

from vault.forms import reading
from vault.forms.answers import DATE_TEXT
from vault.forms.body import VIEWS, View
from vault.forms.model import Field
from vault.forms.reading import Fault
from vault.forms.wording import Wording
from vault.web.intake.services import services
from vault.web.intake.showing import most_characters
from vault.web.shared.application import words
from vault.web.shared.decoding import Form

FEW: Final = 6
FEW_IN_ENTRY: Final = 4
"""So many answers stand side by side as radio buttons; more are a list to open. Entries of a list
repeat, so theirs are shorter."""

LINE: Final = 500
"""A text of at most so many characters is a line, a longer one an area."""

WEIGHT: Final = 32
"""Bounds the controls of all entries of a list, so that a page stays small."""

LEAST: Final = {False: 3, True: 4}
"""So many entries always fit, more of a list whose entries follow one another."""

MANY: Final = 16

SHOWN: Final = 200
"""Bounds the controls of a list that are shown again, however much was posted: no page of ours
posts so much, and a few bytes from anybody would become megabytes."""

FIRST_PLACE: Final = 500
STEP: Final = 100
"""Places of entries that follow one another: there is room to put another before each."""

_CONSENT: Final = "consent"
_DAY: Final = 40  # characters of a typed day; with the words beside it they fit a date's text
_DATE_WORDS: Final = DATE_TEXT - 2 * _DAY - 2


@dataclass(frozen=True)
class Choice:
    """One answer that is offered."""

    code: str
    label: str
    chosen: bool


@dataclass(frozen=True)
class Spot:
    """One place of a drawing: its number on the page, its shape, and its two boxes."""

    number: int
    shape: str
    then: Choice
    now: Choice


@dataclass(frozen=True)
class Drawn:
    """One drawing of the body map, by its name."""

    name: str
    view: View
    spots: tuple[Spot, ...]


@dataclass(frozen=True)
class Control:
    """One control, or a group of them.

    Attributes:
        kind: `line`, `area`, `number`, `radios`, `select`, `boxes`, `date`, `group`, `entries`,
            `entry`, `fold` or `map`.
        name: of the input; also the id that an error leads to.
        label: the question.
        hint: what stands under it, line by line; may be empty.
        value: what was typed.
        choices: of radios, select and boxes; of a number the box "I do not know".
        limit: characters that fit.
        fault: what is wrong with it, in words.
        parts: controls inside it.
        adds: the place of the entry that may be added, of an entry the place of one before it; None
            if the page holds no more, or entries have no order.
        drawn: of a map: its drawings, each place with its box for then and for now.
        opened: of a fold: something inside was typed or is wrong.
    """

    kind: str
    name: str
    label: str
    hint: str = ""
    value: str = field(default="", repr=False)
    choices: tuple[Choice, ...] = field(default=(), repr=False)
    limit: int = 0
    fault: str = ""
    parts: tuple[Control, ...] = ()
    adds: int | None = None
    drawn: tuple[Drawn, ...] = field(default=(), repr=False)
    opened: bool = False

    @property
    def typed(self) -> bool:
        """Whether something stands in it or is wrong with it."""
        chosen = any(choice.chosen and choice.code for choice in self.choices)
        return bool(self.value or self.fault or chosen) or any(part.typed for part in self.parts)


def most_entries(asked: Field) -> int:
    """Return how many entries of a list one page holds."""
    return min(asked.limit or WEIGHT, max(LEAST[asked.ordered], WEIGHT // _leaves(asked)))


def most_shown(asked: Field) -> int:
    """Return how many entries of a list are shown again, if more were posted than a page holds."""
    return max(most_entries(asked), SHOWN // _leaves(asked))


def _leaves(asked: Field) -> int:
    """Return how many answers an entry holds; one that is chosen from many is as big as two."""
    leaves = [part for part in asked.walk() if not part.fields]
    return len(leaves) + sum(len(leaf.codes or ()) > MANY for leaf in leaves)


class Controls:
    """Makes the controls of one page, with what was typed into it.

    Args:
        wording: of the form whose page it is.
        typed: what was posted; empty for a new page.
        faults: what could not be taken of it.
    """

    def __init__(self, wording: Wording, typed: Form, faults: Iterable[Fault] = ()) -> None:
        self._typed = typed
        self._posted = typed.to_dict(flat=False)
        self._faults = {fault.name: fault for fault in faults}
        self._language = words().language
        self._wording = wording

    def of(self, fields: Sequence[Field]) -> tuple[Control, ...]:
        """Return the controls of a module's fields."""
        return self._folded([(one, self._control(one, one.id, fields)) for one in fields])

    def _folded(self, controls: list[tuple[Field, Control]]) -> tuple[Control, ...]:
        """Close neighbours that have the same fold behind one line."""
        shown: list[Control] = []
        for prompt, group in groupby(controls, key=lambda pair: pair[0].folded):
            parts = tuple(control for _, control in group)
            if prompt is None:
                shown.extend(parts)
                continue
            adding = self._typed.text("add")
            opened = any(part.typed or part.name == adding for part in parts)
            label = self._wording.prompt(prompt)
            shown.append(Control("fold", "", label, parts=parts, opened=opened))
        return tuple(shown)

    def _control(self, asked: Field, name: str, beside: Sequence[Field]) -> Control:
        base = Control(
            kind="",
            name=name,
            label=self._wording.label(asked.id),
            hint=self._hint(asked, beside),
            value=self._typed.text(name),
            fault=self._fault(name),
        )
        return self._KINDS[asked.type](self, asked, base)

    def _hint(self, asked: Field, beside: Sequence[Field]) -> str:
        """Return what stands under a question: hint, with which answers it goes, why, and how."""
        parts = [self._wording.hint(asked.id)]
        if other := next((one for one in beside if one.name == asked.only_if), None):
            offered = self._offered(other)
            labels = "; ".join(offered[code] for code in asked.only_codes)
            parts.append(words().text("more.only_if", answers=labels))
        if why := self._wording.why(asked.id):
            parts.append(words().text("more.why", why=why))
        if asked.ordered:
            parts.append(words().text("more.ordered"))
        if asked.type == "date":
            parts.append(words().text("date.hint"))
        return "\n".join(part for part in parts if part)

    def _text(self, asked: Field, base: Control) -> Control:
        if asked.limit is None:
            return self._story(base)
        kind = "line" if asked.limit <= LINE else "area"
        return replace(base, kind=kind, limit=asked.limit)

    def _story(self, base: Control) -> Control:
        """Return the text without a limit of its own: as much as one request can carry beside it.

        It was asked on the first page as well; here it is a question for more.
        """
        most = most_characters(services().settings.intake.request_limit)
        rest = services().settings.intake.story_limit // 4
        label = words().text("more.label")
        return replace(base, kind="area", label=label, limit=max(most - rest, most // 2))

    def _code(self, asked: Field, base: Control) -> Control:
        choices = self._choices(asked, base.name)
        in_entry = base.name != asked.id  # a place in a list stands in the name
        if len(choices) > (FEW_IN_ENTRY if in_entry else FEW):
            nothing = Choice("", words().text("more.no_answer"), chosen=False)
            return replace(base, kind="select", choices=(nothing, *choices), value="")
        # A radio button cannot be taken back without an answer that takes it back.
        if asked.type != _CONSENT:
            code = reading.NO_ANSWER
            chosen = self._typed.text(base.name) == code
            choices = (*choices, Choice(code, words().text("more.no_answer"), chosen))
        return replace(base, kind="radios", choices=choices, value="")

    def _codes(self, asked: Field, base: Control) -> Control:
        return replace(base, kind="boxes", choices=self._choices(asked, base.name), value="")

    def _number(self, asked: Field, base: Control) -> Control:
        box = f"{base.name}.{reading.UNKNOWN}"
        unknown = Choice("yes", words().text("more.unknown"), bool(self._typed.text(box)))
        return replace(base, kind="number", choices=(unknown,), limit=len(str(asked.limit)) + 8)

    def _date(self, asked: Field, base: Control) -> Control:
        lines = {"from": _DAY, "to": _DAY, "text": _DATE_WORDS}
        parts = []
        for key in reading.DATE_PARTS:
            if key == "to" and not asked.lasts:
                continue
            name = f"{base.name}.{key}"
            label = words().text(f"date.{key}")
            part = Control("line", name, label, fault=self._fault(name), limit=lines.get(key, 0))
            if key == "precision":
                nothing = Choice("", words().text("more.no_answer"), chosen=False)
                choices = (nothing, *self._choices(asked, name))
                parts.append(replace(part, kind="select", choices=choices))
            else:
                parts.append(replace(part, value=self._typed.text(name)))
        return replace(base, kind="date", parts=tuple(parts))

    def _group(self, asked: Field, base: Control) -> Control:
        if asked.drawn:
            return self._map(asked, base)
        return replace(base, kind="group", parts=self._parts(asked, base.name))

    def _map(self, asked: Field, base: Control) -> Control:
        """Return the body map: drawings with two boxes for each place, and what is beside them."""
        then, now, *rest = asked.asked
        boxes = [self._choices(part, f"{base.name}.{part.name}") for part in (then, now)]
        pairs = {one.code: (one, other) for one, other in zip(*boxes, strict=True)}
        numbers = {code: number for number, code in enumerate(pairs)}
        label = services().codes.label
        drawn = tuple(
            Drawn(
                label(VIEWS, view.id, self._language),
                view,
                tuple(
                    Spot(numbers[code], shape, *pairs[code]) for code, shape in view.places.items()
                ),
            )
            for view in services().body
        )
        parts = tuple(self._control(part, f"{base.name}.{part.name}", asked.asked) for part in rest)
        return replace(base, kind="map", drawn=drawn, parts=parts)

    def _entries(self, asked: Field, base: Control) -> Control:
        most = most_entries(asked)
        first, step = (FIRST_PLACE, STEP) if asked.ordered else (0, 1)
        places = list(reading.places(self._posted, base.name))[: most_shown(asked)] or [first]
        if len(places) < most:
            places = self._one_more(base.name, places, step)
        room = len(places) < most
        entries = tuple(
            Control(
                "entry",
                f"{base.name}.{place}",
                words().text("more.entry", n=number),
                parts=self._parts(asked, f"{base.name}.{place}"),
                adds=_before(places, place) if room and asked.ordered else None,
            )
            for number, place in enumerate(places, 1)
        )
        return replace(
            base, kind="entries", parts=entries, adds=places[-1] + step if room else None
        )

    def _one_more(self, name: str, places: list[int], step: int) -> list[int]:
        """Return the places with that of the entry that was asked for, behind or before another."""
        wanted = self._typed.text("add")
        if wanted == name:
            return [*places, places[-1] + step]
        for place in places:
            new = _before(places, place)
            if step > 1 and new is not None and wanted == f"{name}.{place}":
                return sorted([*places, new])
        return places

    _KINDS: ClassVar[Mapping[str, Callable[[Controls, Field, Control], Control]]] = {
        "text": _text,
        "code": _code,
        "codes": _codes,
        "yes_no": _code,
        "consent": _code,
        "number": _number,
        "date": _date,
        "object": _group,
        "list": _entries,
    }

    def _parts(self, asked: Field, name: str) -> tuple[Control, ...]:
        inner = [
            (part, self._control(part, f"{name}.{part.name}", asked.asked)) for part in asked.asked
        ]
        return self._folded(inner)

    def _choices(self, asked: Field, name: str) -> tuple[Choice, ...]:
        chosen = self._posted.get(name, ())
        offered = self._offered(asked).items()
        return tuple(Choice(code, label, code in chosen) for code, label in offered)

    def _offered(self, asked: Field) -> dict[str, str]:
        """Return the answers that a question offers, with their labels, in order."""
        codes, answer = services().codes.codes, self._wording.answer
        own = asked.code_list or ""
        offered = {code.code: answer(own, code) for code in codes(own)}
        if asked.type == _CONSENT:
            # Whatever else an item offers, it can be refused, put off or paused.
            shared = (code for code in codes(_CONSENT) if code.code != "yes")
            offered |= {code.code: answer(_CONSENT, code) for code in shared}
        return offered

    def _fault(self, name: str) -> str:
        fault = self._faults.get(name)
        return "" if fault is None else sentence(fault)


def _before(places: Sequence[int], place: int) -> int | None:
    """Return a place between an entry and the one before it; None if there is no room."""
    at = places.index(place)
    last = places[at - 1] if at else -1
    middle = (last + place) // 2
    return middle if last < middle < place else None


def sentence(fault: Fault) -> str:
    """Return what is wrong with an input, in words."""
    return words().text(f"fault.{fault.kind}", limit=fault.limit)
