"""Every form of a visit, when something goes wrong: nothing acts twice, nothing typed is lost."""

from __future__ import annotations

import html
import os
import re
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from tests.support.attacks import give_a_story
from tests.support.house import STORY, House
from tests.support.uploading import choices, upload
from vault import clock
from vault.agents.sessions import SessionKeys
from vault.crypto.receipt import encode_digits
from vault.crypto.seal import OpeningKey
from vault.packet.deletion import Certificate, seal_certificate
from vault.testimony.boxes import box_locator
from vault.web.intake import Services, create_app

TYPED = "Вспомнил ещё: «куртка» & <b>номер</b>."
HIDDEN = re.compile(r'type="hidden" name="([^"]+)" value="([^"]*)"')


class Form(NamedTuple):
    """A form: where it is sent, on which page it stands, what is typed, what comes before."""

    post: str
    page: str
    typed: dict
    before: tuple


def choice(post, page, *before):
    return Form(post, page, {}, before)


ASK = choice("delete", "delete")
RELEASE = choice("identity/release", "identity")
# Every POST of the return side that does something; `test_return` is about the words themselves.
FORMS = {
    "allow": choice("allow", "box"),
    "pause": choice("pause", "box"),
    "release": RELEASE,
    "withdraw": choice("identity/withdraw", "identity", RELEASE),
    "delete": ASK,
    "stop": choice("delete/stop", "delete", ASK),
    "add": Form("more/story", "more/story", {"story": TYPED}, ()),
    "consent": Form("more/consent", "more/consent", {"consent.C07": "no"}, ()),
    "files": Form("files/send", "files", choices(1, keep="original"), ()),
}
FILE = "note.txt"


@pytest.fixture
def house(tmp_path):
    house = House.found(tmp_path).staff()
    yield house
    house.close()


class Tab:
    """One tab of a witness whose box is open."""

    def __init__(self, app, receipt):
        self.client = app.test_client()
        self.page("POST", "", {"receipt": encode_digits(receipt.entropy)}, status=303)

    def page(self, method, path, data=None, status=None):
        answer = self.client.open(
            f"/return/{path}?lang=en".replace("/?", "?"), method=method, data=data
        )
        assert status in (None, answer.status_code), answer.text
        return answer

    def fill(self, form):
        """Open the page of a form and fill it in; that of files comes once they are chosen."""
        if form.page == "files":
            shown = upload(self.client, (FILE, TYPED.encode()), lang="en").text
        else:
            shown = self.page("GET", form.page, status=200).text
        return {**dict(HIDDEN.findall(shown)), **form.typed}

    def send(self, form, filled=None):
        return self.page("POST", form.post, filled or self.fill(form))


@pytest.fixture
def service(house, receipt):
    return Services.connect(house.settings, SessionKeys())


@pytest.fixture(params=FORMS)
def form(request):
    return FORMS[request.param]


def a_story_is_given(house):
    give_a_story(house)
    house.collect()


@pytest.fixture
def receipt(house, form):
    """The words of a box in which this form can be sent."""
    if form.post == "allow":
        return house.send({**STORY, "consent": {"C01": "yes", "C02": "not_yet"}})
    return house.after(a_story_is_given).receipt


@pytest.fixture
def tab(house, service, form, receipt):
    tab = Tab(create_app(service), receipt)
    for earlier in form.before:
        assert tab.send(earlier).status_code == 303
    house.collect()
    return tab


def stands(house, receipt):
    """What waits in the letterbox, and what the box's own file holds."""
    return len(house.letterbox.waiting()), house.letterbox.sent(box_locator(receipt))


def packets(form):
    """How many packets a form makes: an answer about consent has an instruction beside it."""
    return 2 if form.post in {"pause", "more/consent"} else 1


def keeps(answer, form):
    """Whether everything that was typed is on the page."""
    shown = html.unescape(answer.text)
    if form.page == "files":
        return FILE in shown and all(_is_chosen(answer, *one) for one in form.typed.items())
    return all(value in shown for value in form.typed.values())


def _is_chosen(answer, name, value):
    return f'name="{name}" value="{value}" checked' in answer.text


def sent_nothing(answer, form):
    """Whether the page says that nothing was sent, or that the files still wait to be."""
    return ("files still wait" if form.page == "files" else "othing was sent") in answer.text


