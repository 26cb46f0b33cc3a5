"""Who the witness is, as people go it: released, opened for a purpose, taken back, closed again."""

import pytest

from tests.browser.conftest import NARROW, WIDE
from tests.support.axe import violations
from tests.support.people import soon

NAME, LATER = "Планета Имярековна", "Имя после отзыва"
RELEASE, WITHDRAW = 'form[action*="/identity/release"]', 'form[action*="/identity/withdraw"]'
LINK = 'a[href^="/return/identity"]'
ASK = f"main {LINK}"
PURPOSE = {"kk": "БҰҰ сарапшыларына", "ru": "экспертам ООН", "en": "UN experts"}


def add_name(teller, name):
    teller.open_page("identity")
    teller.page.fill('[name="identity.person.name"]', name)
    teller.page.click('[name="then"][value="on"]')
    teller.page.wait_for_url("**sent=new*")
    teller.page.goto(f"{teller.address}/return/box?lang={teller.language}")


def ask(teller):
    """From the box: unfold what it says about who one is, and go to the page that asks."""
    link = teller.page.locator(ASK).first
    if not link.is_visible():
        teller.page.locator(f"details:has({LINK}) summary").click()
    link.click()


def press(teller, form):
    """From the box: go to the page that asks, and say yes."""
    ask(teller)
    teller.page.click(f"{form} button")
    teller.page.wait_for_url("**/return/box?*")


def identity(lawyer, case):
    """Return the page about identity, as the lawyer finds it now."""
    lawyer.page.goto(f"{case}/identity?lang={lawyer.language}")
    return lawyer.page


def shown(page):
    return page.locator('article[data-compartment="identity"]').all_inner_texts()


@pytest.mark.parametrize(
    ("language", "viewport"), [("kk", NARROW), ("ru", WIDE), ("en", NARROW)], ids=["kk", "ru", "en"]
)
def test_it_is_released_opened_and_taken_back(given, member, language, viewport):
    options = {"language": language, "viewport": viewport}
    teller, words, lawyer, code = given("Расскажу, что видел.", **options)
    case = lawyer.page.url.partition("?")[0]
    assert lawyer.page.locator(f'a[href*="{case.rpartition("/")[2]}/identity"]').count() == 0

    teller.come_back(" ".join(words))
    add_name(teller, NAME)
    assert soon(lambda: _offered(teller))
    press(teller, RELEASE)
    assert teller.page.locator('main a[href$="#withdraw"]').count() == 1

    assert soon(lambda: identity(lawyer, case).locator('[name="purpose"]').count() > 0)
    page = lawyer.page
    assert NAME not in page.content()
    page.check('[name="purpose"][value="un_experts"]')
    page.click("main form.narrow button")
    page.wait_for_selector('article[data-compartment="identity"]')
    assert any(NAME in text for text in shown(page))
    assert page.url.partition("?")[0] == f"{case}/identity"
    lawyer.open(code, "cases")
    assert NAME not in lawyer.page.content()

    teller.wait_for(PURPOSE[language])
    press(teller, WITHDRAW)
    add_name(teller, LATER)
    assert soon(lambda: identity(lawyer, case).locator('[name="purpose"]').count() == 0)
    assert LATER not in lawyer.page.content()

    auditor = member("auditor")
    auditor.page.goto(f"{auditor.home}/entries")
    auditor.page.fill("#case", code)
    auditor.page.click("form.filter button")
    said = auditor.page.inner_text("ol.entries")
    for sentence in (
        f"A witness released the identity in case {code}",
        f"opened who the witness of case {code} is",
        f"A witness took back the release of the identity in case {code}",
    ):
        assert sentence in said
    assert NAME not in auditor.page.content()


def _offered(teller):
    teller.page.reload()
    return teller.page.locator(ASK).count() > 0


def test_known_at_once_reaches_the_lawyer_with_the_case(witness, member):
    teller, officer = witness("en"), member("intake_officer")
    known = officer.listed("new")
    teller.page.goto(f"{teller.address}/tell/victim?lang=en")
    teller.write("It is urgent.")
    teller.page.locator("summary", has_text="urgent").click()
    teller.page.check('[name="consent.C02_identity"]')
    teller.send()
    code = officer.wait_for_new(known)
    officer.open(code, "new")
    officer.give_to("Demo lawyer")
    lawyer = member("lawyer")
    lawyer.open(code, "cases")
    assert lawyer.page.locator('dd a[href*="/identity"]').count() == 1


def test_a_wish_that_nobody_fits_is_said_and_sent_only_when_asked_again(witness, member):
    teller, officer = witness("ru"), member("intake_officer")
    known = officer.listed("new")
    teller.page.goto(f"{teller.address}/tell/victim?lang=ru")
    teller.write("Мой рассказ.")
    teller.page.check('[name="reader_gender"][value="male"]')
    teller.page.click("main button")
    teller.page.wait_for_selector('[name="unfit"]', state="attached")
    assert teller.page.locator("output#receipt").count() == 0
    assert teller.page.input_value("#story") == "Мой рассказ."
    assert teller.page.is_checked('[name="reader_gender"][value="male"]')
    teller.send()
    code = officer.wait_for_new(known)
    assert officer.listed("new")[code] is None


class Faults:
    """What is wrong with the pages looked at: axe-core, and more width than there is."""

    def __init__(self):
        self.found, self.seen = {}, 0

    def at(self, page):
        self.seen += 1
        wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        wrong = violations(page)
        if wrong or wide > 0:
            self.found[page.url] = (wrong, wide)


def test_its_pages_fit_and_have_no_fault(given, witness):
    options = {"language": "kk", "viewport": NARROW, "java_script_enabled": True}
    teller, words, lawyer, _ = given("Айтарым бар.", **options)
    look, page, case = Faults(), lawyer.page, lawyer.page.url.partition("?")[0]
    page.goto(f"{case}/identity?lang=kk")
    look.at(page)
    teller.come_back(" ".join(words))
    add_name(teller, NAME)
    assert soon(lambda: _offered(teller))
    look.at(teller.page)
    for form in (RELEASE, WITHDRAW):
        if form == WITHDRAW:
            assert soon(lambda: identity(lawyer, case).locator('[name="purpose"]').count() > 0)
            page.goto(f"{case}/identity?lang=kk")
            look.at(page)
            page.check('[name="purpose"][value="contact"]')
            page.click("main form.narrow button")
            page.wait_for_selector('article[data-compartment="identity"]')
            look.at(page)
        ask(teller)
        look.at(teller.page)
        teller.page.go_back()
        press(teller, form)
        look.at(teller.page)
    other = witness(**options)
    other.page.goto(f"{other.address}/tell/victim?lang=kk")
    other.write("Айтарым бар.")
    other.page.check('[name="reader_gender"][value="male"]')
    other.page.click("main button")
    other.page.wait_for_selector('[name="unfit"]', state="attached")
    look.at(other.page)
    assert look.found == {}
    assert look.seen == 9
