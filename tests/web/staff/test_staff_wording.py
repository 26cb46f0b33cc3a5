"""Every text that a page asks for is there, and no text is there that no page asks for."""

import re
import tomllib
from pathlib import Path

from vault import errors
from vault.cases.ending import retention
from vault.cases.holders.assign import BESIDE
from vault.cases.lists.choosing import SORTS
from vault.cases.lists.given import STATES
from vault.cases.model import ROLE_OF
from vault.cases.reveal.identity import PURPOSES
from vault.cases.reveal.opened import FILES_OPENED
from vault.consent.gate import REASONS
from vault.consent.items import ITEMS
from vault.custody.backup.header import KINDS as KINDS_OF_BACKUP
from vault.custody.doctor import CHECKS
from vault.custody.doctor import GROUPS as GROUPS_OF_CHECKS
from vault.journal.reckoning import watch
from vault.journal.reckoning.rules import SHAPES
from vault.ledger.entry import KINDS
from vault.members import estimate
from vault.packet import files
from vault.packet.box import LEFT
from vault.resources import resource
from vault.roster.roles import ROLES
from vault.safe.job import WORDS
from vault.safe.labels import CATEGORIES
from vault.web import audit, inside, shared, staff
from vault.web.audit.entries import FIELDS
from vault.web.audit.figures import PERIODS
from vault.web.audit.overview import GROUPS
from vault.web.shared.errors import key_of_status
from vault.web.shared.wording import load
from vault.web.staff.looking import BUSY, RECORDING

