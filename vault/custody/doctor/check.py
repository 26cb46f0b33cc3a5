"""What a check is and what it finds: data, in words only where it is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from vault.errors import WitnessVaultError
from vault.journal.vault import Vault

SECONDS = 10.0

Values = Mapping[str, str | int]
Outcome = tuple[bool, str, Values]
"""Whether all is well, which sentence says what was found, and what stands in it."""


@dataclass(frozen=True)
class Finding:
    """The outcome of one check.

    Attributes:
        name: of the check; `doctor.<name>` is its title, `doctor.<name>.advice` what to do.
        group: what it is about; a key of the registry.
        well: whether all is well.
        said: `doctor.<name>.<said>` says what was found.
        values: what stands in that sentence; days as RFC 3339.
        commands: that help, if it is not well.
        error: why the check could not be made; then nothing else was found.
    """

    name: str
    group: str
    well: bool
    said: str = "found"
    values: Values = field(default_factory=dict)
    commands: tuple[str, ...] = ()
    error: WitnessVaultError | None = None


@dataclass(frozen=True)
class Check:
    """One check.

    Attributes:
        group: what it is about.
        look: at what.
        commands: that mend it.
        seconds: how long it may take.
        late: `doctor.<name>.<late>` says so if it takes longer; empty: that too much is asked.
    """

    group: str
    look: Callable[[Vault], Outcome]
    commands: tuple[str, ...] = ()
    seconds: float = SECONDS
    late: str = ""


def counted(odd: int, said: str, **values: str | int) -> Outcome:
    """Return the outcome of a check that counts what is not well."""
    return odd == 0, said if odd else "found", {"count": odd, **values}
