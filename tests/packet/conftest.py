import pytest

from vault.crypto.seal import OpeningKey
from vault.crypto.sign import SigningKey
from vault.keyring.compartments import Compartment
from vault.packet.box import locator
from vault.packet.build import Place, Statement, build_addendum, build_instruction, build_testimony
from vault.packet.material import Material
from vault.roster.model import Roster, RosterMember

OFFICER = "11" * 16
ACCOUNT, MEDICAL, IDENTITY = Compartment.ACCOUNT, Compartment.MEDICAL, Compartment.IDENTITY
DAY = "2026-11-22"
PARTS = {
    ACCOUNT: {"story": "They came at night."},
    MEDICAL: {"marks": "Both wrists."},
    IDENTITY: {"name": "A. B."},
}


class World:
    """One roster, one testimony's secrets, and every packet made of them."""

    officer = OpeningKey(b"officer".ljust(32))
    recovery = OpeningKey(b"recovery".ljust(32))
    collector = OpeningKey(b"collector".ljust(32))
    stranger = OpeningKey(b"stranger".ljust(32))
    material = Material(b"material".ljust(32))
    parts = PARTS

    def __init__(self):
        member = RosterMember(
            OFFICER,
            frozenset({"intake_officer"}),
            SigningKey(b"officer".ljust(32)).public,
            self.officer.public,
            "2026-11-01T00:00:00Z",
        )
        self.recipients = ((OFFICER, self.officer.public),)
        self.roster = Roster(
            version=1,
            previous=None,
            issued="2026-11-01T00:00:00Z",
            expires="2027-05-01T00:00:00Z",
            delay=86_400,
            root=bytes(range(32)),
            recovery=self.recovery.public,
            collector=self.collector.public,
            ledger="vault.example/log",
            members=(member,),
        )

    def statement(self, **changes):
        named = {
            "form": {"id": "torture", "version": 1},
            "language": "ru",
            "day": DAY,
            "parts": PARTS,
            "reading_allowed": True,
        }
        return Statement(**{**named, **changes})

    def build(self, material=None, recipients=None, **changes):
        return build_testimony(
            material or self.material,
            self.statement(**changes),
            self.roster,
            self.recipients if recipients is None else recipients,
        )

    def place(self, packet):
        publics = {name: (1, key) for name, key in packet.header.publics.items()}
        return Place(packet.testimony, publics)

    def addendum(self, packet, receipt=None, secret=b"s" * 32, parts=PARTS):
        return build_addendum(
            secret,
            receipt or self.material.receipt,
            self.place(packet),
            self.collector.public,
            content={"form": {"id": "followup", "version": 1}, "language": "ru", "day": DAY},
            parts=parts,
        )

    def instruction(self, packet, receipt=None, secret=b"i" * 32, instruction=None):
        return build_instruction(
            secret,
            receipt or self.material.receipt,
            packet.testimony,
            self.collector.public,
            instruction=instruction or {"do": "pause"},
            day=DAY,
        )

    def box_of(self, packet, index, material=None):
        """The first (0) or the second (1) box of a packet."""
        name = locator((material or self.material).boxes[index].public)
        return next(box for box in packet.boxes if box.locator == name)


@pytest.fixture(scope="session")
def world():
    return World()


@pytest.fixture(scope="session")
def packet(world):
    return world.build()


@pytest.fixture(scope="session")
def held_back(world):
    return world.build(reading_allowed=False)


@pytest.fixture(scope="session")
def addendum(world, packet):
    return world.addendum(packet)


@pytest.fixture(scope="session")
def instruction(world, packet):
    return world.instruction(packet)
