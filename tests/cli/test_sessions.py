"""Every session in sessions/*.txt runs as written, and no secret is where it must not be."""

from __future__ import annotations

import dataclasses
import json
import re
import shlex
import shutil
from pathlib import Path

import pytest
from sqlalchemy import func, select

from tests.cli import session as sessions
from tests.cli.conftest import PLANTED
from tests.support.house import enrol_as
from vault.agents.vault_keys import VaultKeys
from vault.ledger.checkpoint import Checkpoint
from vault.ledger.entry import Entry
from vault.ledger.merkle import leaf_hash, root
from vault.ledger.note import NoteVerifier
from vault.members import people
from vault.storage.tables.cases import testimonies

SESSIONS = sorted((Path(__file__).parent / "sessions").glob("*.txt"))


class Steps:
    """What a session does besides running commands."""

    def __init__(self, place, memory, house):
        self.place, self.memory, self.house = place, memory, house
        self.printed = ""

    def collect(self, *counts):
        """Let the collector run once: how many it must accept, drop and refuse."""
        done = self.house.collect()
        assert [str(n) for n in (done.accepted, done.dropped, done.refused)] == list(counts)

    def filled_in(self, line):
        """Put the fingerprint of a member where a session asks for it."""

        def fingerprint(found):
            lines = people.list_members(self.house.vault)
            return shlex.quote(next(m.fingerprint for m in lines if m.login == found[1]))

        return re.sub(r"FINGERPRINT:(\S+)", fingerprint, line)

    def enrol(self, login):
        """Enrol with the invitation that the last command printed as JSON."""
        code = json.loads(self.printed)["invitation"]
        enrol_as(self.house.vault, code, login)

    def confirm(self, login):
        """Let two members confirm who waits."""
        self.house.confirm(login)

    def roles(self, login, *roles):
        """Let two members give a role."""
        self.house.change_roles(login, *roles)

    def copy(self, source, target):
        if (self.place / source).is_dir():
            shutil.copytree(self.place / source, self.place / target)
        else:
            shutil.copy(self.place / source, self.place / target)

    def folder(self, name):
        (self.place / name).mkdir()

    def named(self, folder, kind, target):
        """Give the one backup of a kind a short name."""
        (found,) = (self.place / folder).glob(f"witness-vault-*-{kind}-2*.backup")
        shutil.copy(found, self.place / target)

    def shown(self, sheet, target):
        """Keep the passphrase that a sheet shows in a file."""
        text = (self.place / sheet).read_text()
        found = re.search(r"passphrase\n +(\S.*)\n", text)
        (self.place / target).write_text(f"{found[1]}\n")

    def remove(self, name):
        (self.place / name).unlink()

    def first_checkpoint(self, source, target):
        """Keep the oldest checkpoint of an export outside."""
        text = (self.place / source).read_text().split("\n\n")
        (self.place / target).write_text("\n\n".join(text[:2]).rstrip("\n") + "\n")

    def change(self, name, line, old, new):
        def changed(lines):
            assert old in lines[int(line)]
            lines[int(line)] = lines[int(line)].replace(old, new)

        self._lines(name, changed)

    def drop(self, name, line):
        self._lines(name, lambda lines: lines.pop(int(line)))

    def swap(self, name, one, other):
        def swapped(lines):
            lines[int(one)], lines[int(other)] = lines[int(other)], lines[int(one)]

        self._lines(name, swapped)

    def bytes(self, name, hexadecimal):
        (self.place / name).write_bytes(bytes.fromhex(hexadecimal))

    def long_story(self, name, characters):
        answers = {"story": "ы" * int(characters), "consent": {"C01": "yes"}}
        (self.place / name).write_text(json.dumps(answers))

    def never(self, folder, text):
        """Nothing below a folder holds this text."""
        for file in (self.place / folder).rglob("*"):
            assert not file.is_file() or text.encode() not in file.read_bytes(), file

    def last_checkpoint(self, source, target):
        text = (self.place / source).read_text().rstrip("\n").split("\n\n")
        (self.place / target).write_text("\n\n".join(text[-2:]) + "\n")

    def roll_back(self, folder):
        """Make an export what it was at its first checkpoint."""
        self.first_checkpoint(f"{folder}/checkpoints.txt", f"{folder}/checkpoints.txt")
        size = int((self.place / folder / "checkpoints.txt").read_text().splitlines()[1])
        for name in ("entries.jsonl", "hashes.txt"):
            self._lines(f"{folder}/{name}", lambda lines: lines.__delitem__(slice(size, None)))

    def another_vkey(self, name):
        """Write the key of another log of the same name."""
        agent = VaultKeys(self.house.settings.ledger.origin)
        agent.unlock(b"k" * 32, b"i" * 32, b"l" * 32, b"c" * 32)
        verifier = NoteVerifier(self.house.settings.ledger.origin, agent.ledger_public())
        (self.place / name).write_text(f"{verifier.vkey()}\n")

    def cosigner(self, name):
        """Name the cosigner whose key the last command printed in the vault's settings."""
        vkey = json.loads(self.printed)["vkey"]
        assert vkey.startswith(f"{name}+")
        (self.place / f"{name.partition('.')[0]}.vkey").write_text(f"{vkey}\n")
        file = self.place / "var" / "settings.toml"
        named = file.read_text().replace("[ledger]\n", f'[ledger]\ncosigners = ["{vkey}"]\n')
        file.write_text(named)

    def fork(self, source, target):
        """Tell another history from entry 3 on, as whoever holds the log's key can."""
        self.copy(source, target)
        folder, agent = self.place / target, self.house.vault.agent
        leaves = (folder / "entries.jsonl").read_bytes().splitlines()
        leaves[3] = dataclasses.replace(Entry.parse(leaves[3]), nonce=bytes(16)).encode()
        hashes = [leaf_hash(leaf) for leaf in leaves]
        verifier = NoteVerifier(self.house.settings.ledger.origin, agent.ledger_public())
        note = Checkpoint(verifier.name, len(leaves), root(hashes)).sign(
            verifier, agent._ledger_key().sign
        )
        (folder / "entries.jsonl").write_bytes(b"".join(leaf + b"\n" for leaf in leaves))
        (folder / "hashes.txt").write_text("".join(f"{item.hex()}\n" for item in hashes))
        (folder / "checkpoints.txt").write_bytes(note)

    def holds(self, name, text):
        assert text in (self.place / name).read_text()

    def fields(self, name, *fields):
        """A file holds one JSON object of exactly these fields, none of them empty."""
        found = json.loads((self.place / name).read_text())
        assert list(found) == list(fields)
        assert all(found.values())

    def empty(self, name):
        assert (self.place / name).read_text() == ""

    def missing(self, name):
        assert not (self.place / name).exists()

    def in_memory(self, source, target):
        """Put a copy into memory-backed storage, with a link to it here."""
        made = self.memory / source
        shutil.copy(self.place / source, made)
        (self.place / target).symlink_to(made)

    def link_from_memory(self, source, target):
        """Put a link into memory-backed storage that leads back here."""
        (self.memory / source).symlink_to(self.place / source)
        (self.place / target).symlink_to(self.memory / source)

    def logged(self, *kinds):
        """These were the last entries of the log; oldest first."""
        newest = sorted(self.house.vault.journal.read(), key=lambda entry: entry.seq)
        found = [entry.kind for entry in newest]
        assert found[-len(kinds) :] == list(kinds)

    def testimonies(self, count):
        with self.house.vault.database.read() as connection:
            found = connection.execute(select(func.count()).select_from(testimonies)).scalar_one()
        assert found == int(count)

    def _lines(self, name, edit):
        lines = (self.place / name).read_text().splitlines()
        edit(lines)
        (self.place / name).write_text("".join(f"{line}\n" for line in lines))


def secrets_of(house):
    """What must never be printed, nor stand in an argument."""
    sheet = house.sheet
    passphrases = (sheet.vault_passphrase, sheet.spare_passphrase, sheet.root_passphrase)
    return (*passphrases, sheet.invitation, *sheet.recovery_shares, PLANTED)


@pytest.mark.parametrize("file", SESSIONS, ids=lambda file: file.stem)
def test_session(file, place, memory, request):
    session = sessions.parse(file.read_text())
    house = None if session.house == "none" else request.getfixturevalue(session.house)
    for name, content in session.files.items():
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(content)
    steps = Steps(place, memory, house)
    for act in session.acts:
        if isinstance(act, list):
            getattr(steps, act[0])(*act[1:])
            continue
        result = sessions.run(steps.filled_in(act.line))
        sessions.check(act, result)
        steps.printed = result.out
        for secret in secrets_of(house) if house else (PLANTED,):
            assert secret not in act.line + result.out + result.err
