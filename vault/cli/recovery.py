"""`witness-vault recovery`: bring back cases without a holder, by k of n trustees; renew their key.

On the vault: list, request, accept, renew. On a machine without it and without a network: split,
test, combine. The recovery secret exists on the second only, for as long as one command runs.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

import click

from vault.cases.epochs import recovering
from vault.cli import common, offline, sheet, typed
from vault.crypto import seal
from vault.custody import keys, rosters
from vault.custody.recovery import combining, making
from vault.custody.recovery.combining import Done, Examined
from vault.custody.recovery.documents import MAX_FILE, Answer, PublicKey
from vault.errors import RefusedError, StorageError
from vault.journal.vault import Vault
from vault.ledger.entry import ROOT
from vault.letterbox import files

P = ParamSpec("P")
R = TypeVar("R")

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_new = click.Path(dir_okay=False, path_type=Path)


def _shares(command: Callable[P, R]) -> Callable[P, R]:
    """Add --shares-fd and --shares-file."""
    command = click.option(
        "--shares-fd",
        type=click.IntRange(min=0),
        help="Read the shares from this descriptor, one on a line.",
    )(command)
    return click.option(
        "--shares-file", type=_file, help="Read them from this file on memory-backed storage."
    )(command)


@click.group()
def recovery() -> None:
    """Bring back cases without a holder by trustees' shares; renew the recovery key."""


# --- on the vault --------------------------------------------------------------------------------


@recovery.command(epilog=common.example("witness-vault recovery list --dir var"))
@common.directory
@common.as_json
@common.refusing
def list(folder: Path, as_json: bool) -> None:  # noqa: A001 - the command's name
    """List the cases that nobody can open and that trustees can bring back."""
    vault = common.running_vault(folder)
    found = recovering.look(vault)
    counted = Counter(case.recovery for case in found)
    current = seal.key_id(vault.roster().recovery).hex()
    value = {
        "cases": [{"id": c.id, "code": c.code, "recovery_key": c.recovery} for c in found],
        "recovery_key": current,
    }
    lines = [f"{case.code}  {case.recovery[:8]}" for case in found]
    lines += [
        f"{count} under recovery key {key[:8]}, {'this' if key == current else 'an earlier'} year's"
        for key, count in sorted(counted.items())
    ]
    common.show(value, "\n".join(lines) or "No case is without a holder.", as_json=as_json)


@recovery.command(
    epilog=common.example(
        "witness-vault recovery request b.lawyer --by a.admin --out request",
        "witness-vault recovery request b.lawyer --by a.admin --case ABCD-EFGH --out request",
    )
)
@click.argument("login")
@click.option("--by", required=True, metavar="LOGIN", help="Who asks: you sign in as that member.")
@click.option(
    "--case", "chosen", multiple=True, help="Only this case; may be given more than once."
)
@click.option("--out", required=True, type=_new, help="Where the request goes.")
@common.directory
@common.as_json
@common.secret_options("passphrase")
@common.secret_options("code")
@common.refusing
def request(
    login: str,
    by: str,
    chosen: tuple[str, ...],
    out: Path,
    folder: Path,
    as_json: bool,
    passphrase_fd: int | None,
    passphrase_file: Path | None,
    code_fd: int | None,
    code_file: Path | None,
) -> None:
    """Ask the trustees to seal cases without a holder to the lawyer LOGIN.

    The file holds sealed grants and the list of members, no secret. It is good for 30 days.
    """
    vault = common.running_vault(folder)
    _check_new(out)
    secrets = (passphrase_fd, passphrase_file), (code_fd, code_file)
    actor = common.sign_in(vault, by, *secrets)
    made = recovering.request(vault, actor, login, chosen)
    files.write(out, made.data, out.absolute().parent)
    member = vault.roster().member(made.recipient)
    fingerprint = member.fingerprint if member else ""
    count = sum(subject.header is not None for subject in made.subjects)
    common.show(
        {"request": made.id, "cases": count, "fingerprint": fingerprint},
        f"{count} cases, request {made.id[:8]}, for {login}\nTheir fingerprint: {fingerprint}\n"
        "Carry the file to the trustees. Tell them the fingerprint in another way.",
        as_json=as_json,
    )


