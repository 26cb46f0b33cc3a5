"""Nothing that changes something is done for a page of somebody else."""

import pytest

from tests.support.routes import UNSAFE, every_request
from tests.support.uploading import KIND, posted
from vault.crypto.receipt import encode_digits

FOREIGN = (
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://example.org"},
)


def unsafe(app):
    return [(path, end) for method, path, end in every_request(app) if method in UNSAFE]


@pytest.mark.parametrize("name", ["staff", "audit"])
def test_every_unsafe_route_of_members_needs_the_token_of_their_session(signed_in, apps, name):
    member = signed_in(name)
    member.get(f"/{name}/")
    for path, endpoint in unsafe(apps[name]):
        for token in ("", "forged"):
            answer = member.client.post(path, data={"csrf_token": token})
            assert answer.status_code == 403, endpoint
    assert member.get(f"/{name}/").status_code in {200, 302}  # and nobody was signed out by it


@pytest.mark.parametrize("name", ["intake", "staff", "audit"])
@pytest.mark.parametrize("headers", FOREIGN, ids=str)
def test_every_unsafe_route_refuses_what_the_browser_says_comes_from_elsewhere(
    apps, signed_in, house, name, headers
):
    member = signed_in(name)
    token = "" if name == "intake" else member.get(f"/{name}/").text
    size, waiting = house.entered(), house.vault.letterbox.waiting()
    asked = unsafe(apps[name])
    assert asked
    for path, endpoint in asked:
        answer = member.client.post(path, data={"csrf_token": token}, headers=headers)
        assert answer.status_code == 403, endpoint
    assert house.vault.letterbox.waiting() == waiting
    assert house.entered() == size


def test_what_changes_a_box_needs_the_token_of_the_visit(apps):
    client = apps["intake"].test_client()
    opened = client.post("/return", data={"receipt": encode_digits(bytes(16))})
    assert opened.status_code == 303
    assert client.get("/return/box").status_code == 200
    for path, endpoint in unsafe(apps["intake"]):
        if path.startswith("/return/"):
            forged, kind = {"token": "forged", "story": "x"}, None
            if endpoint == "files.receive":
                forged, kind = posted(forged, [("a", b"abc")]), KIND
            answer = client.post(path, data=forged, content_type=kind)
            assert answer.status_code == 403, endpoint


def test_intake_knows_a_form_by_itself_and_needs_no_cookie_for_it(apps, house):
    client = apps["intake"].test_client()
    page = client.get("/tell/victim?lang=en")
    assert "Set-Cookie" not in page.headers
    assert 'name="send_id"' in page.text
