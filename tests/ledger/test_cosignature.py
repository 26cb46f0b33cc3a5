import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vault.errors import FormatError, SignatureError
from vault.ledger.checkpoint import open_checkpoint
from vault.ledger.cosignature import cosign, message, verify_cosignature
from vault.ledger.note import COSIGNATURE, Note, NoteVerifier

KEY = Ed25519PrivateKey.from_private_bytes(b"c" * 32)
COSIGNER = NoteVerifier("auditor.example/1", KEY.public_key().public_bytes_raw(), COSIGNATURE)
TEXT = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
LINE = (
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2"
    "oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)


@pytest.fixture
def signed(log):
    return log.checkpoint(log.entries(3))


def test_the_example_of_the_specification_carries_the_time_it_states():
    stamped = Note.parse(f"{TEXT}\n{LINE}".encode()).signatures[0].signature
    assert int.from_bytes(stamped[:8], "big") == 1679315147
    assert len(stamped) == 8 + 64


def test_the_message_is_the_one_of_the_specification():
    assert message(1679315147, TEXT) == f"cosignature/v1\ntime 1679315147\n{TEXT}".encode()


@pytest.mark.parametrize("time", [0, 1, 1_795_300_000, 2**63 - 1])
def test_a_cosignature_says_when_it_was_made(signed, time):
    assert verify_cosignature(cosign(signed, COSIGNER, time, KEY.sign), COSIGNER) == time


def test_a_cosigned_checkpoint_is_still_the_logs(log, signed):
    cosigned = cosign(signed, COSIGNER, 5, KEY.sign)
    assert cosigned.startswith(signed)
    assert open_checkpoint(cosigned, log.verifier).size == 3


def test_a_cosignature_of_one_checkpoint_does_not_serve_another(log, signed):
    line = cosign(signed, COSIGNER, 5, KEY.sign).split(b"\n")[-2]
    other = log.checkpoint(log.entries(4)) + line + b"\n"
    with pytest.raises(SignatureError):
        verify_cosignature(other, COSIGNER)


def test_the_same_key_as_a_logs_does_not_cosign_by_its_log_signature(log, signed):
    as_cosigner = NoteVerifier(log.origin, log.verifier.public_key, COSIGNATURE)
    with pytest.raises(SignatureError):
        verify_cosignature(signed, as_cosigner)


@pytest.mark.parametrize("time", [-1, 2**63])
def test_a_time_out_of_bounds_is_not_cosigned(signed, time):
    with pytest.raises(FormatError):
        cosign(signed, COSIGNER, time, KEY.sign)


def test_only_checkpoints_are_cosigned():
    note = Note.parse(f"any text\n\n{LINE}".encode())
    with pytest.raises(FormatError):
        cosign(note.encode(), COSIGNER, 5, KEY.sign)


def test_a_log_key_is_no_cosigners_key(log, signed):
    with pytest.raises(FormatError):
        cosign(signed, log.verifier, 5, log.key.sign)
    with pytest.raises(FormatError):
        verify_cosignature(signed, log.verifier)


def test_a_cosignature_that_does_not_verify_is_never_published(signed):
    with pytest.raises(SignatureError):
        cosign(signed, COSIGNER, 5, Ed25519PrivateKey.generate().sign)
