"""What is posted with files is read piece by piece, strictly, and never through a file."""

import io

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder
from werkzeug.test import EnvironBuilder

from vault.errors import EncodingError, InputError, TooLongError
from vault.web.shared import multipart
from vault.web.shared.decoding import StrictRequest
from vault.web.shared.multipart import read_parts

LINE = b"\r\n"


def head(name, filename=None, more=b""):
    named = b'Content-Disposition: form-data; name="' + name + b'"'
    if filename is not None:
        named += b'; filename="' + filename + b'"'
    return b"--B" + LINE + named + LINE + more + LINE


def body(*parts):
    return b"".join(start + data + LINE for start, data in parts) + b"--B--" + LINE


def posted(data, kind="multipart/form-data; boundary=B", length=None):
    environ = EnvironBuilder(method="POST", content_type=kind).get_environ()
    environ["CONTENT_TYPE"] = kind
    environ["wsgi.input"] = data if hasattr(data, "read") else io.BytesIO(data)
    environ["CONTENT_LENGTH"] = str(len(data) if length is None else length)
    return StrictRequest(environ)


def read(data, **options):
    return [
        (part.name, part.filename, b"".join(part.chunks))
        for part in read_parts(posted(data, **options))
    ]


@pytest.mark.parametrize("size", [0, 1, 3, 65_535, 65_536, 65_537, 300_000])
@pytest.mark.parametrize("byte", [b"a", b"\r", b"\n", b"-", b"\x00", b"\xff"])
def test_every_file_comes_as_it_was_sent(size, byte):
    sent = body((head(b"token"), b"t"), (head(b"file", b"x.jpg"), byte * size))
    assert read(sent) == [("token", None, b"t"), ("file", "x.jpg", byte * size)]


def test_what_looks_like_a_boundary_is_part_of_the_file():
    tricky = b"\r\n--A\r\n--\r\n-\r--B-\r\n--"
    assert read(body((head(b"file", b"x"), tricky)))[0][2] == tricky


def test_names_are_read_as_browsers_write_them():
    for written, meant in ((b"end\\", "end\\"), (b"C:\\new", "C:\\new"), (b"%22a%0D%0A", '"a\r\n')):
        assert read(body((head(b"file", written), b"a"))) == [("file", meant, b"a")]


def test_a_part_that_nobody_reads_is_passed_over():
    sent = body((head(b"file", b"x"), b"a" * 200_000), (head(b"file", b"y"), b"b"))
    assert [part.filename for part in read_parts(posted(sent))] == ["x", "y"]


def test_no_more_than_the_buffer_is_held_and_nothing_is_copied():
    asked, memory = [], set()
    left = [head(b"file", b"x"), *[b"a" * 65_536] * 64, LINE + b"--B--" + LINE]

    class Endless(io.RawIOBase):
        def readinto(self, room):
            asked.append(len(room))
            piece = left.pop(0) if left else b""
            room[: len(piece)] = piece
            return len(piece)

    parts = read_parts(posted(Endless(), length=10_000_000))
    size = 0
    for chunk in next(parts).chunks:
        size += len(chunk)
        memory.add(id(chunk.obj))
    assert size == 64 * 65_536
    assert max(asked) <= multipart.BUFFER
    assert len(memory) == 1


def test_a_name_in_any_letters_is_kept_and_is_only_a_name():
    name = "../../снимок \u202ekep.jpg".encode()
    assert read(body((head(b"file", name), b"a")))[0][1] == "../../снимок \u202ekep.jpg"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (body((head(b"fi\xffle", b"x"), b"a")), EncodingError),
        (body((head(b"file", b"\xff"), b"a")), EncodingError),
        (body((head(b""), b"a")), InputError),
        (body((head(b"n" * 201), b"a")), InputError),
        (body((head(b"file", b"x", b"X: " + b"y" * 600_000 + LINE), b"a")), TooLongError),
        (body(*[(head(b"file", b"x"), b"a")] * (multipart.MAX_PARTS + 1)), TooLongError),
        (head(b"file", b"x", b"X: " + b"y" * 600_000), TooLongError),
        (body((head(b"file", b"x"), b"a"))[:-4], InputError),
        (body((head(b"file", b"x"), b"a"))[:-1], InputError),
        (body((head(b"file", b"x"), b"a")) + b"more", InputError),
        (body((head(b"file", b"x"), b"a")) + body((head(b"file", b"y"), b"b")), InputError),
        (b"before" + LINE + body((head(b"file", b"x"), b"a")), InputError),
        (LINE + body((head(b"file", b"x"), b"a")), InputError),
        (body((head(b"file", b"x"), b"a")).replace(LINE, b"\n"), InputError),
        (body((head(b"file", b"x"), b"a")).replace(LINE, b"\r"), InputError),
        (body((head(b"file", b"x"), b"a")).replace(b"--B" + LINE, b"--B " + LINE), InputError),
        (body((head(b"file", b"x"), LINE + b"--B-" + LINE)), InputError),
        (body((head(b"file", b"x"), LINE + b"--Bx")), InputError),
        (body((head(b"file", b"x", b" more" + LINE), b"a")), InputError),
        (body((head(b"file", b"x", b"X:\n y" + LINE), b"a")), InputError),
        (body((head(b"file", b"x", b"X: y\0" + LINE), b"a")), InputError),
        (body((head(b"file", b"x", b"no header" + LINE), b"a")), InputError),
        (body((head(b"file", b"x", b"Content-Disposition: form-data" + LINE), b"a")), InputError),
        (body((head(b"file").replace(b"form-data", b"attachment"), b"a")), InputError),
        (head(b"file", b"x") + b"half", InputError),
        (b"--B" + LINE + b"X: y" + LINE + LINE + b"a" + LINE + b"--B--", InputError),
        (b"nothing of the kind", InputError),
        (b"", InputError),
    ],
)
def test_anything_else_is_refused(data, error):
    with pytest.raises(error):
        read(data)


