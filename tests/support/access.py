"""The table `access.toml` and the world it is about: everybody, in every state of a case.

Sessions are made as signing in makes them, without Argon2 for each; the vault, its keys, its grants
and its applications are real.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from flask import session
from flask_wtf.csrf import generate_csrf
from sqlalchemy import select

from tests.support import leaving
from tests.support.attacks import change, copy_of, rows
from tests.support.house import House, enrol_as, sign_in_as
from vault import clock
from vault.agents.sessions import SessionKeys
from vault.cases.holders import assign
from vault.cases.lists import inbox, summaries, triage
from vault.cases.reveal import open_case
from vault.cases.written import messages, notes
from vault.crypto.receipt import encode_digits
from vault.custody import rosters
from vault.members import people
from vault.storage.tables.base import ERASURE, VAULT
from vault.storage.tables.cases import assignments, testimonies
from vault.storage.tables.erasure import erasure_keys
from vault.storage.tables.ledger import ledger_entries
from vault.storage.tables.people import invitations
from vault.web import audit, intake, staff
from vault.web.inside import who

TABLE = tomllib.loads((Path(__file__).parents[1] / "security" / "access.toml").read_text("utf-8"))
SIDES = ("staff", "audit", "intake")
ROLES = {
    "intake_officer": "intake_officer",
    "lawyer": "lawyer",
    "deputy": "lawyer",
    "stranger": "lawyer",
    "former": "lawyer",
    "doctor": "doctor",
    "interpreter": "interpreter",
    "late": "interpreter",
    "analyst": "analyst",
    "auditor": "auditor",
    "administrator": "administrator",
    "trustee": "trustee",
    "waiting": None,
    "over": None,
    "ended": None,
    "nobody": None,
}
"""Everybody who asks, and the role that they hold at the moment."""

MEMBERS = ROLES.keys() - {"ended", "nobody"}
STATES = (
    "new",
    "set_aside",
    "given",
    "elsewhere",
    "not_yet",
    "left",
    "orphaned",
    "handed_over",
    "released",
    "erased",
)
WORDS = {
    name: f"Planted {name}" for name in ("account", "medical", "identity", "work", "reply", "label")
}
_PLAIN = re.compile(r"<(?:[a-z]+(?:\([^)]*\))?:)?(\w+)>")
_DAY = 86_400
# What a request may write when it was refused: that it was.
_COUNTED = frozenset(
    {"refusals", "ledger_entries", "ledger_head", "ledger_nodes", "checkpoints", "reckoning"}
)


@dataclass
class World:
    """A furnished vault, its three applications, and the cookies of everybody.

    Args:
        cases: by state.
        cookies: by side and person: header of the cookie, and the token for forms.
    """

    house: House
    apps: dict
    cases: dict
    cookies: dict = field(repr=False)

    def ask(self, side, person, method, path, form=None, **headers):
        """Ask as a person does, with the token of their session; `left` says what it left."""
        cookie, token = self.cookies[side].get(person, ("", ""))
        if cookie:
            headers["Cookie"] = cookie
        data = (
            None
            if method in {"GET", "HEAD"}
            else {"csrf_token": token, "token": token, **(form or {})}
        )
        client = self.apps[side].test_client(use_cookies=False)
        answer = client.open(path, method=method, data=data, headers=headers)
        answer.left = leaving.RECORDER.last
        return answer

    def filled(self, path, state=None):
        """Return an address with something that exists in each of its places."""
        values = {
            "case_id": self.cases.get(state, "0" * 32),
            "member_id": self.house.actors["stranger"].id,
            "invitation_id": self.house.invitation,
            "proposal_id": self.house.proposal,
            "form_id": "victim",
            "module": "story",
            "seq": "0",
            "file_id": "0" * 32,
        }
        if "<size>" in path:
            values["size"] = str(self.house.vault.journal.size())
        return re.sub(r"<(\w+)>", lambda found: values[found[1]], path)

    def form(self, route):
        stated = TABLE["forms"].get(route, {})
        return {name: self.value_of(value) for name, value in stated.items()}

    def value_of(self, value):
        if value.startswith("@"):
            return self.house.actors[value[1:]].id
        if value.startswith("+"):
            return clock.day(clock.now() + int(value) * clock.DAY)
        return value

    def trace(self):
        """Return everything that a request could have changed, apart from counted refusals."""
        house = self.house
        house.vault.journal.write_refusals()
        held = _held(house.vault.database, VAULT) + _held(house.vault.erasure, ERASURE)
        entries = rows(house, ledger_entries)
        log = sorted((row.seq, row.kind, row.actor) for row in entries if row.kind != "refused")
        log = [said for _, *said in log]  # refusals between move the numbers
        box = house.settings.paths.letterbox
        files = sorted(
            (str(path), path.stat().st_size) for path in box.rglob("*") if path.is_file()
        )
        return held, log, files

    @contextmanager
    def elsewhere(self, folder):
        """Let the staff application serve a copy of the vault: what is done there stays there."""
        shutil.rmtree(folder, ignore_errors=True)
        app, served = self.apps["staff"], self.house
        copy = copy_of(served, folder)
        copy.invitation, copy.proposal = served.invitation, served.proposal
        app.extensions["witness-vault"] = copy.vault
        try:
            yield replace(self, house=copy)
        finally:
            app.extensions["witness-vault"] = served.vault
            copy.close()


def _held(database, metadata):
    with database.read() as connection:
        return [
            (table.name, sorted(map(repr, connection.execute(select(table)).all())))
            for table in metadata.sorted_tables
            if table.name not in _COUNTED
        ]


def routes(app):
    """Yield every method and address of an application, as the table writes them."""
    for rule in app.url_map.iter_rules():
        plain = _PLAIN.sub(r"<\1>", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield f"{method} {plain}"


def outcome(answer):
    """Return "open", "nothing", "refused" or "sign in"."""
    if answer.status_code in {404, 405}:
        return "nothing"
    location = answer.headers.get("Location", "")
    if answer.status_code == 401 or "/sign-in" in location:
        return "sign in"
    return "refused" if answer.status_code == 403 else "open"


def planted(answer):
    return {name for name, word in WORDS.items() if word.encode() in answer.data}


def furnish(folder: Path) -> World:
    leaving.install()
    house = House.found(folder / "vault")
    house.receipts, house.cases = {}, {}
    for person, role in ROLES.items():
        if role == "administrator":
            house.actors[person] = house.actors["admin"]
        elif person not in {"waiting", "nobody"}:
            house.add(person, role or "lawyer")
    people.invite(house.vault, house.actors["admin"], "Invited", ["analyst"])
    house.invitation = rows(house, invitations, name="Invited")[0].id
    _come_later(house)
    cases = _cases(house)
    rosters.end(house.vault, "ended", house.root)
    house.change_roles("over", "analyst")
    stranger = house.actors["stranger"].id
    house.proposal = rosters.propose_roles(
        house.vault, house.actors["admin"], stranger, ["lawyer", "doctor"]
    )
    house.collect()
    services = intake.Services.connect(house.settings, SessionKeys())
    apps = {
        "staff": staff.create_app(house.vault),
        "audit": audit.create_app(house.vault),
        "intake": intake.create_app(services),
    }
    return World(house, apps, cases, _cookies(house, apps))


def _come_later(house):
    """Confirm a lawyer who begins tomorrow."""
    code = people.invite(house.vault, house.actors["admin"], "Waiting", ["lawyer"])
    enrol_as(house.vault, code, "waiting")
    usual = house.settings
    delayed = replace(usual, roster=replace(usual.roster, delay=_DAY))
    object.__setattr__(house.vault, "settings", delayed)
    rosters.renew(house.vault, house.root)
    house.confirm("waiting")
    object.__setattr__(house.vault, "settings", usual)
    house.actors["waiting"] = sign_in_as(house.vault, "waiting")


def _cases(house):
    officer = house.actors["intake_officer"]
    given_to = {
        "given": ("lawyer", "deputy"),
        "elsewhere": ("stranger", None),
        "left": ("ended", "deputy"),
        "orphaned": ("over", None),
        "handed_over": ("former", None),
        "released": ("lawyer", "deputy"),
        "erased": ("lawyer", "deputy"),
    }
    cases = {}
    for state in STATES:
        cases[state] = _send(house, "not_yet" if state == "not_yet" else "yes", cases.values())
        if state == "set_aside":
            triage.set_aside(house.vault, officer, cases[state])
        if state in given_to:
            lawyer, deputy = given_to[state]
            ids = house.actors[lawyer].id, deputy and house.actors[deputy].id
            assign.give(house.vault, officer, cases[state], *ids)
            _work(house, house.actors[lawyer], cases[state])
        if state in {"handed_over", "released"}:
            _release(house, house.receipts["last"])
    _share(house, cases)
    (row,) = rows(house, testimonies, case_id=cases["erased"])
    with house.vault.erasure.write() as connection:
        gone = erasure_keys.c.subject.in_([row.id, cases["erased"]])
        assert connection.execute(erasure_keys.delete().where(gone)).rowcount
    return cases


def _share(house, cases):
    """Let a doctor and an interpreter read one case, and hand another over."""
    lawyer, former = house.actors["lawyer"], house.actors["former"]
    for capacity in ("doctor", "interpreter"):
        reader = house.actors[capacity].id, capacity
        assign.add_reader(
            house.vault, lawyer, cases["given"], reader, clock.day(clock.now() + _DAY)
        )
    late = house.actors["late"].id
    until = clock.day(clock.now() + _DAY)
    assign.add_reader(house.vault, lawyer, cases["given"], (late, "interpreter"), until)
    yesterday = clock.day(clock.now() - _DAY)
    change(house, assignments, {"member_id": late}, until_day=yesterday)
    assign.hand_over(house.vault, former, cases["handed_over"], house.actors["stranger"].id)


def _send(house, reading, known):
    answers = {
        "story": WORDS["account"],
        "symptoms_now": WORDS["medical"],
        "identity": {"person": {"name": WORDS["identity"]}},
        "consent": {"C01": "yes", "C02": reading, "C04": "yes", "C05": "yes"},
    }
    house.receipts["last"] = house.send(answers)
    return next(
        line.id
        for line in inbox.new_cases(house.vault, house.actors["intake_officer"])
        if line.id not in known
    )


def _work(house, lawyer, case):
    open_case(house.vault, lawyer, case)
    messages.reply(house.vault, lawyer, case, WORDS["reply"])
    notes.write(house.vault, lawyer, case, WORDS["work"])
    summaries.mark(house.vault, lawyer, case, WORDS["label"], waiting=True)


def _release(house, receipt):
    """Release identity, as the witness does who comes back."""
    house.collect()
    stand = house.come_back.open(receipt).identity.stand
    assert house.come_back.release(receipt, stand)
    house.collect()


def _cookies(house, apps):
    found = {"intake": {"witness": _visit(house, apps["intake"])}}
    for side in ("staff", "audit"):
        found[side] = {
            person: _session(apps[side], side, house.actors[person])
            for person in ROLES
            if person != "nobody"
        }
    return found


def _session(app, side, actor):
    with app.test_request_context(f"/{side}/"):
        who.begin(actor)
        token = generate_csrf()
        answer = app.make_response("")
        app.session_interface.save_session(app, session._get_current_object(), answer)
    return answer.headers["Set-Cookie"].partition(";")[0], token


def _visit(house, app):
    client = app.test_client()
    opened = client.post("/return", data={"receipt": encode_digits(house.receipts["last"].entropy)})
    page = client.get("/return/more/story").text
    cookie = opened.headers["Set-Cookie"].partition(";")[0]
    return cookie, re.search(r'name="token" value="([^"]+)"', page)[1]
