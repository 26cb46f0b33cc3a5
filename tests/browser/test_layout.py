"""Every page of the three interfaces on a small screen: nothing cut off, everything named.

Each page is loaded once per language; in Russian it is looked at in light and dark, and axe-core
looks at those of members and auditors. `test_accessible_intake.py` has it look at a witness's.
"""

import pytest

from tests.browser.conftest import NARROW
from tests.support import axe
from tests.support.people import FORWARD, GO_ON, SEND, Member, Newcomer
from vault.forms.load import load_forms

FORMS = load_forms()
# At 400 % on a common screen: WCAG 2.2, 1.4.10 (Reflow).
ZOOMED = {"width": 320, "height": 256}

# What is wrong with a page, as a list of sentences. Contrast: WCAG 2.2, 1.4.3 (AA).
FAULTS = """([language, least]) => {
  const faults = [], all = selector => [...document.querySelectorAll(selector)];
  const say = (wrong, what) => { if (wrong) faults.push(what); };
  const name = e => e.outerHTML.slice(0, 90);
  say(document.documentElement.lang !== language, 'lang ' + document.documentElement.lang);
  say(!document.title.trim(), 'no title');
  say(all('h1').length !== 1, all('h1').length + ' h1');
  const wide = document.documentElement.scrollWidth;
  say(wide > innerWidth, 'wider than the screen: ' + wide);
  for (const e of all('input:not([type=hidden]), select, textarea'))
    say(!e.labels.length, 'no label: ' + name(e));
  const shown = e => e.checkVisibility() && e.getBoundingClientRect().left >= 0;
  for (const e of all('a[href], button').filter(shown))
    say(!e.innerText.trim() && !e.querySelector('img[alt]:not([alt=""])'), 'no text: ' + name(e));
  for (const e of all('a[href], button, input:not([type=hidden]), select, textarea')) {
    if (!e.checkVisibility()) continue;
    e.focus();
    const style = getComputedStyle(e);
    say(!e.matches(':focus-visible') || style.outlineStyle === 'none'
        || parseFloat(style.outlineWidth) < 2, 'focus not seen: ' + name(e));
  }
  document.activeElement.blur();
  const channels = colour => colour.match(/[\\d.]+/g).map(Number);
  const luminance = colour => channels(colour).slice(0, 3).map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = e => {
    for (; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if ((channels(colour)[3] ?? 1) === 1) return colour;
    }
    return 'rgb(255, 255, 255)';
  };
  const ratio = e => {
    const pair = [getComputedStyle(e).color, ground(e)].map(luminance).sort((a, b) => b - a);
    return (pair[0] + 0.05) / (pair[1] + 0.05);
  };
  const hasText = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
  for (const e of all('body *').filter(e => e.checkVisibility() && hasText(e)))
    say(ratio(e) < least, 'contrast ' + ratio(e).toFixed(2) + ': ' + name(e));
  return faults;
}"""


# Colours do not depend on the language: both schemes once, each once more.
SCHEMES_OF = {"kk": ("dark",), "ru": axe.SCHEMES, "en": ("light",)}


