"""Whole testimonies through the pages of a form, one after another, to the lawyer.

The six go through the pages of `victim`, and each besides through those of its own form, as the
invented ones of the other forms do; a form of which there is none is answered from its own
definition, every question of every page. A
running intake on a socket, as behind a proxy; what its pages post is what a browser would, with
a cookie of its own, and every page is sent as often as its entries need.
"""

from __future__ import annotations

import json
import re
import threading
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

import pytest
from werkzeug.serving import WSGIRequestHandler, make_server

from tests.support.house import FORMS, House
from tests.support.pages import Page, fitting, posted
from vault import canonical
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.reveal import open_case
from vault.consent.items import is_asked
from vault.crypto.receipt import Receipt
from vault.crypto.seal import OpeningKey
from vault.forms import answers as checking
from vault.forms.codes import load_codes
from vault.forms.wording import load_wordings
from vault.keyring.compartments import Compartment
from vault.packet.format import Instruction, parse
from vault.packet.open_box import open_box
from vault.packet.open_record import open_record
from vault.resources import resource
from vault.testimony.boxes import box_locator
from vault.web.intake import Services, create_app
from vault.web.intake.fields import most_entries

TESTIMONIES = json.loads((resource("intake_forms") / "demo_testimonies.json").read_text("utf-8"))
WORK = Path(__file__).parents[1] / "data" / "testimonies_work.json"
FURTHER = json.loads(WORK.read_text("utf-8"))
"""Invented ones of the forms that the six leave out."""
FIRST = ("story", "consent.C01", "consent.C02")


def answered(form):
    """Return a testimony that answers everything that a form asks."""
    answers = {"story": "Всё, что было.", "consent": {"C01": "yes", "C02": "yes"}}
    for module in form.pages:
        asked = [field for field in module.asked if is_asked(form.id, field.id)]
        found = {field.id: sample(field) for field in asked if field.id not in FIRST}
        for field_id, answer in fitting(asked, found).items():
            group, _, name = field_id.rpartition(".")
            (answers.setdefault(group, {}) if group else answers)[name] = answer
    if "identity" in answers:
        answers["identity"]["given"] = "yes"
    return {"form": form.id, "language": "kk", "answers": answers}


def sample(field):
    """Return an answer to one question."""
    inside = fitting(field.asked, {part.name: sample(part) for part in field.asked})
    samples = {
        "text": f"Ә «{field.id}»\n2"[: field.limit],
        "date": {"from": "2022-01-11", "precision": "about", "text": "үшінші күні"},
        "number": 3,
        "list": [inside, inside],
        "object": inside,
    }
    codes = sorted(field.codes or ())
    return samples.get(field.type) or (codes[:2] if field.type == "codes" else codes[-1])


OWN = {testimony["form"] for testimony in (*TESTIMONIES, *FURTHER)}
TOLD = [
    *((testimony, "victim") for testimony in TESTIMONIES),
    *((testimony, testimony["form"]) for testimony in TESTIMONIES if testimony["form"] != "victim"),
    *((testimony, testimony["form"]) for testimony in FURTHER),
    *((answered(form), form.id) for form in FORMS.ready if form.id not in OWN),
]


class Quiet(WSGIRequestHandler):
    def log(self, *_):
        """Keep the test's output clean."""


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    house = House.found(tmp_path_factory.mktemp("pages")).staff()
    yield house
    house.close()


