"""A real vault in a temporary folder: real databases, real keys, low derivation cost."""

from __future__ import annotations

import atexit
import copy
import json
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path

from tests.support.factor import fresh_code, pairing_of
from vault import settings as settings_module
from vault.agents.kdf import LocalKdf
from vault.agents.sessions import SessionKeys
from vault.agents.vault_keys import VaultKeys
from vault.cases.arriving.collect import Collector
from vault.custody import founding, keys, rosters
from vault.forms.load import load_forms
from vault.journal.vault import Vault
from vault.letterbox import Letterbox
from vault.members import enrol, people, signin
from vault.testimony import Return, Tell

LOW_COST = {
    "ledger": {"origin": "test.invalid", "sign_within": 0},
    "passphrase": {"memory": 64, "time": 1},
    "letterbox": {"slot": 0, "disk_reserve": 0},
    "uploads": {"reserve_percent": 0},
    "roster": {"delay": 0},
    "consent": {"delay": 0},
}
FORMS = load_forms()
_COUNTED = frozenset({"refused", "signin.refused"})
PARTS = ("keys", "vault", "letterbox", "intake", "run")
STORY = {"story": "Меня забрали утром.", "consent": {"C01": "yes", "C02": "yes"}}


@dataclass(frozen=True)
class _Kept:
    """A closed vault, to be copied."""

    files: Path
    sheet: founding.Sheet
    actors: dict
    told: dict


_TEMPLATES: dict[str, _Kept] = {}


