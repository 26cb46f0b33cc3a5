import os
import socket
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.strategies import KEYS
from vault.agents import wire
from vault.errors import FormatError, TooLongError

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=10,
)


def received(data, *, close=True):
    near, far = socket.socketpair()
    with near, far:
        far.sendall(data)
        if close:
            far.close()
        return wire.receive(near, 0.2, 0.2)


@given(VALUES)
def test_what_was_sent_is_received(value):
    assert received(wire.frame(value)) == value


def test_a_close_between_frames_is_no_error():
    assert received(b"") is None


@pytest.mark.parametrize("cut", range(1, 8))
def test_a_frame_cut_short_is_refused(cut):
    with pytest.raises(FormatError):
        received(wire.frame(["locked", []])[:cut])


@pytest.mark.parametrize("cut", [0, 2, 6])
def test_a_peer_that_stops_in_the_middle_is_not_waited_for(cut):
    with pytest.raises(TimeoutError):
        received(wire.frame(["locked", []])[:cut], close=False)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[1.5]", b"[ ]", b'{"b":1,"a":1}', b'{"a":1,"a":1}', b"\xff", b"[" * 9000]
)
def test_anything_but_canonical_json_is_refused(body):
    with pytest.raises(FormatError):
        received(len(body).to_bytes(4, "big") + body)


def test_a_long_frame_is_refused_before_it_is_read():
    with pytest.raises(FormatError, match="too long"):
        received((wire.MAX_FRAME + 1).to_bytes(4, "big"), close=False)


def test_the_longest_frame_passes_and_one_byte_more_does_not():
    longest = "x" * (wire.MAX_FRAME - 2)
    near, far = socket.socketpair()
    with near, far:
        sender = threading.Thread(target=wire.send, args=(far, longest))
        sender.start()
        assert wire.receive(near, 5, 5) == longest
        sender.join()
    with pytest.raises(TooLongError):
        wire.frame(longest + "x")


def test_the_kernel_names_the_peer():
    near, far = socket.socketpair()
    with near, far:
        assert wire.peer_uid(near) == os.geteuid()
