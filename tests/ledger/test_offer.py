"""A cosigner signs what follows from the last one they signed, and nothing else."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vault.errors import (
    FormatError,
    HashSizeError,
    LedgerError,
    RolledBackError,
    SignatureError,
)
from vault.ledger import merkle
from vault.ledger.checkpoint import Checkpoint, open_checkpoint
from vault.ledger.cosignature import verify_cosignature
from vault.ledger.note import COSIGNATURE, Note, NoteSignature, NoteVerifier
from vault.ledger.offer import MAX_HASHES, Offer

KEY = Ed25519PrivateKey.generate()
PARTNER = NoteVerifier("partner.example", KEY.public_key().public_bytes_raw(), COSIGNATURE)
NOW = 1_795_345_200


@pytest.fixture
def entries(log):
    return log.entries(8)


@pytest.fixture
def asked(log, hashes, entries):
    """Make an offer over the log's own entries, or over others."""

    def make(old, size, others=None):
        told = others or entries
        proof = merkle.consistency_proof(old, hashes(told)[:size])
        return Offer(old, proof, log.checkpoint(told, size))

    return make


@pytest.fixture
def last(log, entries):
    def opened(size):
        return open_checkpoint(log.checkpoint(entries, size), log.verifier)

    return opened


def cosign(offer, log, last, **more):
    return offer.cosign((log.verifier,), last, PARTNER, NOW, KEY.sign, **more)


@pytest.mark.parametrize(("old", "size"), [(0, 0), (0, 5), (3, 8), (4, 8), (8, 8)])
def test_an_offer_is_read_back_as_it_was_written(asked, old, size):
    offer = asked(old, size)
    assert Offer.parse(offer.encode()) == offer


def test_its_text_is_the_body_of_a_c2sp_add_checkpoint_request(asked):
    offer = asked(3, 5)
    lines = offer.encode().split(b"\n")
    assert lines[0] == b"old 3"
    assert lines[1 + len(offer.proof)] == b""
    assert offer.encode().endswith(offer.checkpoint)


def test_an_offer_says_nothing_of_any_entry(asked, entries):
    text = asked(3, 5).encode()
    assert all(entry not in text and entry[:40] not in text for entry in entries)


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        (b"old 3", b"old 03", FormatError),
        (b"old 3", b"3", FormatError),
        (b"old 3\n", b"old 3\nAAAA\n", HashSizeError),
        (b"old 3\n", b"old 3\n!\n", FormatError),
        (b"\n\n", b"\n", FormatError),
    ],
)
def test_what_is_no_offer_is_refused(asked, old, new, error):
    with pytest.raises(error):
        Offer.parse(asked(3, 5).encode().replace(old, new, 1))
    with pytest.raises(FormatError):
        Offer(0, (bytes(32),) * (MAX_HASHES + 1), asked(0, 2).checkpoint)


@pytest.mark.parametrize("old", [1, 2, 4, 5])
def test_what_follows_is_signed(asked, last, log, old):
    note = cosign(asked(old, 5), log, last(old))
    assert verify_cosignature(note, PARTNER) == NOW
    assert open_checkpoint(note, log.verifier).size == 5


def test_the_first_of_all_is_signed_without_a_last_one(asked, log):
    assert verify_cosignature(cosign(asked(0, 5), log, None), PARTNER) == NOW


def test_what_was_signed_and_lost_is_signed_again(asked, last, log):
    assert cosign(asked(2, 5), log, last(5))


def test_another_past_is_not_signed(asked, last, log, entries):
    forked = [log.entry(0), *entries[1:]]
    with pytest.raises(LedgerError):
        cosign(asked(3, 5, forked), log, last(3))


def test_two_checkpoints_of_one_size_are_not_both_signed(last, log, entries):
    other = log.checkpoint([*entries[:4], log.entry(4)])
    with pytest.raises(LedgerError):
        cosign(Offer(5, (), other), log, last(5))


def test_a_smaller_one_is_not_signed(asked, last, log):
    with pytest.raises(RolledBackError):
        cosign(asked(0, 3), log, last(5))


def test_a_proof_from_elsewhere_is_not_taken_for_one_from_the_last(asked, last, log):
    with pytest.raises(LedgerError, match="begins at 0"):
        cosign(asked(0, 5), log, last(3))
    with pytest.raises(LedgerError):
        cosign(asked(3, 5), log, None)


def test_another_log_is_not_signed(asked, last, log):
    stranger = NoteVerifier(log.origin, PARTNER.public_key)
    with pytest.raises(SignatureError):
        asked(0, 5).cosign((stranger,), None, PARTNER, NOW, KEY.sign)
    before = Checkpoint("other.example/log", 3, last(3).root)
    with pytest.raises(LedgerError, match="another log"):
        cosign(asked(3, 5), log, before)


def test_while_the_log_hands_over_to_another_key_both_must_have_signed(asked, last, log):
    stranger = NoteVerifier(log.origin, PARTNER.public_key)
    with pytest.raises(SignatureError):
        asked(3, 5).cosign((log.verifier, stranger), last(3), PARTNER, NOW, KEY.sign)


def test_a_false_line_in_the_cosigners_name_does_not_spoil_what_they_keep(asked, log, last):
    """Else whoever runs the vault could keep a partner from ever signing again."""
    offer = asked(3, 5)
    false = NoteSignature(PARTNER.name, PARTNER.key_id, bytes(72))
    others = tuple(NoteSignature(f"stranger{n}", bytes(4), bytes(72)) for n in range(62))
    note = Note.parse(offer.checkpoint)
    stuffed = replace(note, signatures=(*others, false, *note.signatures)).encode()
    signed = cosign(replace(offer, checkpoint=stuffed), log, last(3))
    assert verify_cosignature(signed, PARTNER) == NOW
    assert open_checkpoint(signed, log.verifier).size == 5
    assert len(Note.parse(signed).signatures) == 2


def test_a_clock_that_went_back_signs_nothing(asked, log, last):
    with pytest.raises(LedgerError, match="clock"):
        cosign(asked(3, 5), log, last(3), after=NOW + 1)
    assert cosign(asked(3, 5), log, last(3), after=NOW)
