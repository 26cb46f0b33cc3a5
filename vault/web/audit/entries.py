"""The entries: a filtered list of sentences, and one entry with its proof.

Reading is an entry too, and it is committed before anything is shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask import Blueprint, render_template, request
from sqlalchemy import select
from werkzeug.datastructures import MultiDict

from vault.cases.model import code_of
from vault.errors import NotFoundError
from vault.journal.reading import Filter
from vault.journal.vault import Vault
from vault.ledger.entry import KINDS, MAX_SEQ
from vault.ledger.merkle import leaf_hash
from vault.storage.tables.ledger import ledger_entries
from vault.web.audit.sentences import Names, line
from vault.web.inside import who

pages = Blueprint("entries", __name__)

PAGE = 50
_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True)
class Asked:
    """What the address asks for, checked; what makes no sense counts as not asked.

    Attributes:
        case: full id; `typed` is what the field shows.
        nothing: a case was asked for that the log does not know.
    """

    member: str | None
    case: str | None
    kind: str | None
    last: int
    typed: str
    nothing: bool

    def query(self, **more: int) -> dict[str, str | int]:
        """Return the same question as parameters of an address."""
        given = {"member": self.member, "case": self.case, "kind": self.kind}
        return {key: value for key, value in given.items() if value} | more


@pages.get("/entries")
def all_entries() -> str:
    """Show entries as sentences, newest first."""
    vault = who.vault()
    names = Names(vault)
    asked = _asked(vault, request.args, names)
    _log_reading(vault, asked)
    chosen = Filter(asked.member, asked.case, asked.kind, last=asked.last)
    found = [] if asked.nothing else vault.journal.read(chosen, PAGE + 1, newest_first=True)
    shown = found[:PAGE]
    return render_template(
        "audit/entries.html",
        lines=[line(entry, names) for entry in shown],
        older=shown[-1].seq - 1 if len(found) > PAGE else None,
        asked=asked,
        people=sorted(names.by_id.items(), key=lambda item: item[1]),
        kinds=sorted(KINDS),
        size=vault.journal.size(),
    )


@pages.get(f"/entries/<int(max={MAX_SEQ}):seq>")
def one(seq: int) -> str:
    """Show one entry as it is stored, and the proof that it stands in the log."""
    vault = who.vault()
    with vault.journal.transaction() as transaction:
        transaction.log("ledger.read", who.actor().id, {}, {"entry": seq})
    found = vault.journal.read(Filter(first=seq, last=seq), 1)
    if not found:
        raise NotFoundError
    data = found[0].encode()
    return render_template(
        "audit/entry.html",
        line=line(found[0], Names(vault)),
        json=data.decode(),
        hash=leaf_hash(data).hex(),
        proof=_proof(vault, seq),
        last=vault.journal.size() - 1,
    )


def _proof(vault: Vault, seq: int) -> str | None:
    try:
        return vault.journal.inclusion_proof(seq).encode().decode()
    except NotFoundError:
        return None


def _log_reading(vault: Vault, asked: Asked) -> None:
    subject = {"case": asked.case, "member": asked.member}
    with vault.journal.transaction() as transaction:
        transaction.log(
            "ledger.read",
            who.actor().id,
            {key: value for key, value in subject.items() if value},
            {"kind": asked.kind} if asked.kind else {},
        )


def _asked(vault: Vault, args: MultiDict[str, str], names: Names) -> Asked:
    typed = args.get("case", "").strip()
    case = _case_id(vault, typed)
    member, kind = args.get("member", ""), args.get("kind", "")
    last = args.get("last", MAX_SEQ, type=int)
    return Asked(
        member=member if member in names.by_id else None,
        case=case,
        kind=kind if kind in KINDS else None,
        last=min(max(last, 0), MAX_SEQ),
        typed=code_of(case) if case else typed,
        nothing=bool(typed) and case is None,
    )


def _case_id(vault: Vault, typed: str) -> str | None:
    """Return the full id of a case that the log knows, from its id or the code that people say."""
    wanted = typed.upper()
    return next((case for case in _cases(vault) if wanted in (code_of(case), case.upper())), None)


def _cases(vault: Vault) -> list[str]:
    column = ledger_entries.c.case_id
    with vault.database.read() as connection:
        found = connection.execute(select(column).distinct().where(column.is_not(None)))
        return [case for case in found.scalars() if _ID.fullmatch(case)]
