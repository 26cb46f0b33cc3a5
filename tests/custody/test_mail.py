"""The daily notice on its way: the same every day, over TLS to the right server or not at all."""

from __future__ import annotations

import dataclasses
import email
import re
import time
from email.policy import default

import pytest

from tests.support.mail import SIGN_IN, Authority, hanging, served
from tests.support.ports import free_ports
from vault import settings
from vault.custody import mail
from vault.custody.mail import Server, deliver, notice
from vault.errors import SettingError
from vault.settings import Paths

LAWYER, DEPUTY = "lawyer@example.invalid", "deputy@example.invalid"
WEEK = [f"2031-03-{day:02}" for day in range(3, 10)]


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"), "authority")


@pytest.fixture
def stated(authority, tmp_path):
    """The settings of notices for a server of this machine."""
    (tmp_path / "mail").write_text("\n".join(SIGN_IN))
    (tmp_path / "mail").chmod(0o600)
    own = settings.load(tmp_path, {"ledger": {"origin": "test.invalid"}}).notices
    return dataclasses.replace(own, ca=str(authority.file), sign_in="mail", enabled=True)


@pytest.fixture
def server(stated, tmp_path):
    def at(port, **more):
        return Server.of(dataclasses.replace(stated, port=port, **more), Paths(tmp_path))

    return at


def mails(stated, *addresses, day=WEEK[0]):
    return {address: notice(stated, address, day) for address in addresses}


# --- what it says --------------------------------------------------------------------------------


def without_date_and_id(data):
    data = re.sub(rb"\r\nDate: [^\r]{31}\r\n", b"\r\nDate:\r\n", data)
    return re.sub(rb"\r\nMessage-ID: <[0-9a-f]{32}@", b"\r\nMessage-ID: <@", data)


def test_notices_of_all_days_are_the_same_bytes_but_for_date_and_id(stated):
    made = [notice(stated, LAWYER, day).as_bytes() for day in WEEK]
    assert len(set(made)) == len(WEEK)
    assert len({len(data) for data in made}) == 1
    assert len({without_date_and_id(data) for data in made}) == 1


def test_a_notice_holds_these_headers_and_the_text_that_was_set_and_nothing_else(stated):
    made = email.message_from_bytes(notice(stated, LAWYER, WEEK[0]).as_bytes(), policy=default)
    assert (
        made.keys()
        == (
            "From To Subject Date Message-ID Auto-Submitted Content-Type Content-Transfer-Encoding"
            " MIME-Version"
        ).split()
    )
    assert (made["From"], made["To"], made["Subject"]) == (stated.sender, LAWYER, stated.subject)
    assert made.get_content().strip() == stated.text


def test_its_date_is_the_hour_that_was_set_and_not_the_minute_it_left(stated):
    later = dataclasses.replace(stated, hour=21)
    assert notice(later, LAWYER, "2031-03-03")["Date"] == "Mon, 03 Mar 2031 21:00:00 +0000"


def test_neither_subject_nor_text_nor_sender_says_what_this_is(stated):
    said = f"{stated.sender} {stated.subject} {stated.text}".lower()
    for word in ("vault", "witness", "case", "хранилищ", "свидет", "дел", "пыт", "new", "нов"):
        assert word not in said.replace("ежедневное", "")


# --- how it goes out -----------------------------------------------------------------------------


@pytest.mark.parametrize("starttls", [False, True])
def test_each_recipient_gets_a_mail_of_their_own_after_signing_in(
    authority, stated, server, starttls
):
    with served(authority, starttls=starttls) as post:
        done = deliver(server(post.port, starttls=starttls), mails(stated, LAWYER, DEPUTY))
    assert (done.again, done.unsure, done.reason) == ({}, 0, "")
    assert [to for to, _ in post.mails] == [[LAWYER], [DEPUTY]]
    assert post.signed_in == [True, True]
    for to, data in post.mails:
        other = DEPUTY if to == [LAWYER] else LAWYER
        assert other.encode() not in data


def test_the_name_of_this_machine_is_not_told(authority, stated, server, monkeypatch):
    monkeypatch.setattr("socket.getfqdn", lambda *_: "our-secret-host")
    said = []
    monkeypatch.setattr(mail.smtplib.SMTP, "putcmd", _noted(said, mail.smtplib.SMTP.putcmd))
    with served(authority) as post:
        deliver(server(post.port), mails(stated, LAWYER))
    assert "ehlo localhost" in said
    assert not any("secret" in line for line in said)


def _noted(said, real):
    def putcmd(self, command, arguments=""):
        said.append(f"{command} {arguments}".strip())
        return real(self, command, arguments)

    return putcmd


def test_a_certificate_of_another_authority_is_refused_and_nothing_is_sent(
    authority, stated, server, tmp_path
):
    stranger = Authority(tmp_path, "stranger")
    with served(stranger) as post:
        done = deliver(server(post.port), mails(stated, LAWYER))
    assert done.reason == "SSLCertVerificationError"
    assert list(done.again) == [LAWYER]
    assert post.mails == []


def test_a_certificate_of_another_name_is_refused_and_nothing_is_sent(authority, stated, server):
    with served(authority, context=authority.context("elsewhere.invalid")) as post:
        done = deliver(server(post.port), mails(stated, LAWYER))
    assert (done.reason, list(done.again)) == ("SSLCertVerificationError", [LAWYER])
    assert post.mails == []


