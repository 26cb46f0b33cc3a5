"""Commands of a partner organisation that cosigns checkpoints, and of the vault that asks for it.

The partner needs no vault and sees no entry: a file of a few hundred bytes goes there, one comes
back. What the partner keeps is a key, sealed by a passphrase, and the last checkpoint it signed.
"""

from __future__ import annotations

from pathlib import Path

import click
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from vault import canonical, clock
from vault.agents.kdf import LocalKdf
from vault.cli import common
from vault.cli.exported import MAX_SMALL, read
from vault.crypto import suite
from vault.crypto.keyfile import MAX_SIZE, open_keyfile, seal_keyfile
from vault.crypto.passphrase import SALT_SIZE, Argon2Parameters
from vault.errors import InputError, RefusedError, SignatureError
from vault.ledger import export as layout
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.cosignature import verify_cosignature
from vault.ledger.note import COSIGNATURE, Note, NoteVerifier
from vault.ledger.offer import Offer
from vault.letterbox import files

PURPOSE, SECRET = "cosigner", "signing"
MIN_PASSPHRASE = 14
_COST = Argon2Parameters(65_536, 3, 1)  # RFC 9106, the second recommended option

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_new = click.Path(dir_okay=False, path_type=Path)


@click.command(
    "cosigner-key", epilog=common.example("witness-vault ledger cosigner-key partner.example key")
)
@click.argument("name")
@click.argument("out", type=_new)
@common.as_json
@common.secret_options("passphrase")
@common.refusing
def cosigner_key(
    name: str, out: Path, as_json: bool, passphrase_fd: int | None, passphrase_file: Path | None
) -> None:
    """Make the key of a partner organisation; print the line to hand to the vault.

    NAME names the organisation in every signature: a domain is best. OUT is written sealed by a
    passphrase of 14 characters or more. One key serves one log.
    """
    secret = suite.random(32)
    verifier = NoteVerifier(name, _public(secret), COSIGNATURE)
    phrase = common.read_secret("a new passphrase", passphrase_fd, passphrase_file)
    if passphrase_fd is None and passphrase_file is None:
        _again(phrase)
    if len(phrase) < MIN_PASSPHRASE:
        raise InputError(f"a passphrase of {MIN_PASSPHRASE} characters or more")
    salt = suite.random(SALT_SIZE)
    sealed = seal_keyfile(
        {SECRET: secret},
        purpose=PURPOSE,
        owner=name,
        passphrase_key=LocalKdf().derive(phrase, salt, _COST),
        salt=salt,
        parameters=_COST,
    )
    files.create(out, sealed, out.parent)
    common.show({"vkey": verifier.vkey()}, verifier.vkey(), as_json=as_json)


@click.command(
    epilog=common.example(
        "witness-vault ledger cosign to-sign signed --key key --state last --vkey-file log.vkey"
    )
)
@click.argument("offer", type=_file)
@click.argument("out", type=_new)
@click.option("--key", required=True, type=_file, help="What cosigner-key made.")
@click.option("--state", required=True, type=_new, help="Where the last signed one is kept.")
@click.option("--vkey-file", required=True, type=_file, help="The log's key, handed over to you.")
@click.option(
    "--vkey-before-file", type=_file, help="The log's key before, if it has just been changed."
)
@click.option("--first", is_flag=True, help="Nothing was ever signed for this log by this key.")
@common.as_json
@common.secret_options("passphrase")
@common.refusing
def cosign(
    offer: Path,
    out: Path,
    key: Path,
    state: Path,
    vkey_file: Path,
    vkey_before_file: Path | None,
    first: bool,
    as_json: bool,
    passphrase_fd: int | None,
    passphrase_file: Path | None,
) -> None:
    """Cosign a checkpoint, if it follows from the last one that this key signed.

    OFFER is what the vault sent, OUT what goes back to it. Needs no vault. What does not follow is
    not signed: then the vault dropped or changed something, and others should know.
    """
    logs = tuple(_log(path) for path in (vkey_file, vkey_before_file) if path)
    asked = Offer.parse(read(offer))
    phrase = common.read_secret("the passphrase", passphrase_fd, passphrase_file)
    secret, verifier = _open_key(read(key, MAX_SIZE), phrase)
    with files.locked(state.absolute().parent):
        last, seen = _last(state, verifier, logs, first=first)
        sign = Ed25519PrivateKey.from_private_bytes(secret).sign
        note = asked.cosign(logs, last, verifier, clock.now(), sign, seen)
        # Kept before it leaves: what was signed once binds, whoever holds it.
        files.write(state, note, state.absolute().parent)
        files.write(out, note, out.absolute().parent)
    size = Checkpoint.parse(Note.parse(note).text).size
    text = f"Signed: {size} entries. Send {out.name} back to the vault."
    common.show({"size": size}, text, as_json=as_json)


