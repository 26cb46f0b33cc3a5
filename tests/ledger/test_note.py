import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from vault.errors import FormatError, SignatureError
from vault.ledger.note import COSIGNATURE, Note, NoteSignature, NoteVerifier, sign_note

# The example of Go's golang.org/x/mod/sumdb/note, with the keys of its tests.
VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZ"
    "b6KE6RyyBwJnAM=\n"
)
OTHER_VKEY = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"
OTHER_LINE = (
    "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33"
    "WWd1RvMc+QQ=\n"
)
PETER, ENOCH = NoteVerifier.parse(VKEY), NoteVerifier.parse(OTHER_VKEY)
KEY = Ed25519PrivateKey.from_private_bytes(bytes(32))
MINE = NoteVerifier("vault.example/log", KEY.public_key().public_bytes_raw())


def note(*parts):
    return "".join(parts).encode()


def test_the_reference_note_verifies_under_its_key():
    found = Note.parse(note(TEXT, "\n", LINE))
    PETER.verify(found)
    assert found.text == TEXT
    assert found.signatures[0].key_id.hex() == "c74f20a3"


def test_the_reference_note_is_made_byte_for_byte():
    seed = base64.b64decode("AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz")[1:]
    made = sign_note(TEXT, PETER, Ed25519PrivateKey.from_private_bytes(seed).sign)
    assert made.encode() == note(TEXT, "\n", LINE)


def test_both_reference_signatures_verify_side_by_side():
    found = Note.parse(note(TEXT, "\n", LINE, OTHER_LINE))
    PETER.verify(found)
    ENOCH.verify(found)


def test_the_example_of_the_specification_has_its_shape():
    text = (
        "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\n"
        "ed è subito sera.\n"
    )
    line = (
        "— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMou"
        "FSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=\n"
    )
    found = Note.parse(note(text, "\n", line))
    assert found.text == text
    assert found.signatures[0].name == "quasimodo.example/salvatore"
    assert found.encode() == note(text, "\n", line)


def test_a_stranger_beside_the_expected_key_is_ignored():
    PETER.verify(Note.parse(note(TEXT, "\n", OTHER_LINE, LINE)))


def test_without_the_expected_key_a_note_is_refused():
    with pytest.raises(SignatureError):
        PETER.verify(Note.parse(note(TEXT, "\n", OTHER_LINE)))


def test_the_same_name_with_another_key_is_a_stranger():
    impostor = NoteVerifier(PETER.name, MINE.public_key)
    made = sign_note(TEXT, impostor, KEY.sign)
    with pytest.raises(SignatureError):
        PETER.verify(made)


def test_the_same_name_and_key_id_with_a_false_signature_is_refused():
    made = Note(TEXT, (NoteSignature(PETER.name, PETER.key_id, KEY.sign(TEXT.encode())),))
    with pytest.raises(SignatureError):
        PETER.verify(made)


def test_one_false_line_of_the_expected_key_spoils_the_note():
    good = Note.parse(note(TEXT, "\n", LINE))
    bad = good.with_signature(NoteSignature(PETER.name, PETER.key_id, bytes(64)))
    with pytest.raises(SignatureError):
        PETER.verify(bad)


@pytest.mark.parametrize("signature", [bytes(1), bytes(63), bytes(65)])
def test_a_signature_of_another_size_is_refused(signature):
    made = Note(TEXT, (NoteSignature(PETER.name, PETER.key_id, signature),))
    with pytest.raises(SignatureError):
        PETER.verify(made)


