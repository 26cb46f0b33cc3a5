"""A box of nobody, opened where words open none, so that both answers take as long.

Whoever forces words out of somebody must not learn from the time of an answer whether they open
anything. The words of this box are made with the process and forgotten with it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from vault import clock
from vault.crypto import suite
from vault.crypto.receipt import Receipt
from vault.crypto.seal import OpeningKey
from vault.keyring.compartments import Compartment
from vault.packet import sent
from vault.packet.box import Current, Fixed, seal_fixed
from vault.packet.format import Header
from vault.packet.material import Material
from vault.packet.seal_box import BoxPart, seal_boxes

FOLLOWUP = "followup"
"""The form of whoever comes back, whatever they told before and whether there is a box or not."""


@dataclass(frozen=True)
class Nobody:
    """A box that nobody has opened, the file beside it, and what opens both."""

    receipt: Receipt = field(repr=False)
    box: bytes = field(repr=False)
    sent: bytes = field(repr=False)


@cache
def nobody() -> Nobody:
    """Return the one of this process: an ordinary unopened box, whose keys open nothing else."""
    material, day = Material.generate(), clock.day()
    header = Header(
        publics={name: key.public for name, key in material.compartments.items()},
        account_commitment=suite.random(32),
        collector_commitment=suite.random(32),
        roster_version=1,
        roster_hash=suite.random(32),
    )
    seed = material.compartments[Compartment.IDENTITY].seed
    fixed = Fixed(seed, None, (), FOLLOWUP, "ru", day)
    parts = (_part(material.receipt, header, fixed), _part(material.second, header, fixed))
    box, _ = seal_boxes(header, parts, Current(day), day)
    item = sent.SentItem("testimony", day, header.testimony, suite.random(sent.DIGEST_SIZE))
    return Nobody(material.receipt, box, sent.seal_sent(parts[0].public, (item,)))


def _part(receipt: Receipt, header: Header, fixed: Fixed) -> BoxPart:
    public = OpeningKey(receipt.box_seed).public
    return BoxPart(public, seal_fixed(receipt, header.testimony, header.publics, fixed))