@recovery.command(epilog=common.example("witness-vault recovery accept answer"))
@click.argument("answer_file", metavar="ANSWER", type=_file)
@common.directory
@common.as_json
@common.refusing
def accept(answer_file: Path, folder: Path, as_json: bool) -> None:
    """Take the trustees' answer; the lawyer it is for handles the cases from now on."""
    vault = common.running_vault(folder)
    done = recovering.accept(vault, Answer.parse(_read(answer_file)))
    common.show(
        {"cases": [*done.cases], "passed_over": done.passed_over},
        f"{len(done.cases)} cases have a lawyer again; {done.passed_over} were passed over.",
        as_json=as_json,
    )


@recovery.command(epilog=common.example("witness-vault recovery renew new-key"))
@click.argument("key_file", metavar="KEY", type=_file)
@common.directory
@common.as_json
@common.secret_options("passphrase")
@common.refusing
def renew(
    key_file: Path,
    folder: Path,
    as_json: bool,
    passphrase_fd: int | None,
    passphrase_file: Path | None,
) -> None:
    """Publish a new recovery key, by the root passphrase; its shares were tested offline.

    What was sealed before stays sealed to the earlier key: keep its shares.
    """
    key = PublicKey.parse(_read(key_file))
    making.check_proven(key)
    vault = common.running_vault(folder)
    passphrase = common.read_secret("root passphrase", passphrase_fd, passphrase_file)
    _publish(vault, key, passphrase)
    roster = vault.roster()
    common.show(
        {"version": roster.version, "recovery_key": seal.key_id(key.public).hex()},
        f"Recovery key {seal.key_id(key.public).hex()[:8]} counts from now on, in version"
        f" {roster.version} of the list of members.\nWhat came before stays sealed to the earlier"
        " key: keep the earlier shares, with their year, as long as any of those cases is kept.",
        as_json=as_json,
    )


def _publish(vault: Vault, key: PublicKey, passphrase: str) -> None:
    root = keys.open_root_key(vault.settings, passphrase, vault.kdf)
    if key.public == vault.roster().recovery:
        raise RefusedError("it is the recovery key already")
    with vault.journal.transaction() as transaction:
        detail = {"key": "recovery", "public": seal.key_id(key.public).hex()}
        transaction.log("key.changed", ROOT, {}, detail)
    rosters.renew(vault, root, recovery=key.public)
    keys.write_recovery_key(vault.settings, key)


# --- offline -------------------------------------------------------------------------------------


@recovery.command(
    epilog=common.example("witness-vault recovery split --threshold 2 --shares 3 --out new-key")
)
@click.option("--threshold", type=click.IntRange(2, 16), default=2, show_default=True)
@click.option("--shares", "count", type=click.IntRange(2, 16), default=3, show_default=True)
@click.option("--out", required=True, type=_new, help="Where the public half goes.")
@click.option("--sheet-to-fd", type=click.IntRange(min=0), help="Write the shares to this one.")
@common.as_json
@common.refusing
def split(threshold: int, count: int, out: Path, sheet_to_fd: int | None, as_json: bool) -> None:
    """Make a new recovery key and show its shares once; only on a machine without the vault.

    Its public half goes into a file, and counts for nothing before `recovery test`.
    """
    offline.prepare(out)
    sheet.check_destination(sheet_to_fd)
    _check_new(out)
    key, made = making.make(threshold, count)
    sheet.hand_out(sheet.render_shares(key, made, as_json=as_json), sheet_to_fd)
    if sheet_to_fd is None and sys.stdin.isatty() and not click.confirm("Written down?", err=True):
        raise RefusedError("nothing was made")
    files.write(out, key.encode(), out.absolute().parent)
    common.show(
        {"recovery_key": seal.key_id(key.public).hex(), "day": key.day},
        f"Recovery key {seal.key_id(key.public).hex()[:8]} of {key.day}, not tested yet.",
        as_json=as_json,
    )


