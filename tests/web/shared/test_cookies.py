import dataclasses

import pytest
from flask import Request, Response
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder

from tests.support.strategies import KEYS
from vault import canonical, clock
from vault.agents.sessions import SessionKeys
from vault.errors import FormatError, SessionEndedError
from vault.web.shared import cookies
from vault.web.shared.cookies import CookieRules, SealedCookie

RULES = CookieRules("c", "/room", "room", idle=900, absolute=3600, secure=False)


@pytest.fixture
def cookie():
    return SealedCookie(SessionKeys(), RULES)


def bring(value):
    return Request(EnvironBuilder(headers={"Cookie": f"c={value}"}).get_environ())


def sealed(cookie, session):
    response = Response()
    cookie.write(response, session)
    return response.headers["Set-Cookie"].split(";")[0].removeprefix("c=")


@given(st.dictionaries(KEYS, st.text(max_size=50) | st.integers(0, 99), max_size=5))
def test_what_was_written_is_read_back(data):
    cookie = SealedCookie(SessionKeys(), RULES)
    session = cookies.fresh(data)
    opened = cookie.read(bring(sealed(cookie, session)))
    assert (opened.session_id, opened.data) == (session.session_id, data)


def test_a_request_without_a_cookie_has_no_session(cookie):
    assert cookie.read(Request(EnvironBuilder().get_environ())) is None


def test_the_cookie_is_of_this_window_http_only_strict_and_bound_to_its_path(cookie):
    response = Response()
    cookie.write(response, cookies.fresh({"a": 1}))
    _, *attributes = response.headers["Set-Cookie"].split("; ")
    assert attributes == ["HttpOnly", "Path=/room", "SameSite=Strict"]


def test_the_cookie_is_secure_where_tls_ends_in_front():
    response = Response()
    rules = dataclasses.replace(RULES, secure=True)
    SealedCookie(SessionKeys(), rules).write(response, cookies.fresh({"a": 1}))
    assert "; Secure;" in response.headers["Set-Cookie"]


def test_the_cookie_shows_nothing_of_what_it_holds(cookie):
    value = sealed(cookie, cookies.fresh({"secret": "entropy"}))
    assert b"entropy" not in canonical.unb64(value)
    assert "entropy" not in repr(cookies.fresh({"secret": "entropy"}))


@pytest.mark.parametrize("value", ["", "x", "!!", "A" * 80, "A" * 4000])
def test_a_cookie_that_is_none_of_ours_ends(cookie, value):
    with pytest.raises(SessionEndedError):
        cookie.read(bring(value))


def test_a_changed_cookie_ends(cookie):
    value = sealed(cookie, cookies.fresh({"a": 1}))
    other = "B" if value[30] != "B" else "C"
    with pytest.raises(SessionEndedError):
        cookie.read(bring(value[:30] + other + value[31:]))


def test_a_cookie_of_another_purpose_ends():
    agent = SessionKeys()
    value = sealed(SealedCookie(agent, RULES), cookies.fresh({"a": 1}))
    with pytest.raises(SessionEndedError):
        SealedCookie(agent, dataclasses.replace(RULES, purpose="other")).read(bring(value))


@pytest.mark.parametrize(("seconds", "ended"), [(900, False), (901, True)])
def test_a_session_nobody_used_ends_after_the_idle_time(cookie, monkeypatch, seconds, ended):
    value, begun = sealed(cookie, cookies.fresh({"a": 1})), clock.now()
    monkeypatch.setattr(clock, "now", lambda: begun + seconds)
    if ended:
        with pytest.raises(SessionEndedError):
            cookie.read(bring(value))
    else:
        assert cookie.read(bring(value)).data == {"a": 1}


def test_a_session_in_use_ends_at_its_absolute_time(cookie, monkeypatch):
    session = cookies.fresh({"a": 1})
    for minutes in range(10, 61, 10):
        monkeypatch.setattr(clock, "now", lambda at=session.created + minutes * 60: at)
        value = sealed(cookie, session)
        assert cookie.read(bring(value)).created == session.created
    monkeypatch.setattr(clock, "now", lambda: session.created + 3601)
    with pytest.raises(SessionEndedError):
        cookie.read(bring(value))


def test_an_ended_session_ends_for_every_copy_of_its_cookie(cookie):
    session = cookies.fresh({"a": 1})
    value = sealed(cookie, session)
    cookie.end(session.session_id)
    with pytest.raises(SessionEndedError):
        cookie.read(bring(value))
    with pytest.raises(SessionEndedError):
        sealed(cookie, session)


def test_a_restart_of_the_agent_ends_every_session(cookie):
    value = sealed(cookie, cookies.fresh({"a": 1}))
    with pytest.raises(SessionEndedError):
        SealedCookie(SessionKeys(), RULES).read(bring(value))


def test_more_than_a_browser_keeps_is_refused_instead_of_lost(cookie):
    with pytest.raises(FormatError):
        cookie.write(Response(), cookies.fresh({"a": "x" * 4000}))