class Look:
    """Looks at pages in one language and remembers what is wrong with each.

    Args:
        language: of the pages.
        thorough: run axe-core too, and narrow the window as 400 % zoom does.
    """

    def __init__(self, language, *, thorough=False):
        self.language, self.thorough = language, thorough
        self.faults = {}
        self.seen = 0

    def at(self, page):
        page.wait_for_load_state()
        page.keyboard.press("Tab")  # from now on, focus counts as moved by keys
        where = f"{page.url} {page.title()}"
        for scheme in SCHEMES_OF[self.language]:
            page.emulate_media(color_scheme=scheme)
            if faults := page.evaluate(FAULTS, [self.language, 4.5]):
                self.faults[f"{where} ({scheme})"] = faults
        if self.thorough:
            self._more(page, where)
        self.seen += 1

    def _more(self, page, where):
        if violations := axe.violations(page):
            self.faults[f"{where} (axe)"] = violations
        usual = page.viewport_size
        page.set_viewport_size(ZOOMED)
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > ZOOMED["width"]:
            self.faults[f"{where} (zoomed)"] = [f"wider than the screen: {wide}"]
        page.set_viewport_size(usual)

    def at_each(self, page, base, paths):
        for path in paths:
            page.goto(f"{base}{path}{'&' if '?' in path else '?'}lang={self.language}")
            self.at(page)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_page_of_a_witness_fits_and_names_everything(witness, stories, language):
    look, teller = Look(language), witness(language, java_script_enabled=True)
    page = teller.page
    look.at_each(page, teller.address, ["/", "/tell", "/tell/victim", "/return", "/nowhere"])
    page.goto(f"{teller.address}/tell/victim?lang={language}")
    page.click("#tell button")
    look.at(page)
    teller.write(stories[language], "not_yet")
    words = teller.send()
    look.at(page)
    teller.confirm(["x"] * 12)
    look.at(page)
    teller.confirm(words)
    look.at(page)
    page.click('button[value="box"]')
    look.at(page)
    page.click(FORWARD)
    look.at(page)
    page.click('main a[href^="/return/more/followup"]')
    look.at(page)
    page.go_back()
    page.click('main a[href^="/return/more?form=victim"]')
    look.at(page)
    page.click('main a[href^="/return/more/safety"]')
    names = []
    while "/return/more/" in page.url:
        names.append(page.url.partition("/more/")[2].partition("?")[0])
        for summary in page.locator("summary").all():
            summary.click()
        look.at(page)
        page.click(GO_ON)
    assert names == [module.name for module in FORMS.get("victim").pages]
    look.at(page)
    teller.come_back("one two three")
    look.at(page)
    assert look.faults == {}
    assert look.seen == 15 + len(names)


# Whose session ends while they write; each comes in once with each code, so a role per language.
SHUT_OUT = {"kk": "interpreter", "ru": "trustee", "en": "analyst"}


@pytest.fixture(params=["kk", "ru", "en"])
def look(request):
    return Look(request.param, thorough=request.param == "ru")


@pytest.fixture
def visitor(new_context):
    return new_context(viewport=NARROW, java_script_enabled=True).new_page()


@pytest.fixture
def small(member, look):
    """Make a member who is signed in and reads on a small screen, in the language of `look`."""
    return lambda role: member(role, look.language, viewport=NARROW, java_script_enabled=True)


def test_every_page_for_new_accounts_fits_and_names_everything(look, small):
    officer = small("intake_officer")
    look.at(officer.page)
    officer.open(_readable(officer.listed("new")), "new")
    address = officer.page.url
    look.at(officer.page)
    officer.page.click('form[action*="/set-aside?"] button, form[action*="/bring-back?"] button')
    look.at(officer.page)
    officer.page.goto(address)
    look.at(officer.page)
    assert look.faults == {}
    assert look.seen == 4


def test_every_page_of_a_lawyer_fits_and_names_everything(look, small):
    lawyer = small("lawyer")
    page, cases = lawyer.page, lawyer.listed("cases")
    look.at_each(page, lawyer.home, ["/cases", "/cases?unread=yes&sort=label"])
    page.fill("#words", "no such label")
    page.click('form[method="post"].filter button')
    look.at(page)
    lawyer.open(_readable(cases), "cases")
    lawyer.note("<b>1</b>")
    look.at(page)
    page.fill("#text", "x")
    page.click('button[formaction*="/draft/reply"]')
    look.at(page)
    page.fill("#text", " ")
    page.click('form[action*="/reply"] button')
    look.at(page)  # refused, with what was typed
    look.at_each(page, lawyer.home, ["/me", "/me/authenticator", "/me/passkeys"])
    look.at_each(page, lawyer.home, ["/me/notices", "/me/passphrase"])
    for field, typed in (("passphrase", "x"), ("chosen", "x"), ("again", "y"), ("code", "x")):
        page.fill(f"#{field}", typed)
    page.click(SEND)
    look.at(page)  # refused at its field
    look.at_each(page, lawyer.home, ["/me/recovery-codes"])
    page.fill("#passphrase", "x")
    page.fill("#code", "x")
    page.click(SEND)
    look.at(page)
    assert look.faults == {}
    assert look.seen == 14


