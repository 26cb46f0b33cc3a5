"""Six whole testimonies from the page to the lawyer: nothing changed, nothing shown to others."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from tests.support.exported import exported
from tests.support.house import FORMS, House
from vault import canonical, clock
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.reveal import open_case
from vault.crypto.seal import OpeningKey
from vault.errors import NotFoundError, WitnessVaultError
from vault.forms import answers as checking
from vault.keyring.compartments import Compartment
from vault.packet.build import Statement, build_testimony
from vault.packet.format import parse
from vault.packet.material import Material
from vault.packet.open_box import open_box
from vault.packet.open_record import open_record
from vault.testimony.boxes import box_locator
from vault.testimony.tell import recipients

DATA = Path(__file__).parent.parent / "data"
TESTIMONIES = json.loads((DATA / "testimonies.json").read_text("utf-8"))
EXPECTED = json.loads((DATA / "testimonies_expected.json").read_text("utf-8"))
FORM_IDS = [testimony["form"] for testimony in TESTIMONIES]
LIMITS = checking.Limits()


def crlf(value):
    """Return answers as a browser sends them: every line end as CRLF."""
    if isinstance(value, str):
        return value.replace("\n", "\r\n")
    if isinstance(value, list):
        return [crlf(item) for item in value]
    return {k: crlf(v) for k, v in value.items()} if isinstance(value, dict) else value


@dataclasses.dataclass
class Sent:
    checked: dict
    material: Material
    packet: object
    case: str = ""


def send(house, testimony) -> Sent:
    form = FORMS.get(testimony["form"])
    checked = checking.check(form, crlf(testimony["answers"]), LIMITS)
    statement = Statement(
        form={"id": form.id, "version": form.version},
        language=testimony["language"],
        day=clock.day(),
        parts={Compartment(k): v for k, v in checking.split(form, checked).items()},
        reading_allowed=True,
    )
    roster, material = house.letterbox.roster(), Material.generate()
    packet = build_testimony(material, statement, roster, recipients(roster))
    house.letterbox.put_testimony(packet.encode(), packet.boxes)
    assert house.collect().accepted == 1
    return Sent(checked, material, packet)


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """All six sent and given to the lawyer and the deputy; nothing is changed afterwards."""
    house = House.found(tmp_path_factory.mktemp("six")).staff()
    house.add("stranger", "lawyer")
    house.add("second_officer", "intake_officer")
    house.sent = {}
    officer, lawyer, deputy = (house.actors[n] for n in ("officer", "lawyer", "deputy"))
    for testimony in TESTIMONIES:
        sent = send(house, testimony)
        (line,) = inbox.new_cases(house.vault, officer)
        assign.give(house.vault, officer, line.id, lawyer.id, deputy.id)
        sent.case = line.id
        house.sent[testimony["form"]] = sent
    yield house
    house.close()


def without_identity(form, checked):
    """Return what stands outside `identity`, cut by walking the form field by field."""

    def walk(fields, values):
        kept = {}
        for name, value in values.items():
            field = fields[name]
            if field.type == "object":
                inner = walk(field.by_name, value)
                if inner or field.compartment != "identity":
                    kept[name] = inner
            elif field.type == "list":
                entries = [walk(field.by_name, entry) for entry in value]
                if any(entries) or field.compartment != "identity":
                    kept[name] = entries
            elif field.compartment != "identity":
                kept[name] = value
        return kept

    return walk(form.by_name, checked)


@pytest.mark.parametrize("form_id", FORM_IDS)
@pytest.mark.parametrize("reader", ["lawyer", "deputy"])
def test_account_and_medical_come_back_byte_for_byte(house, form_id, reader):
    sent = house.sent[form_id]
    view = open_case(house.vault, house.actors[reader], sent.case)
    parts = {r.compartment: dict(r.answers) for r in view.records if r.kind == "statement"}
    assert parts.keys() <= {"account", "medical"}
    merged = checking.merge(parts)
    expected = without_identity(FORMS.get(form_id), sent.checked)
    assert canonical.dumps(merged) == canonical.dumps(expected)
    assert {r.origin for r in view.records} == {"receipt"}
    assert (view.form, view.language) == (form_id, next(iter({r.language for r in view.records})))


@pytest.mark.parametrize("testimony", TESTIMONIES, ids=FORM_IDS)
def test_line_ends_become_one_and_nothing_else_is_touched(house, testimony):
    sent = house.sent[testimony["form"]]
    view = open_case(house.vault, house.actors["lawyer"], sent.case)
    (account,) = (r for r in view.records if r.compartment == "account")
    assert account.answers["story"] == testimony["answers"]["story"]
    assert "\r" not in canonical.dumps(dict(account.answers)).decode()


def test_the_receipt_of_a_followup_is_never_kept(house):
    testimony = next(t for t in TESTIMONIES if t["form"] == "followup")
    assert testimony["answers"]["receipt"]
    assert "receipt" not in house.sent["followup"].checked


@pytest.mark.parametrize("form_id", FORM_IDS)
def test_identity_opens_with_the_box_of_the_receipt_and_nothing_else(house, form_id):
    sent = house.sent[form_id]
    material, packet = sent.material, sent.packet
    (record,) = (r for r in packet.records if r.compartment is Compartment.IDENTITY)
    sealed = {m: house.letterbox.box(box_locator(m)) for m in (material.receipt, material.second)}
    seed = open_box(material.receipt, sealed[material.receipt]).fixed.identity_seed
    opened = open_record(packet.testimony, record, OpeningKey(seed))
    expected = checking.split(FORMS.get(form_id), sent.checked)["identity"]
    assert canonical.dumps(opened["answers"]) == canonical.dumps(expected)
    other = open_box(material.second, sealed[material.second]).fixed.identity_seed
    for key in (OpeningKey(other), *(actor.opening for actor in house.actors.values())):
        with pytest.raises(WitnessVaultError):
            open_record(packet.testimony, record, key)


@pytest.mark.parametrize("index", range(len(TESTIMONIES)), ids=FORM_IDS)
@pytest.mark.parametrize("who", ["officer", "second_officer", "stranger", "auditor", "admin"])
def test_nobody_else_gets_a_byte(house, index, who):
    sent = house.sent[FORM_IDS[index]]
    planted = EXPECTED[index]["planted_strings"]
    everything = json.dumps(TESTIMONIES[index]["answers"], ensure_ascii=False)
    assert all(text in everything for text in planted)
    actor = house.actors[who]
    with pytest.raises(NotFoundError) as caught:
        open_case(house.vault, actor, sent.case)
    seen = [repr(caught.value), str(caught.value), repr(actor)]
    seen += [repr(house.vault.journal.read()), repr(exported(house.vault.journal))]
    if who in {"officer", "second_officer"}:
        seen.append(repr(inbox.new_cases(house.vault, actor)))
    if who == "stranger":
        seen.append(repr(inbox.my_cases(house.vault, actor)))
    assert not [text for text in planted if any(text in shown for shown in seen)]
    for record in sent.packet.records:
        with pytest.raises(WitnessVaultError):
            open_record(sent.packet.testimony, record, actor.opening)


def test_a_deputy_of_another_case_opens_only_their_own(tmp_path):
    house = House.found(tmp_path).staff()
    house.add("stranger", "lawyer")
    officer, lawyer = house.actors["officer"], house.actors["lawyer"]
    for deputy in ("deputy", "stranger"):
        house.send()
        line = next(i for i in inbox.new_cases(house.vault, officer) if i.status == "new")
        assign.give(house.vault, officer, line.id, lawyer.id, house.actors[deputy].id)
        if deputy == "deputy":
            first = line.id
    assert open_case(house.vault, house.actors["deputy"], first).records
    with pytest.raises(NotFoundError):
        open_case(house.vault, house.actors["stranger"], first)
    house.close()


@pytest.mark.parametrize("form_id", ["victim", "death"])
def test_an_officer_is_shown_the_account_only(tmp_path, form_id):
    house = House.found(tmp_path).staff()
    send(house, TESTIMONIES[FORM_IDS.index(form_id)])
    officer = house.actors["officer"]
    (line,) = inbox.new_cases(house.vault, officer)
    view = open_case(house.vault, officer, line.id)
    assert {record.compartment for record in view.records} == {"account"}
    house.close()


def test_packets_of_the_six_look_alike_but_for_their_size(house):
    for sent in house.sent.values():
        packet = parse(sent.packet.encode())
        assert [r.compartment for r in packet.records] == ["account", "medical", "identity"]
        sizes = {len(box.box) for box in packet.boxes} | {len(box.sent) for box in packet.boxes}
        assert len(sizes) == 2


# --- what a packet maker that is not ours may send -----------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        {"form": 5},
        {"form": {"id": 5, "version": 1}},
        {"form": None},
        {"language": 5},
        {"day": None},
        {"answers": ["a list"]},
    ],
    ids=str,
)
def test_an_account_of_another_shape_is_refused_and_the_page_still_opens(
    tmp_path, monkeypatch, content
):
    from vault.packet import build

    house = House.found(tmp_path).staff()
    true = build.seal_record

    def odd(*args, **named):
        return true(*args, **(named | {"content": named["content"] | content}))

    monkeypatch.setattr(build, "seal_record", odd)
    house.send()
    officer = house.actors["officer"]
    (line,) = inbox.new_cases(house.vault, officer)
    view = open_case(house.vault, officer, line.id)
    assert not [record for record in view.records if record.answers]
    with pytest.raises(WitnessVaultError):
        assign.give(house.vault, officer, line.id, house.actors["lawyer"].id, None)
    house.close()
