import pytest
from flask import Flask, session
from flask_wtf import CSRFProtect
from flask_wtf.csrf import generate_csrf

from vault import clock
from vault.agents.sessions import SessionKeys
from vault.errors import AgentError, LockedError
from vault.web.shared import errors, sessions
from vault.web.shared.cookies import CookieRules
from vault.web.shared.decoding import StrictRequest

RULES = CookieRules("wv_room", "/", "room", idle=900, absolute=3600, secure=False)


class Away(SessionKeys):
    """An agent that can stop answering."""

    fault: type[AgentError] | None = None
    cannot_seal = False

    def seal(self, *arguments):
        if self.cannot_seal:
            raise AgentError
        return super().seal(*arguments)

    def open(self, purpose, sealed):
        if self.fault:
            raise self.fault
        return super().open(purpose, sealed)


@pytest.fixture
def agent():
    return Away()


@pytest.fixture
def app(agent):
    app = Flask(__name__)
    app.request_class = StrictRequest
    app.config.update(PROPAGATE_EXCEPTIONS=False, SECRET_KEY="only Flask-WTF signs with this")
    sessions.install(app, agent, RULES)
    errors.install(app, lambda _status, key, _error: key)
    CSRFProtect(app)

    @app.get("/")
    def show():
        return {"data": dict(session), "ended": sessions.current().ended}

    @app.get("/in/<name>")
    def sign_in(name):
        sessions.current().renew()
        session["name"] = name
        return ""

    @app.get("/out")
    def sign_out():
        sessions.current().finish()
        return ""

    @app.get("/token")
    def token():
        return generate_csrf()

    @app.post("/act")
    def act():
        return "done"

    return app


@pytest.fixture
def client(app):
    return app.test_client()


def value(client):
    cookie = client.get_cookie("wv_room")
    return cookie and cookie.value


def test_an_empty_session_sets_no_cookie(client):
    assert "Set-Cookie" not in client.get("/").headers


def test_what_is_put_into_the_session_is_there_next_time(client):
    client.get("/in/a")
    assert client.get("/").json == {"data": {"name": "a"}, "ended": False}


def test_signing_in_ends_the_session_that_was_there_before(client):
    client.get("/in/a")
    before = value(client)
    client.get("/in/b")
    assert value(client) != before
    client.set_cookie("wv_room", before)
    assert client.get("/").json == {"data": {}, "ended": True}


def test_signing_out_ends_every_copy_of_the_cookie(client):
    client.get("/in/a")
    copy = value(client)
    client.get("/out")
    assert value(client) is None
    client.set_cookie("wv_room", copy)
    assert client.get("/").json == {"data": {}, "ended": True}


def test_an_ended_cookie_is_said_once_and_then_forgotten(client):
    client.set_cookie("wv_room", "nonsense")
    assert client.get("/").json["ended"]
    assert not client.get("/").json["ended"]


def test_a_session_that_another_window_ended_meanwhile_is_not_written_again(app, agent, client):
    @app.get("/slow")
    def slow():
        session["more"] = 1
        agent.end(sessions.current().session_id, 3600)
        return ""

    client.get("/in/a")
    client.get("/slow")
    assert value(client) is None


def test_an_agent_that_goes_away_while_a_page_is_made_leaves_the_cookie_as_it_was(client, agent):
    client.get("/in/a")
    held = value(client)
    agent.cannot_seal = True
    answer = client.get("/in/b")
    assert (answer.status_code, "Set-Cookie" in answer.headers) == (200, False)
    assert value(client) == held


def test_an_idle_session_ends(client, monkeypatch):
    client.get("/in/a")
    later = clock.now() + 901
    monkeypatch.setattr(clock, "now", lambda: later)
    assert client.get("/").json == {"data": {}, "ended": True}


def test_use_keeps_a_session_alive_up_to_its_absolute_end(client, monkeypatch):
    client.get("/in/a")
    begun = clock.now()
    for seconds in range(600, 3600, 600):
        monkeypatch.setattr(clock, "now", lambda at=begun + seconds: at)
        assert client.get("/").json["data"] == {"name": "a"}
    monkeypatch.setattr(clock, "now", lambda: begun + 3700)
    assert client.get("/").json["ended"]


@pytest.mark.parametrize(
    ("fault", "key"), [(LockedError, "error.locked"), (AgentError, "error.agent")]
)
def test_while_the_agent_is_locked_or_away_every_page_says_so(client, agent, fault, key):
    client.get("/in/a")
    held = value(client)
    agent.fault = fault
    answer = client.get("/")
    assert (answer.status_code, answer.text) == (503, key)
    assert value(client) == held


def test_a_form_without_its_token_is_refused_and_with_it_taken(client):
    assert client.post("/act").status_code == 400
    token = client.get("/token").text
    assert client.post("/act", data={"csrf_token": token}).text == "done"


def test_a_token_of_another_session_is_refused(app, client):
    token = app.test_client().get("/token").text
    client.get("/token")
    assert client.post("/act", data={"csrf_token": token}).status_code == 400
