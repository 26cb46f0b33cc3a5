"""More, if one wishes: the list of pages, one page after another, and nothing typed is lost."""

import re

import pytest

from tests.support.pages import Page as Sheet
from vault import clock, errors
from vault.agents.sessions import SessionKeys
from vault.crypto.receipt import Receipt, encode
from vault.errors import AgentError, StorageError
from vault.forms.load import load_forms

FORMS = load_forms()
VICTIM = [module.name for module in FORMS.get("victim").pages]
SINCE = [module.name for module in FORMS.get("followup").pages]
PAGES = sorted({module.name for form in FORMS.ready for module in form.pages})


@pytest.fixture
def words(told):
    return told.words


@pytest.fixture
def inside(witness, words):
    """A witness whose box is open."""
    assert witness.open_box(words).status == 303
    return witness


def page(witness, module="story", language="en", form=""):
    stated = f"&form={form}" if form else ""
    return witness.get(f"/return/more/{module}?lang={language}{stated}")


def typed_into(shown, **answers):
    hidden = {name: shown.hidden(name) for name in ("send_id", "token", "form")}
    return {**hidden, "then": "on", **answers}


def links(shown):
    return re.findall(r'href="/return/more/([a-z_]+)\?', shown.source)


def send(witness, module="story", language="en", form="", **answers):
    typed = typed_into(page(witness, module, language, form), **answers)
    return witness.post(f"/return/more/{module}?lang={language}", typed)


# --- which pages ---------------------------------------------------------------------------------


def test_the_list_begins_with_what_happened_since_and_counts_nothing(inside):
    shown = inside.get("/return/more?lang=en")
    assert links(shown) == SINCE
    assert SINCE[0] == "followup"
    assert "What happened since you told" in shown.text
    assert "a paper to sign" in shown.text
    rest = shown.text.partition("More, if you wish")[2].replace("I am under 18", "")
    assert not re.search(r"\d|complete|progress", rest)


@pytest.mark.parametrize("form", [form.id for form in FORMS.ready if form.id != "followup"])
def test_every_other_form_is_offered_below_with_its_own_pages(inside, form):
    every = inside.get("/return/more?lang=en").source
    assert f'href="/return/more?form={form}&amp;lang=en"' in every
    shown = inside.get(f"/return/more?form={form}&lang=en")
    assert links(shown) == [module.name for module in FORMS.get(form).pages]
    assert f'href="/return/more?form={form}&amp;lang=kk"' in shown.source
    for module in links(shown):
        asked = page(inside, module, form=form)
        assert (asked.status, asked.hidden("form")) == (200, form)


def test_which_pages_there_are_does_not_depend_on_what_was_told(make_witness):
    """Whoever forces words out of somebody learns nothing from the pages: not what was told, not
    whether there is a box."""
    words = [make_witness().tell(form=form.id).words for form in FORMS.ready]
    words.append(encode(Receipt.generate().entropy, "ru"))
    paths = [*(f"/return/more/{name}" for name in PAGES), "/return/more", "/return/more?form=death"]
    seen = []
    for each in words:
        visitor = make_witness()
        visitor.open_box(each)
        shown = [visitor.get(f"{path}{'&' if '?' in path else '?'}lang=ru") for path in paths]
        assert {one.status for one in shown} == {200}
        seen.append([_bare(one) for one in shown])
    assert all(one == seen[0] for one in seen)


@pytest.mark.parametrize("form", ["", "nonsense", "Victim", "../x", "%D1%8F"])
def test_an_address_without_a_form_that_is_offered_shows_the_widest_page(inside, form):
    assert links(inside.get(f"/return/more?form={form}&lang=en")) == SINCE
    assert page(inside, "people", form=form).hidden("form") == "followup"
    assert page(inside, "health", form=form).hidden("form") == "victim"
    assert page(inside, "death", form=form).hidden("form") == "death"


