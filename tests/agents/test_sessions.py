import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.agents.sessions import MAX_KEEP_SECONDS, SessionKeys
from vault.errors import FormatError, SessionEndedError

ID, OTHER = b"i" * 16, b"j" * 16
LABELS = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=64)


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@given(LABELS, st.binary(min_size=16, max_size=16), st.binary(max_size=2000))
def test_what_was_sealed_opens(purpose, session_id, plaintext):
    keys = SessionKeys()
    assert keys.open(purpose, keys.seal(purpose, session_id, plaintext)) == (session_id, plaintext)


def test_sealing_twice_gives_different_bytes_of_stated_length():
    keys = SessionKeys()
    first, second = keys.seal("cookie", ID, b"x"), keys.seal("cookie", ID, b"x")
    assert first != second
    assert len(first) == 1 + 44
    assert b"x" * 16 not in first


@given(st.integers(min_value=0, max_value=44), st.integers(min_value=1, max_value=255))
def test_a_changed_byte_ends_the_session(at, change):
    keys = SessionKeys()
    sealed = bytearray(keys.seal("cookie", ID, b"x"))
    sealed[at] ^= change
    with pytest.raises(SessionEndedError):
        keys.open("cookie", bytes(sealed))


@given(st.binary(max_size=60))
def test_bytes_of_others_do_not_open(sealed):
    with pytest.raises(SessionEndedError):
        SessionKeys().open("cookie", sealed)


def test_a_seal_opens_for_its_own_purpose_only():
    keys = SessionKeys()
    with pytest.raises(SessionEndedError):
        keys.open("other", keys.seal("cookie", ID, b"x"))


def test_a_seal_does_not_open_after_a_restart():
    with pytest.raises(SessionEndedError):
        SessionKeys().open("cookie", SessionKeys().seal("cookie", ID, b"x"))


def test_an_ended_session_neither_opens_nor_seals_and_others_do():
    keys = SessionKeys()
    mine, theirs = keys.seal("cookie", ID, b"x"), keys.seal("cookie", OTHER, b"x")
    keys.end(ID, 60)
    with pytest.raises(SessionEndedError):
        keys.open("cookie", mine)
    with pytest.raises(SessionEndedError):
        keys.seal("cookie", ID, b"x")
    assert keys.open("cookie", theirs)[0] == OTHER


def test_an_ended_id_is_remembered_for_as_long_as_asked():
    clock = Clock()
    keys = SessionKeys(clock)
    sealed = keys.seal("cookie", ID, b"x")
    keys.end(ID, 60)
    clock.now += 59
    with pytest.raises(SessionEndedError):
        keys.open("cookie", sealed)
    clock.now += 2
    assert keys.open("cookie", sealed)[0] == ID


def test_ending_again_never_shortens_the_memory():
    clock = Clock()
    keys = SessionKeys(clock)
    sealed = keys.seal("cookie", ID, b"x")
    keys.end(ID, 60)
    keys.end(ID, 1)
    clock.now += 30
    with pytest.raises(SessionEndedError):
        keys.open("cookie", sealed)


def test_expired_ids_make_room():
    clock = Clock()
    keys = SessionKeys(clock, max_ended=2)
    for number in range(2):
        keys.end(bytes([number]) * 16, 10)
    sealed = keys.seal("cookie", ID, b"x")
    clock.now += 11
    keys.end(OTHER, 10)
    assert keys.open("cookie", sealed)[0] == ID


def test_when_no_room_is_left_every_session_ends_rather_than_one_coming_back():
    keys = SessionKeys(max_ended=2)
    mine, theirs = keys.seal("cookie", ID, b"x"), keys.seal("cookie", OTHER, b"x")
    keys.end(ID, 60)
    for number in range(2):
        keys.end(bytes([number]) * 16, 60)
    for sealed in (mine, theirs):
        with pytest.raises(SessionEndedError):
            keys.open("cookie", sealed)


def test_derivation_is_the_same_within_one_run_and_another_in_the_next():
    keys = SessionKeys()
    assert keys.derive("send", b"1") == keys.derive("send", b"1")
    assert len(keys.derive("send", b"1")) == 32
    assert keys.derive("send", b"1") != SessionKeys().derive("send", b"1")


def test_derivation_outlives_the_end_of_sessions():
    keys = SessionKeys(max_ended=0)
    before = keys.derive("send", b"1")
    keys.end(ID, 60)
    assert keys.derive("send", b"1") == before


@given(LABELS, st.binary(max_size=40), LABELS, st.binary(max_size=40))
def test_another_label_or_other_data_gives_other_bytes(label, data, label2, data2):
    keys = SessionKeys()
    same = (label, data) == (label2, data2)
    assert (keys.derive(label, data) == keys.derive(label2, data2)) is same


def test_label_and_data_do_not_run_into_each_other():
    keys = SessionKeys()
    assert keys.derive("ab", b"c") != keys.derive("a", b"bc")


@pytest.mark.parametrize("label", ["", "x" * 65, "приём", "a\n", "\x7f"])
def test_labels_are_short_printable_ascii(label):
    keys = SessionKeys()
    with pytest.raises(FormatError):
        keys.derive(label, b"")
    with pytest.raises(FormatError):
        keys.seal(label, ID, b"")


@pytest.mark.parametrize("size", [0, 15, 17])
def test_session_ids_have_sixteen_bytes(size):
    with pytest.raises(FormatError):
        SessionKeys().seal("cookie", bytes(size), b"")
    with pytest.raises(FormatError):
        SessionKeys().end(bytes(size), 1)


@pytest.mark.parametrize("seconds", [-1, MAX_KEEP_SECONDS + 1])
def test_nothing_is_remembered_without_bound(seconds):
    with pytest.raises(FormatError):
        SessionKeys().end(ID, seconds)


def test_no_key_shows_in_its_text_form():
    assert repr(SessionKeys()) == "SessionKeys()"


def test_what_was_forgotten_neither_opens_nor_is_derived_again():
    keys = SessionKeys()
    sealed, derived = keys.seal("cookie", ID, b"x"), keys.derive("send", b"1")
    keys.forget()
    with pytest.raises(SessionEndedError):
        keys.open("cookie", sealed)
    assert keys.derive("send", b"1") != derived
    assert keys.open("cookie", keys.seal("cookie", ID, b"y")) == (ID, b"y")
