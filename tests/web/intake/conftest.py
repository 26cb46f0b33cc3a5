"""A real intake side: real keys, a signed roster with one officer, a letterbox in a folder."""

import dataclasses
import html
import re

import pytest

from vault import clock, settings
from vault.agents.sessions import SessionKeys
from vault.crypto.seal import OpeningKey
from vault.crypto.sign import SigningKey
from vault.crypto.suite import random
from vault.letterbox import Letterbox
from vault.roster.chain import sign_roster
from vault.roster.model import Roster, RosterMember
from vault.web.intake import Services, create_app

STORY = "Меня везли минут двадцать,\nголову держали вниз. Сенімді емеспін."
COMPLETE = {"story": STORY, "consent.C01": "yes", "consent.C02": "not_yet"}


def configured(folder, **sections):
    return settings.load(folder, {"ledger": {"origin": "example.org/test"}, **sections})


def publish(config, *, expires=86_400, role="intake_officer", genders=(None,)):
    """Pin a root key and publish a roster with one member for each gender; return their ids."""
    root, now = SigningKey(random(32)), clock.now()
    members = [
        RosterMember(
            id=f"{at:032x}",
            roles=frozenset({role}),
            signing=SigningKey(random(32)).public,
            opening=OpeningKey(random(32)).public,
            valid_from=clock.moment(now - 86_400),
            reader_gender=gender,
        )
        for at, gender in enumerate(genders)
    ]
    roster = Roster(
        version=1,
        previous=None,
        issued=clock.moment(now - 86_400),
        expires=clock.moment(now + expires),
        delay=86_400,
        root=root.public,
        recovery=OpeningKey(random(32)).public,
        collector=OpeningKey(random(32)).public,
        ledger="vault.example/log+00000000+AQ",
        members=tuple(members),
    )
    letterbox = Letterbox(config.paths.letterbox, config.letterbox)
    letterbox.pins.pin_root(root.public)
    letterbox.publish_chain([sign_roster(roster, root)])
    return [member.id for member in members]


class Page:
    """An answer, as a person and a browser see it."""

    def __init__(self, response):
        self.status, self.headers = response.status_code, response.headers
        self.size, self.source = len(response.data), response.get_data(as_text=True)
        self.location = response.headers.get("Location")
        self.cookies = response.headers.getlist("Set-Cookie")

    @property
    def text(self):
        bare = re.sub(r"<[^>]*>", " ", self.source)
        return re.sub(r"\s+", " ", html.unescape(bare))

    def hidden(self, name):
        return re.search(rf'name="{name}" value="([^"]*)"', self.source)[1]

    def textarea(self, name):
        found = re.search(rf'<textarea id="{name}"[^>]*>\n(.*?)</textarea>', self.source, re.DOTALL)
        return html.unescape(found[1])

    @property
    def words(self):
        return re.search(r'<output id="receipt">([^<]*)</output>', self.source)[1].split(" ")


class Witness:
    """Somebody in front of a browser without JavaScript."""

    def __init__(self, app, letterbox):
        self.app, self.client, self.letterbox = app, app.test_client(), letterbox

    def get(self, path, **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        return Page(self.client.get(path, headers=headers))

    def post(self, path, data, **options):
        return Page(self.client.post(path, data=data, **options))

    def tell(self, form="victim", language="ru", send_id=None, **answers):
        send_id = send_id or self.send_id(form)
        return self.post(
            f"/tell/{form}?lang={language}", {"send_id": send_id, **COMPLETE, **answers}
        )

    def send_id(self, form="victim"):
        return self.get(f"/tell/{form}").hidden("send_id")

    @property
    def packets(self):
        return len(self.letterbox.waiting())

    def open_box(self, words, path="/return?lang=ru"):
        return self.post(path, {"receipt": " ".join(words)})


@pytest.fixture
def config(tmp_path):
    return configured(tmp_path)


@pytest.fixture
def agent():
    return SessionKeys()


@pytest.fixture
def services(config, agent):
    publish(config)
    return Services.connect(config, agent)


@pytest.fixture
def make_witness(services):
    """Return a witness in front of intake, with some services changed."""

    def make(**changes):
        changed = dataclasses.replace(services, **changes)
        letterbox = Letterbox(services.settings.paths.letterbox, services.settings.letterbox)
        return Witness(create_app(changed), letterbox)

    return make


@pytest.fixture
def witness(make_witness):
    return make_witness()


@pytest.fixture
def told(witness):
    """What the page after a first send shows."""
    return witness.tell()