@pytest.mark.parametrize(
    ("form", "module"), [("child", "body"), ("institution", "body"), ("victim", "death")]
)
def test_a_page_that_a_form_has_not_is_not_that_of_another_form(inside, form, module):
    assert page(inside, module, form=form).status == 404


@pytest.mark.parametrize("module", ["M5", "before", "..", "STORY", "children"])
def test_other_pages_do_not_exist(inside, module):
    assert page(inside, module).status == 404
    assert inside.post(f"/return/more/{module}", {"story": "x"}).status == 404
    assert inside.post(f"/return/more/{module}/again", {"story": "x"}).status == 404


def test_what_is_sent_with_words_without_a_box_begins_an_account(make_witness):
    stranger = make_witness()
    stranger.open_box(encode(Receipt.generate().entropy, "ru"))
    before = stranger.packets
    assert send(stranger, "risk", safe_contact_rule="вчера").status == 303
    assert stranger.packets == before + 1
    assert send(stranger, "people", **{"people.0.count": "2"}).status == 303
    assert stranger.packets == before + 2
    shown = stranger.get("/return/box?lang=en")
    assert "something you added × 2" in shown.text
    assert "Nobody may read it yet" in shown.text


def test_sending_with_words_without_a_box_is_answered_alike(make_witness):
    teller, stranger = make_witness(), make_witness()
    teller.open_box(teller.tell().words)
    stranger.open_box(encode(Receipt.generate().entropy, "ru"))
    theirs, other = (send(one, "risk", safe_contact_rule="x") for one in (teller, stranger))
    assert (theirs.status, theirs.location) == (other.status, other.location)


def _bare(shown):
    return re.sub(r'name="(send_id|token)" value="[^"]*"', "", shown.source)


def test_right_after_telling_the_first_page_is_offered_and_nobody_has_to(witness, told):
    send_id = told.hidden("send_id")
    sent = witness.post("/tell/victim/sent?lang=en", {"send_id": send_id})
    assert "You can stop here" in sent.text
    assert 'name="to" value="more"' in sent.source
    typed = {"send_id": send_id, "form": sent.hidden("form"), "to": "more"}
    opened = witness.post("/return?lang=en", typed)
    assert (opened.status, opened.location) == (303, "/return/more/safety?form=victim&lang=en")
    assert witness.get(opened.location).status == 200
    opened = witness.post("/return?lang=en", {"send_id": send_id, "to": "box"})
    assert opened.location == "/return/box?lang=en"


# --- sending -------------------------------------------------------------------------------------


def test_sending_a_page_goes_on_to_the_next_and_says_so(inside):
    before = inside.packets
    answer = send(inside, "risk", safe_contact_rule="вчера")
    assert (answer.status, answer.location) == (303, "/return/more/safety?sent=new&lang=en")
    assert inside.packets == before + 1
    shown = inside.get(answer.location)
    assert "It is sealed and has been sent" in shown.text
    assert "something you added" in inside.get("/return/box?lang=en").text


def test_one_goes_through_all_pages_in_order_and_the_last_is_about_care(inside):
    path, seen = "/return/more/safety?form=victim&lang=en", []
    while "/done" not in path:
        shown = inside.get(path)
        seen.append(re.search(r'action="/return/more/([a-z_]+)\?', shown.source)[1])
        path = inside.post(f"/return/more/{seen[-1]}?lang=en", typed_into(shown, story="")).location
    assert seen == VICTIM
    shown = inside.get(path)
    assert "breathe out slowly" in shown.text
    assert "What happens next" in shown.text
    assert "courage" not in shown.text


