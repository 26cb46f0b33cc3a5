"""Every answer, whatever it is, carries the same headers."""

from vault.web.shared.headers import EVERY_ANSWER, PROVE_BY_PASSKEY


def test_pages_of_members_refusals_and_style_carry_them(as_member, browser, given_case):
    lawyer, case = as_member("lawyer"), given_case()
    answers = [
        browser.get("/staff/sign-in"),
        browser.get("/staff/style.css"),
        browser.get("/staff/me"),
        browser.post("/staff/cases/" + "0" * 32 + "/reply", {"text": "x"}),
        lawyer.get(f"/staff/cases/{case}"),
        lawyer.get("/staff/nowhere"),
        lawyer.post("/staff/sign-out", token="forged"),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 302, 401, 200, 404, 403]
    asks = EVERY_ANSWER | PROVE_BY_PASSKEY
    for answer in answers:
        expected = asks if 'name="code"' in answer.text else EVERY_ANSWER
        assert expected.items() <= dict(answer.headers).items()