def test_every_page_after_a_session_has_ended_fits_and_names_everything(look, small, demo):
    lawyer = small("lawyer")
    lawyer.open(_readable(lawyer.listed("cases")), "cases")
    lawyer.page.context.clear_cookies()
    lawyer.reply("x")
    look.at(lawyer.page)  # who are you?
    other = Member(lawyer.page, demo, SHUT_OUT[look.language], look.language)
    other.enter()
    look.at(other.page)  # what was typed
    look.at_each(other.page, other.home, ["/", "/me/recovery-codes"])
    other.page.fill("#passphrase", other.person.passphrase)
    other.page.fill("#code", other.person.app.code())
    other.page.click(SEND)
    other.page.wait_for_selector("#codes")
    look.at(other.page)
    assert look.faults == {}
    assert look.seen == 5


def test_every_page_of_an_administrator_fits_and_names_everything(look, small):
    administrator = small("administrator")
    page = administrator.page
    pages = ["/well", "/settings", "/backups", "/members"]
    look.at_each(page, administrator.home, pages)
    page.locator("summary").first.click()
    look.at(page)
    _invite(page, administrator.home, look)
    look.at(page)
    look.at_each(page, administrator.home, ["/members"])
    assert look.faults == {}
    assert look.seen == 9


def test_every_page_of_somebody_not_yet_in_fits_and_names_everything(look, small, visitor, demo):
    home = f"{demo.staff}/staff"
    look.at_each(visitor, home, ["/sign-in", "/enrol", "/nowhere"])
    visitor.goto(f"{home}/sign-in?lang={look.language}")
    visitor.fill("#login", "x")
    visitor.fill("#passphrase", "x")
    visitor.fill("#code", "x")
    visitor.click(SEND)
    look.at(visitor)
    administrator = small("administrator")
    _invite(administrator.page, administrator.home, look)
    visitor.goto(f"{home}/enrol?lang={look.language}")
    newcomer = Newcomer(visitor, administrator.page.inner_text("#code"), f"new.{look.language}")
    newcomer.enrol("000000")
    look.at(visitor)
    newcomer.enrol()
    visitor.wait_for_selector("#codes")
    look.at(visitor)
    assert look.faults == {}
    assert look.seen == 8


def test_every_page_of_an_auditor_fits_and_names_everything(look, small, visitor, demo):
    look.at_each(visitor, f"{demo.audit}/audit", ["/sign-in"])
    auditor = small("auditor")
    asked = ["/entries", "/entries?kind=case.opened", "/entries?case=none&from=x", "/entries/9"]
    asked += ["/?period=half", "/flags?show=all", "/checkpoints"]
    look.at_each(auditor.page, auditor.home, ["/", *asked, "/download", "/nowhere"])
    _compare(auditor, "x", look)
    note = auditor.page.request.get(f"{auditor.home}/checkpoint").text()
    _compare(auditor, note, look)
    auditor.page.goto(f"{auditor.home}/?lang={look.language}")
    auditor.page.click('form[action$="/verify"] button')
    look.at(auditor.page)
    assert look.faults == {}
    assert look.seen == 14


def _compare(auditor, kept, look):
    """Ask whether the log follows from what was kept, and look at what it says."""
    auditor.page.goto(f"{auditor.home}/checkpoints?lang={look.language}")
    auditor.page.fill("#kept", kept)
    auditor.page.click('form[action$="/compare"] button')
    look.at(auditor.page)


def _invite(page, home, look):
    """Fill in the invitation wrongly, look at what it says, and send it as it should be."""
    look.at_each(page, home, ["/invite"])
    page.fill("#name", "Ә" * 40)
    page.check('[name="roles"][value="auditor"]')
    page.check('[name="roles"][value="doctor"]')
    page.click(SEND)
    look.at(page)
    page.uncheck('[name="roles"][value="auditor"]')
    page.click(SEND)


def _readable(listed):
    return next(code for code, address in listed.items() if address)
