"""What somebody outside signed is kept if it is true, and goes along with every export."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vault import clock
from vault.errors import FormatError, NotFoundError, SignatureError
from vault.journal import Draft
from vault.ledger.checkpoint import Checkpoint, open_checkpoint
from vault.ledger.cosignature import cosign, verify_cosignature
from vault.ledger.note import COSIGNATURE, NoteVerifier
from vault.storage.tables.ledger import cosignatures

MEMBER, NOW = "a" * 32, clock.now()
KEYS = [Ed25519PrivateKey.generate() for _ in range(2)]
PARTNER, STRANGER = (
    NoteVerifier(name, key.public_key().public_bytes_raw(), COSIGNATURE)
    for name, key in zip(("partner.example", "stranger.example"), KEYS, strict=True)
)


@pytest.fixture
def filled(journal, database):
    with database.write() as connection:
        journal.append(connection, [Draft("list", MEMBER)] * 5)
    journal.checkpoint()
    return journal


def signed(journal, moment=NOW, who=0):
    cosigner = (PARTNER, STRANGER)[who]
    return cosign(journal.latest_checkpoint(), cosigner, moment, KEYS[who].sign)


def take(journal, note):
    return journal.take_cosigned(note, (PARTNER,), "system")


def last_entry(journal):
    return journal.read(newest_first=True)[0]


def test_a_cosigned_checkpoint_is_kept_and_is_an_entry(filled):
    (kept,) = take(filled, signed(filled))
    assert (kept.cosigner, kept.size, kept.moment) == ("partner.example", 5, NOW)
    assert filled.seen((PARTNER,)) == kept
    entry = last_entry(filled)
    assert (entry.kind, entry.actor, entry.detail["size"]) == ("checkpoint.cosigned", "system", 5)


def test_it_goes_along_with_every_export(filled):
    take(filled, signed(filled))
    with filled.exporting() as files:
        text = b"".join(files["checkpoints.txt"])
    first = text.split(b"\n\n")
    note = first[0] + b"\n\n" + first[1] + b"\n"
    assert verify_cosignature(note, PARTNER) == NOW
    assert open_checkpoint(note, filled.verifier()).size == 5


def test_of_two_times_the_latest_is_kept(filled):
    note = filled.latest_checkpoint()
    for moment in (NOW + 9, NOW):
        note = cosign(note, PARTNER, moment, KEYS[0].sign)
    assert take(filled, note)[0].moment == NOW + 9


def test_a_stranger_is_not_counted(filled):
    with pytest.raises(SignatureError):
        take(filled, signed(filled, who=1))
    both = cosign(signed(filled), STRANGER, NOW, KEYS[1].sign)
    assert [one.cosigner for one in take(filled, both)] == ["partner.example"]
    assert filled.seen((STRANGER,)) is None


def test_a_false_signature_is_not_kept(filled):
    note = signed(filled)
    with pytest.raises(SignatureError):
        take(filled, _flipped(note))
    assert filled.seen((PARTNER,)) is None
    assert last_entry(filled).kind == "list"


def _flipped(note):
    """The same note with another letter in the middle of its last signature."""
    at = len(note) - 40
    return note[:at] + (b"A" if note[at : at + 1] != b"A" else b"B") + note[at + 1 :]


def test_a_checkpoint_that_this_log_did_not_sign_is_not_kept(filled):
    own = open_checkpoint(filled.latest_checkpoint(), filled.verifier())
    for size, root in ((5, bytes(32)), (4, own.root), (99, own.root)):
        other = Checkpoint(own.origin, size, root).text()
        note = filled.latest_checkpoint().replace(own.text().encode(), other.encode())
        with pytest.raises(NotFoundError):
            take(filled, cosign(note, PARTNER, NOW, KEYS[0].sign))


def test_what_is_no_checkpoint_is_refused(filled):
    with pytest.raises(FormatError):
        take(filled, b"no checkpoint")


def test_a_time_beyond_every_calendar_is_refused(filled):
    with pytest.raises(SignatureError, match="calendar"):
        take(filled, signed(filled, 2**40))


def test_a_time_still_to_come_is_refused(filled):
    """It would be the newest for as long as that takes, and no warning would ever come again."""
    with pytest.raises(SignatureError, match="to come"):
        take(filled, signed(filled, NOW + 2 * clock.DAY))


def test_what_somebody_else_wrote_beside_a_checkpoint_was_seen_by_nobody(filled, database):
    take(filled, signed(filled, NOW - 9 * clock.DAY))
    filled.checkpoint()
    line = signed(filled).splitlines()[-1].decode()  # of the newest, beside the one before
    rows = [
        {"size": 5, "cosigner": "partner.example", "seen": NOW, "line": line},
        {"size": 6, "cosigner": "partner.example", "seen": NOW, "line": "no line"},
    ]
    for row in rows:
        with database.write() as connection:
            connection.execute(cosignatures.insert().prefix_with("OR REPLACE"), [row])
        assert filled.seen((PARTNER,)) is None or filled.seen((PARTNER,)).moment < NOW


def test_the_time_is_the_one_that_was_signed(filled, database):
    take(filled, signed(filled, NOW - 9 * clock.DAY))
    with database.write() as connection:
        connection.execute(cosignatures.update().values(seen=NOW))
    assert filled.seen((PARTNER,)).moment == NOW - 9 * clock.DAY


def test_an_offer_begins_where_the_cosigner_signed_last(filled, database):
    assert filled.offer("partner.example").old == 0
    take(filled, signed(filled))
    offer = filled.offer("partner.example")
    assert (offer.old, filled.offer("stranger.example").old) == (5, 0)
    last = open_checkpoint(signed_at_five(filled), filled.verifier())
    note = offer.cosign((filled.verifier(),), last, PARTNER, NOW + 60, KEYS[0].sign)
    assert take(filled, note)[0].size == 6


def signed_at_five(journal):
    with journal.exporting() as files:
        return b"\n\n".join(b"".join(files["checkpoints.txt"]).split(b"\n\n")[:2]) + b"\n"


def test_nothing_is_offered_before_anything_was_signed(journal):
    with pytest.raises(NotFoundError):
        journal.offer("partner.example")