def test_starttls_with_a_wrong_certificate_is_refused_before_signing_in(
    authority, stated, server, tmp_path
):
    with served(Authority(tmp_path, "stranger"), starttls=True) as post:
        done = deliver(server(post.port, starttls=True), mails(stated, LAWYER))
    assert done.reason == "SSLCertVerificationError"
    assert post.mails == []


def test_a_server_that_offers_no_starttls_gets_neither_password_nor_mail(
    authority, stated, server, monkeypatch
):
    said = []
    monkeypatch.setattr(mail.smtplib.SMTP, "putcmd", _noted(said, mail.smtplib.SMTP.putcmd))
    # As if somebody in between took the offer out of the greeting.
    monkeypatch.setattr(mail.smtplib.SMTP, "has_extn", lambda *_: False)
    with served(authority, starttls=True) as post:
        done = deliver(server(post.port, starttls=True), mails(stated, LAWYER))
    assert done.reason == "SMTPNotSupportedError"
    assert said == ["ehlo localhost", "QUIT"]


def test_a_wrong_password_sends_nothing_and_its_reason_holds_no_word_of_the_server(
    authority, stated, server
):
    with served(authority, password="another") as post:
        done = deliver(server(post.port), mails(stated, LAWYER))
    assert (done.reason, list(done.again)) == ("SMTPAuthenticationError", [LAWYER])
    assert post.mails == []


def test_one_recipient_that_is_refused_stops_no_other_and_can_be_tried_again(
    authority, stated, server
):
    with served(authority, refuses=(LAWYER,)) as post:
        done = deliver(server(post.port), mails(stated, LAWYER, DEPUTY))
    assert (list(done.again), done.unsure) == ([LAWYER], 0)
    assert done.reason == "SMTPRecipientsRefused"
    assert [to for to, _ in post.mails] == [[DEPUTY]]


def test_a_server_that_is_down_leaves_everything_to_be_tried_again(stated, server):
    done = deliver(server(free_ports()), mails(stated, LAWYER, DEPUTY))
    assert (done.reason, list(done.again)) == ("ConnectionRefusedError", [LAWYER, DEPUTY])


def test_a_server_that_hangs_is_left_after_the_timeout(stated, server, monkeypatch):
    monkeypatch.setattr(mail, "TIMEOUT_SECONDS", 0.2)
    with hanging() as port:
        began = time.monotonic()
        done = deliver(server(port), mails(stated, LAWYER))
        assert time.monotonic() - began < 15
    assert done.reason == "TimeoutError"
    assert list(done.again) == [LAWYER]


def test_a_server_that_says_a_little_again_and_again_is_left_as_well(stated, server, monkeypatch):
    monkeypatch.setattr(mail, "TIMEOUT_SECONDS", 1.0)
    monkeypatch.setattr(mail, "DEADLINE_SECONDS", 0.5)
    with hanging(b"2") as port:
        began = time.monotonic()
        done = deliver(server(port, starttls=True), mails(stated, LAWYER))
        assert time.monotonic() - began < 15
    # It may still be taken: so it is never sent again.
    assert (done.again, done.unsure, done.reason) == ({}, 1, "deadline")


def test_what_a_server_broke_off_is_never_sent_twice(authority, stated, server, monkeypatch):
    def broken(self, *_arguments, **_options):
        self.close()
        raise mail.smtplib.SMTPServerDisconnected("gone")

    monkeypatch.setattr(mail.smtplib.SMTP, "data", broken)
    with served(authority) as post:
        done = deliver(server(post.port), mails(stated, LAWYER, DEPUTY))
    assert (list(done.again), done.unsure) == ([DEPUTY], 1)


# --- name and password ---------------------------------------------------------------------------


def test_an_empty_file_means_that_the_server_asks_for_none(stated, tmp_path):
    (tmp_path / "mail").write_text("")
    assert Server.of(stated, Paths(tmp_path)).sign_in is None


@pytest.mark.parametrize("data", [b"name", b"name\n\n", b"\npassword", b"a\nb\nc", b"\xff\nx"])
def test_a_file_of_another_form_is_refused_without_a_word_of_it(stated, tmp_path, data):
    (tmp_path / "mail").write_bytes(data)
    with pytest.raises(SettingError) as caught:
        Server.of(stated, Paths(tmp_path))
    assert "name\n" not in str(caught.value)


@pytest.mark.parametrize("mode", [0o604, 0o620, 0o602, 0o666])
def test_a_file_that_others_reach_is_refused(stated, tmp_path, mode):
    (tmp_path / "mail").chmod(mode)
    with pytest.raises(SettingError, match="others"):
        Server.of(stated, Paths(tmp_path))


def test_a_password_that_smtplib_cannot_spell_is_a_reason_and_no_traceback(
    authority, stated, server, capsys
):
    with served(authority) as post:
        whole = dataclasses.replace(server(post.port), sign_in=("reminder", "п\u0430роль"))
        done = deliver(whole, mails(stated, LAWYER))
    assert (list(done.again), done.reason) == ([LAWYER], "UnicodeEncodeError")
    assert capsys.readouterr().err == ""


def test_a_missing_file_and_missing_certificates_are_named(stated, tmp_path):
    for name in ("sign_in", "ca"):
        with pytest.raises(SettingError, match=f"notices.{name}"):
            Server.of(dataclasses.replace(stated, **{name: "nowhere"}), Paths(tmp_path))


def test_no_repr_holds_the_password(stated, server):
    assert SIGN_IN[1] not in repr(server(465))
