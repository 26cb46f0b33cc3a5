"""axe-core finds nothing on any page of a witness: WCAG 2.2 A and AA, and its best practices."""

import pytest

from tests.browser.conftest import NARROW, WIDE
from tests.support import axe
from tests.support.people import GO_ON, SEND, STOP
from vault.forms.load import load_forms

FORMS = load_forms()


class Look:
    """Runs axe on pages, contrast in some schemes, and remembers what it finds."""

    def __init__(self, page, contrast):
        self._page, self._contrast = page, contrast
        self.found, self.seen = {}, 0

    def here(self):
        self._page.wait_for_load_state()
        if violations := axe.violations(self._page, self._contrast):
            self.found[self._page.url] = violations
        self.seen += 1

    def at(self, address):
        self._page.goto(address)
        self.here()


@pytest.fixture
def looking(witness):
    """Make a witness and what looks over their shoulder."""

    def begin(language, viewport, contrast):
        teller = witness(language, viewport=viewport, java_script_enabled=True)
        return teller, Look(teller.page, contrast)

    return begin


def test_no_page_on_the_way_has_a_fault(looking):
    # In one language; below a page of every kind is looked at in the others.
    teller, look = looking("ru", NARROW, axe.SCHEMES)
    page, base, lang = teller.page, teller.address, "?lang=ru"
    for path in ("/", "/tell", "/tell/victim", "/return", "/nowhere"):
        look.at(f"{base}{path}{lang}")
    page.goto(f"{base}/tell/victim{lang}")
    page.click("#tell button")  # without the first consent: refused
    look.here()
    teller.write("Рассказ.", "not_yet")
    words = teller.send()
    look.here()
    page.click('button[name="which"]')
    look.here()
    page.click("main form button")  # back to the own words
    teller.confirm(["x"] * 12)
    look.here()
    teller.confirm(words)
    look.here()
    page.click('button[value="more"]')
    for module in FORMS.get("victim").pages:
        look.at(f"{base}/return/more/{module.name}{lang}&form=victim")
    page.goto(f"{base}/return/more/people{lang}")
    page.fill('[name="people.0.count"]', "1" * 40)
    page.click("summary")
    page.fill('[name="people.0.name"]', "А.")
    page.click('[name="add"]')
    look.here()
    page.click(GO_ON)  # a name without its source: refused
    look.here()
    page.goto(f"{base}/return/more{lang}")
    look.here()
    page.goto(f"{base}/return/more/risk{lang}")
    page.fill("#safe_contact_rule", "x")
    page.context.clear_cookies()
    page.click(GO_ON)  # the words are asked for
    look.here()
    page.fill("#receipt", " ".join(words))
    page.click(GO_ON)
    look.here()
    page.goto(f"{base}/return/box{lang}")
    look.here()
    page.goto(f"{base}/return/done{lang}")
    look.here()
    page.goto(f"{base}/return/more/risk{lang}")
    page.click(STOP)
    look.here()
    page.goto(f"{base}/return{lang}")
    page.click(SEND)
    look.here()
    assert look.found == {}
    assert look.seen == 19 + len(FORMS.get("victim").pages)


@pytest.mark.parametrize("form", [form.id for form in FORMS.ready if form.id != "victim"])
def test_no_page_that_other_forms_have_besides_has_a_fault(looking, form):
    teller, look = looking("ru", NARROW, ("light",))
    teller.page.goto(f"{teller.address}/tell/{form}?lang=ru")
    look.here()
    teller.come_back(" ".join(teller.tell(form, "Рассказ.")))
    for module in FORMS.get(form).pages:
        if module not in FORMS.get("victim").pages:
            look.at(f"{teller.address}/return/more/{module.name}?lang=ru&form={form}")
    assert look.found == {}
    assert look.seen > 1 or form == "followup"


@pytest.mark.parametrize(("language", "contrast"), [("kk", ("dark",)), ("en", ())])
def test_a_page_of_every_kind_has_no_fault_in_the_other_languages(looking, language, contrast):
    teller, look = looking(language, WIDE, contrast)
    form_of = {module.name: form.id for form in FORMS.ready for module in form.pages}
    for form in FORMS.ready:
        look.at(f"{teller.address}/tell/{form.id}?lang={language}")
    teller.come_back(" ".join(teller.tell("witness", "Әңгіме.")))
    for name, form in form_of.items():
        look.at(f"{teller.address}/return/more/{name}?lang={language}&form={form}")
    assert look.found == {}
    assert look.seen == len(FORMS.ready) + len(form_of)


def test_it_would_say_what_is_wrong(new_context):
    page = new_context(java_script_enabled=True).new_page()
    page.set_content('<html><body><input><p style="color: #999; background: #fff">Pale.</p>')
    found = axe.violations(page)
    assert found.keys() == {"all but contrast", *axe.SCHEMES}
    assert {"label", "html-has-lang"} <= {rule for rule, _ in found["all but contrast"]}
    assert [rule for rule, _ in found["dark"]] == ["color-contrast"]