@pytest.mark.parametrize(
    ("form", "module", "answers", "following"),
    [
        ("military", "military", {"service_type": "conscript"}, "story"),
        ("military", "military", {"service_type": "family"}, "relative"),
        ("military", "military", {"service_type": "?"}, "relative"),
        ("military", "military", {}, "relative"),
        ("victim", "about", {"about.age_band": "25-29"}, "identity"),
        ("victim", "about", {"about.age_band": "under_18"}, "child"),
        ("victim", "about", {"about.gender": "male"}, "child"),
    ],
)
def test_a_page_without_sense_after_an_answer_does_not_follow(
    inside, form, module, answers, following
):
    sent = send(inside, module, form=form, **answers)
    assert sent.location.partition("?")[0] == f"/return/more/{following}"
    # Left out on the way, and there for whoever wants it.
    assert following in links(inside.get(f"/return/more?form={form}&lang=en"))
    assert {"relative", "child"} & set(links(inside.get(f"/return/more?form={form}&lang=en")))


@pytest.mark.parametrize("form", [form.id for form in FORMS.ready])
def test_every_way_in_leads_a_child_to_its_own_word(inside, form):
    """Whichever form was taken: whoever says to be under 18 is asked next for their own word."""
    modules = [module.name for module in FORMS.get(form).pages]
    if form in {"lawyer", "followup"}:  # nobody under 18 is an advocate; the second is no account
        assert "child" not in modules
        return
    if form != "child":
        sent = send(inside, "about", form=form, **{"about.age_band": "under_18"})
        assert sent.location.startswith(f"/return/more/child?form={form}")
    asked = page(inside, "child", form=form).source
    assert 'name="consent.child_assent"' in asked
    assert "We tell no adult unless you want it" in asked


def test_leaving_a_page_out_is_a_link_to_the_next(inside):
    source = page(inside, "risk").source
    assert '<a class="link" href="/return/more/safety?lang=en">Leave this page out</a>' in source
    last = page(inside, "identity").source
    assert '<a class="link" href="/return/done?lang=en">Leave this page out</a>' in last


@pytest.mark.parametrize(
    "answers",
    [{}, {"safe_contact_rule": "  \n "}, {"safe_contact_rule": "", "risk": []}, {"then": ""}],
)
def test_a_page_without_anything_typed_sends_nothing_and_goes_on(inside, answers):
    before = inside.packets
    answer = send(inside, "risk", **answers)
    assert (answer.status, answer.location) == (303, "/return/more/safety?lang=en")
    assert inside.packets == before


def test_enough_for_today_sends_what_is_typed_and_ends_the_visit(inside):
    cookie = inside.client.get_cookie("wv_return", path="/return").value
    before = inside.packets
    answer = send(inside, "risk", safe_contact_rule="вчера", then="stop")
    assert (answer.status, answer.location) == (303, "/return/done?sent=new&lang=en")
    assert inside.packets == before + 1
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert answer.cookies[0].startswith("wv_return=; Expires=Thu, 01 Jan 1970")
    shown = inside.get(answer.location)
    assert "It is sealed and has been sent" in shown.text
    assert "The box is closed" in shown.text
    inside.client.set_cookie("wv_return", cookie, path="/return")
    assert inside.get("/return/box").status == 403


def test_enough_for_today_without_anything_typed_sends_nothing_and_ends_the_visit(inside):
    before = inside.packets
    answer = send(inside, "risk", then="stop")
    assert answer.location == "/return/done?lang=en"
    assert inside.packets == before
    assert "has been sent" not in inside.get(answer.location).text
    assert inside.get("/return/box").status == 403


def test_the_page_about_care_needs_no_visit(witness):
    shown = witness.get("/return/done?lang=en&sent=nonsense")
    assert shown.status == 200
    assert "nonsense" not in shown.source
    assert "To my box" not in shown.text


def test_the_same_page_sent_twice_adds_once(inside):
    typed = typed_into(page(inside), story="Ещё.")
    inside.post("/return/more/story?lang=en", typed)
    before = inside.packets
    again = inside.post("/return/more/story?lang=en", typed)
    assert again.location == "/return/more/places?sent=same&lang=en"
    assert inside.packets == before
    assert "nothing was added twice" in inside.get(again.location).text


def test_one_page_may_be_sent_several_times_for_more(inside):
    before = inside.packets
    for place in range(3):
        send(inside, "people", **{"people.0.count": str(place)})
    assert inside.packets == before + 3


