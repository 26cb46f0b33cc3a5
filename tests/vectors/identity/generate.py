"""Write the identity vectors: keys of the epochs, ids of packets, what stands, what is refused.

See docs/spec/identity.md. Run: python tests/vectors/identity/generate.py
"""

import json
from pathlib import Path

from vault.crypto import seal, suite
from vault.crypto.receipt import Receipt
from vault.keyring.compartments import Compartment, Seeds
from vault.keyring.grants import seal_grant
from vault.packet import identity
from vault.packet.build import packet_id

HERE = Path(__file__).parent
RECEIPT, FIRST = Receipt(bytes(range(16))), bytes(range(64, 96))
TESTIMONY, MEMBER, DAY = "5c" * 32, "6e1f" * 8, "2026-11-24"
LAWYER = seal.OpeningKey(bytes(range(32)))
IDENTITY, ACCOUNT = Compartment.IDENTITY, Compartment.ACCOUNT


def write(name, **vector):
    (HERE / f"{name}.json").write_text(json.dumps(vector, indent=1) + "\n")


def fault(name, about, instruction):
    write(name, about=about, testimony=TESTIMONY, instruction=instruction, expect="FormatError")


def sealed(**seeds):
    held = Seeds({(Compartment(name), 1): seed for name, seed in seeds.items()})
    return seal_grant(TESTIMONY, MEMBER, LAWYER.public, held).to_json()


def keys():
    seeds = identity.seeds(RECEIPT, FIRST, 3)
    write(
        "good-epochs",
        receipt=RECEIPT.entropy.hex(),
        first=FIRST.hex(),
        seeds={str(number): seed.hex() for _, number, seed in seeds},
        publics_sha256={
            str(n): suite.sha256(identity.public(RECEIPT, FIRST, n)).hex() for n in (1, 2, 3)
        },
        release={str(n): packet_id(identity.release_secret(RECEIPT, n, MEMBER)) for n in (1, 2)},
        withdraw={str(n): packet_id(identity.withdrawal_secret(RECEIPT, n)) for n in (2, 3)},
        member=MEMBER,
    )


def lines():
    chosen = [(identity.KNOWN, 1), (identity.RELEASED, 1), (identity.WITHDRAWN, 2)]
    made = [identity.item(RECEIPT, *one, f"{at:032x}", DAY) for at, one in enumerate(chosen)]
    write(
        "good-sent",
        receipt=RECEIPT.entropy.hex(),
        epochs=[epoch for _, epoch in chosen],
        items=[item.to_json() for item in made],
    )


def instructions():
    release = identity.release(TESTIMONY, RECEIPT, FIRST, 2, (MEMBER, LAWYER.public))
    common = {"testimony": TESTIMONY, "lawyer": LAWYER.seed.hex(), "expect": "ok"}
    seeds = {str(n): s.hex() for _, n, s in identity.seeds(RECEIPT, FIRST, 2)}
    write("good-release", about="to one lawyer", instruction=release, seeds=seeds, **common)
    write("good-withdraw", about="epoch 2 begins", instruction=identity.withdrawal(2), **common)
    grant = sealed(identity=FIRST)
    for name, about, instruction in (
        ("release-of-account", "another compartment", {"grant": sealed(account=FIRST)}),
        ("release-of-more", "and the account", {"grant": sealed(account=FIRST, identity=FIRST)}),
        ("release-epoch-other", "a grant of epoch 1", {"grant": grant, "epoch": 2}),
        ("release-epoch-last", "an epoch too many", {"grant": {**grant, "epoch": 64}, "epoch": 64}),
        ("release-epoch-zero", "epoch 0", {"grant": grant, "epoch": 0}),
        ("release-epoch-true", "no number", {"grant": grant, "epoch": True}),
        ("release-extra-field", "a field", {"grant": grant, "note": ""}),
        ("release-without-grant", "no grant", {}),
        ("release-grant-a-list", "a list", {"grant": [grant]}),
    ):
        fault(name, about, {"name": "release", "epoch": 1, **instruction})
    for name, about, instruction in (
        ("withdraw-epoch-one", "the first epoch", {"epoch": 1}),
        ("withdraw-epoch-high", "past the last", {"epoch": 65}),
        ("withdraw-epoch-text", "a text", {"epoch": "2"}),
        ("withdraw-extra-field", "a field", {"epoch": 2, "grant": grant}),
    ):
        fault(name, about, {"name": "withdraw", **instruction})
    fault("name-unknown", "another name", {"name": "pause", "epoch": 2})
    fault("not-an-object", "a list", [])


keys()
lines()
instructions()