def test_any_changed_byte_of_a_text_is_noticed():
    made = sign_note("one\ntwo\n", MINE, KEY.sign)
    for at, character in enumerate(made.text[:-1]):
        changed = made.text[:at] + chr(ord(character) + 32) + made.text[at + 1 :]
        with pytest.raises(SignatureError):
            MINE.verify(Note(changed, made.signatures))


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        note(TEXT),
        note(TEXT, "\n"),
        note("\n", LINE),
        note(TEXT, "\n", LINE[:-1]),
        note("\x01", TEXT, "\n", LINE),
        note("\t", TEXT, "\n", LINE),
        note("a\r\n", TEXT, "\n", LINE),
        b"\xff" + note(TEXT, "\n", LINE),
        note(TEXT, "\n", LINE, "Unexpected line.\n"),
        note(TEXT, "\n", LINE, "\n"),
        note(TEXT, "\n", LINE, "\n\n"),
        note(TEXT, "\n", LINE.replace("PeterNeumann", "Peter Neumann")),
        note(TEXT, "\n", LINE.replace("PeterNeumann", "Peter\u00a0Neumann")),
        note(TEXT, "\n", LINE.replace("PeterNeumann", "Peter+Neumann")),
        note(TEXT, "\n", LINE.replace("PeterNeumann", "")),
        note(TEXT, "\n", LINE.replace("— ", "- ")),
        note(TEXT, "\n", LINE.replace("— ", "—")),
        note(TEXT, "\n", LINE.replace("=\n", "\n")),
        note(TEXT, "\n", LINE.replace("M=\n", "N=\n")),
        note(TEXT, "\n", LINE.replace("\n", " \n")),
        note(TEXT, "\n", "— PeterNeumann x08gow==\n"),
        note(TEXT, "\n", "— PeterNeumann\n"),
        note(TEXT, "\n", LINE * 65),
        note("x" * 262_144, "\n\n", LINE),
    ],
)
def test_what_is_no_note_is_refused(bad):
    with pytest.raises(FormatError):
        Note.parse(bad)


def test_a_note_with_many_signatures_is_taken():
    PETER.verify(Note.parse(note(TEXT, "\n", OTHER_LINE * 63, LINE)))


def test_a_note_without_signatures_cannot_be_made():
    with pytest.raises(FormatError):
        Note(TEXT, ())


@pytest.mark.parametrize("text", ["", "no newline", "a\rb\n", "a\tb\n", "\x00\n", "\ud800\n"])
def test_a_text_that_no_note_holds_is_not_signed(text):
    def sign(_):
        pytest.fail("asked to sign")

    with pytest.raises(FormatError):
        sign_note(text, MINE, sign)


def test_a_signature_that_does_not_verify_is_never_published():
    with pytest.raises(SignatureError):
        sign_note(TEXT, PETER, KEY.sign)


def test_a_vkey_is_read_and_written_alike():
    assert PETER.vkey() == VKEY
    assert PETER.name == "PeterNeumann"


def test_no_part_of_a_vkey_is_a_vkey():
    for start in range(len(VKEY)):
        for end in range(start, len(VKEY) + (start > 0)):
            with pytest.raises(FormatError):
                NoteVerifier.parse(VKEY[start:end])


def test_no_changed_character_of_a_vkey_is_taken():
    for at, character in enumerate(VKEY):
        with pytest.raises(FormatError):
            NoteVerifier.parse(VKEY[:at] + chr(ord(character) + 1) + VKEY[at + 1 :])


@pytest.mark.parametrize(
    "bad",
    [
        "PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==",
        "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        VKEY.replace("c74f20a3", "C74F20A3"),
        VKEY + "\n",
        " " + VKEY,
    ],
)
def test_a_vkey_of_another_size_type_or_spelling_is_refused(bad):
    with pytest.raises(FormatError):
        NoteVerifier.parse(bad)


def test_a_key_serves_only_its_own_type_of_signature():
    cosigner = NoteVerifier("auditor.example", MINE.public_key, COSIGNATURE)
    with pytest.raises(FormatError):
        sign_note(TEXT, cosigner, KEY.sign)
    with pytest.raises(FormatError):
        cosigner.verify(Note.parse(note(TEXT, "\n", LINE)))
    with pytest.raises(FormatError):
        NoteVerifier.parse(cosigner.vkey())
    assert NoteVerifier.parse(cosigner.vkey(), COSIGNATURE) == cosigner


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u2003b", "a\nb", "\ud800", "x" * 257])
def test_what_is_no_key_name_is_refused(name):
    with pytest.raises(FormatError):
        NoteVerifier(name, MINE.public_key)


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33)])
def test_a_key_of_another_size_is_refused(key):
    with pytest.raises(FormatError):
        NoteVerifier("vault.example/log", key)


LINES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)


@given(st.lists(LINES, min_size=1, max_size=6))
def test_every_signed_text_is_read_back_and_verifies(lines):
    made = sign_note("\n".join(lines) + "\n", MINE, KEY.sign)
    found = Note.parse(made.encode())
    assert found == made
    MINE.verify(found)
