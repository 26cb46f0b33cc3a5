import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault import canonical
from vault.errors import FormatError
from vault.ledger.entry import FORMAT, KINDS, MAX_ENTRY, ROOT, SUBJECTS, SYSTEM, WITNESS, Entry

MEMBER = "0a" * 16
MOMENT, DAY = "2026-11-22T10:15:00Z", "2026-11-22"

ids = st.text("0123456789abcdef", min_size=16, max_size=64)
texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)
values = texts | st.integers(-(2**53) + 1, 2**53 - 1) | st.lists(texts, max_size=4)
details = st.dictionaries(
    st.from_regex(r"[a-z][a-z0-9_]{0,31}", fullmatch=True), values, max_size=5
)
who_and_when = st.tuples(ids | st.sampled_from([SYSTEM, ROOT]), st.just(MOMENT)) | st.tuples(
    st.sampled_from([WITNESS, SYSTEM, ROOT]), st.just(DAY)
)


@given(
    seq=st.integers(0, 2**53 - 1),
    who=who_and_when,
    kind=st.sampled_from(sorted(KINDS)),
    subject=st.dictionaries(st.sampled_from(sorted(SUBJECTS)), ids),
    detail=details,
    nonce=st.binary(min_size=16, max_size=16),
)
def test_every_entry_is_read_back_as_it_was_written(seq, who, kind, subject, detail, nonce):
    made = Entry(seq, who[1], kind, who[0], subject, detail, nonce)
    found = Entry.parse(made.encode())
    assert found == made
    assert found.encode() == made.encode()


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_refused_and_nothing_else_is_raised(data):
    with pytest.raises(FormatError):
        Entry.parse(data)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(st.sampled_from(["seq", "time", "kind", "actor", "subject", "nonce"]), json_values)
def test_any_other_value_in_a_field_is_refused_or_means_itself(name, value):
    fields = canonical.loads(Entry(7, MOMENT, "reveal", MEMBER).encode())
    fields[name] = value
    try:
        data = canonical.dumps(fields)
        found = Entry.parse(data)
    except FormatError:
        return
    assert found.encode() == data


def test_two_entries_of_the_same_deed_have_different_bytes():
    one, other = (Entry(1, MOMENT, "signin", MEMBER) for _ in range(2))
    assert one.encode() != other.encode()


def test_an_entry_has_exactly_the_stated_fields():
    fields = canonical.loads(Entry(1, MOMENT, "signin", MEMBER).encode())
    assert list(fields) == [
        "actor",
        "detail",
        "format",
        "kind",
        "nonce",
        "seq",
        "subject",
        "time",
    ]
    assert fields["format"] == FORMAT


def test_what_was_given_cannot_be_changed_behind_the_check():
    given_subject, given_detail = {"case": MEMBER}, {"roles": ["lawyer"]}
    entry = Entry(1, MOMENT, "assign", MEMBER, given_subject, given_detail)
    before = entry.encode()
    given_subject["member"] = "a name"
    given_detail["roles"].append("a name")
    assert entry.encode() == before
    with pytest.raises(TypeError):
        entry.subject["member"] = "a name"


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "witness.read"},
        {"actor": "a name"},
        {"actor": WITNESS},
        {"time": DAY},
        {"time": "2026-11-22 10:15:00Z"},
        {"time": "2026-11-22T10:15:60Z"},
        {"time": "2026-11-22T10:15:00z"},
        {"time": "2026-11-22T10:15:00.5Z"},
        {"time": "2026-11-22T10:15:00.000500Z"},
        {"time": "2026-11-22T10:15:00+00:00Z"},
        {"time": "2026-11-22T10:15:00+06:00Z"},
        {"time": "2026-11-22T10:15+06Z"},
        {"time": "2026-W47-7T10:15:00Z"},
        {"time": "20261122T101500Z"},
        {"seq": -1},
        {"subject": {"box": MEMBER}},
        {"subject": {"case": "0a" * 7}},
        {"subject": {"case": "0a" * 33}},
        {"detail": {"text": "line\nline"}},
        {"detail": {"text": "x" * 201}},
        {"detail": {"share": 0.5}},
        {"detail": {"flag": True}},
        {"detail": {"large": 2**53}},
        {"detail": {"text": "\ud800"}},
        {"detail": {f"k{n}": ["x" * 200] * 2 for n in range(12)}},
        {"nonce": bytes(15)},
    ],
)
def test_what_an_entry_may_not_hold_is_refused_when_it_is_made(change):
    fields = {"seq": 1, "time": MOMENT, "kind": "reveal", "actor": MEMBER} | change
    with pytest.raises(FormatError):
        Entry(**fields)


def test_a_refused_value_is_not_repeated_in_the_error():
    with pytest.raises(FormatError) as caught:
        Entry(1, MOMENT, "reveal", MEMBER, {"member": "Aigerim"})
    assert "Aigerim" not in str(caught.value)


def test_an_entry_may_fill_its_bound_but_not_pass_it():
    entry = Entry(1, MOMENT, "setting", ROOT, detail={"names": ["x" * 100] * 20})
    room = MAX_ENTRY - len(entry.encode())
    padding = [*entry.detail["names"], *["x" * 197] * ((room - 3) // 200)]
    assert len(Entry(1, MOMENT, "setting", ROOT, detail={"names": padding}).encode()) <= MAX_ENTRY
    with pytest.raises(FormatError):
        Entry(1, MOMENT, "setting", ROOT, detail={"names": [*padding, "x" * 200]})


def test_bytes_over_the_bound_are_refused_unread():
    with pytest.raises(FormatError, match="at most"):
        Entry.parse(b"[" * (MAX_ENTRY + 1))
