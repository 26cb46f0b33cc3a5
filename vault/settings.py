"""Settings: parsed once, strictly, into frozen objects.

`config/defaults.toml` states every setting with unit, bounds and reason. A vault's own
`settings.toml` overrides values. A setting that is missing, unknown, of the wrong type or out of
bounds stops the start and is named. Nothing else reads configuration; secrets are no settings.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any, get_type_hints

from vault.errors import SettingError
from vault.resources import resource
from vault.roster.roles import Role, parse_roles
from vault.safe.limits import Limits

DIR_VARIABLE = "WITNESS_VAULT_DIR"
MAX_NAMES, MAX_NAME = 16, 128

Value = int | str | tuple[str, ...]


@dataclass(frozen=True)
class Intake:
    """The public intake interface."""

    story_limit: int
    story_warning: int
    request_limit: int
    send_valid: int
    session_idle: int
    session_absolute: int
    leave_to: str
    onion: str
    helplines: tuple[str, ...]
    cookie_secure: bool


@dataclass(frozen=True)
class Letterbox:
    """The intake side's store and its slots."""

    slot: int
    disk_reserve: int
    packet_limit: int
    others: tuple[str, ...]


@dataclass(frozen=True)
class Uploads:
    """Files that witnesses send: photos, papers, recordings."""

    size_limit: int
    count: int
    at_once: int
    reserve_percent: int
    looked_at: int
    budget: int


@dataclass(frozen=True)
class Staff:
    """The staff and audit interfaces."""

    session_idle: int
    session_absolute: int
    cookie_secure: bool
    request_limit: int
    text_limit: int
    authenticator_label: str
    guesses: int
    guess_every: int
    guess_every_all: int
    browser_known: int
    invitation_valid: int
    away: int


@dataclass(frozen=True)
class Passphrase:
    """Argon2id for people's passphrases, and the queue before it."""

    memory: int
    time: int
    parallelism: int
    queue: int
    min_length: int
    min_strength: int


@dataclass(frozen=True)
class Ledger:
    """The access log."""

    origin: str
    sign_within: int
    cosigners: tuple[str, ...]


@dataclass(frozen=True)
class Flags:
    """What the auditors' pages ask about."""

    time_zone: str
    rules: tuple[str, ...]


@dataclass(frozen=True)
class Roster:
    """The list of members."""

    lifetime: int
    delay: int
    for_a_time: int
    proposal_valid: int


@dataclass(frozen=True)
class Consent:
    """What a witness allows later."""

    delay: int


@dataclass(frozen=True)
class Recovery:
    """How the recovery key is split."""

    shares: int
    threshold: int
    holders: tuple[str, ...]


@dataclass(frozen=True)
class Backup:
    """Sealed copies of the vault."""

    short_lived_days: int


@dataclass(frozen=True)
class Erasure:
    """Deletion that a witness asks for."""

    delay_days: int


@dataclass(frozen=True)
class Notices:
    """The daily notice for members, by e-mail."""

    enabled: bool
    hour: int
    host: str
    port: int
    starttls: bool
    ca: str
    sign_in: str
    sender: str
    subject: str
    text: str


@dataclass(frozen=True)
class Retention:
    """How long cases are kept."""

    years: int
    notice_days: int
    warn_days: int
    hold_days: int


@dataclass(frozen=True)
class Servers:
    """The processes that serve."""

    intake_workers: int
    intake_threads: int
    staff_threads: int
    slow_request: int
    staff_url: str
    audit_url: str
    demonstration: bool


@dataclass(frozen=True)
class Paths:
    """Where one vault keeps its files; intake sees `letterbox`, `intake` and `run` only."""

    root: Path

    @property
    def keys(self) -> Path:
        """Sealed key files."""
        return self.root / "keys"

    @property
    def vault(self) -> Path:
        """The vault side's databases."""
        return self.root / "vault"

    @property
    def files(self) -> Path:
        """Sealed files of testimonies."""
        return self.vault / "files"

    @property
    def letterbox(self) -> Path:
        """The intake side's only store."""
        return self.root / "letterbox"

    @property
    def hosts(self) -> Path:
        """What other intake hosts have still to be given: names of files, see `letterbox.hosts`."""
        return self.root / "hosts"

    @property
    def intake(self) -> Path:
        """What the intake side pins; it never travels with the letterbox."""
        return self.root / "intake"

    @property
    def run(self) -> Path:
        """Sockets of the agents."""
        return self.root / "run"


@dataclass(frozen=True)
class Settings:
    """All settings of one vault."""

    paths: Paths
    intake: Intake
    letterbox: Letterbox
    uploads: Uploads
    staff: Staff
    passphrase: Passphrase
    ledger: Ledger
    flags: Flags
    roster: Roster
    consent: Consent
    recovery: Recovery
    backup: Backup
    erasure: Erasure
    notices: Notices
    retention: Retention
    files: Limits
    servers: Servers


_SECTIONS: dict[str, type] = {
    "intake": Intake,
    "letterbox": Letterbox,
    "uploads": Uploads,
    "staff": Staff,
    "passphrase": Passphrase,
    "ledger": Ledger,
    "flags": Flags,
    "roster": Roster,
    "consent": Consent,
    "recovery": Recovery,
    "backup": Backup,
    "erasure": Erasure,
    "notices": Notices,
    "retention": Retention,
    "files": Limits,
    "servers": Servers,
}


