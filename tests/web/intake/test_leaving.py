"""Leaving at once, and what another site cannot make a browser do here."""

import pytest

from vault.agents.sessions import SessionKeys
from vault.errors import AgentError


@pytest.mark.parametrize("path", ["/leave", "/return/leave"])
def test_leaving_forgets_and_goes_on_to_the_neutral_page(witness, services, path):
    page = witness.get(path)
    assert (page.status, page.location) == (303, services.settings.intake.leave_to)
    assert page.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert page.headers["Cache-Control"] == "no-store"
    (cookie,) = page.cookies
    assert cookie.startswith("wv_return=; Expires=Thu, 01 Jan 1970")
    assert "Path=/return" in cookie


def test_leaving_the_box_ends_it_for_every_copy_of_the_cookie(witness, told):
    witness.open_box(told.words)
    cookie = witness.client.get_cookie("wv_return", path="/return").value
    witness.get("/return/leave")
    witness.client.set_cookie("wv_return", cookie, path="/return")
    assert witness.get("/return/box").status == 403


def test_the_pages_of_the_box_leave_through_its_end(witness, told):
    witness.open_box(told.words)
    for path in ("/return/box", "/return/more/story"):
        assert '<a class="leave" href="/return/leave"' in witness.get(path).source


class Away(SessionKeys):
    def open(self, *_):
        raise AgentError


def test_one_can_leave_while_the_agent_is_away(make_witness, services, told, witness):
    witness.open_box(told.words)
    cookie = witness.client.get_cookie("wv_return", path="/return").value
    other = make_witness(agent=Away())
    other.client.set_cookie("wv_return", cookie, path="/return")
    assert other.get("/return/box?lang=en").status == 503
    assert other.get("/return/leave").location == services.settings.intake.leave_to


@pytest.mark.parametrize("path", ["/tell/victim", "/return", "/return/more/story"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "nonsense", "Origin": "http://localhost"},
        {"Origin": "http://elsewhere.example"},
        {"Origin": "http://localhost:8001"},
    ],
)
def test_nothing_that_another_site_posts_is_done(witness, told, path, headers):
    before = witness.packets
    typed = {"receipt": " ".join(told.words), "story": "x", "consent.C01": "yes"}
    page = witness.post(path, typed, headers=headers)
    assert (page.status, page.cookies, witness.packets) == (403, [], before)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "null"},
        {"Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
    ],
)
def test_our_own_pages_may_post(witness, told, headers):
    page = witness.post("/return", {"receipt": " ".join(told.words)}, headers=headers)
    assert page.status == 303