@dataclass
class House:
    """Both houses of one vault, with whoever is enrolled so far."""

    settings: settings_module.Settings
    sheet: founding.Sheet
    vault: Vault
    intake_agent: SessionKeys
    actors: dict = field(default_factory=dict)
    key: str = ""

    @classmethod
    def found(cls, folder: Path, *, fresh: bool = False, **overrides) -> House:
        """Found a vault in `folder`.

        Founding is done for real once in a process and for each set of settings; later calls get a
        copy of those files. `fresh` asks for a vault with keys of its own.
        """
        merged = {name: dict(values) for name, values in LOW_COST.items()}
        for section, values in overrides.items():
            merged.setdefault(section, {}).update(values)
        settings = settings_module.load(folder, merged)
        key = json.dumps(merged, sort_keys=True)
        if fresh or key not in _TEMPLATES:
            house = cls._opened(settings, founding.found(settings))
            house._enrol("admin", house.sheet.invitation)
            if fresh:
                return house
            house._keep(key)
        return cls._copied(key, settings)

    def staff(self) -> House:
        """Add one member per role that the spine needs."""
        return self.after(_one_for_each_role)

    def after(self, act: Callable[[House], None]) -> House:
        """Let `act` do something with this vault, before anything else is done with it.

        It is done for real once in a process; later calls get a copy of the files that it left,
        and of what it set on the house.
        """
        key = self.key and f"{self.key} {act.__module__}.{act.__qualname__}"
        if key not in _TEMPLATES:
            act(self)
            if not key:
                return self
            self._keep(key)
        self.close()
        again = self._copied(key, self.settings)
        vars(self).update(vars(again) | {"intake_agent": self.intake_agent})
        return self

    @classmethod
    def _opened(cls, settings, sheet) -> House:
        agent = VaultKeys(settings.ledger.origin)
        opened = keys.open_vault_keys(settings, sheet.vault_passphrase, LocalKdf())
        opened.open(agent)
        return cls(settings, sheet, Vault(settings, agent, LocalKdf()), SessionKeys())

    @classmethod
    def _copied(cls, key, settings) -> House:
        kept = _TEMPLATES[key]
        for name in PARTS:  # what a test put beside them stays
            shutil.rmtree(settings.paths.root / name, ignore_errors=True)
            shutil.copytree(kept.files / name, settings.paths.root / name)
        house = cls._opened(settings, kept.sheet)
        house.actors, house.key = dict(kept.actors), key
        vars(house).update(copy.deepcopy(kept.told))
        return house

    def _keep(self, key: str) -> None:
        self.close()
        files = Path(tempfile.mkdtemp(prefix="house-"))
        atexit.register(shutil.rmtree, files, ignore_errors=True)
        for name in PARTS:
            shutil.copytree(self.settings.paths.root / name, files / name)
        told = {name: value for name, value in vars(self).items() if name not in _FIELDS}
        _TEMPLATES[key] = _Kept(files, self.sheet, dict(self.actors), told)

    def add(self, login: str, *roles: str, gender: str | None = None):
        """Invite, enrol and confirm somebody; returns them signed in."""
        self.key = ""  # no longer what was founded: never replaced by a copy
        code = people.invite(self.vault, self.actors["admin"], login.title(), roles)
        return self._enrol(login, code, gender)

    @property
    def letterbox(self) -> Letterbox:
        return self.vault.letterbox

    @property
    def tell(self) -> Tell:
        return Tell(self.letterbox, self.intake_agent, FORMS, self.settings)

    @property
    def come_back(self) -> Return:
        return Return(self.letterbox, self.intake_agent, FORMS, self.settings)

    def collect(self):
        return Collector(self.vault).run()

    def send(self, answers=None, form="victim", language="ru"):
        """Tell and collect; returns the receipt."""
        tell = self.tell
        told = tell.send(form, language, answers or STORY, tell.new_send_id())
        self.collect()
        return told.receipt

    def entered(self) -> int:
        """Return how many entries there are, without refusals: a thread counts them a second on."""
        return sum(1 for entry in self.vault.journal.read() if entry.kind not in _COUNTED)

    def close(self) -> None:
        self.vault.close()

    @property
    def root(self):
        """The root key, opened from its sheet."""
        return keys.open_root_key(self.settings, self.sheet.root_passphrase, LocalKdf())

    def second(self, concerned=None):
        """Return somebody besides the first administrator, for second signatures."""
        others = (actor for login, actor in self.actors.items() if login != "admin")
        return next(actor for actor in others if actor.id != concerned)

    def confirm(self, login: str, gender: str | None = None):
        """Confirm who waits under a login: by the root at first, then by two of the members."""
        if rosters.two_sign(self.vault):
            lines = people.list_members(self.vault)
            (waits,) = [one.id for one in lines if (one.login, one.state) == (login, "waiting")]
            admin = self.actors["admin"]
            proposed = rosters.propose_member(self.vault, admin, waits, gender)
            return rosters.confirm_proposal(self.vault, self.second(), proposed)
        return rosters.confirm(self.vault, rosters.waiting(self.vault, login), self.root, gender)

    def change_roles(self, login: str, *roles: str):
        """Give a member other roles: by two of the members, or by the root."""
        member = rosters.find(self.vault, self.vault.roster(), login)
        if rosters.two_sign(self.vault) and not set(roles) < member.roles:
            proposed = rosters.propose_roles(self.vault, self.actors["admin"], member.id, roles)
            return rosters.confirm_proposal(self.vault, self.second(member.id), proposed)
        return rosters.change_roles(self.vault, login, roles, self.root)

    def _enrol(self, login, code, gender=None):
        enrol_as(self.vault, code, login)
        self.confirm(login, gender)
        self.actors[login] = sign_in_as(self.vault, login)
        return self.actors[login]


_FIELDS = frozenset(field.name for field in fields(House))


def _one_for_each_role(house: House) -> None:
    house.add("officer", "intake_officer")
    house.add("lawyer", "lawyer")
    house.add("deputy", "lawyer")
    house.add("auditor", "auditor")


def passphrase_of(login: str) -> str:
    return f"{login} has a long passphrase"


def enrol_as(vault: Vault, code: str, login: str, passphrase: str | None = None):
    """Enrol with an invitation's code; the passphrase is that of the login unless said."""
    chosen = passphrase_of(login) if passphrase is None else passphrase
    return enrol.enrol(vault, code, login, chosen, pairing_of(login))


def sign_in_as(vault: Vault, login: str, passphrase: str | None = None):
    """Sign in with a new code; the passphrase is that of the login unless said."""
    chosen = passphrase_of(login) if passphrase is None else passphrase
    return signin.sign_in(vault, login, chosen, fresh_code(vault, login))
