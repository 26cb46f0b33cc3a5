"""Coming back at each kind of address a witness may have: an IP, localhost, an onion; no script."""

import pytest

from tests.browser.conftest import NARROW
from tests.support.chromium import ONION
from tests.support.people import GO_ON, Witness, soon

HOSTS = ("127.0.0.1", "localhost", ONION)
ADDED = "Ещё одно: <b>куртка</b>."


@pytest.fixture(params=HOSTS)
def at_host(request, new_context, demo):
    """A witness at a host, and every request that the browser sends."""
    context = new_context(viewport=NARROW)
    asked = []
    context.on("request", lambda one: asked.append(one))  # noqa: PLW0108 - it takes functions only
    port = demo.intake.rpartition(":")[2]
    return Witness(context.new_page(), f"http://{request.param}:{port}", "ru"), asked


def test_a_box_opens_takes_something_and_closes(at_host):
    witness, asked = at_host
    page = witness.page
    words = witness.tell("victim", "Рассказ.")
    assert page.context.cookies() == []
    witness.come_back(" ".join(words))
    assert "/return/box" in page.url
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["secure"], cookie["sameSite"]) == (True, False, "Strict")
    assert (cookie["path"], cookie["expires"]) == ("/return", -1)
    witness.add(ADDED)
    assert "вы добавили" in page.inner_text("main") or "добавлено" in page.inner_text("main")
    page.click("nav.exit a", no_wait_after=True)
    assert soon(lambda: page.context.cookies() == [])
    assert {word for word in words if any(word in request.url for request in asked)} == set()


def test_a_form_of_another_page_is_refused_where_the_browser_says_where_it_comes_from(
    at_host, demo
):
    """On plain http at a name that is no trusted one, Chromium sends no Fetch Metadata."""
    witness, asked = at_host
    words = witness.tell("victim", "Рассказ.")
    witness.come_back(" ".join(words))
    posted = [request for request in asked if request.method == "POST"][-1].all_headers()
    assert ("sec-fetch-site" in posted) == (ONION not in witness.address)
    assert posted.get("origin") == "null"  # no referrer: so nothing else says where it comes from
    witness.open_page("story")
    form = witness.page.context.request
    port = demo.intake.rpartition(":")[2]
    refused = form.post(
        f"http://127.0.0.1:{port}/return/more/story",
        form={"story": "planted", "token": "of nobody"},
        headers={"Origin": "http://elsewhere.example"},
    )
    assert refused.status == 403
    witness.page.fill("#story", ADDED)
    witness.page.click(GO_ON)
    assert "/return/more/" in witness.page.url
