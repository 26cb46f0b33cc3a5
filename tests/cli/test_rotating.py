"""Changes of keys seen from the commands around them: unlock finishes, a case gets new keys."""

from __future__ import annotations

import os
import signal
import sys

import pytest

from tests.cli import session
from tests.cli.conftest import agents
from tests.support.factor import fresh_code
from tests.support.house import passphrase_of
from vault.agents.kdf import LocalKdf
from vault.agents.vault_keys import VaultKeys
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.custody import keys, rotation
from vault.custody.rotation import switching
from vault.journal.vault import Vault


def killed_at_the_switch(settings, passphrase, sheet):
    """Change the vault key in a process that is killed while the first file moves into place."""
    child = os.fork()
    if child == 0:

        def hook(event, arguments):
            moved = event == "os.rename" and f"/{switching.FOLDER}/" in str(arguments[0])
            if moved and f"/{switching.FOLDER}/" not in str(arguments[1]):
                os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        try:
            rotation.change_vault_key(
                settings, passphrase, LocalKdf(), lambda *shown: sheet.write_text(shown[0] + "\n")
            )
        finally:
            os._exit(0)
    assert os.WIFSIGNALED(os.waitpid(child, 0)[1])


def test_unlocking_finishes_a_change_that_was_killed(founded, place):
    founded.close()
    killed_at_the_switch(founded.settings, founded.sheet.vault_passphrase, place / "new.pass")
    assert (switching.folder_of(founded.settings) / switching.READY).exists()
    agent = VaultKeys(founded.settings.ledger.origin)
    founded.vault = Vault(founded.settings, agent, LocalKdf())
    with agents(founded):
        done = session.run("witness-vault unlock --passphrase-fd 3 3<vault.pass")
        assert "does not open the key" in done.err
        done = session.run("witness-vault unlock --passphrase-fd 3 3<new.pass")
        assert done.out == "Unlocked.\n"
        kinds = [entry.kind for entry in founded.vault.journal.read()]
        assert kinds.count("vault.unlock") == 1
        founded.vault.journal.verify()
        founded.vault.close()
    assert not switching.folder_of(founded.settings).exists()


def test_unlocking_waits_for_a_change_that_is_being_made(founded, place):
    switching.folder_of(founded.settings).mkdir()
    founded.vault.agent.lock()
    with agents(founded), switching.alone(founded.settings):
        done = session.run("witness-vault unlock --passphrase-fd 3 3<vault.pass")
    assert (done.exit_code, "keys are being changed" in done.err) == (1, True)


@pytest.mark.parametrize("who", ["lawyer", "admin"])
def test_a_case_gets_new_keys_by_who_holds_it(served, place, who):
    served.send()
    officer, lawyer = served.actors["officer"], served.actors["lawyer"]
    (line,) = inbox.new_cases(served.vault, officer)
    assign.give(served.vault, officer, line.id, lawyer.id, None)
    (place / "member.pass").write_text(f"{passphrase_of(who)}\n")
    (place / "member.code").write_text(f"{fresh_code(served.vault, who)}\n")
    done = session.run(
        f"witness-vault rotate case {line.code} --by {who}"
        " --passphrase-fd 3 3<member.pass --code-fd 4 4<member.code"
    )
    assert done.exit_code == (0 if who == "lawyer" else 1), done.err
    kinds = [entry.kind for entry in served.vault.journal.read()]
    assert ("key.changed" in kinds) == (who == "lawyer")


def test_the_public_half_of_the_recovery_key_lies_beside_the_keys_for_a_test(founded):
    path = founded.settings.paths.keys / keys.RECOVERY_PUBLIC
    key = keys.PublicKey.parse(path.read_bytes())
    assert key.public == founded.vault.roster().recovery
    assert key.proof is None