def test_a_page_shows_nothing_of_earlier_answers(inside):
    send(inside, "risk", safe_contact_rule="только один раз", risk=["return"])
    for module in VICTIM:
        shown = page(inside, module)
        assert "только один раз" not in shown.source
        assert Sheet(shown.source).filled == []


def test_the_consent_page_does_not_ask_again_what_the_first_page_asked(inside):
    names = Sheet(page(inside, "consent").source).names
    assert "consent.C03" in names
    assert not {"consent.C01", "consent.C02"} & set(names)


def test_the_page_about_the_body_begins_with_its_warning_and_a_way_past_it(inside):
    source = page(inside, "health").source
    warning, way = source.index("This page asks about pain"), source.index("Leave this page out")
    assert warning < way < source.index("<form")


# --- nothing typed is lost -----------------------------------------------------------------------


def test_a_refused_page_stays_as_it_was_and_says_why_at_the_field(inside):
    before = inside.packets
    answers = {
        "signed": "forced",
        "charges.0.article": "488",
        "charges.0.part": "третья",
        "court.0.said": "Ничего.\nСовсем.",
    }
    shown = send(inside, "statement", **answers)
    assert shown.status == 400
    assert "Nothing was sent yet" in shown.text
    assert '<a href="#charges.0.part">Part</a> Please write a number in digits' in shown.source
    assert 'id="charges.0.part-fault"' in shown.source
    assert 'aria-invalid="true"' in shown.source
    assert dict(Sheet(shown.source).filled) == answers
    assert inside.packets == before


def test_a_name_without_its_source_is_asked_for_and_never_lost(inside):
    shown = send(inside, "people", **{"people.0.name": "А. Б.", "people.0.count": "1"})
    assert shown.status == 400
    assert '<a href="#people.0.name_source">' in shown.source
    assert "You wrote a name" in shown.text
    assert "<details open>" in shown.source
    assert dict(Sheet(shown.source).filled) == {"people.0.name": "А. Б.", "people.0.count": "1"}


def test_names_of_others_stay_closed_until_asked_for_and_need_their_source(inside):
    assert "<details>" in page(inside, "others", form="victim").source
    added = typed_into(page(inside, "others", form="victim"), add="others_names")
    shown = inside.post("/return/more/others/again?lang=en", added)
    assert "<details open>" in shown.source
    assert "others_names.1" in Sheet(shown.source).ids
    typed = {"others_names.0.name": "А. Б.", "others_names.0.certainty": "not_sure"}
    shown = send(inside, "others", form="victim", **typed)
    assert shown.status == 400
    assert '<a href="#others_names.0.source">How do you know that' in shown.source
    assert dict(Sheet(shown.source).filled) == typed
    typed["others_names.0.source"] = "told"
    assert send(inside, "others", form="victim", **typed).status == 303


def test_an_answer_that_contradicts_the_one_beside_it_comes_back_with_all_that_was_typed(inside):
    typed = {"adult_knows": "no", "write_to_adult": "yes", "consent.child_assent": "yes"}
    shown = send(inside, "child", form="child", **typed)
    assert shown.status == 400
    assert '<a href="#write_to_adult">' in shown.source
    assert dict(Sheet(shown.source).filled) == typed


def test_signs_that_cannot_be_kept_are_shown_and_the_page_stays(inside):
    shown = send(inside, story="a\x00b")
    assert (shown.status, shown.textarea("story")) == (400, "a�b")


def test_bytes_that_are_no_text_are_refused_and_the_rest_stays(inside):
    typed = typed_into(page(inside, "risk"))
    body = "&".join(f"{name}={value}" for name, value in typed.items()).encode()
    shown = inside.post(
        "/return/more/risk?lang=en",
        body + b"&safe_contact_rule=%FF&risk=return",
        content_type="application/x-www-form-urlencoded",
    )
    assert shown.status == 400
    assert dict(Sheet(shown.source).filled) == {"safe_contact_rule": "�", "risk": "return"}


