"""`witness-vault member`: invite, confirm, change, end, list and help members of a served vault."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from vault.cli import common
from vault.crypto.sign import SigningKey
from vault.custody import keys, rosters
from vault.errors import RefusedError
from vault.journal.vault import Vault
from vault.ledger.entry import SYSTEM
from vault.members import people, renewing, totp
from vault.roster.model import GENDERS
from vault.roster.roles import ROLES


@click.group()
def member() -> None:
    """Invite, confirm, change, end and list members; renew second factors and the roster."""


@member.command(epilog=common.example("witness-vault member list --dir var"))
@common.directory
@common.as_json
@common.refusing
def list(folder: Path, as_json: bool) -> None:  # noqa: A001 - the command's name
    """List everybody: members, those who wait for confirmation, open invitations."""
    lines = people.look(common.running_vault(folder), SYSTEM)
    text = "\n".join(
        f"{line.state:8} {line.login or '-':20} {', '.join(line.roles):30} {line.name}"
        f"{'  ' + line.fingerprint if line.fingerprint else ''}"
        for line in lines
    )
    common.show({"members": [_as_json(line) for line in lines]}, text, as_json=as_json)


@member.command(epilog=common.example('witness-vault member invite "A. Lawyer" --role lawyer'))
@click.argument("name")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(sorted(ROLES)))
@common.directory
@common.as_json
@common.secret_options("passphrase")
@common.refusing
def invite(
    name: str,
    roles: tuple[str, ...],
    folder: Path,
    as_json: bool,
    passphrase_fd: int | None,
    passphrase_file: Path | None,
) -> None:
    """Invite somebody by the root passphrase; prints the code once."""
    vault = common.running_vault(folder)
    _root_key(vault, passphrase_fd, passphrase_file)
    code = people.invite(vault, None, name, roles)
    common.show({"invitation": code}, f"Invitation code, shown once: {code}", as_json=as_json)


@member.command(epilog=common.example("witness-vault member replace a.lawyer"))
@click.argument("login")
@common.directory
@common.as_json
@common.secret_options("passphrase")
@common.refusing
def replace(
    login: str,
    folder: Path,
    as_json: bool,
    passphrase_fd: int | None,
    passphrase_file: Path | None,
) -> None:
    """Invite a member to make new keys in place of theirs, by the root passphrase.

    For the only administrator, who cannot invite themselves: they lost their passphrase. Prints the
    code once. They enrol with the login they have; then the new keys are confirmed.
    """
    vault = common.running_vault(folder)
    _root_key(vault, passphrase_fd, passphrase_file)
    code = people.invite_again(vault, None, rosters.find(vault, vault.roster(), login).id)
    common.show({"invitation": code}, f"Invitation code, shown once: {code}", as_json=as_json)


@member.command(epilog=common.example("witness-vault member confirm a.lawyer"))
@click.argument("login")
@click.option("--gender", type=click.Choice(sorted(GENDERS)), help="If they want it in the roster.")
@click.option("--fingerprint", help="As it stands on their screen; without it you are asked.")
@common.directory
@common.as_json
@common.secret_options("passphrase")
@common.refusing
def confirm(
    login: str,
    gender: str | None,
    fingerprint: str | None,
    folder: Path,
    as_json: bool,
    passphrase_fd: int | None,
    passphrase_file: Path | None,
) -> None:
    """Confirm somebody who enrolled, after comparing the fingerprint, by the root passphrase.

    For the first three, an administrator and two others. From then on an administrator and a second
    member confirm on the page Members, and this refuses while there are two who can.
    """
    vault = common.running_vault(folder)
    agreed = rosters.waiting(vault, login)
    _agree(agreed, fingerprint)
    root = _root_key(vault, passphrase_fd, passphrase_file)
    confirmed = rosters.confirm(vault, agreed, root, gender)
    common.show(
        {
            "id": confirmed.id,
            "roles": sorted(confirmed.roles),
            "fingerprint": confirmed.fingerprint,
            "valid_from": confirmed.valid_from,
        },
        f"Confirmed: {login}, {', '.join(sorted(confirmed.roles))}, valid from "
        f"{confirmed.valid_from}\nFingerprint: {confirmed.fingerprint}",
        as_json=as_json,
    )


@member.command(epilog=common.example("witness-vault member end a.lawyer"))
@click.argument("login")
@common.directory
@common.as_json
@common.secret_options("passphrase")
@common.refusing
def end(
    login: str,
    folder: Path,
    as_json: bool,
    passphrase_fd: int | None,
    passphrase_file: Path | None,
) -> None:
    """End a member at once, by the root passphrase; their grants go. It cannot be undone."""
    vault = common.running_vault(folder)
    root = _root_key(vault, passphrase_fd, passphrase_file)
    ended = rosters.end(vault, login, root)
    common.show(
        {"id": ended.id, "valid_to": ended.valid_to},
        f"Ended: {login}. Nothing is sealed to them any more, and their grants are gone.",
        as_json=as_json,
    )


@member.command(
    epilog=common.example("witness-vault member roles a.lawyer --role lawyer --role doctor")
)
@click.argument("login")
@click.option(
    "--role",
    "chosen",
    multiple=True,
    required=True,
    type=click.Choice(sorted(ROLES)),
    help="Every role that they will have from now on; one left out ends.",
)
@common.directory
@common.as_json
@common.secret_options("passphrase")
@common.refusing
def roles(
    login: str,
    chosen: tuple[str, ...],
    folder: Path,
    as_json: bool,
    passphrase_fd: int | None,
    passphrase_file: Path | None,
) -> None:
    """Change the roles of a member, by the root passphrase.

    With a role that is left out the grants held in it go; that cannot be undone. A new role begins
    after the delay of a new reader, and is refused here while two members can sign: an
    administrator and a second one do it on the page Members.
    """
    vault = common.running_vault(folder)
    root = _root_key(vault, passphrase_fd, passphrase_file)
    changed = rosters.change_roles(vault, login, chosen, root)
    begins = {role: changed.times(role)[-1].valid_from for role in sorted(changed.roles)}
    text = "\n".join(f"{role}: from {moment}" for role, moment in begins.items())
    common.show({"id": changed.id, "roles": begins}, f"{login}\n{text}", as_json=as_json)


@member.command(epilog=common.example("witness-vault member factor a.lawyer"))
@click.argument("login")
@common.directory
@common.as_json
@common.secret_options("passphrase")
@common.refusing
def factor(
    login: str,
    folder: Path,
    as_json: bool,
    passphrase_fd: int | None,
    passphrase_file: Path | None,
) -> None:
    """Give somebody who lost phone and recovery codes a new way in, by the root passphrase.

    Prints one recovery code, to be handed over in person. Their authenticator, their other codes
    and their sessions end at once. Nothing opens without their passphrase.
    """
    vault = common.running_vault(folder)
    root = _root_key(vault, passphrase_fd, passphrase_file)
    code = renewing.reset(vault, login, root)
    common.show(
        {"recovery_code": code},
        f"Recovery code of {login}, shown once: {code}\n"
        "With it and their passphrase they sign in once, at the staff address, and set up a new"
        " authenticator there.",
        as_json=as_json,
    )


@member.command(
    epilog=common.example("witness-vault member code", "witness-vault member code --secret-fd 3")
)
@common.as_json
@common.secret_options("secret")
@common.refusing
def code(
    as_json: bool,
    secret_fd: int | None,
    secret_file: Path | None,
) -> None:
    """Print the six digits that an authenticator app would show now for a secret."""
    secret = totp.secret_of(common.read_secret("secret", secret_fd, secret_file))
    digits = totp.code_at(secret, totp.step_now())
    common.show({"code": digits}, digits, as_json=as_json)


@member.command(epilog=common.example("witness-vault member renew"))
@common.directory
@common.as_json
@common.secret_options("passphrase")
@common.refusing
def renew(
    folder: Path,
    as_json: bool,
    passphrase_fd: int | None,
    passphrase_file: Path | None,
) -> None:
    """Renew the roster before it expires, by the root passphrase; nobody is added or removed."""
    vault = common.running_vault(folder)
    roster = rosters.renew(vault, _root_key(vault, passphrase_fd, passphrase_file))
    common.show(
        {"version": roster.version, "expires": roster.expires},
        f"Roster version {roster.version} is valid until {roster.expires[:10]}.",
        as_json=as_json,
    )


def _root_key(vault: Vault, descriptor: int | None, file: Path | None) -> SigningKey:
    """Return the root key, opened by its passphrase: from an option, or asked for."""
    passphrase = common.read_secret("root passphrase", descriptor, file)
    return keys.open_root_key(vault.settings, passphrase, vault.kdf)


def _as_json(line: people.MemberLine) -> dict[str, Any]:
    """Return a line for scripts, without what only a page sends back."""
    shown = asdict(line)
    del shown["agreed"]
    return shown


def _agree(who: rosters.Waiting, fingerprint: str | None) -> None:
    """Have the person at the terminal agree to what they are about to sign.

    Raises:
        RefusedError: they do not, or the fingerprint given is another.
        InputError: no terminal to ask, and no fingerprint given.
    """
    lines = [f"{who.name} ({who.login}): {', '.join(sorted(who.roles))}"]
    if who.replaces is not None:
        lines.append("New keys in place of a member's, whose present keys end now.")
    lines.append(f"Fingerprint: {who.fingerprint}")
    question = "Are name and roles right, and does their screen show this fingerprint?"
    shown = "\n".join(lines)
    if not common.compare(shown, question, who.fingerprint, fingerprint, "fingerprint"):
        raise RefusedError("nobody was confirmed")