# What entries may say about themselves; docs/spec/ledger.md.
DETAILS = (
    "as capacity cases cause commitments compartments cosigner count day entries entry factor"
    " file files fingerprint for from in_place_of item key kind kinds more now public reason"
    " records roles rule seen setting signature signed_by size to until value version what why"
    " words vouch members valid_from"
).split()
PICTURES = ("openings", "hours", "members", "roles", "refusals", "waited", "unopened")
# What a check can say besides what it found and what to do.
SAID = {
    "agent": ("locked", "silent"),
    "published": ("other",),
    "officer": ("none",),
    "entries": ("closed",),
    "ledger": ("fault", "fault_at", "late"),
    "checkpoint": ("none",),
    "outside": ("old", "none", "taken", "left", "never"),
    "backup_main": ("none",),
    "backup_short": ("none",),
    "memory": ("open", "swapped", "dumps"),
    "spare": ("missing",),
    "recovery": ("old",),
    "chain": ("unpinned", "foreign", "ahead"),
    "ending": ("soon",),
    "holders": ("none",),
    "readers": ("few",),
    "due": ("waiting",),
    "orphaned": ("odd",),
    "ends": ("soon",),
    "attached": ("differ",),
    "hosts": ("behind", "none"),
    "settings": ("weak",),
    "files": ("odd",),
    "swap": ("used", "encrypted"),
    "viewing": ("open", "broken"),
    "disk": ("files",),
    "letters": ("none",),
    "clock": ("back", "alone", "ahead"),
    "notices": ("off", "missed", "refused"),
}
SAID_BY_CHECKS = {
    f"{name}.{end}" for name in CHECKS for end in ("found", "advice", *SAID.get(name, ()))
}
SETTINGS = tomllib.loads(resource("config/defaults.toml").read_text("utf-8"))
# The units of all settings, and those in which round numbers of seconds and bytes are shown.
UNITS = {"hours", "minutes", "mib"} | {
    setting["unit"].lower() for section in SETTINGS.values() for setting in section.values()
}
FOLDERS = [Path(package.__file__).parent for package in (staff, audit, inside, shared)]
MADE_UP = {
    "role.": ROLES,
    "does.": ROLES,
    "duty.": ROLES,
    "gender.": {"none", "female", "male"},
    "capacity.": {str(capacity) for capacity in ROLE_OF if capacity},
    "status.": {"new", "assigned", "set_aside", "erased"},
    "state.": {"invited", "waiting", "active", "ended"},
    "compartment.": {"account", "medical", "identity", "work"},
    "kind.": {"statement", "addendum", "reply", "note", "other"},
    "origin.": {"unproven", "second", "broken", "closed"},
    "language.": {"kk", "ru", "en"},
    "table.": {"name", "login", "roles", "state", "fingerprint"},
    "sort.": SORTS.keys(),
    "cases.only_": {"waiting", "unread", "urgent"},
    "actor.": {"witness", "system", "root"},
    "weak.": estimate.REASONS,
    "say.": KINDS,
    "kinds.": KINDS,
    "set_aside.": {"title", "hint", "button"},
    "detail.": {"member", *DETAILS},
    "purpose.": {
        "read",
        "assign",
        "renew",
        "reseal",
        "reply",
        "record",
        "identity",
        "consent",
        "keep",
        "retention",
        "date",
        "file",
        *PURPOSES,
    },
    "betrays.": CATEGORIES,
    "file_kind.": files.KINDS,
    "file_see.": files.READERS,
    "file.size.": {"1", "2", "3"},
    "left.": LEFT,
    "file.seen_": {kind.removeprefix("file.") for kind in FILES_OPENED},
    "file.cannot.": {*WORDS, BUSY, RECORDING},
    "cause.": {"asked", "end"},
    "reason.": retention.REASONS,
    "proof.": {
        "authenticator",
        "passkey",
        "passkey_removed",
        "passkey_stopped",
        "recovery_code",
        "recovery_codes",
        "reset",
    },
    "key.": {"vault", "ledger", "collector", "recovery", "case"},
    "looked.": {
        *("new", "mine", "given", "handling", "identity"),
        *("members", "proposals", "recovery", "settings"),
        *("overview", "checkpoint", "doctor", "backups"),
        *("flags", "checkpoints", "verified", "compared"),
    },
    "picture.": {
        *(f"{name}.{end}" for name in PICTURES for end in ("title", "normal")),
        *(f"{start}.{name}" for start in ("period", "each") for name in PERIODS),
    },
    "entries.": {"from", "to"},
    "entries.wrong_": set(FIELDS),
    "rule.": set(SHAPES),
    "flag.": set(SHAPES),
    "flags.rule.": set(SHAPES),
    "flags.within.": {"hours", "minutes", "seconds"},
    "why.": set(watch.REASONS),
    "audit.group.": {name for name, _ in GROUPS},
    "well.group.": GROUPS_OF_CHECKS,
    "unit.": UNITS - {"yes or no"},  # no unit is shown beside these
    "doctor.": CHECKS.keys() | SAID_BY_CHECKS,
    "backups.kind.": KINDS_OF_BACKUP,
    "sure.": {
        *("hand_over", "deputy", "give_back", "take_away", "may_not_see", "several"),
        *("end", "hold", "free"),
    },
    "given.state_": set(STATES) - {"fine"},
    "reader.title_": BESIDE,
    "reader.hint_": BESIDE,
    "reader.not_agreed_": BESIDE,
    "consent.until_": {item.until for item in ITEMS.values()},
    "consent.why_": {*REASONS} - {"silence", "no"},
    "record.": {"stop", "note"},
    "record.by_": {"first", "later", "second"},
    "bring_back.": {"title", "hint", "button"},
    "reply.": {"title", "hint", "label", "button"},
    "note.": {"title", "hint", "label", "button"},
}


def asked_for():
    sources = [p.read_text("utf-8") for f in FOLDERS for p in f.rglob("*") if p.suffix in ENDINGS]
    literal = {key for source in sources for key in re.findall(r'"([a-z_]+\.[a-z_.]+)"', source)}
    return literal | {start + end for start, ends in MADE_UP.items() for end in ends}


ENDINGS = {".py", ".html"}


def test_no_text_is_left_over():
    own = {key for key in load("staff")["en"].texts if not key.startswith(("error.", "http."))}
    assert own - asked_for() - {"site.staff", "site.audit"} == set()


def test_everything_made_from_parts_is_there():
    texts = load("staff")["en"].texts
    missing = {start + end for start, ends in MADE_UP.items() for end in ends} - texts.keys()
    assert missing == set()


def test_every_error_has_a_sentence():
    for wording in load("staff").values():
        for kind in vars(errors).values():
            if isinstance(kind, type) and issubclass(kind, errors.WitnessVaultError):
                assert any(base.code in wording.texts for base in kind.__mro__[:-3])


def test_every_status_has_a_sentence():
    texts = load("staff")["en"].texts
    assert {key_of_status(status) for status in range(400, 600)} | {"http.500"} <= texts.keys()