@recovery.command(epilog=common.example("witness-vault recovery test new-key"))
@click.argument("key_file", metavar="KEY", type=_file)
@_shares
@common.as_json
@common.refusing
def test(key_file: Path, as_json: bool, shares_fd: int | None, shares_file: Path | None) -> None:
    """Put a key together once from its shares on paper; only on a machine without the vault.

    Writes into the file that it was done: without that no vault takes the key.
    """
    offline.prepare(key_file)
    key = PublicKey.parse(_read(key_file))
    proven, faults = making.prove(key, typed.read_shares(shares_fd, shares_file))
    files.write(key_file, proven.encode(), key_file.absolute().parent)
    lines = [f"These shares give recovery key {seal.key_id(key.public).hex()[:8]}."]
    common.show(
        {"tested": True, "faults": [str(fault) for fault in faults]},
        "\n".join([*lines, *map(str, faults)]),
        as_json=as_json,
    )


@recovery.command(epilog=common.example("witness-vault recovery combine request --out answer"))
@click.argument("request_file", metavar="REQUEST", type=_file)
@click.option("--out", required=True, type=_new, help="Where the answer goes.")
@click.option("--root-key", help="Its fingerprint on the paper of a share; else you are asked.")
@click.option("--fingerprint", help="Of the lawyer, from themselves; else you are asked.")
@_shares
@common.as_json
@common.refusing
def combine(
    request_file: Path,
    out: Path,
    root_key: str | None,
    fingerprint: str | None,
    as_json: bool,
    shares_fd: int | None,
    shares_file: Path | None,
) -> None:
    """Put shares together and seal the cases of REQUEST to its lawyer; only without the vault.

    Any of the shares will do, as many as are needed. Names a share that is mistyped, of another
    set, or wrong. Never opens a testimony, and never touches `identity`.
    """
    offline.prepare(request_file, out)
    _check_new(out)
    examined = combining.examine(_read(request_file))
    _agree(examined, root_key, fingerprint)
    done = combining.combine(examined, typed.read_shares(shares_fd, shares_file))
    files.write(out, done.answer.encode(), out.absolute().parent)
    common.show(
        {
            "subjects": len(done.answer.grants),
            "from": done.days[0],
            "to": done.days[1],
            "other_key": done.other_key,
            "broken": done.broken,
            "faults": [str(fault) for fault in done.faults],
        },
        "\n".join(_told(done)),
        as_json=as_json,
    )


def _told(done: Done) -> tuple[str, ...]:
    sealed = f"Sealed: {len(done.answer.grants)} testimonies and case files"
    lines = [f"{sealed}, of the recovery key of {done.days[0]} to {done.days[1]}."]
    if done.other_key:
        lines.append(f"{done.other_key} need the shares of another year: run this again with them.")
    if done.broken:
        lines.append(f"{done.broken} did not open, or hold what is never passed on.")
    lines.extend(map(str, done.faults))
    lines.append("Carry the answer back: witness-vault recovery accept")
    return (*lines,)


def _agree(examined: Examined, root_key: str | None, fingerprint: str | None) -> None:
    """Have the trustees agree to whom they are about to give keys, and by whose word.

    Raises:
        RefusedError: they do not, or what was given is another.
        InputError: no terminal to ask, and not given.
    """
    cases = sum(subject.header is not None for subject in examined.request.subjects)
    agreed = common.compare(
        f"{cases} cases, asked for on {examined.request.day}.\n"
        f"Root key of the vault: {examined.root_fingerprint}",
        "Does this stand on the paper of your shares?",
        examined.root_fingerprint,
        root_key,
        "root-key",
    ) and common.compare(
        # This machine cannot know of a later list, in which they may have ended.
        f"By version {examined.roster.version} of the list of members, of"
        f" {examined.roster.issued[:10]}: ask somebody else of the vault which is the newest.\n"
        f"For the lawyer with the fingerprint: {examined.recipient.fingerprint}",
        "Did they tell you the same, in person or by voice?",
        examined.recipient.fingerprint,
        fingerprint,
        "fingerprint",
    )
    if not agreed:
        raise RefusedError("nothing was sealed")


def _check_new(path: Path) -> None:
    if path.exists():
        raise StorageError(f"{path.name} exists already")


def _read(path: Path) -> bytes:
    data = files.read(path, MAX_FILE)
    if data is None:
        raise StorageError(f"{path.name} is missing")
    return data
