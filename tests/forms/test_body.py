"""The body map: every place that can be ticked is drawn, once, and nothing else is."""

from __future__ import annotations

import json
import shutil

import pytest

from vault.errors import SettingError
from vault.forms.body import FILE, load_body
from vault.forms.codes import load_codes
from vault.forms.load import load_forms
from vault.resources import resource

CODES = load_codes()
VIEWS = load_body(CODES)


def test_it_has_front_back_sides_head_hands_and_soles():
    assert [view.id for view in VIEWS] == "front back left right head hands soles".split()


def test_every_place_is_drawn_in_its_own_view():
    for view in VIEWS:
        assert {place.partition(".")[0] for place in view.places} == {view.id}


def test_left_and_right_are_those_of_the_person():
    front, back = VIEWS[0].places, VIEWS[1].places
    start = {name: float(path[1:].split()[0]) for name, path in (front | back).items()}
    assert start["front.chest_l"] > start["front.chest_r"]
    assert start["back.kidney_l"] < start["back.kidney_r"]


def test_a_child_is_not_shown_it_and_what_is_ticked_is_medical():
    forms = load_forms()
    shown = [form.id for form in forms.ready if any(one.name == "body" for one in form.pages)]
    assert {"victim", "relative", "death"} <= set(shown)
    assert "child" not in shown
    assert {f.compartment for f in forms.get("victim").by_id["body_map"].walk()} == {"medical"}


def _other(data):
    data["views"][0]["places"]["front.tail"] = "M0 0Z"


def _missing(data):
    del data["views"][0]["places"]["front.neck"]


def _view(data):
    del data["views"][6]


def _script(data):
    data["views"][0]["outline"].append('"/><script>')


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (_other, "body_place"),
        (_missing, "body_place"),
        (_view, "body_view"),
        (_script, "front has a path"),
        (lambda data: data.pop("views"), "a view lacks its size"),
    ],
)
def test_a_slip_in_the_drawings_is_refused_and_named(tmp_path, change, named):
    copy = shutil.copytree(resource("intake_forms"), tmp_path / "intake_forms")
    data = json.loads((copy / FILE).read_text("utf-8"))
    change(data)
    (copy / FILE).write_text(json.dumps(data), "utf-8")
    with pytest.raises(SettingError, match=named):
        load_body(CODES, copy)
