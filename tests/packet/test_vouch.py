"""What vouches for a page: of one receipt, one testimony, one content."""

import pytest

from vault import canonical
from vault.errors import FormatError
from vault.packet.vouch import SIZE, vouch

KEY, TESTIMONY = bytes(32), "5c" * 32
CONTENT = {
    "form": {"id": "followup", "version": 1},
    "language": "ru",
    "day": "2026-11-26",
    "number": 1,
    "answers": {"consent": {"C07": "yes"}},
    "salt": canonical.b64(bytes(32)),
}


def test_it_is_the_same_for_the_same():
    made = vouch(KEY, TESTIMONY, CONTENT)
    assert (len(made), made) == (SIZE, vouch(KEY, TESTIMONY, dict(CONTENT)))


@pytest.mark.parametrize(
    "change",
    [
        {"answers": {"consent": {"C07": "no"}}},
        {"answers": {"consent": {"C07": "yes"}, "who_writes": "self"}},
        {"day": "2026-11-25"},
        {"number": 2},
        {"form": {"id": "relative", "version": 1}},
        {"salt": canonical.b64(bytes(31) + b"\1")},
    ],
)
def test_another_content_has_another(change):
    assert vouch(KEY, TESTIMONY, CONTENT | change) != vouch(KEY, TESTIMONY, CONTENT)


def test_another_receipt_and_another_testimony_have_others():
    made = vouch(KEY, TESTIMONY, CONTENT)
    assert made != vouch(bytes(31) + b"\1", TESTIMONY, CONTENT)
    assert made != vouch(KEY, "5d" * 32, CONTENT)


@pytest.mark.parametrize("odd", [{"salt": None}, {"salt": "AA"}, {"answers": []}])
def test_of_a_strange_content_there_is_none(odd):
    with pytest.raises(FormatError):
        vouch(KEY, TESTIMONY, CONTENT | odd)
