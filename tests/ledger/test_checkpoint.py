import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import FormatError, SignatureError
from vault.ledger.checkpoint import Checkpoint, open_checkpoint
from vault.ledger.note import NoteVerifier

ROOT = bytes(range(32))


@given(st.integers(0, 2**53 - 1), st.binary(min_size=32, max_size=32))
def test_every_checkpoint_is_read_back_as_it_was_written(size, root):
    checkpoint = Checkpoint("vault.example/log", size, root)
    assert Checkpoint.parse(checkpoint.text()) == checkpoint


def test_the_example_of_the_specification_is_read():
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    checkpoint = Checkpoint.parse(text)
    assert checkpoint.size == 20852163
    assert checkpoint.text() == text


@pytest.mark.parametrize("rest", ["x", "x\n", "\n"])
def test_nothing_may_follow_the_root(rest):
    with pytest.raises(FormatError):
        Checkpoint.parse(Checkpoint("a", 1, ROOT).text() + rest)


def test_a_signed_checkpoint_opens_under_its_key(log):
    entries = log.entries(3)
    assert open_checkpoint(log.checkpoint(entries), log.verifier).size == 3


def test_a_checkpoint_is_signed_only_by_the_key_of_its_log(log):
    with pytest.raises(FormatError):
        Checkpoint("other.example/log", 1, ROOT).sign(log.verifier, log.key.sign)


def test_a_signature_by_the_wrong_key_is_not_published(log):
    stranger = NoteVerifier(log.origin, bytes(32))
    with pytest.raises(SignatureError):
        Checkpoint(log.origin, 1, ROOT).sign(stranger, log.key.sign)


@pytest.mark.parametrize(
    ("origin", "size", "root"),
    [
        ("", 1, ROOT),
        ("a b", 1, ROOT),
        ("a\nb", 1, ROOT),
        ("a", -1, ROOT),
        ("a", 2**53, ROOT),
        ("a", 1, ROOT[:31]),
    ],
)
def test_a_checkpoint_of_impossible_values_cannot_be_made(origin, size, root):
    with pytest.raises(FormatError):
        Checkpoint(origin, size, root)
