"""The entries: a filtered list of sentences, and one entry with its proof.

Reading is an entry too, and it is committed before anything is shown. Pages follow each other by
places in the log, never by counting from the beginning, so the last page is as quick as the first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from vault.cases.model import code_of
from vault.errors import FormatError, LedgerError, NotFoundError, SignatureError
from vault.journal.reading import Filter
from vault.journal.reckoning.complete import finds_all
from vault.journal.reckoning.keeper import State
from vault.journal.vault import Vault
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.entry import KINDS, MAX_SEQ, Entry
from vault.ledger.merkle import leaf_hash
from vault.ledger.note import Note
from vault.ledger.proof import TlogProof
from vault.web.audit.download import saved
from vault.web.audit.reckoned import look
from vault.web.audit.sentences import Names, line
from vault.web.inside import who
from vault.web.inside.pages import text

pages = Blueprint("entries", __name__)

PAGE = 50
FIELDS = ("member", "case", "kind", "from", "to")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NUMBER = re.compile(r"\d{1,16}", re.ASCII)


@dataclass(frozen=True)
class Asked:
    """What the address asks for, checked.

    Attributes:
        typed: what each field shows.
        wrong: fields with a value that makes no sense or that the log does not know.
        member: an id.
        case: a full id.
        kind: one of KINDS.
        days: the first and the last, of those given.
        after: places beyond this one, the nearest first.
        before: places below this one; the default is the newest page.
    """

    typed: Mapping[str, str]
    wrong: frozenset[str]
    member: str | None
    case: str | None
    kind: str | None
    days: tuple[str, str]
    after: int | None
    before: int

    def query(self, **more: int) -> dict[str, str | int]:
        """Return the same question as parameters of an address."""
        return {key: value for key, value in self.typed.items() if value} | more

    def detail(self) -> dict[str, str]:
        """Return what the entry of this reading says of it, beside the ids."""
        given = {"kind": self.kind, "from": self.days[0], "to": self.days[1]}
        return {key: value for key, value in given.items() if value}

    def subject(self) -> dict[str, str]:
        """Return the ids that the entry of this reading names."""
        given = {"case": self.case, "member": self.member}
        return {key: value for key, value in given.items() if value}


@pages.get("/entries")
def all_entries() -> ResponseReturnValue:
    """Show entries as sentences, newest first."""
    vault = who.vault()
    names = Names(vault)
    with look() as seen:
        asked = _asked(request.args, names, seen.state)
        with vault.journal.transaction() as transaction:
            transaction.log("ledger.read", who.actor().id, asked.subject(), asked.detail())
        chosen = _filter(asked, seen.state)
        complete = asked.wrong or _complete(vault, chosen, seen.state)
    found = [] if asked.wrong else _read(vault, chosen, asked)
    shown, newer, older = _around(found, asked)
    page = render_template(
        "audit/entries.html",
        lines=[line(entry, names) for entry in shown],
        newer=newer,
        older=older,
        asked=asked,
        people=sorted(names.by_id.items(), key=lambda item: item[1]),
        kinds=sorted(KINDS, key=lambda kind: text(f"kinds.{kind}").casefold()),
        size=vault.journal.size(),
        fault=seen.fault,
        complete=complete,
    )
    return (page, 400) if asked.wrong else page


def _read(vault: Vault, chosen: Filter, asked: Asked) -> list[Entry]:
    """Return one entry more than a page, the newest first."""
    if asked.after is None:
        below = replace(chosen, last=min(chosen.last, asked.before - 1))
        return vault.journal.read(below, PAGE + 1, newest_first=True)
    beyond = replace(chosen, first=max(chosen.first, asked.after + 1))
    return vault.journal.read(beyond, PAGE + 1)[::-1]


def _around(found: list[Entry], asked: Asked) -> tuple[list[Entry], int | None, int | None]:
    """Return the page's entries, and from where newer and older ones go on."""
    more = len(found) > PAGE
    if asked.after is None:
        shown = found[:PAGE]
        newer = shown[0].seq if shown and asked.before <= MAX_SEQ else None
        return shown, newer, shown[-1].seq if more else None
    shown = found[-PAGE:]
    return shown, shown[0].seq if more else None, shown[-1].seq if shown else asked.after + 1


