import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vault.errors import FormatError
from vault.ledger.entry import KINDS, SUBJECTS, SYSTEM, WITNESS, Entry
from vault.ledger.plain import seq_of

VECTORS = sorted((Path(__file__).parents[1] / "vectors" / "ledger" / "entry").glob("*.json"))
MEMBER = "0a" * 16

ids = st.sampled_from(["0b" * 8, "0c" * 16, "0d" * 32, "0d" * 33, "0B" * 16, ""])
texts = st.text(st.characters(codec="utf-8"), max_size=8) | st.sampled_from(['"', "\\", '":'])
values = texts | st.integers() | st.lists(texts, max_size=3)
raw = st.fixed_dictionaries(
    {
        "actor": st.sampled_from([WITNESS, SYSTEM, "root", MEMBER, "somebody"]),
        "detail": st.dictionaries(st.sampled_from(["a", "b1", "c_d", "A", "e f"]), values),
        "format": st.sampled_from(["witness-vault/entry/v1"] * 5 + ["witness-vault/entry/v2"]),
        "kind": st.sampled_from([*sorted(KINDS), "reveal.all"]),
        "nonce": st.sampled_from(["A" * 22, "A" * 21 + "B", "_-" * 11, "A" * 21]),
        "seq": st.integers(-1, 2**53),
        "subject": st.dictionaries(st.sampled_from([*sorted(SUBJECTS), "box"]), ids, max_size=2),
        "time": st.sampled_from(
            ["2026-11-22", "2026-11-22T10:00:02Z", "2026-02-30", "2026-02-29T10:00:00Z", "x"]
        ),
    }
)


def agrees(leaf):
    """Assert that what is recognised is an entry with that number; return whether it was."""
    seq = seq_of(leaf)
    if seq is not None:
        assert Entry.parse(leaf).seq == seq
    return seq is not None


@settings(max_examples=400)
@given(raw, st.booleans(), st.integers(0, 400), st.binary(min_size=1, max_size=1))
def test_what_is_recognised_is_an_entry(fields, in_order, at, byte):
    leaf = json.dumps(
        fields, sort_keys=in_order, separators=(",", ":"), ensure_ascii=False
    ).encode()
    agrees(leaf)
    agrees(leaf[:at] + byte + leaf[at + 1 :])


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_no_vector_that_is_refused_is_recognised(path):
    agrees(json.loads(path.read_text("utf-8"))["entry"].encode())


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_usual_entries_of_every_kind_are_recognised(kind):
    subject = {"case": "0b" * 16, "member": MEMBER}
    detail = {"compartment": "account", "count": 0, "epoch": -12, "list": ["a", "b"]}
    for actor, time in ((MEMBER, "2026-11-22T10:00:02Z"), (WITNESS, "2026-11-22")):
        assert agrees(Entry(7, time, kind, actor, subject, detail).encode())


@pytest.mark.parametrize(
    "change",
    [
        (b'"count":0', b'"count":-0'),
        (b'"count":0', b'"count":00'),
        (b'"count":0', b'"compartment":"a"'),
        (b'"compartment"', b'"zompartment"'),
        (b'"case":"', b'"zase":"'),
        (b"2026-11-22T10", b"2026-11-22T24"),
        (b'Z"}', b'"}'),
        (b'"seq":7', b'"seq":07'),
        (b'Z"}', b'Z"}\n'),
    ],
)
def test_nothing_beside_the_one_spelling_is_recognised(change):
    detail = {"compartment": "account", "count": 0}
    good = Entry(7, "2026-11-22T10:00:02Z", "reveal", MEMBER, {"case": "0b" * 16}, detail).encode()
    assert agrees(good)
    bad = good.replace(*change, 1)
    assert bad != good
    assert not agrees(bad)
    with pytest.raises(FormatError):
        Entry.parse(bad)