@pytest.fixture(scope="module")
def address(house):
    services = Services(
        settings=house.settings,
        agent=house.intake_agent,
        forms=FORMS,
        codes=load_codes(),
        questions=load_wordings(FORMS),
        tell=house.tell,
        back=house.come_back,
    )
    server = make_server("127.0.0.1", 0, create_app(services), threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


class Browser:
    """Follows redirections and keeps cookies; nothing else."""

    def __init__(self, address):
        self._address, self._opener = address, build_opener(HTTPCookieProcessor(CookieJar()))

    def ask(self, path, pairs=None):
        body = None if pairs is None else urlencode(pairs).encode()
        with self._opener.open(Request(f"{self._address}{path}", body)) as answer:
            return answer.url, answer.read().decode()


def wanted(fields, values):
    """Return those answers that the form has, with true and false as the codes of the pages."""
    kept = {}
    for name, value in values.items():
        field = fields.get(name)
        if field is None or not field.kept:
            continue
        if field.type == "object":
            kept[name] = wanted(field.by_name, value)
        elif field.type == "list":
            kept[name] = [wanted(field.by_name, entry) for entry in value]
        elif field.type == "yes_no" and isinstance(value, bool):
            kept[name] = "yes" if value else "no"
        else:
            kept[name] = value
    return {name: value for name, value in kept.items() if value not in ({}, [])}


def posts_of(module, answers):
    """Return what each sending of a page posts: lists in parts that one page holds."""
    rest, answers = [], dict(answers)
    for field in module.asked:
        if field.type == "list":
            most = most_entries(field)
            entries = answers.pop(field.id, [])
            for at in range(0, len(entries), most):
                part = {field.id: entries[at : at + most]}
                rest.append(posted([field], part))
    asked = [field for field in module.asked if field.type != "list" and field.id not in FIRST]
    alone = posted(asked, answers)
    # The first sending holds the single answers and the first part of one list.
    if not alone:
        return rest
    return [alone + (rest[0] if rest else []), *rest[1:]]


def tell(browser, form, language, answers):
    """Tell the story, then every page that has an answer; returns the words."""
    _, source = browser.ask(f"/tell/{form.id}?lang={language}")
    page = Page(source, "tell")
    first = [field for field_id in FIRST for field in [form.by_id[field_id]]]
    hidden = [pair for pair in page.pairs if pair[0] == "send_id"]
    _, source = browser.ask(f"/tell/{form.id}?lang={language}", hidden + posted(first, answers))
    words = source.partition('<output id="receipt">')[2].partition("</output>")[0]
    browser.ask(f"/return?lang={language}", [*hidden, ("to", "more")])
    for module in form.pages:
        for pairs in posts_of(module, answers):
            send(browser, module.name, f"lang={language}&form={form.id}", pairs)
    return words


def placeless(name):
    """Return the name of a control without the places of entries: "add another" opens more."""
    return re.sub(r"\.\d+\.", ".", name)


def send(browser, name, query, pairs):
    _, source = browser.ask(f"/return/more/{name}?{query}")
    page = Page(source)
    assert page.filled == []
    assert {placeless(key) for key, _ in pairs} <= {placeless(name) for name in page.names}
    answers = page.pairs[:3] + pairs + [("then", "on")]
    url, _ = browser.ask(f"/return/more/{name}?{query}", answers)
    assert "sent=new" in url


def join(parts):
    """Put the answers of several sendings together: single answers stand once, lists follow."""
    joined = {}
    for part in parts:
        _into(joined, part)
    return joined


def _into(joined, part):
    for name, value in part.items():
        if isinstance(value, list) and name in joined:
            joined[name] = joined[name] + value
        elif isinstance(value, dict) and name in joined:
            _into(joined[name], value)
        else:
            assert name not in joined, f"{name} was sent twice"
            joined[name] = value


def identity_records(house, receipt, packets):
    """Return number and answers of every identity record, opened with the box's own seed."""
    content = open_box(receipt, house.letterbox.box(box_locator(receipt)))
    key = OpeningKey(content.fixed.identity_seed)
    for packet in packets:
        (record,) = (r for r in packet.records if r.compartment is Compartment.IDENTITY)
        opened = open_record(content.testimony, record, key)
        yield opened.get("number", 0), opened["answers"]


@pytest.fixture(
    scope="module",
    params=TOLD,
    ids=[f"{told['form']}-as-{form}" for told, form in TOLD],
)
def sent(request, house, address):
    """One testimony sent and given: what was put in, and what can be opened of it."""
    testimony, form_id = request.param
    form = FORMS.get(form_id)
    answers = wanted(form.by_name, testimony["answers"])
    answers["consent"] = {
        item: value
        for item, value in answers["consent"].items()
        if is_asked(form_id, f"consent.{item}")
    }
    words = tell(Browser(address), form, testimony["language"], answers)
    waiting = (parse(house.letterbox.packet(name)) for name in house.letterbox.waiting())
    packets = [packet for packet in waiting if not isinstance(packet, Instruction)]
    house.collect()
    officer, lawyer = house.actors["officer"], house.actors["lawyer"]
    (line,) = (item for item in inbox.new_cases(house.vault, officer) if item.status == "new")
    assign.give(house.vault, officer, line.id, lawyer.id, None)
    view = open_case(house.vault, lawyer, line.id)
    by_number = {}
    for record in view.records:
        assert record.origin == "receipt"
        by_number.setdefault(record.number, {})[record.compartment] = record.answers
    for number, part in identity_records(house, Receipt.from_text(words), packets):
        by_number.setdefault(number, {})["identity"] = part
    return form, answers, by_number


def test_what_the_lawyer_and_the_witness_open_is_what_was_put_in(sent):
    _, answers, by_number = sent
    parts = [checking.merge(by_number[number]) for number in sorted(by_number)]
    assert canonical.dumps(join(parts)) == canonical.dumps(answers)


def test_every_page_came_as_a_record_of_its_own_and_each_answer_in_its_compartment(sent):
    form, _, by_number = sent
    assert sorted(by_number) == list(range(len(by_number)))
    assert len(by_number) > 5
    for parts in by_number.values():
        assert checking.split(form, checking.merge(parts)) == {
            "account": {},
            "medical": {},
            **parts,
        }


def texts_of(value):
    """Return every text in an answer, in any order."""
    if isinstance(value, dict | list):
        inside = value.values() if isinstance(value, dict) else value
        return {text for part in inside for text in texts_of(part)}
    return {value}


def test_a_name_lies_in_the_identity_compartment_alone(sent):
    form, answers, by_number = sent
    sealed = texts_of(checking.split(form, answers)["identity"])
    assert texts_of([parts["identity"] for parts in by_number.values()]) == sealed
    readable = json.dumps(
        [
            part
            for parts in by_number.values()
            for name, part in parts.items()
            if name != "identity"
        ],
        ensure_ascii=False,
    )
    codes = {code for field in form.by_id.values() for code in field.codes or ()}
    assert all(str(text) not in readable for text in sealed - codes)


def test_every_form_is_told_through_its_own_pages():
    assert {form for _, form in TOLD} == {form.id for form in FORMS.ready}
