"""What was measured: a table of name, value, target, verdict."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Line:
    """One number. `most` or `least` is its target; without either it is a floor or a remark."""

    name: str
    value: float
    unit: str
    most: float | None = None
    least: float | None = None

    @property
    def met(self) -> bool:
        """Say whether the target is met."""
        over = self.most is not None and self.value > self.most
        under = self.least is not None and self.value < self.least
        return not over and not under

    @property
    def target(self) -> str:
        """Return the target as text."""
        if self.most is not None:
            return f"<= {self.most:g}"
        return "" if self.least is None else f">= {self.least:g}"


@dataclass
class Report:
    """The lines of one run."""

    lines: list[Line] = field(default_factory=list)

    def add(
        self,
        name: str,
        value: float,
        unit: str,
        *,
        most: float | None = None,
        least: float | None = None,
    ) -> None:
        """Add one number, in order."""
        self.lines.append(Line(name, value, unit, most, least))

    @property
    def met(self) -> bool:
        """Say whether every target is met."""
        return all(line.met for line in self.lines)

    def text(self) -> str:
        """Return the table."""
        rows = [
            f"{line.name:52} {line.value:10.1f} {line.unit:10} {line.target:8}"
            f"{'' if line.met else '  MISSED'}".rstrip()
            for line in self.lines
        ]
        return "\n".join(rows)


def milliseconds(work: Callable[[], object], count: int) -> list[float]:
    """Return how long each of `count` runs took, after one that does not count."""
    work()
    taken = []
    for _ in range(count):
        began = time.perf_counter()
        work()
        taken.append((time.perf_counter() - began) * 1000)
    return taken


def median(values: Sequence[float]) -> float:
    """Return the median."""
    return statistics.median(values)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that `percent` of all do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
