import logging

import pytest
from flask import Flask

from vault import clock, errors
from vault.web.shared import errors as pages


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InputError(), 400),
        (errors.EncodingError(), 400),
        (errors.TooLongError(), 413),
        (errors.UnknownFormError(), 404),
        (errors.NotFoundError(), 404),
        (errors.UnknownWordError(3), 400),
        (errors.NotOpenYetError(), 503),
        (errors.RosterExpiredError(), 503),
        (errors.StorageError(), 503),
        (errors.ConflictError(), 409),
        (errors.LockedError(), 503),
        (errors.BusyError(), 503),
        (errors.SessionEndedError(), 403),
        (errors.SignInError(), 403),
        (errors.NoGrantError(), 403),
        (errors.RefusedError(), 403),
        (errors.SealError(), 500),
        (errors.WitnessVaultError(), 500),
    ],
)
def test_every_kind_of_error_has_its_status(error, status):
    assert pages.status_of(error) == status


@pytest.fixture
def client():
    app = Flask(__name__)
    app.config["PROPAGATE_EXCEPTIONS"] = False
    pages.install(app, lambda status, key, _error: f"{status} {key}")

    @app.get("/bug")
    def bug():
        raise RuntimeError("plaintext")

    @app.get("/disk")
    def disk():
        raise errors.StorageError("folder")

    @app.get("/elsewhere/")
    def elsewhere():
        return ""

    return app.test_client()


def test_a_defect_answers_with_a_plain_page_and_logs_only_its_class(client, caplog):
    assert client.get("/bug").text == "500 error.general"
    assert caplog.messages == ["unexpected RuntimeError"]
    assert "plaintext" not in caplog.text
    assert "Traceback" not in caplog.text


def test_what_an_operator_must_see_is_logged_by_its_class(client, caplog):
    assert client.get("/disk").text == "503 error.storage"
    assert caplog.messages == ["refused: StorageError"]


def test_the_log_does_not_count_visits(client, caplog, monkeypatch):
    for _ in range(3):
        client.get("/disk")
        client.get("/bug")
    assert caplog.messages == ["refused: StorageError", "unexpected RuntimeError"]
    monkeypatch.setattr(clock, "day", lambda: "2030-01-01")
    client.get("/disk")
    assert caplog.messages[2:] == ["refused: StorageError"]


def test_what_a_person_did_is_not_logged(client, caplog):
    assert client.get("/nowhere").text == "404 error.not_found"
    assert client.post("/bug").text == "405 error.not_found"
    assert caplog.messages == []


def test_a_redirect_of_the_framework_stays_a_redirect(client):
    assert client.get("/elsewhere").status_code == 308


def test_whatever_the_framework_logs_about_an_exception_loses_trace_and_text(caplog):
    logger = logging.getLogger("quiet")
    logger.addFilter(pages.QuietLogger())
    try:
        raise ValueError("plaintext")
    except ValueError:
        logger.exception("Request finalizing failed: %s", "plaintext")
    assert caplog.messages == ["unexpected ValueError"]
    assert "plaintext" not in caplog.text
