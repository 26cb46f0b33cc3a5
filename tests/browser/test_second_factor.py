"""Enrolling with an app, losing the phone, a new app: as a person does it, and what files keep."""

import time

from tests.browser.test_nothing_in_clear import SHARED, holders
from tests.support.factor import Authenticator
from tests.support.people import SEND, Member, Newcomer
from vault.members import totp


def spellings(secret, codes):
    text = totp.text_of(secret)
    return [text, totp.groups_of(secret), *codes, *(code.replace("-", "") for code in codes)]


def test_from_an_invitation_to_a_new_app_after_losing_the_phone(demo, member, new_context):
    began = time.time()
    administrator = member("administrator")
    administrator.page.goto(f"{administrator.home}/invite")
    administrator.page.fill("#name", "A newcomer")
    administrator.page.check('[name="roles"][value="analyst"]')
    administrator.page.click(SEND)
    page = new_context().new_page()
    page.goto(f"{demo.staff}/staff/enrol?lang=en")
    newcomer = Newcomer(page, administrator.page.inner_text("#code"), "newcomer")
    enrolled = newcomer.secret
    newcomer.enrol()
    planted = spellings(enrolled, newcomer.recovery_codes())
    assert len(planted) == 22

    # The rest as somebody whom the demonstration has confirmed already.
    doctor = Member(new_context().new_page(), demo, "doctor").sign_in()
    doctor.page.goto(f"{doctor.home}/me/recovery-codes")
    prove(doctor, doctor.person.app.code())
    codes = doctor.page.locator("#codes li").all_inner_texts()
    doctor.sign_out()
    doctor.page.goto(f"{doctor.home}/sign-in")
    doctor.page.fill("#login", doctor.person.login)
    prove(doctor, codes[0].lower().replace("-", " "))
    doctor.page.goto(f"{doctor.home}/me/authenticator")
    secret = totp.secret_of(doctor.page.inner_text("#secret"))
    doctor.page.fill("#digits", Authenticator(secret).code())
    prove(doctor, codes[1])
    assert doctor.page.inner_text(".said") == "From now on only the new app counts."
    assert "Recovery codes left: 8" in doctor.page.inner_text("main")

    doctor.sign_out()
    doctor.page.goto(f"{doctor.home}/sign-in")
    doctor.page.fill("#login", doctor.person.login)
    prove(doctor, totp.code_at(doctor.person.app.secret, totp.step_now()))  # the lost phone
    assert "is not right" in doctor.page.inner_text(".fault")

    planted += spellings(secret, codes) + spellings(doctor.person.app.secret, [])
    assert holders(SHARED, planted, since=began - 1) == []
    assert holders([demo.folder, demo.errors.parent], planted) == []


def prove(member, code):
    member.page.fill("#passphrase", member.person.passphrase)
    member.page.fill("#code", code)
    member.page.click(SEND)