def _filter(asked: Asked, state: State) -> Filter:
    first, last = state.sums.places(*asked.days) if any(asked.days) else (0, MAX_SEQ)
    return Filter(asked.member, asked.case, asked.kind, first, last)


def _complete(vault: Vault, chosen: Filter, state: State) -> bool:
    with vault.database.read() as connection:
        return finds_all(connection, chosen, state)


def _asked(args: MultiDict[str, str], names: Names, state: State) -> Asked:
    typed = {name: args.get(name, "").strip() for name in FIELDS}
    case = _case_id(state, typed["case"])
    right = {
        "member": typed["member"] in names.by_id,
        "case": case is not None,
        "kind": typed["kind"] in KINDS,
        "from": _is_day(typed["from"]),
        "to": _is_day(typed["to"]),
    }
    wrong = frozenset(name for name in FIELDS if typed[name] and not right[name])
    given = {name: typed[name] if right[name] else "" for name in FIELDS}
    return Asked(
        typed=typed | ({"case": code_of(case)} if case else {}),
        wrong=wrong,
        member=given["member"] or None,
        case=case,
        kind=given["kind"] or None,
        days=(given["from"], given["to"]),
        after=_place(args.get("after")),
        before=_place(args.get("before"), MAX_SEQ + 1) or 0,
    )


def _place(text: str | None, default: int | None = None) -> int | None:
    return int(text) if text and _NUMBER.fullmatch(text) else default


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.fullmatch(text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def _case_id(state: State, typed: str) -> str | None:
    """Return the full id of a case that the log knows, from its id or the code that people say."""
    if typed.lower() in state.sums.cases:
        return typed.lower()
    wanted = typed.upper()
    return next((case for case in state.sums.cases if code_of(case) == wanted), None)


@pages.get(f"/entries/<int(max={MAX_SEQ}):seq>")
def one(seq: int) -> str:
    """Show one entry as it is stored, and the proof that it stands in the log."""
    vault = who.vault()
    entry = _logged(seq)
    data = entry.encode()
    proof, proven = _proven(vault, seq, data)
    return render_template(
        "audit/entry.html",
        line=line(entry, Names(vault)),
        json=data.decode(),
        hash=leaf_hash(data).hex(),
        proof=proof.encode().decode() if proof else None,
        proven=proven,
        covered=Checkpoint.parse(Note.parse(proof.checkpoint).text).size if proof else 0,
        last=vault.journal.size() - 1,
    )


@pages.get(f"/entries/<int(max={MAX_SEQ}):seq>/proof")
def proof(seq: int) -> ResponseReturnValue:
    """Give the proof of one entry as a file that other tools read."""
    _logged(seq)
    found = who.vault().journal.inclusion_proof(seq)
    return saved(found.encode(), "text/plain; charset=utf-8", f"entry-{seq}.tlog-proof")


@pages.get(f"/entries/<int(max={MAX_SEQ}):seq>/leaf")
def leaf(seq: int) -> ResponseReturnValue:
    """Give the bytes of one entry as they are stored: the leaf that the proof is of."""
    return saved(_logged(seq).encode(), "application/json", f"entry-{seq}.json")


def _logged(seq: int) -> Entry:
    """Commit the entry of looking at an entry, and return that one.

    Raises:
        NotFoundError: there is none.
    """
    vault = who.vault()
    with vault.journal.transaction() as transaction:
        transaction.log("ledger.read", who.actor().id, {}, {"entry": seq})
    found = vault.journal.read(Filter(first=seq, last=seq), 1)
    if not found:
        raise NotFoundError
    return found[0]


def _proven(vault: Vault, seq: int, data: bytes) -> tuple[TlogProof | None, bool | None]:
    """Return the proof of an entry and whether it proves what is shown; None: there is none."""
    try:
        proof = vault.journal.inclusion_proof(seq)
        proof.verify(leaf_hash(data), vault.journal.verifier())
    except NotFoundError:
        return None, None
    except (LedgerError, SignatureError, FormatError):
        return None, False
    return proof, True
