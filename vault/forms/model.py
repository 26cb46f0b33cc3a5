"""What a form is: modules in order, fields in modules, sub-fields in lists and objects.

Frozen data without behaviour beyond looking things up. `vault.forms.load` makes it from the files
under `intake_forms/`; `docs/spec/forms.md` says what the files look like.

An id is a path: `story`, `people.agency`, `identity.person.name`. A field whose own id in the file
is dotted (`consent.C01`) is one key of an object that several modules may fill together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final

from vault.errors import UnknownFormError

ACCOUNT = "account"
IDENTITY = "identity"
COMPARTMENTS = (ACCOUNT, "medical", IDENTITY)
"""Which key a field is sealed under. Nothing else decides who can open it."""

IDENTIFIES = ("partly", "no", "yes")
"""Whether an answer says who somebody is: together with others, not at all, or by itself. The
first is taken where a file says nothing: most answers do, once there are enough of them."""

FIELD_TYPES = (
    "text",
    "code",
    "codes",
    "date",
    "number",
    "yes_no",
    "consent",
    "list",
    "object",
)

_BOOLEANS: Final[Mapping[Any, str]] = {True: "yes", False: "no"}  # a yes_no may be either

CHILD = "child"
AUDIENCES = ("adult", CHILD, "receipt_holder")

GROUPS = ("self", "close", "there", "ahead")
"""Under which heading a form is offered: it happened to me; to somebody close; I was there, or work
there; it may still happen, or goes on."""

FIRST_PAGE = ("story", "consent.C01", "consent.C02")
"""Ids of the fields that make a complete first send, in the order of the page."""


@dataclass(frozen=True)
class Field:
    """One question.

    Attributes:
        id: the whole path, unique in a form.
        type: one of FIELD_TYPES.
        compartment: one of COMPARTMENTS.
        identifies: one of IDENTIFIES.
        statistics: it may be counted, coarsely and among many, if the person says so.
        code_list: name of the list whose codes are offered (of a date: its precision), or None.
        codes: every code that is accepted, or None if the field names no list.
        limit: characters of a text, entries of `codes` or a list, or the highest number; None
            leaves it to the limits given to `vault.forms.answers.check`.
        required: must be answered in a first send, and with yes.
        kept: False if the answer shows the way and is thrown away when answers are checked.
        on_page: False if the module's page leaves it out: the first page asks it, or staff fill it.
        folded: the prompt behind which a page closes the question, or None.
        needs: the key of the text beside it that must be answered whenever this is, or None.
        only_if: the key of the question beside it with some of whose answers alone this one goes,
            or None.
        only_codes: these answers.
        drawn: of an object: its places then and now are shown in the drawings of `body_map.json`.
        ordered: of a list: its entries follow one another, and one can be put before another.
        lasts: of a date: a page asks for its end too; a moment has none.
        tells_of: the id of the field whose being answered this one states, or None.
        fields: sub-fields of a list's entries or of an object.
    """

    id: str
    type: str
    compartment: str
    identifies: str = IDENTIFIES[0]
    statistics: bool = False
    code_list: str | None = None
    codes: frozenset[str] | None = None
    limit: int | None = None
    required: bool = False
    kept: bool = True
    on_page: bool = True
    folded: str | None = None
    needs: str | None = None
    only_if: str | None = None
    only_codes: tuple[str, ...] = ()
    drawn: bool = False
    ordered: bool = False
    lasts: bool = False
    tells_of: str | None = None
    fields: tuple[Field, ...] = ()

    @property
    def name(self) -> str:
        """The key under which the answer stands in its object."""
        return self.id.rpartition(".")[2]

    @property
    def above(self) -> str:
        """The path of the object in which the answer stands; empty for none."""
        return self.id.rpartition(".")[0]

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """Sub-fields by their key."""
        return {field.name: field for field in self.fields}

    @cached_property
    def asked(self) -> tuple[Field, ...]:
        """Sub-fields that a page asks."""
        return _asked(self.fields)

    def holding(self, fields: tuple[Field, ...]) -> Field:
        """Return this field with those sub-fields."""
        return replace(self, fields=fields)

    def goes_with(self, beside: Mapping[str, Any]) -> bool:
        """Say whether this answer may stand with those beside it.

        Only an answer that says otherwise forbids it. No answer yet, or "asked, and cannot say",
        says nothing: everything here may stay empty.

        Args:
            beside: all answers of its object, this one too, by key.
        """
        if self.only_if is None or beside.get(self.name) is None:
            return True
        return Condition(self.only_if, self.only_codes).holds(beside)

    def walk(self) -> Iterator[Field]:
        """This field and all below it, in order."""
        yield self
        for inner in self.fields:
            yield from inner.walk()


@dataclass(frozen=True)
class Module:
    """One page of questions, shared by forms.

    Attributes:
        id: `M1` to `M14`, or `MR` and its kind.
        name: the name of its file, for addresses: `story`, `people`.
        fields: as they stand in the file, without those that the form leaves out.
        careful: its page begins with a warning of what it asks about.
    """

    id: str
    name: str
    fields: tuple[Field, ...]
    careful: bool = False

    @cached_property
    def asked(self) -> tuple[Field, ...]:
        """The fields that its page asks."""
        return _asked(self.fields)


@dataclass(frozen=True)
class Condition:
    """With which answers something goes.

    Attributes:
        field_id: the question.
        codes: its answers.
    """

    field_id: str
    codes: tuple[str, ...]

    def holds(self, answers: Mapping[str, Any]) -> bool:
        """Say whether answers leave room for it: only another answer to the question does not."""
        given: Any = answers
        for name in self.field_id.split("."):
            given = given.get(name) if isinstance(given, Mapping) else None
        if given is None:
            return True
        said = given if isinstance(given, list) else [_BOOLEANS.get(given, given)]
        return not set(self.codes).isdisjoint(said)


@dataclass(frozen=True)
class Form:
    """What one kind of witness is asked.

    Attributes:
        id: the name of its file, as in `/tell/<form>`.
        version: rises by one with every change of the questions.
        offered_to: which of AUDIENCES may be offered this form.
        modules: in the order of the pages.
        fields: the answers' top-level keys; dotted fields are gathered into objects.
        group: which of GROUPS it is offered in.
        words: the variant of the wording in which it asks; empty for the words of all others.
        ready: every question has words in every language, so that the form may be offered.
        only_if: pages, by the id of their module, to which only some answers of the page before
            lead on. They can be taken at any time all the same.
    """

    id: str
    version: int
    offered_to: tuple[str, ...]
    modules: tuple[Module, ...]
    fields: tuple[Field, ...]
    group: str = GROUPS[0]
    words: str = ""
    ready: bool = False
    only_if: Mapping[str, Condition] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> Mapping[str, Field]:
        """Top-level fields by their key."""
        return {field.name: field for field in self.fields}

    @cached_property
    def by_id(self) -> Mapping[str, Field]:
        """Every field and sub-field by its whole path."""
        return {field.id: field for top in self.fields for field in top.walk()}

    @property
    def pages(self) -> tuple[Module, ...]:
        """The modules that ask something, in the order of their pages."""
        return tuple(module for module in self.modules if module.asked)

    def after(self, module: Module, answers: Mapping[str, Any]) -> Module | None:
        """Return the page that follows one on which these answers were given; None after the last.

        Nothing is known here of other pages: whoever sends one after another is never asked to
        wait for what was said before.
        """
        at = self.pages.index(module)
        for page in self.pages[at + 1 :]:
            condition = self.only_if.get(page.id)
            if condition is None or condition.holds(answers):
                return page
        return None

    @property
    def required(self) -> tuple[Field, ...]:
        """The fields that a first send must answer."""
        return tuple(field for field in self.by_id.values() if field.required)


@dataclass(frozen=True)
class Forms:
    """All forms, in the order in which they are offered."""

    forms: tuple[Form, ...]

    @property
    def ids(self) -> tuple[str, ...]:
        """Form ids in the order of the page on which one is chosen."""
        return tuple(form.id for form in self.forms)

    @property
    def ready(self) -> tuple[Form, ...]:
        """The forms that may be offered."""
        return tuple(form for form in self.forms if form.ready)

    @property
    def grouped(self) -> Iterator[tuple[str, tuple[Form, ...]]]:
        """The forms that may be offered, under the GROUPS in which they are."""
        for group in GROUPS:
            forms = tuple(form for form in self.ready if form.group == group)
            if forms:
                yield group, forms

    def get(self, form_id: str) -> Form:
        """Return one form.

        Raises:
            UnknownFormError: no such form. The id is not repeated: it may be anything typed.
        """
        for form in self.forms:
            if form.id == form_id:
                return form
        raise UnknownFormError

    def offered_to(self, audience: str) -> tuple[Form, ...]:
        """Return the forms that one of AUDIENCES may be offered."""
        return tuple(form for form in self.forms if audience in form.offered_to)


def _asked(fields: tuple[Field, ...]) -> tuple[Field, ...]:
    return tuple(field for field in fields if field.on_page and field.tells_of is None)


def first_page(form: Form) -> tuple[Field, ...]:
    """Return the fields of a complete first send: the story, C01 and C02."""
    return tuple(form.by_id[field_id] for field_id in FIRST_PAGE)