def load(directory: Path, overrides: dict[str, dict[str, Any]] | None = None) -> Settings:
    """Return the settings of the vault in `directory`.

    Args:
        directory: holds `settings.toml`; it may be absent, then only defaults apply.
        overrides: values by section and name, on top of the file (for tests and demonstrations).

    Raises:
        SettingError: names the setting that is missing, unknown, mistyped or out of bounds.
    """
    defaults = _defaults()
    own = _read(directory / "settings.toml")
    for section, values in (overrides or {}).items():
        own.setdefault(section, {}).update(values)
    _refuse_unknown(own, defaults)
    sections = {
        name: _section(name, kind, defaults.get(name, {}), own.get(name, {}))
        for name, kind in _SECTIONS.items()
    }
    return Settings(paths=Paths(directory.absolute()), **sections)


@dataclass(frozen=True)
class Described:
    """One setting in effect, as `defaults.toml` explains it.

    Attributes:
        default: None where every vault has a value of its own.
        weakened_by: "less" or "more" than the default; None: either is a matter of taste.
    """

    section: str
    name: str
    value: Value
    default: Value | None
    unit: str
    why: str
    weakened_by: str | None

    @property
    def weaker(self) -> bool:
        """Return whether it protects less than the default: it is less, or more, than that."""
        if self.default is None or not self.differs:
            return False
        less = self.value < self.default  # type: ignore[operator]  # of one type: checked when read
        return {"less": less, "more": not less, None: False}[self.weakened_by]

    @property
    def differs(self) -> bool:
        """Return whether it is not the default; a value that each vault has for itself is not."""
        return self.default is not None and self.value != self.default


def described(settings: Settings) -> list[Described]:
    """Return every setting in effect, in the order of `defaults.toml`."""
    defaults = _defaults()
    return [
        Described(
            section,
            name,
            getattr(getattr(settings, section), name),
            _frozen(entry.get("value")),
            entry["unit"],
            entry["why"],
            entry.get("weakened_by"),
        )
        for section, entries in defaults.items()
        for name, entry in entries.items()
    ]


@cache
def roles() -> Mapping[str, Role]:
    """Return the roles as `config/roles.toml` declares them: the same for every vault.

    Raises:
        SettingError: one is missing, unknown, or declared with unknown words.
    """
    return parse_roles(tomllib.loads(resource("config/roles.toml").read_text("utf-8")))


def from_environment() -> Settings:
    """Return the settings of the vault that the environment names, for servers."""
    directory = os.environ.get(DIR_VARIABLE)
    if not directory:
        raise SettingError(f"the environment variable {DIR_VARIABLE} is missing")
    return load(Path(directory))


@cache
def _defaults() -> dict[str, Any]:
    """Return what `defaults.toml` states, by section and name; nobody changes it."""
    return tomllib.loads(resource("config/defaults.toml").read_text("utf-8"))


def _read(path: Path) -> dict[str, dict[str, Any]]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise SettingError(f"{path.name} cannot be read") from error


def _refuse_unknown(own: dict[str, Any], defaults: dict[str, Any]) -> None:
    for section, values in own.items():
        if section not in defaults or not isinstance(values, dict):
            raise SettingError(f"unknown section {section}")
        for name in values:
            if name not in defaults[section]:
                raise SettingError(f"unknown setting {section}.{name}")


def _section(name: str, kind: type, stated: dict[str, Any], own: dict[str, Any]) -> Any:
    hints = get_type_hints(kind)
    values = {}
    for field in fields(kind):
        full = f"{name}.{field.name}"
        entry = stated.get(field.name)
        if entry is None:
            raise SettingError(f"{full} is not stated in defaults.toml")
        value = own.get(field.name, entry.get("value"))
        if value is None:
            raise SettingError(f"{full} is missing")
        value = _frozen(value)
        if not _is_kind(value, hints[field.name]):
            raise SettingError(f"{full} has the wrong type")
        _check_bounds(full, value, entry)
        values[field.name] = value
    return kind(**values)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _is_kind(value: Any, kind: Any) -> bool:
    """Say whether a value is of the type of its field; a list holds a few short names."""
    if kind == tuple[str, ...]:
        names = value if type(value) is tuple and len(value) <= MAX_NAMES else (None,)
        return all(isinstance(name, str) and 0 < len(name) <= MAX_NAME for name in names)
    return type(value) is kind


def _check_bounds(full: str, value: Any, entry: dict[str, Any]) -> None:
    low, high = entry.get("min"), entry.get("max")
    if low is not None and not low <= value <= high:
        raise SettingError(f"{full} must be between {low} and {high} {entry['unit']}")
    if value == "":
        raise SettingError(f"{full} is empty")
    texts = value if isinstance(value, tuple) else (value,)
    if "pattern" in entry and not all(
        re.fullmatch(entry["pattern"], text, re.ASCII) for text in texts
    ):
        raise SettingError(f"{full} has another form than it must have")
