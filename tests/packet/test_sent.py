"""The file beside a box: of one size, opened by its receipt, no help in guessing what was sent."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault import canonical
from vault.crypto import padding, seal
from vault.crypto.receipt import Receipt
from vault.errors import FormatError, SealError, WrongKeyError
from vault.packet import sent
from vault.packet.box import MAX_SENT, SENT_FORMAT, SENT_SIZE, context

RECEIPT = Receipt(b"1" * 16)
PUBLIC = seal.OpeningKey(RECEIPT.box_seed).public
ITEMS = st.lists(
    st.builds(
        sent.SentItem,
        st.sampled_from(["testimony", "addendum", "instruction"]),
        st.dates().map(lambda day: day.isoformat()),
        st.binary(min_size=32, max_size=32).map(bytes.hex),
        st.binary(min_size=16, max_size=16),
    ),
    max_size=2 * MAX_SENT,
).map(tuple)


@given(ITEMS)
def test_it_keeps_the_first_and_the_newest_at_one_size(items):
    sealed = sent.seal_sent(PUBLIC, items)
    assert len(sealed) == SENT_SIZE + seal.OVERHEAD
    kept = sent.open_sent(RECEIPT, sealed)
    assert len(kept) == min(len(items), MAX_SENT)
    assert kept[:1] == items[:1]
    assert [item for item in items if item in kept] == list(kept)
    # The newest of each kind of choice stays, and of the rest the newest.
    for kind in {item.kind for item in items}:
        assert [item for item in items if item.kind == kind][-1] in kept


def test_it_opens_with_no_other_receipt():
    with pytest.raises(WrongKeyError):
        sent.open_sent(Receipt(b"2" * 16), sent.seal_sent(PUBLIC, ()))


def test_a_box_does_not_pass_for_it(world, packet):
    with pytest.raises(SealError):
        sent.open_sent(world.material.receipt, world.box_of(packet, 0).box)


def test_it_says_what_was_sent_first(world, packet):
    for index, receipt in enumerate((world.material.receipt, world.material.second)):
        (item,) = sent.open_sent(receipt, world.box_of(packet, index).sent)
        assert (item.kind, item.id) == ("testimony", packet.testimony)
        assert item.digest == sent.content_digest(world.material.secret, world.parts)


@given(st.dictionaries(st.text("ab"), st.text("ab")), st.dictionaries(st.text("ab"), st.text("ab")))
def test_equal_content_under_one_secret_is_known_again_and_under_another_is_not(one, other):
    same = sent.content_digest(b"s" * 32, one) == sent.content_digest(b"s" * 32, other)
    assert same == (one == other)
    assert sent.content_digest(b"s" * 32, one) != sent.content_digest(b"t" * 32, one)


def test_whoever_has_the_receipt_cannot_try_guesses(world, packet):
    receipt = world.material.receipt
    (item,) = sent.open_sent(receipt, world.box_of(packet, 0).sent)
    known = (receipt.entropy, receipt.box_seed, receipt.addenda_key, receipt.instructions_key)
    assert all(sent.content_digest(key, world.parts) != item.digest for key in known)


def test_items_too_large_for_the_file_are_refused():
    with pytest.raises(FormatError):
        sent.seal_sent(PUBLIC, (sent.SentItem("x" * SENT_SIZE, "", "", bytes(16)),))


@pytest.mark.parametrize(
    "value",
    [
        {},
        [],
        {"format": "witness-vault/sent/v2", "items": []},
        {"format": SENT_FORMAT, "items": {}},
        {"format": SENT_FORMAT, "items": ["x"]},
        {"format": SENT_FORMAT, "items": [{"kind": "x", "day": "", "id": ""}]},
        {"format": SENT_FORMAT, "items": [{"kind": 1, "day": "", "id": "", "digest": "A" * 22}]},
        {"format": SENT_FORMAT, "items": [{"kind": "x", "day": "", "id": "", "digest": "AA"}]},
    ],
)
def test_what_opens_but_is_no_such_file_is_refused(value):
    padded = padding.pad(canonical.dumps(value), SENT_SIZE)
    with pytest.raises(FormatError):
        sent.open_sent(RECEIPT, seal.seal(PUBLIC, context(SENT_FORMAT, PUBLIC), padded))