@pytest.mark.parametrize(
    "kind",
    [
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=" + "b" * 71,
        "multipart/mixed; boundary=B",
    ],
)
def test_another_kind_of_request_is_no_form(kind):
    with pytest.raises(InputError):
        read(body((head(b"file", b"x"), b"a")), kind=kind)


def test_what_broke_off_is_refused_after_what_came():
    sent = body((head(b"file", b"x"), b"a" * 100_000))
    parts = read_parts(posted(sent[:60_000], length=len(sent)))
    part = next(parts)
    with pytest.raises(InputError):
        b"".join(part.chunks)


def test_as_many_parts_as_are_allowed_are_taken():
    assert (
        len(read(body(*[(head(b"file", b"x"), b"a")] * multipart.MAX_PARTS))) == multipart.MAX_PARTS
    )


def test_a_field_is_short_and_is_text():
    for data, error in ((b"a" * 9000, TooLongError), (b"\xff", EncodingError)):
        part = next(read_parts(posted(body((head(b"token"), data)))))
        with pytest.raises(error):
            part.text()


# --- beside another decoder ----------------------------------------------------------------------


class InPieces(io.RawIOBase):
    """A connection on which so many bytes arrive at a time, and then the rest."""

    def __init__(self, data, sizes):
        self._left, self._sizes = data, list(sizes)

    def readinto(self, room):
        size = min(len(room), self._sizes.pop(0) if self._sizes else len(room))
        piece, self._left = self._left[:size], self._left[size:]
        room[: len(piece)] = piece
        return len(piece)


def as_werkzeug_reads(data):
    """Return what its decoder makes of a form that arrives at once."""
    decoder, parts = MultipartDecoder(b"B"), []
    decoder.receive_data(data)
    decoder.receive_data(None)
    while not isinstance(event := decoder.next_event(), Epilogue):
        if isinstance(event, Field | File):
            parts.append([event.name, getattr(event, "filename", None), b""])
        elif isinstance(event, Data):
            parts[-1][2] += event.data
    return [tuple(part) for part in parts]


def as_we_read(data, sizes):
    stream = InPieces(data, sizes)
    parts = read_parts(posted(stream, length=len(data)))
    return [(part.name, part.filename, b"".join(map(bytes, part.chunks))) for part in parts]


contents = st.lists(
    st.sampled_from([b"a", b"\r", b"\n", LINE, b"-", b"--", b"--A", b"B", b"\0", b"\xff" * 90])
).map(b"".join)
forms = st.lists(
    st.tuples(st.sampled_from([head(b"token"), head(b"file", b"x")]), contents), max_size=4
)
splits = st.lists(st.integers(1, 40), max_size=60)


def no_boundary_in(form):
    return not any(b"--B" in content for _, content in form)


@given(forms.filter(no_boundary_in), splits)
@example([(head(b"file", b"x"), LINE + b"-")], [1] * 60)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_form_that_arrives_in_any_pieces_is_the_form_that_werkzeug_reads(
    monkeypatch, form, sizes
):
    monkeypatch.setattr(multipart, "BUFFER", 100)
    monkeypatch.setattr(multipart, "MAX_HEAD", 90)
    assert as_we_read(body(*form), sizes) == as_werkzeug_reads(body(*form))


def test_at_each_place_where_a_form_can_be_torn_it_is_the_same():
    sent = body((head(b"token"), b"t"), (head(b"file", b"x"), b"\r\n--A\r\n-\r"))
    for at in range(1, len(sent) - len(LINE)):
        assert as_we_read(sent, [at]) == as_werkzeug_reads(sent)
        with pytest.raises(InputError):
            as_we_read(sent[: at - 1], [1, at])