def test_changing_the_language_keeps_what_was_typed_and_sends_nothing(inside):
    before = inside.packets
    typed = typed_into(page(inside, "risk"), safe_contact_rule="вчера", risk=["return"])
    shown = inside.post("/return/more/risk/again?lang=kk", typed)
    assert '<html lang="kk">' in shown.source
    assert Sheet(shown.source).filled == [("risk", "return"), ("safe_contact_rule", "вчера")]
    assert shown.hidden("send_id") == typed["send_id"]
    assert inside.packets == before


def test_the_enter_key_presses_a_button_that_sends_nothing(inside):
    source = page(inside, "risk").source
    first = re.search(r'<button[^>]*form="more"[^>]*>|<button[^>]*name="then"[^>]*>', source)[0]
    assert 'formaction="/return/more/risk/again?lang=en"' in first


@pytest.mark.parametrize("token", ["", "nonsense", "ы"])
def test_a_form_that_was_not_made_for_this_visit_adds_nothing(inside, token):
    before = inside.packets
    shown = send(inside, story="Вспомнил ещё.", token=token)
    assert (shown.status, shown.textarea("story")) == (403, "Вспомнил ещё.")
    assert inside.packets == before


@pytest.mark.parametrize("token", ["", "nonsense", "ы"])
def test_a_form_that_was_not_made_for_this_visit_gets_no_token_of_it(inside, token):
    typed = typed_into(page(inside, "risk"), safe_contact_rule="вчера", token=token)
    shown = inside.post("/return/more/risk/again?lang=en", typed)
    assert (shown.status, shown.hidden("token")) == (403, "")
    assert Sheet(shown.source).filled == [("safe_contact_rule", "вчера")]
    assert shown.textarea("receipt") == ""


def test_the_form_of_another_visit_is_refused(inside, words):
    token = page(inside).hidden("token")
    inside.open_box(words)
    assert send(inside, story="x", token=token).status == 403


@pytest.mark.parametrize("form", [form.id for form in FORMS.ready])
def test_when_the_box_closed_while_writing_all_stays_and_the_words_reopen_it(
    witness, monkeypatch, form
):
    words = witness.tell(form=form).words
    witness.open_box(words)
    answers = {"injury": ["bruise", "burn"]} if form in {"victim", "death", "relative"} else {}
    module = "health" if answers else "risk"
    typed = typed_into(
        page(witness, module, form=form), **(answers or {"safe_contact_rule": "Долго."})
    )
    before, later = witness.packets, clock.now() + 901
    monkeypatch.setattr(clock, "now", lambda: later)
    shown = witness.post(f"/return/more/{module}?lang=en", typed)
    assert shown.status == 403
    assert "Enter your words once more" in shown.text
    assert shown.hidden("form") == form
    expected = [(n, v) for n, v in _pairs(typed) if n not in {"send_id", "token", "form", "then"}]
    assert Sheet(shown.source).filled == expected
    assert witness.packets == before
    again = witness.post(f"/return/more/{module}?lang=en", {**typed, "receipt": " ".join(words)})
    assert again.status == 303
    assert witness.packets == before + 1
    assert witness.get("/return/box").status == 200


def _pairs(typed):
    for name, value in typed.items():
        yield from ((name, one) for one in value) if isinstance(value, list) else [(name, value)]


def test_one_more_entry_can_be_added_after_the_box_has_closed(inside, monkeypatch):
    typed = typed_into(page(inside, "people"), **{"people.0.count": "2", "add": "people"})
    later = clock.now() + 901
    monkeypatch.setattr(clock, "now", lambda: later)
    shown = inside.post("/return/more/people/again?lang=en", typed)
    assert shown.status == 200
    assert "people.1" in Sheet(shown.source).ids
    assert shown.textarea("receipt") == ""


