"""What a file betrays is taken from the child as a table of short printable lines."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.safe import findings, labels
from vault.safe.findings import Fact, Findings
from vault.safe.job import Refusal

FOUND = Findings(
    kind="jpeg",
    pages=1,
    width=4,
    height=3,
    shown=True,
    scripts=False,
    facts=(Fact("place", "GPS", "43.26000, 76.90000"),),
)


def test_they_pass_whole():
    assert findings.unpack(findings.pack(FOUND)) == FOUND


@given(st.text(), st.text())
def test_any_text_becomes_a_short_line_that_passes(name, value):
    made = findings.fact("other", name, value)
    assert len(made.name) <= findings.MAX_NAME
    assert len(made.value) <= findings.MAX_VALUE
    assert made.value.isprintable()
    assert findings.unpack(findings.pack(FOUND._replace(facts=(made,)))).facts == (made,)


def test_what_turns_the_direction_of_writing_is_taken_out():
    assert findings.fact("other", "x", "a\u202egnp.exe\n<b>").value == "a gnp.exe <b>"


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "html"},
        {"pages": -1},
        {"pages": True},
        {"width": 1.5},
        {"shown": 1},
        {"scripts": "no"},
        {"facts": [["place", "GPS"]]},
        {"facts": [["place", "GPS", 7]]},
        {"facts": [["secret", "GPS", "x"]]},
        {"facts": [["place", "GPS", "a\nb"]]},
        {"facts": [["place", "GPS", "x" * (findings.MAX_VALUE + 1)]]},
        {"facts": [["place", "GPS", "x"]] * (findings.MAX_FACTS + 1)},
        {"facts": 5},
        {"kind": ["jpeg"]},
    ],
)
def test_a_child_that_says_anything_else_is_not_believed(change):
    with pytest.raises(Refusal):
        findings.unpack(json.dumps(FOUND._replace(**change)).encode())


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b"\xff", b"[" * 100_000])
def test_neither_is_one_that_says_something_broken(payload):
    with pytest.raises(Refusal):
        findings.unpack(payload)


def test_the_table_is_in_order_without_repetition_and_not_too_long():
    facts = [Fact("other", "a", "1"), Fact("place", "b", "2"), Fact("other", "a", "1")]
    assert findings.table(facts) == (Fact("place", "b", "2"), Fact("other", "a", "1"))
    many = [Fact("other", "a", str(one)) for one in range(1000)]
    assert len(findings.table(many)) == findings.MAX_FACTS
    assert not findings.table([Fact("other", "a", "")])


def test_it_says_in_one_look_what_is_betrayed():
    facts = (Fact("author", "Artist", "A"), Fact("place", "GPS", "1"), Fact("other", "ISO", "2"))
    assert FOUND._replace(facts=facts).categories() == ("place", "author", "other")


@pytest.mark.parametrize(
    ("name", "category"),
    [
        ("GPSLatitude", "place"),
        ("City", "place"),
        ("GPSDateStamp", "time"),
        ("DateTimeOriginal", "time"),
        ("CreateDate", "time"),
        ("OffsetTimeOriginal", "time"),
        ("Make", "device"),
        ("BodySerialNumber", "device"),
        ("Software", "device"),
        ("Producer", "device"),
        ("CreatorTool", "device"),
        ("Artist", "author"),
        ("CameraOwnerName", "author"),
        ("By-line", "author"),
        ("creator", "author"),
        ("ExposureTime", "other"),
        ("ISOSpeedRatings", "other"),
        ("GPSVersionID", "other"),
    ],
)
def test_a_name_says_what_it_tells_about_a_person(name, category):
    assert labels.category_of(name) == category
