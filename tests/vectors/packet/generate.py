"""Write the packet vectors: three good packets, and one fault per JSON file. See docs/spec/packet.md.

A fault names the good packet it starts from and the one thing that is changed in it; the place is a
list of names and positions. The secrets are fixed, but sealing draws randomness: each run writes
other bytes of the same meaning, so the files are kept as they are.
Run: python tests/vectors/packet/generate.py
"""

import json
from pathlib import Path

from vault import canonical
from vault.crypto.receipt import Receipt
from vault.crypto.seal import OpeningKey
from vault.crypto.sign import SigningKey
from vault.keyring.compartments import OF_TESTIMONY
from vault.packet.build import Place, Statement, build_addendum, build_instruction, build_testimony
from vault.packet.material import Material
from vault.roster.model import Roster, RosterMember

HERE = Path(__file__).parent
MEMBER, DAY = "6e1f" * 8, "2026-11-22"
MATERIAL = Material(bytes(range(32)))
KEYS = {
    name: OpeningKey(bytes([at]) * 32) for at, name in enumerate(("officer", "recovery", "collector"))
}
SIGNING = SigningKey(bytes(range(32, 64))).public
OFFICER = RosterMember(
    MEMBER, frozenset({"intake_officer"}), SIGNING, KEYS["officer"].public, "2026-11-02T09:00:00Z"
)
ROSTER = Roster(
    1, None, "2026-11-01T09:00:00Z", "2027-05-01T09:00:00Z", 86_400, SIGNING, KEYS["recovery"].public,
    KEYS["collector"].public, "vault.example/log", (OFFICER,),
)
FORM = {"id": "torture", "version": 1}
PARTS = {name: {"example": f"what stands in {name}"} for name in OF_TESTIMONY}


def addendum(packet, receipt):
    publics = {name: (1, key) for name, key in packet.header.publics.items()}
    content = {"form": FORM, "language": "ru", "day": DAY}
    place = Place(packet.testimony, publics)
    return build_addendum(
        b"s" * 32, receipt, place, KEYS["collector"].public, content=content, parts=PARTS
    )


def instruction(packet, receipt):
    return build_instruction(
        b"i" * 32, receipt, packet.testimony, KEYS["collector"].public,
        instruction={"do": "pause"}, day=DAY,
    )


def write(name, value):
    (HERE / f"{name}.json").write_text(json.dumps(value, indent=1) + "\n")


def good(name, about, packet):
    write(
        f"good-{name}",
        {
            "about": about,
            "material": MATERIAL.secret.hex(),
            "keys": {who: key.seed.hex() for who, key in KEYS.items()},
            "packet": packet.encode().decode(),
            "id": packet.id,
            "answers": PARTS,
            "expect": "ok",
        },
    )
    return canonical.loads(packet.encode())


def fault(name, of, where, value, expect="FormatError"):
    write(name, {"of": f"good-{of}", "where": where, "set": value, "expect": expect})


def at(packet, where):
    for step in where:
        packet = packet[step]
    return packet


def flip(name, of, packet, where, position, expect):
    changed = bytearray(canonical.unb64(at(packet, where)))
    changed[position] ^= 1
    fault(name, of, where, canonical.b64(bytes(changed)), expect)


