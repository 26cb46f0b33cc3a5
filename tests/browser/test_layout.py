"""Every page of the three interfaces on a small screen: nothing cut off, everything named.

Each page is loaded once per language and looked at in light and dark.
"""

import pytest

from tests.browser.conftest import NARROW
from tests.support.people import FORWARD, GO_ON, SEND, Newcomer
from vault.forms.load import load_forms

FORMS = load_forms()
SCHEMES = ("light", "dark")

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
    say(!e.innerText.trim(), 'no text: ' + name(e));
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


class Look:
    """Looks at pages in one language and remembers what is wrong with each."""

    def __init__(self, language):
        self.language = language
        self.faults = {}
        self.seen = 0

    def at(self, page):
        page.wait_for_load_state()
        page.keyboard.press("Tab")  # from now on, focus counts as moved by keys
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            faults = page.evaluate(FAULTS, [self.language, 4.5])
            if faults:
                self.faults[f"{page.url} {page.title()} ({scheme})"] = faults
        self.seen += 1

    def at_each(self, page, base, paths):
        for path in paths:
            page.goto(f"{base}{path}?lang={self.language}")
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
    assert look.seen == 13 + len(names)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_page_of_a_member_fits_and_names_everything(member, demo, new_context, language):
    look, options = Look(language), {"viewport": NARROW, "java_script_enabled": True}
    visitor = new_context(**options).new_page()
    look.at_each(visitor, f"{demo.staff}/staff", ["/sign-in", "/enrol", "/nowhere"])
    visitor.goto(f"{demo.staff}/staff/sign-in?lang={language}")
    visitor.fill("#login", "x")
    visitor.fill("#passphrase", "x")
    visitor.fill("#code", "x")
    visitor.click(SEND)
    look.at(visitor)

    officer = member("intake_officer", language, **options)
    look.at(officer.page)
    officer.open(_readable(officer.listed("new")), "new")
    look.at(officer.page)
    officer.page.click("section.doing:last-of-type button")  # set aside, or bring back
    look.at(officer.page)
    lawyer = member("lawyer", language, **options)
    look.at(lawyer.page)
    lawyer.open(_readable(lawyer.listed("cases")), "cases")
    lawyer.note("<b>1</b>")
    look.at(lawyer.page)
    look.at_each(
        lawyer.page, f"{demo.staff}/staff", ["/me", "/me/authenticator", "/me/recovery-codes"]
    )
    administrator = member("administrator", language, **options)
    pages = ["/well", "/settings", "/backups", "/members"]
    look.at_each(administrator.page, f"{demo.staff}/staff", pages)
    administrator.page.locator("summary").first.click()
    look.at(administrator.page)
    look.at_each(administrator.page, f"{demo.staff}/staff", ["/invite"])
    administrator.page.fill("#name", "Ә" * 40)
    administrator.page.check('[name="roles"][value="auditor"]')
    administrator.page.check('[name="roles"][value="doctor"]')
    administrator.page.click(SEND)
    look.at(administrator.page)
    administrator.page.uncheck('[name="roles"][value="auditor"]')
    administrator.page.click(SEND)
    look.at(administrator.page)
    code = administrator.page.inner_text("#code")
    visitor.goto(f"{demo.staff}/staff/enrol?lang={language}")
    newcomer = Newcomer(visitor, code, f"new.{language}")
    newcomer.enrol("000000")
    look.at(visitor)
    newcomer.enrol()
    assert len(newcomer.recovery_codes()) == 10
    look.at(visitor)
    assert look.faults == {}
    assert look.seen == 22


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_every_page_of_an_auditor_fits_and_names_everything(member, demo, new_context, language):
    look, options = Look(language), {"viewport": NARROW, "java_script_enabled": True}
    look.at_each(new_context(**options).new_page(), f"{demo.audit}/audit", ["/sign-in"])
    auditor = member("auditor", language, **options)
    look.at_each(auditor.page, f"{demo.audit}/audit", ["/", "/entries", "/entries/9", "/nowhere"])
    assert look.faults == {}
    assert look.seen == 5


def _readable(listed):
    return next(code for code, address in listed.items() if address)
