"""Every answer of every route carries exactly these headers, word for word."""

from http import HTTPStatus

import pytest

from tests.support.routes import every_request

FEATURES = (
    "accelerometer=(), autoplay=(), browsing-topics=(), camera=(), "
    "clipboard-read=(), clipboard-write=(), compute-pressure=(), display-capture=(), "
    "encrypted-media=(), fullscreen=(), gamepad=(), geolocation=(), gyroscope=(), hid=(), "
    "idle-detection=(), keyboard-map=(), local-fonts=(), magnetometer=(), microphone=(), midi=(), "
    "payment=(), picture-in-picture=(), publickey-credentials-create=(), "
    "publickey-credentials-get=(), screen-wake-lock=(), serial=(), storage-access=(), "
    "sync-xhr=(), usb=(), xr-spatial-tracking=()"
)
PAGE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    ),
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": FEATURES,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-DNS-Prefetch-Control": "off",
    "X-Frame-Options": "DENY",
}
SAVED = PAGE | {
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox"
    ),
}
SCRIPT = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'; script-src 'self'"
)
# A page where a passkey may prove who is there, and the one where a passkey is made.
PROVES = PAGE | {
    "Content-Security-Policy": SCRIPT,
    "Permissions-Policy": FEATURES.replace("-get=()", "-get=(self)"),
}
MAKES = PAGE | {
    "Content-Security-Policy": SCRIPT,
    "Permissions-Policy": FEATURES.replace("-create=()", "-create=(self)"),
}
# Where which of the two stands, besides the page that asks anew when a session has ended (401).
LEFT = PAGE | {"Content-Security-Policy": SCRIPT, "Clear-Site-Data": '"cache", "storage"'}
WITH_SCRIPT = {
    "entrance.sign_in": PROVES,
    "factor.authenticator": PROVES,
    "factor.codes": PROVES,
    "passphrase.form": PROVES,
    "passkeys.form": MAKES,
}
# Whatever is not named here is a page.
OTHER = {
    "download.checkpoint": SAVED,
    "download.export": SAVED,
    "checkpoints.one": SAVED,
    "entries.leaf": SAVED,
    "entries.proof": SAVED,
    "leave.leave": LEFT,
    "back.leave": LEFT,
}
# With witnesses every answer lets the one script run that leaves by a key (decision 0034).
LEAVES = PAGE | {"Content-Security-Policy": SCRIPT}
PAGES = {"intake": LEAVES, "staff": PAGE, "audit": PAGE}
# What an answer may say besides.
FRAME = {
    "Allow",
    "Connection",
    "Content-Disposition",
    "Content-Length",
    "Content-Type",
    "Location",
    "Set-Cookie",
    "Vary",
}


def own(answer):
    return {name: value for name, value in answer.headers.items() if name not in FRAME}


@pytest.mark.parametrize("name", ["intake", "staff", "audit"])
def test_whoever_asks_for_whatever(apps, signed_in, name):
    member, stranger = signed_in(name), apps[name].test_client()
    asked = list(every_request(apps[name]))
    assert len(asked) > len({endpoint for _, _, endpoint in asked if endpoint in OTHER}) + 3
    for method, path, endpoint in asked:
        if endpoint == "entrance.sign_out":
            continue  # last of all, below: it would end the session for the rest
        for client in (stranger, member.client):
            answer = client.open(path, method=method)
            expected = OTHER.get(endpoint, PAGES[name])
            if answer.status_code == HTTPStatus.OK:
                expected = WITH_SCRIPT.get(endpoint, expected)
            elif answer.status_code == HTTPStatus.UNAUTHORIZED:
                expected = PROVES
            if expected is SAVED and answer.status_code != HTTPStatus.OK:
                expected = PAGE  # a refusal is a page
            assert own(answer) == expected, (method, path, answer.status_code)
            # The script stands where the headers let it run, and nowhere else.
            holds = expected in (PROVES, MAKES) or (name == "intake" and b"<main" in answer.data)
            assert (b"<script" in answer.data) == holds, path


@pytest.mark.parametrize("name", ["staff", "audit"])
def test_a_refused_sign_in_is_the_same_page(apps, name):
    from tests.support.browser import Browser

    assert own(Browser(apps[name], f"/{name}").sign_in("nobody", code="000000")) == PROVES


def test_every_other_page_that_asks_for_a_code_keeps_its_headers_when_it_refuses(signed_in):
    member = signed_in("staff")
    for path, expected in (
        ("/staff/me/recovery-codes", PROVES),
        ("/staff/me/authenticator", PROVES),
        ("/staff/me/passphrase", PROVES),
        ("/staff/me/passkeys", MAKES),
    ):
        member.get(path)
        answer = member.post(path, {"passphrase": "x", "code": "x", "name": "x"})
        assert answer.status_code in {400, 403}, path
        assert own(answer) == expected, path


def test_the_script_is_one_file_of_our_own(apps):
    for name in ("staff", "audit"):
        answer = apps[name].test_client().get(f"/{name}/passkey.js")
        assert answer.content_type == "text/javascript; charset=utf-8"
        assert own(answer) == PAGE
    answer = apps["intake"].test_client().get("/page.js")
    assert answer.content_type == "text/javascript; charset=utf-8"
    assert apps["intake"].test_client().get("/passkey.js").status_code == HTTPStatus.NOT_FOUND


def test_what_is_saved_stands_in_no_origin(signed_in):
    auditor = signed_in("audit")
    auditor.get("/audit/download")
    for answer in (auditor.post("/audit/export"), auditor.get("/audit/checkpoint")):
        assert answer.status_code == HTTPStatus.OK
        assert own(answer) == SAVED
        assert answer.headers["Content-Disposition"].startswith("attachment; filename=")


@pytest.mark.parametrize("name", ["staff", "audit"])
def test_signing_out(signed_in, name):
    member = signed_in(name)
    member.get(f"/{name}/")
    assert own(member.post(f"/{name}/sign-out")) == PAGE


@pytest.mark.parametrize("name", ["intake", "staff", "audit"])
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "PATCH", "TRACE"])
def test_what_is_not_there_and_what_is_not_allowed(apps, name, method):
    prefix = "" if name == "intake" else f"/{name}"
    for path in (f"{prefix}/nowhere", f"{prefix}/style.css", f"{prefix}/healthz"):
        answer = apps[name].test_client().open(path, method=method)
        assert answer.status_code in {200, 400, 401, 403, 404, 405}
        assert own(answer) == PAGES[name]


@pytest.mark.parametrize(
    "policy", [PAGE, SAVED, PROVES, MAKES], ids=["page", "saved", "proves", "makes"]
)
def test_no_policy_allows_anything_unsafe(policy):
    value = policy["Content-Security-Policy"]
    assert value.startswith("default-src 'none'")
    assert "unsafe" not in value
    assert "*" not in value
