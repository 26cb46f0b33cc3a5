import io
from pathlib import Path
from urllib.parse import urlencode

import pytest
from flask import Flask, request
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from vault import web
from vault.errors import EncodingError, InputError, TooLongError, WitnessVaultError
from vault.web.shared import decoding
from vault.web.shared.decoding import MAX_FIELDS, StrictRequest, parse, read_form

FORM = decoding.FORM_TYPE
texts = st.text(st.characters(exclude_categories=["Cs"]))
names = st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=20)


@given(st.lists(st.tuples(names, texts), max_size=20))
def test_what_a_browser_encodes_is_read_back_exactly(fields):
    form = parse(urlencode(fields).encode())
    assert list(form.items(multi=True)) == sorted(
        fields, key=lambda pair: [name for name, _ in fields].index(pair[0])
    )
    form.check()


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(body):
    try:
        parse(body).check()
    except InputError:
        return


def test_invalid_utf8_is_kept_readable_and_refused_when_checked():
    form = parse(b"story=before+%FF+after&send_id=x")
    assert form.text("story") == "before � after"
    with pytest.raises(EncodingError):
        form.check()


def test_overlong_and_surrogate_utf8_are_invalid():
    for raw in (b"%C0%80", b"%ED%A0%80", b"%F5%80%80%80"):
        with pytest.raises(EncodingError):
            parse(b"story=" + raw).check()


def test_a_missing_field_is_an_empty_text():
    assert parse(b"").text("story") == ""


def test_the_first_of_repeated_fields_counts_and_all_can_be_asked_for():
    form = parse(b"role=a&role=b")
    assert (form.text("role"), form.getlist("role")) == ("a", ["a", "b"])


def test_as_many_fields_as_allowed_are_read_and_one_more_is_refused():
    assert len(list(parse(b"&".join([b"a=1"] * MAX_FIELDS)).items(multi=True))) == MAX_FIELDS
    with pytest.raises(InputError):
        parse(b"&".join([b"a=1"] * (MAX_FIELDS + 1)))


@pytest.mark.parametrize("name", [b"%FF", b"a" * (decoding.MAX_NAME + 1)])
def test_a_name_that_no_page_has_is_refused(name):
    with pytest.raises(InputError):
        parse(name + b"=1")


@pytest.fixture
def read():
    app = Flask(__name__)
    app.request_class = StrictRequest
    app.config["MAX_CONTENT_LENGTH"] = 1000

    def read(body, content_type=FORM, **options):
        with app.test_request_context(
            "/", method="POST", data=body, content_type=content_type, **options
        ):
            return read_form(request)

    return read


@pytest.mark.parametrize(
    "content_type", ["multipart/form-data; boundary=x", "application/json", "text/plain"]
)
def test_other_bodies_than_forms_are_refused(read, content_type):
    with pytest.raises(InputError):
        read(b"--x\r\n", content_type)


def test_a_body_at_the_limit_is_read_and_one_byte_more_is_not(read):
    assert len(read(b"s=" + b"a" * 998).text("s")) == 998
    with pytest.raises(TooLongError):
        read(b"s=" + b"a" * 999)


def test_an_oversized_body_is_read_to_its_end_so_that_the_browser_shows_the_answer():
    app = Flask(__name__)
    app.request_class = StrictRequest
    app.config["MAX_CONTENT_LENGTH"] = 10
    with app.test_request_context("/", method="POST", data=b"s=" + b"a" * 100_000):
        request.environ["CONTENT_TYPE"] = FORM
        with pytest.raises(TooLongError):
            read_form(request)
        assert request.environ["wsgi.input"].read() == b""


def test_an_oversized_body_that_breaks_off_is_answered_too():
    environ = EnvironBuilder(method="POST", data=b"s=a", content_type=FORM).get_environ()
    environ["CONTENT_LENGTH"] = "5000"
    asked = StrictRequest(environ)
    asked.max_content_length = 1000
    with pytest.raises(TooLongError):
        read_form(asked)


def test_a_post_without_a_body_is_an_empty_form(read):
    assert not read(None, content_type=None)


def test_a_library_that_asks_the_request_itself_gets_the_strict_form():
    builder = EnvironBuilder(method="POST", data=b"story=%FF", content_type=FORM)
    asked = StrictRequest(builder.get_environ())
    assert read_form(asked) is asked.form
    assert asked.form.fault is not None
    assert not asked.files


def test_nothing_else_under_web_asks_a_request_for_its_form():
    folder = Path(web.__file__).parent
    for attribute in (".form", ".files", ".values", ".get_data(", ".get_json(", ".stream"):
        users = [
            path.name
            for path in folder.rglob("*.py")
            if f"request{attribute}" in path.read_text("utf-8")
        ]
        allowed = {"decoding.py", "multipart.py"} if attribute == ".stream" else {"decoding.py"}
        assert set(users) <= allowed, attribute


def test_no_refusal_repeats_what_was_typed():
    for body in (b"secret" * 50 + b"=1", b"story=secret%FF", b"&".join([b"secret=1"] * 501)):
        with pytest.raises(WitnessVaultError) as refused:
            parse(body).check()
        assert "secret" not in str(refused.value)


class Breaking:
    """A body whose end never comes."""

    def __init__(self, data, error=None):
        self.data, self.error = data, error

    def read(self, _size=-1):
        if not self.data and self.error:
            raise self.error
        data, self.data = self.data, b""
        return data


@pytest.mark.parametrize("error", [None, TimeoutError(), ConnectionResetError()])
@pytest.mark.parametrize("length", [1000, 10_000_000])
def test_half_of_what_was_announced_is_no_form(error, length):
    environ = EnvironBuilder(method="POST", path="/", content_type=FORM).get_environ()
    body = Breaking(b"story=half", error)
    environ |= {"CONTENT_LENGTH": str(length), "wsgi.input": body, "wsgi.input_terminated": True}
    asked = StrictRequest(environ)
    asked.max_content_length = 2_000_000
    with pytest.raises(InputError):
        read_form(asked)


def test_what_is_too_long_is_thrown_away_for_a_time_only(monkeypatch):
    moments = iter(range(0, 1000, 15))
    monkeypatch.setattr(decoding.time, "monotonic", lambda: next(moments))
    endless = EnvironBuilder(method="POST", path="/", content_type=FORM).get_environ()
    body = io.BytesIO(bytes(30_000_000))
    endless |= {"CONTENT_LENGTH": "30000000", "wsgi.input": body}
    asked = StrictRequest(endless)
    asked.max_content_length = 1000
    with pytest.raises(TooLongError):
        read_form(asked)
    assert 0 < body.tell() < 1_000_000
