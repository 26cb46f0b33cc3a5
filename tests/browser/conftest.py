"""One demonstration for all of these tests; they find their own cases in it by what is new."""

import json
from pathlib import Path

import pytest

from tests.support.demo import running_demo
from tests.support.people import Member, Witness
from tests.support.watching import Watch

NARROW = {"width": 360, "height": 740}
WIDE = {"width": 1280, "height": 900}
# Each language tells in a form and with a testimony of its own.
FORM_OF = {"kk": "relative", "ru": "victim", "en": "witness"}


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def demo(playwright_and_chromium):
    with running_demo() as running:
        yield running


@pytest.fixture(scope="session")
def testimonies():
    data = Path(__file__).parent.parent / "data" / "testimonies.json"
    return json.loads(data.read_text("utf-8"))


@pytest.fixture(scope="session")
def stories(testimonies):
    """The story that is told in each language."""
    by_form = {told["form"]: told["answers"]["story"] for told in testimonies}
    return {language: by_form[form] for language, form in FORM_OF.items()}


@pytest.fixture
def witness(demo, new_context):
    """Make a witness with a browser of their own."""

    def make(language="ru", **options):
        page = new_context(**{"viewport": NARROW, **options}).new_page()
        return Witness(page, demo.intake, language)

    return make


@pytest.fixture(scope="session")
def signed_in():
    """Cookies of those who have signed in once, by role: deriving keys takes its time."""
    return {}


@pytest.fixture
def member(demo, new_context, signed_in):
    """Make a member, signed in, with a browser of their own."""

    def make(role, language="en", **options):
        context = new_context(**{"viewport": WIDE, **options})
        person = Member(context.new_page(), demo, role, language)
        if role not in signed_in:
            signed_in[role] = person.sign_in().page.context.cookies()
        context.add_cookies(signed_in[role])
        person.page.goto(f"{person.home}/?lang={language}")
        return person

    return make


@pytest.fixture
def given(witness, member):
    """Bring a story to the lawyer; returns witness, words, lawyer with the case open, its code."""

    def bring(story, language="ru", **options):
        teller, officer = witness(language, **options), member("intake_officer", **options)
        known = officer.listed("new")
        words = teller.tell("victim", story)
        code = officer.wait_for_new(known)
        officer.open(code, "new")
        officer.give_to("Demo lawyer")
        lawyer = member("lawyer", **options)
        lawyer.open(code, "cases")
        return teller, words, lawyer, code

    return bring


@pytest.fixture
def watched(demo):
    """Watch the contexts of pages from now on; says whether all is well on each."""

    def begin(*pages):
        watches = [(Watch(page.context, demo), page) for page in pages]

        def check():
            for watch, page in watches:
                watch.check(page)

        return check

    return begin