def test_wrong_words_while_reopening_keep_the_text_too(witness):
    shown = witness.post("/return/more/story?lang=en", {"story": "Долго.", "receipt": "дом"})
    assert (shown.textarea("story"), shown.textarea("receipt")) == ("Долго.", "дом")
    assert "There should be twelve words" in shown.text


def test_a_page_of_any_form_can_be_added_to_any_account(witness):
    words = witness.tell(form="witness").words
    before = witness.packets
    typed = {"death.marks": "Следы.", "receipt": " ".join(words), "form": "death"}
    assert witness.post("/return/more/death?lang=en", typed).status == 303
    assert witness.packets == before + 2  # that somebody came, and what was added


@pytest.mark.parametrize("stated", ["", "children", "nonsense", "../x"])
def test_a_hidden_form_that_is_not_offered_is_the_one_for_what_happened_since(witness, stated):
    shown = witness.post("/return/more/people?lang=en", {"people.0.count": "2", "form": stated})
    assert (shown.status, shown.hidden("form")) == (403, "followup")
    assert Sheet(shown.source).filled == [("people.0.count", "2")]


class Away(SessionKeys):
    def open(self, *_):
        raise AgentError

    def seal(self, *_):
        raise AgentError


def test_while_the_agent_is_away_nothing_typed_is_lost(inside, make_witness):
    typed = typed_into(page(inside, "risk"), safe_contact_rule="вчера")
    cookie = inside.client.get_cookie("wv_return", path="/return").value
    other = make_witness(agent=Away())
    other.client.set_cookie("wv_return", cookie, path="/return")
    for path, status in (("/return/more/risk", 503), ("/return/more/risk/again", 200)):
        shown = other.post(f"{path}?lang=en", typed)
        assert shown.status == status
        assert Sheet(shown.source).filled == [("safe_contact_rule", "вчера")]


class Full:
    """The real service, except that nothing can be kept now."""

    def __init__(self, back, error):
        self._back, self._error = back, error

    def __getattr__(self, name):
        return getattr(self._back, name)

    def add(self, *_):
        raise self._error


@pytest.mark.parametrize(
    ("error", "status"),
    [(StorageError(), 503), (errors.ConflictError(), 409), (errors.RosterExpiredError(), 503)],
)
def test_what_cannot_be_kept_now_stays_on_the_page(make_witness, services, words, error, status):
    witness = make_witness(back=Full(services.back, error))
    witness.open_box(words)
    shown = send(witness, "risk", safe_contact_rule="вчера", then="stop")
    assert shown.status == status
    assert Sheet(shown.source).filled == [("safe_contact_rule", "вчера")]
    assert witness.get("/return/box").status == 200


def test_a_damaged_box_does_not_take_the_page_with_it(make_witness, services, words):
    class Damaged(Full):
        def check(self, _):
            raise errors.SealError

        def add(self, *_):
            raise errors.SealError

    inside = make_witness()
    inside.open_box(words)
    typed = typed_into(page(inside, "risk"), safe_contact_rule="вчера")
    cookie = inside.client.get_cookie("wv_return", path="/return").value
    witness = make_witness(back=Damaged(services.back, None))
    witness.client.set_cookie("wv_return", cookie, path="/return")
    for path in ("/return/more/risk", "/return/more/risk/again"):
        shown = witness.post(f"{path}?lang=en", typed)
        assert Sheet(shown.source).filled == [("safe_contact_rule", "вчера")]


@pytest.mark.parametrize("path", ["/return/more", "/return/more/story", "/return/more/people"])
def test_without_the_words_nothing_is_shown(witness, path):
    shown = witness.get(f"{path}?lang=en")
    assert shown.status == 403
    assert "Enter your words to open it again" in shown.text


def test_who_tells_for_another_is_asked_only_what_a_proxy_may_say(witness):
    witness.open_box(witness.tell(form="relative").words)
    shown = page(witness, "consent", form="relative").source
    assert re.findall(r'<fieldset id="consent.(C\d+)"', shown) == ["C06", "C17"]
