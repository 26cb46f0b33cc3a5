"""Questions as controls: every kind is shown, holds what was typed, and posts it again."""

import re

import pytest
from hypothesis import HealthCheck, given, settings

from tests.forms.test_reading import page_of
from tests.support.pages import Page as Sheet
from tests.support.pages import posted
from vault.consent.items import is_asked
from vault.forms.load import load_forms
from vault.web.intake.fields import FIRST_PLACE, STEP, most_entries

FORMS = load_forms()
LANGUAGES = ("kk", "ru", "en")
PAGES = [(form.id, module.name) for form in FORMS.ready for module in form.pages]


def module_of(form, name):
    return next(module for module in FORMS.get(form).pages if module.name == name)


@pytest.fixture(params=[form.id for form in FORMS.ready])
def inside(request, witness):
    witness.form = request.param
    witness.open_box(witness.tell(form=request.param).words)
    witness.token = witness.get("/return/more/risk").hidden("token")
    return witness


@pytest.fixture
def victim(witness, told):
    witness.open_box(told.words)
    witness.token = witness.get("/return/more/risk").hidden("token")
    return witness


def show(witness, page, *pairs, language="ru", status=200):
    """Post to the address that shows a page again, and return it."""
    typed = {"token": witness.token, **_many(pairs)}
    answer = witness.post(f"/return/more/{page}/again?lang={language}", typed)
    assert answer.status == status
    return answer


def _many(pairs):
    many = {}
    for name, value in pairs:
        many.setdefault(name, []).append(value)
    return many


def full(module):
    """Return pairs that open as many entries as a page holds."""
    for field in module.asked:
        if field.type == "list":
            leaf = next(part for part in field.asked if part.type in {"text", "number"})
            for place in range(most_entries(field)):
                yield f"{field.id}.{place}.{leaf.name}", "1"


def test_every_question_of_every_page_has_a_control_and_nothing_is_answered(inside):
    for module in FORMS.get(inside.form).pages:
        page = inside.get(f"/return/more/{module.name}?lang=kk&form={inside.form}")
        sheet = Sheet(page.source)
        for field in asked_of(inside.form, module):
            for leaf in _leaves(field, field.id):
                assert leaf in {name.removesuffix(".from") for name in sheet.names}, leaf
        assert sheet.filled == []
        assert len(sheet.ids) == len(set(sheet.ids))


def asked_of(form, module):
    return [field for field in module.asked if is_asked(form, field.id)]