def testimony_faults(packet, other):
    of = "testimony"
    for name, where, value in (
        ("version-unknown", ["format"], "witness-vault/packet/v2"),
        ("header-version-unknown", ["header", "format"], "witness-vault/header/v2"),
    ):
        fault(name, of, where, value, "UnknownVersionError")
    for name, where, value in (
        ("kind-unknown", ["kind"], "message"),
        ("extra-field", ["note"], ""),
        ("record-missing", ["records"], packet["records"][:2]),
        ("records-swapped", ["records"], packet["records"][::-1]),
        ("record-kind-of-staff", ["records", 0, "kind"], "reply"),
        ("record-kind-a-list", ["records", 0, "kind"], []),
        ("record-without-mac", ["records", 0, "mac"], ""),
        ("box-missing", ["boxes"], packet["boxes"][:1]),
        ("boxes-swapped", ["boxes"], packet["boxes"][::-1]),
        ("box-of-another-key", ["boxes", 0, "box"], packet["boxes"][1]["box"]),
        ("boxes-of-unequal-size", ["boxes", 0, "sent"], packet["boxes"][0]["box"]),
        ("identity-grants-missing-list", ["identity_grants"], {}),
        ("identity-grant-an-object", ["identity_grants", 0, "compartments"], {"identity": 1}),
        ("grant-compartments-an-object", ["grants", 0, "compartments"], {"account": 1}),
        ("files", ["files"], [{}]),
    ):
        fault(name, of, where, value)
    for name, where, value in (
        ("roster-other", ["header", "roster", "version"], 2),
        ("account-commitment-other", ["header", "commitments", "account"], canonical.b64(bytes(32))),
        ("collector-of-another", ["collector"], other["collector"]),
        ("grant-relabelled", ["grants", 0, "compartments"], ["account", "identity", "medical"]),
        ("identity-grant-relabelled", ["identity_grants", 0, "compartments"], ["account"]),
        ("grant-of-another", ["grants", 0, "sealed"], other["grants"][0]["sealed"]),
        ("record-epoch-other", ["records", 0, "epoch"], 1 + 1),
        ("record-id-other", ["records", 0, "id"], "00" * 16),
    ):
        fault(name, of, where, value, "SealError" if name != "record-epoch-other" else "NoGrantError")
    fault("grants-swapped", of, ["grants", 0, "sealed"], packet["grants"][1]["sealed"], "WrongKeyError")
    account = packet["records"][0]["sealed"]
    fault("record-in-another-compartment", of, ["records", 1, "sealed"], account, "WrongKeyError")
    fault("record-mac-of-another", of, ["records", 0, "mac"], packet["records"][1]["mac"], "MacError")
    flip("record-ciphertext-changed", of, packet, ["records", 1, "sealed"], -1, "SealError")
    flip("record-key-id-changed", of, packet, ["records", 1, "sealed"], 5, "WrongKeyError")
    flip("collector-changed", of, packet, ["collector"], -1, "SealError")


def main():
    made = build_testimony(
        MATERIAL, Statement(FORM, "ru", DAY, PARTS, reading_allowed=True), ROSTER,
        ((MEMBER, OFFICER.opening),),
    )
    another = build_testimony(
        Material(bytes(32)), Statement(FORM, "ru", DAY, PARTS, reading_allowed=True), ROSTER,
        ((MEMBER, OFFICER.opening),),
    )
    packet = good("testimony", "reading allowed", made)
    known = Statement(FORM, "ru", DAY, PARTS, reading_allowed=True, identity_now=True)
    known = build_testimony(MATERIAL, known, ROSTER, ((MEMBER, OFFICER.opening),))
    good("testimony-known", "those who handle the case may know who the witness is", known)
    testimony_faults(packet, canonical.loads(another.encode()))

    stranger = Receipt(b"x" * 16)
    added = good("addendum", "by the first receipt", addendum(made, MATERIAL.receipt))
    good("addendum-second", "by the second receipt", addendum(made, MATERIAL.second))
    forged = canonical.loads(addendum(made, stranger).encode())
    fault("addendum-foreign", "addendum", ["records"], forged["records"], "MacError")
    fault("addendum-of-another-id", "addendum", ["id"], "00" * 16, "SealError")
    fault("addendum-moved", "addendum", ["testimony"], "5d" * 32, "SealError")
    fault("addendum-of-statements", "addendum", ["records"], packet["records"])

    given = good("instruction", "pause, by the first receipt", instruction(made, MATERIAL.receipt))
    good("instruction-second", "pause, by the second receipt", instruction(made, MATERIAL.second))
    forged = canonical.loads(instruction(made, stranger).encode())
    fault("instruction-foreign", "instruction", ["collector"], forged["collector"], "MacError")
    fault("instruction-of-another-id", "instruction", ["id"], "00" * 16, "SealError")
    fault("instruction-moved", "instruction", ["testimony"], "5d" * 32, "SealError")
    fault("instruction-from-addendum", "instruction", ["collector"], added["collector"], "SealError")
    flip("instruction-changed", "instruction", given, ["collector"], 1200, "SealError")


main()
