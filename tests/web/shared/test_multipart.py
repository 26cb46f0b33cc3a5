"""What is posted with files is read piece by piece, strictly, and never through a file."""

import io

import pytest
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


def test_no_more_than_a_piece_is_held():
    taken = []

    left = [head(b"file", b"x"), *[b"a" * 65_536] * 64, LINE + b"--B--" + LINE]

    class Endless:
        def read(self, size=-1):
            taken.append(size)
            return left.pop(0) if left else b""

    parts = read_parts(posted(Endless(), length=10_000_000))
    part = next(parts)
    assert max(map(len, part.chunks)) <= 2 * multipart.PIECE
    assert max(taken) <= multipart.PIECE


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
        (body(*[(head(b"file", b"x"), b"a")] * 65), TooLongError),
        (body((head(b"file", b"x"), b"a"))[:-4], InputError),
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


def test_a_field_is_short_and_is_text():
    for data, error in ((b"a" * 9000, TooLongError), (b"\xff", EncodingError)):
        part = next(read_parts(posted(body((head(b"token"), data)))))
        with pytest.raises(error):
            part.text()