def _leaves(field, name):
    place = FIRST_PLACE if field.ordered else 0
    inner = f"{name}.{place}" if field.type == "list" else name
    if not field.asked:
        return [name]
    return [leaf for part in field.asked for leaf in _leaves(part, f"{inner}.{part.name}")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_page_is_big_even_with_all_its_entries(inside, language):
    for module in FORMS.get(inside.form).pages:
        page = show(inside, module.name, ("form", inside.form), *full(module), language=language)
        assert page.size < 40_000, (module.name, page.size)
        assert 'name="add"' not in page.source


@pytest.mark.parametrize(
    ("page", "name", "kind"),
    [
        ("followup", "happened_since", "textarea"),
        ("about", "about.language_pref", "text"),
        ("safety", "safe_now", "radio"),
        ("safety", "who_writes", "select"),
        ("safety", "urgency_self", "checkbox"),
        ("places", "events.500.region", "select"),
        ("places", "released.from", "text"),
        ("places", "released.precision", "select"),
        ("lawyer_family", "family_told_days", "text"),
        ("lawyer_family", "family_told_days.unknown", "checkbox"),
        ("consent", "consent.C08", "radio"),
        ("people", "people.0.involvement", "select"),
        ("people", "people.0.masked", "radio"),
        ("identity", "identity.person.name", "text"),
    ],
)
def test_each_kind_of_question_is_shown_as_the_specification_says(victim, page, name, kind):
    assert Sheet(victim.get(f"/return/more/{page}").source).kinds[name] == kind


def test_a_consent_item_has_no_answer_chosen_and_none_to_take_all_back(victim):
    source = victim.get("/return/more/consent?lang=en").source
    assert "checked" not in source
    assert 'name="consent.C03" value="?"' not in source
    assert "What can go wrong" in source


def test_radio_buttons_can_be_taken_back(victim):
    assert 'name="safe_now" value="?"' in victim.get("/return/more/safety").source


def test_what_is_closed_stays_closed_until_something_in_it_is_typed(victim):
    people = victim.get("/return/more/people").source
    assert "<details>" in people
    assert people.index("<details>") < people.index('name="people.0.name"')
    assert "<details open>" not in people
    assert "<details open>" in show(victim, "people", ("people.0.name", "А")).source
    health = victim.get("/return/more/health").source
    assert health.index("<details>") < health.index('name="methods_named_by_person"')


@pytest.mark.parametrize(("form", "page"), PAGES, ids=[f"{form}-{page}" for form, page in PAGES])
def test_what_was_typed_is_shown_again_and_would_be_posted_again(witness, form, page):
    fields, witness.token = asked_of(form, module_of(form, page)), ""

    @settings(max_examples=6, suppress_health_check=[HealthCheck.too_slow])
    @given(page_of(fields))
    def check(said):
        pairs = posted(fields, said)
        sheet = Sheet(show(witness, page, ("form", form), *pairs).source)
        # A list to open has no answer that takes another back: nothing chosen is enough there.
        shown = [pair for pair in pairs if pair[1] != "?" or sheet.kinds[pair[0]] != "select"]
        assert sorted(sheet.filled) == sorted(shown)

    check()


def test_one_more_entry_is_added_with_everything_typed(victim):
    typed = [("people.0.count", "4"), ("people.0.masked", "yes"), ("people.0.agency", "army")]
    page = show(victim, "people", *typed, ("add", "people"))
    sheet = Sheet(page.source)
    assert set(typed) == set(sheet.filled)
    assert "people.1" in sheet.ids
    assert "people.2" not in sheet.ids
    assert 'name="add" value="people" formaction="/return/more/people/again?lang=ru#people.2"' in (
        page.source
    )


def test_an_entry_can_be_put_before_another_where_they_follow_one_another(victim):
    typed = [("events.500.name", "A"), ("events.600.name", "B")]
    page = show(victim, "places", *typed, ("add", "events.600"))
    sheet = Sheet(page.source)
    assert set(typed) == set(sheet.filled)
    assert [i for i in sheet.ids if re.fullmatch(r"events\.[0-9]+", i)] == [
        "events.500",
        "events.550",
        "events.600",
    ]
    assert f"events.{500 + STEP}" in sheet.ids
    assert 'value="events.500" formaction="/return/more/places/again?lang=ru#events.249"' in (
        page.source
    )
    assert 'name="add" value="people.0"' not in show(victim, "people").source


def test_nothing_is_put_where_there_is_no_room(victim):
    typed = [("events.7.name", "A"), ("events.8.name", "B")]
    ids = Sheet(show(victim, "places", *typed, ("add", "events.8")).source).ids
    assert [i for i in ids if re.fullmatch(r"events\.[0-9]+", i)] == ["events.7", "events.8"]


def test_a_question_says_why_it_is_asked_and_with_which_answers_it_goes(victim):
    health = victim.get("/return/more/health?lang=en").source
    assert "If you answered: " in health
    assert "<br>Why do we ask? So that the right person talks with you" in health


def test_only_what_lasts_is_asked_for_its_end(victim):
    names = Sheet(victim.get("/return/more/places?form=victim").source).names
    assert "events.500.when.to" in names
    assert "released.from" in names
    assert "released.to" not in names


def test_every_page_can_be_left_out_before_its_first_question(inside):
    for module in FORMS.get(inside.form).pages:
        source = inside.get(f"/return/more/{module.name}?form={inside.form}&lang=en").source
        assert source.index("Leave this page out") < source.index('<form id="more"')


def test_the_body_is_pointed_at_without_a_script_and_ticked_in_a_list(victim):
    source = victim.get("/return/more/body?form=victim&lang=en").source
    boxes = re.findall(r'<input type="checkbox" id="(b[0-9]+)" name="body_map.then"', source)
    listed = re.findall(r'<label for="(b[0-9]+)" id="p[0-9]+">[A-Z]', source)
    pointed = re.findall(r'<label class="at" for="(b[0-9]+)" aria-hidden="true"><svg', source)
    assert len(boxes) == len(set(boxes)) == 68
    assert boxes == listed == pointed
    assert " style=" not in source
    assert "onclick" not in source


def test_then_and_now_are_told_apart_and_typed_again(victim):
    typed = [("body_map.then", "front.neck"), ("body_map.now", "soles.heel_l")]
    page = show(victim, "body", ("form", "victim"), *typed)
    assert sorted(Sheet(page.source).filled) == sorted(typed)


def test_an_entry_is_added_to_the_list_that_was_pressed(victim):
    ids = Sheet(show(victim, "statement", ("add", "court")).source).ids
    assert "court.1" in ids
    assert "charges.1" not in ids


def test_a_page_says_when_no_more_entries_fit(victim):
    module = module_of("victim", "people")
    page = show(victim, "people", *full(module), ("add", "people"), language="en")
    assert "No more fit on one page" in page.text
    assert f"people.{most_entries(module.asked[0])}" not in Sheet(page.source).ids


def test_more_entries_than_a_page_shows_are_all_shown_again(victim):
    typed = [(f"facts.{place}.text", str(place)) for place in range(30)]
    assert set(Sheet(show(victim, "story", *typed).source).filled) == set(typed)


def test_a_request_of_nothing_but_entries_does_not_become_a_page_of_megabytes(victim):
    for name in ("people", "places", "complaints", "health"):
        for asked in (one for one in module_of("victim", name).asked if one.type == "list"):
            posted = [(f"{asked.id}.{place}.{asked.asked[0].name}", "x") for place in range(480)]
            assert len(show(victim, name, *posted).source) < 200_000


def test_texts_that_look_like_markup_stay_text(victim):
    typed = '"><script>alert(1)</script>'
    page = show(victim, "about", ("about.language_pref", typed))
    assert "<script>" not in page.source
    assert (Sheet(page.source).filled) == [("about.language_pref", typed)]


def test_a_text_area_keeps_its_first_line_break(victim):
    assert Sheet(show(victim, "risk", ("safe_contact_rule", "\n\nx")).source).filled == [
        ("safe_contact_rule", "\n\nx")
    ]
