import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from vault.agents.vault_keys import VaultKeys
from vault.errors import AgentError, FormatError, LedgerError, LockedError, SessionEndedError
from vault.ledger import merkle
from vault.ledger.checkpoint import Checkpoint

ORIGIN = "vault.example/log"
VAULT, LASTING, LEDGER, COLLECTOR = b"v" * 32, b"i" * 32, b"l" * 32, b"c" * 32


@pytest.fixture
def keys():
    keys = VaultKeys(ORIGIN)
    keys.unlock(VAULT, LASTING, LEDGER, COLLECTOR)
    return keys


def note(size, root=b"r", origin=ORIGIN):
    return Checkpoint(origin, size, root * 32).text().encode()


def test_it_starts_locked_and_gives_nothing():
    keys = VaultKeys(ORIGIN)
    assert keys.locked()
    for ask in (
        keys.ledger_public,
        keys.collector_seeds,
        lambda: keys.subkey("database"),
        lambda: keys.sign_note(note(1)),
    ):
        with pytest.raises(LockedError):
            ask()


def test_lock_empties_at_once(keys):
    held = keys._held
    keys.lock()
    assert keys.locked()
    assert held.vault_key == held.lasting_key == held.ledger_seed == bytes(32)
    assert held.collector_seeds == bytes(32)
    with pytest.raises(LockedError):
        keys.subkey("database")


def test_lock_ends_every_session(keys):
    sealed = keys.seal("cookie", b"i" * 16, b"x")
    keys.lock()
    keys.unlock(VAULT, LASTING, LEDGER, COLLECTOR)
    with pytest.raises(SessionEndedError):
        keys.open("cookie", sealed)


def test_sessions_work_while_locked():
    keys = VaultKeys(ORIGIN)
    assert keys.open("cookie", keys.seal("cookie", b"i" * 16, b"x"))[1] == b"x"


def test_locking_twice_is_harmless(keys):
    keys.lock()
    keys.lock()
    assert keys.locked()


def test_unlocking_again_with_the_same_keys_is_harmless(keys):
    keys.unlock(VAULT, LASTING, LEDGER, COLLECTOR)
    assert not keys.locked()


def test_other_keys_are_refused_while_it_is_unlocked(keys):
    with pytest.raises(AgentError):
        keys.unlock(b"w" * 32, LASTING, LEDGER, COLLECTOR)
    assert keys.collector_seeds() == COLLECTOR


@pytest.mark.parametrize("at", range(4))
def test_every_key_has_32_bytes(at):
    given = [VAULT, LASTING, LEDGER, COLLECTOR]
    given[at] = b"x" * 31
    keys = VaultKeys(ORIGIN)
    with pytest.raises(FormatError):
        keys.unlock(*given)
    assert keys.locked()


def test_subkeys_are_hkdf_with_the_stated_info(keys):
    info = b"witness-vault/vault/v1/database"
    expected = HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(VAULT)
    assert keys.subkey("database") == expected
    assert keys.subkey("erasure-database") != expected


def test_what_stands_inside_the_databases_hangs_from_the_lasting_key(keys):
    info = b"witness-vault/vault/v1/tombstones"
    expected = HKDF(hashes.SHA256(), 32, salt=None, info=info).derive(LASTING)
    assert keys.subkey("tombstones") == expected


def test_earlier_seeds_of_the_collector_follow_the_newest():
    keys = VaultKeys(ORIGIN)
    keys.unlock(VAULT, LASTING, LEDGER, COLLECTOR + b"d" * 32)
    assert keys.collector_seeds() == COLLECTOR + b"d" * 32


def test_no_key_shows_in_its_text_form(keys):
    assert repr(keys) == "VaultKeys()"
    assert "vvv" not in repr(keys._held)


def test_a_checkpoint_is_signed_with_the_ledger_key(keys):
    text = note(1)
    Ed25519PublicKey.from_public_bytes(keys.ledger_public()).verify(keys.sign_note(text), text)
    public = Ed25519PrivateKey.from_private_bytes(LEDGER).public_key().public_bytes_raw()
    assert keys.ledger_public() == public


def test_another_key_does_not_verify(keys):
    public = Ed25519PrivateKey.from_private_bytes(COLLECTOR).public_key()
    with pytest.raises(InvalidSignature):
        public.verify(keys.sign_note(note(1)), note(1))


def test_the_same_checkpoint_may_be_signed_again(keys):
    assert keys.sign_note(note(3)) == keys.sign_note(note(3))


def test_a_smaller_checkpoint_is_refused(keys):
    keys.sign_note(note(3))
    with pytest.raises(LedgerError):
        keys.sign_note(note(2))


def test_another_root_for_the_same_size_is_refused(keys):
    keys.sign_note(note(3))
    with pytest.raises(LedgerError):
        keys.sign_note(note(3, b"s"))


def proven(old, size):
    """The checkpoint of a tree of so many leaves, and the proof from an earlier one of it."""
    leaves = [bytes([seq]) * 32 for seq in range(size)]
    text = Checkpoint(ORIGIN, size, merkle.root(leaves)).text().encode()
    return text, b"".join(merkle.consistency_proof(old, leaves))


def test_a_larger_checkpoint_is_signed_with_the_proof_that_it_follows(keys):
    assert keys.signed() == 0
    for old, size in ((0, 3), (3, 4), (4, 9)):
        text, proof = proven(old, size)
        assert keys.sign_note(text, proof)
        assert keys.signed() == size


@pytest.mark.parametrize("proof", [b"", b"x" * 32, proven(2, 9)[1], proven(3, 9)[1][:-1]])
def test_a_larger_checkpoint_without_that_proof_is_refused(keys, proof):
    keys.sign_note(proven(0, 3)[0])
    with pytest.raises((LedgerError, FormatError)):
        keys.sign_note(proven(3, 9)[0], proof)
    assert keys.signed() == 3


def test_what_was_signed_is_remembered_through_a_lock(keys):
    keys.sign_note(note(3))
    keys.lock()
    keys.unlock(VAULT, LASTING, LEDGER, COLLECTOR)
    with pytest.raises(LedgerError):
        keys.sign_note(note(3, b"s"))


def test_a_refused_checkpoint_is_not_remembered(keys):
    with pytest.raises(LedgerError):
        keys.sign_note(note(9, origin="vault.example/other"))
    assert keys.sign_note(note(1))


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff",
        b"a letter\n",
        note(1, origin="vault.example/other"),
        note(1) + b"extension\n",
        note(1) + b"\n",
        note(1).rstrip(b"\n"),
        note(1).replace(b"\n1\n", b"\n01\n"),
        note(1).replace(b"\n", b"\r\n"),
    ],
)
def test_nothing_else_is_ever_signed(keys, text):
    with pytest.raises(LedgerError):
        keys.sign_note(text)