def test_pressed_twice_in_two_tabs_and_after_a_restart_it_acts_once(
    house, service, form, receipt, tab
):
    filled = tab.fill(form)
    other = Tab(create_app(service), receipt)
    filled_there = other.fill(form)
    house.collect()
    answers = [tab.send(form, filled), tab.send(form, filled)]
    # Intake is started anew over the same folder; its agent lives on.
    again = Services.connect(house.settings, service.agent)
    cookie = tab.client.get_cookie("wv_return", path="/return").value
    fresh = create_app(again).test_client()
    fresh.set_cookie("wv_return", cookie, path="/return")
    tab.client = fresh
    answers.append(tab.send(form, filled))
    if not form.typed and form.post != "pause":  # the same choice, from another page
        answers.append(other.send(form, filled_there))
    assert {answer.status_code for answer in answers} == {303}
    assert house.collect().accepted == packets(form)
    lines = house.come_back.open(receipt).sent
    assert len(lines) == len(form.before) + 1


def test_a_form_of_another_visit_does_nothing(house, service, form, receipt, tab):
    strange = Tab(create_app(service), house.send())
    filled = tab.fill(form) | {"token": strange.fill(FORMS["add"])["token"]}
    before = stands(house, receipt)
    answer = tab.send(form, filled)
    assert answer.status_code == 403
    assert sent_nothing(answer, form)
    assert keeps(answer, form)
    assert stands(house, receipt) == before


@pytest.mark.parametrize("end", ["idle", "agent"])
def test_a_visit_that_ended_meanwhile_does_nothing_and_says_so(
    house, service, form, receipt, tab, monkeypatch, end
):
    filled, before = tab.fill(form), stands(house, receipt)
    if end == "idle":
        later = clock.now() + house.settings.intake.session_idle + 1
        monkeypatch.setattr(clock, "now", lambda: later)
    else:
        service.agent.__init__()  # started anew, with another key
    answer = tab.send(form, filled)
    assert answer.status_code == 403
    if form.page == "files" and end == "agent":  # it alone could open the keys of the files
        assert "nothing of them was sent" in answer.text
    else:
        assert sent_nothing(answer, form)
        assert keeps(answer, form)
    assert stands(house, receipt) == before


def test_a_full_letterbox_takes_nothing_and_says_so_and_later_it_is_taken_once(
    house, form, receipt, tab, monkeypatch
):
    filled, before = tab.fill(form), stands(house, receipt)
    with monkeypatch.context() as full:
        full.setattr("vault.letterbox.store.shutil.disk_usage", lambda _: SimpleNamespace(free=-1))
        answer = tab.send(form, filled)
    assert answer.status_code == 503
    assert "no room" in answer.text
    assert ("hat you typed" in answer.text) is bool(form.typed)
    assert keeps(answer, form)
    assert stands(house, receipt) == before
    assert tab.send(form, filled).status_code == 303
    assert house.collect().accepted == packets(form)


@pytest.mark.parametrize("fail_at", [2, 3])
def test_a_disk_that_fills_up_in_the_middle_makes_nothing_act_twice(
    house, form, receipt, tab, monkeypatch, fail_at
):
    """The packet may have arrived before its line: sent again it is the same packet."""
    true, calls, filled = os.utime, [], tab.fill(form)

    def no_room(path, times=None, **named):
        calls.append(path)
        if len(calls) == fail_at:
            raise OSError(28, "No space left on device")
        true(path, times, **named)

    with monkeypatch.context() as full:
        full.setattr("vault.letterbox.files.os.utime", no_room)
        first = tab.send(form, filled)
    assert first.status_code == (503 if len(calls) >= fail_at else 303)
    if first.status_code == 503:
        assert keeps(first, form)
        assert tab.send(form, filled).status_code == 303
    assert house.collect().accepted == packets(form)
    assert len(house.come_back.open(receipt).sent) == len(form.before) + 1


def test_an_erased_testimony_takes_nothing_and_says_so(house, form, receipt, tab, erased):
    filled = tab.fill(form)
    erased(receipt)
    before = stands(house, receipt)
    answer = tab.send(form, filled)
    assert answer.status_code in {403, 404, 409}
    assert "was deleted" in answer.text
    assert keeps(answer, form)
    assert stands(house, receipt) == before
    assert "was deleted" in tab.page("GET", "box", status=200).text


@pytest.fixture
def erased(house):
    """Put into a box what the vault writes when its testimony was erased."""

    def erase(receipt):
        sealed = seal_certificate(
            OpeningKey(receipt.box_seed).public, Certificate("2026-11-26", "2026-12-10")
        )
        house.letterbox.put_box(box_locator(receipt), sealed)

    return erase


def test_a_damaged_box_takes_nothing_and_loses_nothing(house, form, receipt, tab):
    filled = tab.fill(form)
    path = house.settings.paths.letterbox / "boxes" / f"{box_locator(receipt)}.box"
    path.write_bytes(bytes(20_000))
    before = stands(house, receipt)
    answer = tab.send(form, filled)
    assert answer.status_code >= 400
    assert keeps(answer, form)
    assert stands(house, receipt) == before
