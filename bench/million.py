"""A log of up to a million entries, quickly: as a team would have written it over the years.

What stands in it is invented; that it is a log is not: leaves in the format of entries and their
hashes, and checkpoints that `vault.journal` signs, so that everything verifies.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from vault import canonical, clock
from vault.crypto import suite
from vault.journal.drafts import read_head
from vault.journal.vault import Vault
from vault.ledger.entry import FORMAT, WITNESS, Entry
from vault.ledger.merkle import Frontier, leaf_hash
from vault.storage.tables.ledger import ledger_entries, ledger_head

# How many entries are one commit and have one checkpoint.
EVERY = 1_000
# One case for so many entries, and this many members.
PER_CASE, MEMBERS = 100, 20
YEARS = 5

# By whom, what, of a case or not, and how often among all.
_WITNESS, _MEMBER = "witness", "member"
_STORIES: tuple[tuple[str, str, bool, int], ...] = (
    (_MEMBER, "reveal", True, 30),
    (_MEMBER, "list", False, 20),
    (_MEMBER, "signin", False, 12),
    (_MEMBER, "signout", False, 8),
    (_MEMBER, "message.sent", True, 6),
    (_MEMBER, "note.written", True, 5),
    (_WITNESS, "addendum", True, 4),
    (_MEMBER, "box.written", True, 4),
    (_MEMBER, "assign", True, 3),
    (_WITNESS, "consent.changed", True, 2),
    (_MEMBER, "ledger.read", False, 2),
    (_WITNESS, "identity.released", True, 1),
    (_MEMBER, "identity.opened", True, 1),
    (_MEMBER, "proof.made", True, 1),
    (_WITNESS, "intake", True, 1),
)
_AS_LAWYER = frozenset({"reveal", "identity.opened", "proof.made"})
_WEIGHTS = [story[3] for story in _STORIES]


@dataclass
class Invented:
    """What entries are made from; the same seed makes the same log but for the nonces.

    Args:
        members: ids of those who act.
        count: how many entries there will be.
        begin: seconds since the epoch of the first.
        end: and of the last.
    """

    members: Sequence[str]
    count: int
    begin: int
    end: int
    _chance: random.Random = field(default_factory=lambda: random.Random(20220105))

    def leaves(self, first: int) -> Iterator[tuple[bytes, dict[str, str | None]]]:
        """Yield each leaf, with what its row repeats of it."""
        cases = [self._chance.randbytes(16).hex() for _ in range(max(1, self.count // PER_CASE))]
        told = self._chance.choices(_STORIES, _WEIGHTS, k=self.count)
        for number, (whose, kind, of_case, _) in enumerate(told):
            came = number * len(cases) // self.count
            case = cases[self._chance.randint(0, came)] if of_case else None
            if kind == "intake":
                case = cases[came]
            yield self._leaf(first + number, number, (whose, kind, case))

    def _leaf(
        self, seq: int, number: int, what: tuple[str, str, str | None]
    ) -> tuple[bytes, dict[str, str | None]]:
        whose, kind, case = what
        time = clock.moment(self.begin + (self.end - self.begin) * number // self.count)
        actor = WITNESS if whose == _WITNESS else self._chance.choice(self.members)
        about = self._chance.choice(self.members) if kind == "assign" else None
        # By hand, in the order of canonical JSON: ten times as quick as by `Entry`.
        subject = ",".join(
            f'"{name}":"{value}"' for name, value in (("case", case), ("member", about)) if value
        )
        detail = '"as":"lawyer"' if kind in _AS_LAWYER else ""
        leaf = (
            f'{{"actor":"{actor}","detail":{{{detail}}},"format":"{FORMAT}","kind":"{kind}"'
            f',"nonce":"{canonical.b64(suite.random(16))}","seq":{seq},"subject":{{{subject}}}'
            f',"time":"{time[:10] if actor == WITNESS else time}"}}'
        ).encode()
        member = None if actor == WITNESS else actor
        row = {"kind": kind, "actor": actor, "member": about or member, "case_id": case}
        return leaf, row


def members_of(vault: Vault) -> list[str]:
    """Return the ids of the vault's members, filled up with invented ones."""
    real = [member.id for member in vault.roster().members]
    return (real + [f"{number:08x}" * 4 for number in range(1, MEMBERS)])[:MEMBERS]


def fill(vault: Vault, count: int, *, every: int = EVERY) -> None:
    """Append `count` entries that end now, and sign a checkpoint after each `every` of them."""
    end = clock.now()
    invented = Invented(members_of(vault), count, end - YEARS * 365 * clock.DAY, end)
    with vault.database.read() as connection:
        frontier = read_head(connection)
    leaves = invented.leaves(frontier.size)
    while told := list(islice(leaves, every)):
        Entry.parse(told[-1][0])  # the hand that wrote it did not slip
        frontier = _append(vault, frontier, told)


def _append(
    vault: Vault, frontier: Frontier, told: Sequence[tuple[bytes, dict[str, str | None]]]
) -> Frontier:
    hashes = [leaf_hash(leaf) for leaf, _ in told]
    rows = [
        {"seq": seq, "leaf": leaf, "hash": hashed, **row}
        for seq, ((leaf, row), hashed) in enumerate(zip(told, hashes, strict=True), frontier.size)
    ]
    after = frontier.extend(hashes)
    state = {"size": after.size, "frontier": after.encode()}
    with vault.database.write() as connection:
        connection.execute(ledger_entries.insert(), rows)
        if not connection.execute(ledger_head.update().values(**state)).rowcount:
            connection.execute(ledger_head.insert().values(id=1, **state))
    vault.journal.checkpoint()
    return after
