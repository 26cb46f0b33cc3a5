"""Compartments and the seeds that open them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from vault.crypto.seal import OpeningKey


class Compartment(StrEnum):
    """A part with its own key: three for each testimony, `work` for each case."""

    ACCOUNT = "account"
    MEDICAL = "medical"
    IDENTITY = "identity"
    WORK = "work"


OF_TESTIMONY = (Compartment.ACCOUNT, Compartment.MEDICAL, Compartment.IDENTITY)
# What one reader hands to the next; `identity` is given by the receipt alone.
PASSED_ON = (Compartment.ACCOUNT, Compartment.MEDICAL)


@dataclass(frozen=True)
class Seeds:
    """Seeds of compartments by compartment and epoch; holders keep those of all epochs.

    Args:
        by_epoch: 32-byte seeds under (compartment, epoch); epochs count from 1.
    """

    by_epoch: Mapping[tuple[Compartment, int], bytes] = field(repr=False)

    def key(self, compartment: Compartment, epoch: int) -> OpeningKey | None:
        """Return the key pair of a compartment's epoch, if its seed is held."""
        place = (compartment, epoch)
        if place not in self._keys and place in self.by_epoch:
            self._keys[place] = OpeningKey(self.by_epoch[place])
        return self._keys.get(place)

    @cached_property
    def _keys(self) -> dict[tuple[Compartment, int], OpeningKey]:
        """Key pairs made so far: a case of two hundred records opens under the same few."""
        return {}

    def merged(self, other: Seeds) -> Seeds:
        """Return the seeds of both."""
        return Seeds({**self.by_epoch, **other.by_epoch})

    def only(self, compartments: frozenset[Compartment]) -> Seeds:
        """Return the seeds of these compartments, all epochs."""
        return Seeds({k: v for k, v in self.by_epoch.items() if k[0] in compartments})

    def latest(self, compartment: Compartment) -> int:
        """Return the newest epoch held of a compartment, 0 if none."""
        return max((e for c, e in self.by_epoch if c == compartment), default=0)

    def __iter__(self) -> Iterator[tuple[Compartment, int, bytes]]:
        """Yield (compartment, epoch, seed) in a fixed order."""
        for (compartment, epoch), seed in sorted(self.by_epoch.items()):
            yield compartment, epoch, seed