@click.command(epilog=common.example("witness-vault ledger offer partner.example to-sign"))
@click.argument("cosigner")
@click.argument("out", type=_new)
@common.directory
@common.as_json
@common.refusing
def offer(cosigner: str, out: Path, folder: Path, as_json: bool) -> None:
    """Write the newest checkpoint for COSIGNER to sign, with the proof that it follows."""
    vault = common.running_vault(folder)
    if cosigner not in {one.name for one in vault.cosigners}:
        raise RefusedError("the settings name no such cosigner")
    with vault.journal.transaction() as transaction:
        transaction.log("ledger.read", "system", {}, {"what": "checkpoint"})
    made = vault.journal.offer(cosigner)
    files.write(out, made.encode(), out.absolute().parent)
    size = Checkpoint.parse(Note.parse(made.checkpoint).text).size
    text = f"{size} entries, {size - made.old} since the last that was signed."
    common.show({"size": size, "old": made.old}, text, as_json=as_json)


@click.command(epilog=common.example("witness-vault ledger cosigned signed"))
@click.argument("file", type=_file)
@common.directory
@common.as_json
@common.refusing
def cosigned(file: Path, folder: Path, as_json: bool) -> None:
    """Keep what a cosigner signed: it goes along with every export from then on."""
    vault = common.running_vault(folder)
    kept = vault.journal.take_cosigned(read(file, MAX_SMALL), vault.cosigners, "system")
    value = {
        "cosigned": [
            {"cosigner": one.cosigner, "size": one.size, "seen": clock.moment(one.moment)}
            for one in kept
        ]
    }
    text = "\n".join(f"{one.cosigner} signed {one.size} entries." for one in kept)
    common.show(value, text, as_json=as_json)


def _again(phrase: str) -> None:
    """Ask a person a second time: nobody sees what they typed."""
    if common.read_secret("the same passphrase", None, None) != phrase:
        raise InputError("the two passphrases differ; nothing was written")


COMMANDS = (cosigner_key, cosign, offer, cosigned)


def _public(secret: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw()


def _log(path: Path) -> NoteVerifier:
    return NoteVerifier.parse(layout.parse_vkey(read(path)))


def _open_key(data: bytes, phrase: str) -> tuple[bytes, NoteVerifier]:
    name = canonical.loads_object(data).get("owner")
    secrets = open_keyfile(
        data,
        purpose=PURPOSE,
        owner=str(name),
        derive=lambda salt, cost: LocalKdf().derive(phrase, salt, cost),
    )
    return secrets[SECRET], NoteVerifier(str(name), _public(secrets[SECRET]), COSIGNATURE)


def _last(
    state: Path, verifier: NoteVerifier, logs: tuple[NoteVerifier, ...], *, first: bool
) -> tuple[Checkpoint | None, int]:
    """Return the last checkpoint that this key signed, and when; losing it ends the key."""
    data = files.read(state, MAX_SMALL)
    if (data is None) != first:
        raise InputError("--first: for the first checkpoint of all, when there is no state yet")
    if data is None:
        return None, 0
    seen = verify_cosignature(data, verifier)
    note = Note.parse(data)
    if not any(_signed_by(log, note) for log in logs):
        raise SignatureError("the last one is by another key of the log: --vkey-before-file")
    return Checkpoint.parse(note.text), seen


def _signed_by(log: NoteVerifier, note: Note) -> bool:
    try:
        log.verify(note)
    except SignatureError:
        return False
    return True
