"""A form as text: what is asked, in which words, and what becomes of each answer.

For a lawyer who checks or changes a form and does not read its files.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vault.forms.codes import CodeLists
from vault.forms.model import Field, Form, Module
from vault.forms.wording import Wording

_INDENT = "    "


@dataclass(frozen=True)
class Outline:
    """Writes forms in one language.

    A question that has no words yet, because its form is not offered, is named by its id.
    """

    wording: Wording
    codes: CodeLists

    def of(self, form: Form) -> str:
        """Return a form as text, page after page."""
        lines = [f"{self.wording.form_name(form.id)} ({form.id}, {form.version})"]
        lines.append(self.wording.form_description(form.id))
        for number, module in enumerate(form.pages, 1):
            lines.extend(self._page(number, module))
        return "\n".join(lines)

    def _page(self, number: int, module: Module) -> Iterator[str]:
        name = f"{self._say('page')} {number}. {self.wording.module_title(module.id)}"
        yield from ("", f"{name} ({module.name})")
        if hint := self.wording.module_hint(module.id):
            yield hint
        for field in module.fields:
            if field.tells_of is None:
                yield ""
                yield from self._field(field, "", module.fields)

    def _field(self, field: Field, indent: str, beside: tuple[Field, ...]) -> Iterator[str]:
        label = self.wording.label(field.id) if self.wording.has_field(field.id) else field.id
        yield f"{indent}{label} [{field.id}]"
        inside = indent + _INDENT
        for line in (*self._words(field, beside), *self._rules(field)):
            yield inside + line
        if not field.fields:
            yield f"{inside}{self._what_becomes(field)}"
        for inner in field.fields:
            yield from self._field(inner, inside, field.fields)

    def _words(self, field: Field, beside: tuple[Field, ...]) -> Iterator[str]:
        if self.wording.has_field(field.id) and (hint := self.wording.hint(field.id)):
            yield hint
        if why := self.wording.why(field.id):
            yield f"{self._say('why')}: {why}"
        if field.code_list and field.type != "date":
            yield f"{self._say('answers')}: {self._labels(field.code_list)}"
        if other := next((one for one in beside if one.name == field.only_if), None):
            answers = self._labels(other.code_list or "", field.only_codes)
            yield f"{self._say('only_if')}: [{other.id}] {answers}"

    def _rules(self, field: Field) -> Iterator[str]:
        stated = {
            "required": field.required,
            "elsewhere": not field.on_page,
            "ordered": field.ordered,
            "needs": field.needs,
        }
        yield from (self._say(name) for name, holds in stated.items() if holds)
        if field.folded:
            yield f"{self._say('folded')}: {self.wording.prompt(field.folded)}"
        if field.limit:
            yield f"{self._say('limit')}: {field.limit}"

    def _what_becomes(self, field: Field) -> str:
        parts = [f"{self._say('sealed')}: {self._say(field.compartment)}"]
        parts.append(self._say(field.identifies))
        if field.statistics:
            parts.append(self._say("counted"))
        return "; ".join(parts)

    def _labels(self, code_list: str, only: tuple[str, ...] = ()) -> str:
        codes = self.codes.codes(code_list)
        shown = (code for code in codes if not only or code.code in only)
        return "; ".join(self.wording.answer(code_list, code) for code in shown)

    def _say(self, name: str) -> str:
        return self.wording.prompt(f"show_{name}")
