"""A file is sealed while it comes, and what is said of it is true of every byte that was sent."""

import hashlib
import random

import pytest

from vault import settings
from vault.crypto import stream
from vault.errors import EmptyFileError, InputError, NoRoomError, TooLongError
from vault.letterbox.uploads import Uploads
from vault.testimony import attaching

MEGABYTE = 1024 * 1024
MOST = (64 * MEGABYTE, MEGABYTE)


class NobodyLooks:
    """What is not a picture or a paper is not looked into."""


@pytest.fixture
def uploads(tmp_path):
    chosen = {"ledger": {"origin": "x"}, "uploads": {"reserve_percent": 0}}
    return Uploads(tmp_path / "letterbox", settings.load(tmp_path, chosen).uploads)


def nothing_is_left(uploads):
    return not [path for path in uploads._files.parent.rglob("*") if path.is_file()]


@pytest.mark.parametrize("seed", range(3))
def test_what_is_said_of_a_large_file_is_true_of_every_byte(uploads, seed):
    chance = random.Random(seed)
    data = chance.randbytes(24 * MEGABYTE + chance.randrange(MEGABYTE))
    pieces, at = [], 0
    while at < len(data):
        size = chance.choice([1, 999, 65_536, 300_000, 2 * MEGABYTE])
        pieces.append(data[at : at + size])
        at += size
    came = attaching.receive(uploads, NobodyLooks(), ("film.mp4", pieces), MOST)
    sealed = b"".join(uploads.read(came.id))
    assert (came.size, came.sha256) == (len(data), hashlib.sha256(data).digest())
    assert came.sealed.size == len(sealed)
    assert came.sealed.sha256 == hashlib.sha256(sealed).digest()
    assert b"".join(stream.decrypt(came.key, [sealed])) == data


def broken():
    yield bytes(3 * MEGABYTE)
    raise InputError("broke off")


@pytest.mark.parametrize(
    ("pieces", "error"),
    [
        ([], EmptyFileError),
        ([b""], EmptyFileError),
        ([bytes(MEGABYTE)] * 65, TooLongError),
        (broken(), InputError),
    ],
)
def test_what_is_refused_leaves_nothing(uploads, pieces, error):
    with pytest.raises(error):
        attaching.receive(uploads, NobodyLooks(), ("film.mp4", pieces), MOST)
    assert nothing_is_left(uploads)


def test_where_there_is_no_room_in_the_middle_nothing_is_left(uploads, monkeypatch):
    left = [None, None]

    def room(_size):
        if not left:
            raise NoRoomError
        left.pop()

    monkeypatch.setattr(uploads, "check_room", room)
    with pytest.raises(NoRoomError):
        attaching.receive(uploads, NobodyLooks(), ("film.mp4", [bytes(MEGABYTE)] * 60), MOST)
    assert not left
    assert nothing_is_left(uploads)
