"""A file is sealed while it comes, and what is said of it is true of every byte that was sent."""

import hashlib
import random

import pytest

from tests.support.files import encoded
from tests.support.uploading import picture
from vault import canonical, settings
from vault.agents import wire
from vault.crypto import padding, stream
from vault.errors import BusyError, EmptyFileError, InputError, NoRoomError, TooLongError
from vault.letterbox.uploads import Uploads
from vault.safe.findings import Findings, fact
from vault.testimony import attaching
from vault.testimony.came import seal

MEGABYTE = 1024 * 1024
MOST = (64 * MEGABYTE, MEGABYTE)


class Crowded:
    """What looks into files, while others are looked into."""

    def inspect(self, _):
        raise BusyError


class Telling:
    """What looks into files, and finds as much as there can be, in the longest writing."""

    def inspect(self, _):
        facts = [
            fact("place", f"{n:02}" + "\U0001f512" * 60, "\U0001f511" * 200) for n in range(50)
        ]
        return Findings("jpeg", 1, 1, 1, shown=True, scripts=False, facts=tuple(facts))


class Agent:
    """The agent's end of the line: what is too long for a frame is refused."""

    def seal(self, purpose, session_id, plaintext):
        wire.frame(["seal", [purpose, *(canonical.b64(one) for one in (session_id, plaintext))]])
        return plaintext


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
    opened = stream.decrypt(came.key, [sealed])
    assert b"".join(padding.unfill(opened, came.size)) == data


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


@pytest.mark.parametrize(
    ("data", "kind"),
    [(picture(), "image/jpeg"), (encoded("PNG"), "image/png"), (b"%PDF-1.4\n", "application/pdf")],
)
def test_what_comes_while_too_many_are_looked_into_is_kept_and_told_by_its_beginning(
    uploads, data, kind
):
    came = attaching.receive(uploads, Crowded(), ("a", [data]), MOST)
    assert (came.type, came.looked, came.cleans) == (kind, False, False)
    assert uploads.names() == [came.id]


def test_however_much_files_betray_the_page_can_carry_what_came(uploads):
    name = "\U0001f4f7" * 300
    came = [attaching.receive(uploads, Telling(), (name, [picture()]), MOST) for _ in range(20)]
    assert all(len(one.facts) == attaching.MAX_FACTS for one in came)
    assert seal(Agent(), came)
