"""What somebody with write access does: rows changed behind a vault's back, on a copy of it."""

from __future__ import annotations

import dataclasses
import shutil
from pathlib import Path

from sqlalchemy import select

from tests.support.house import House
from vault import clock
from vault.agents.kdf import LocalKdf
from vault.agents.sessions import SessionKeys
from vault.agents.vault_keys import VaultKeys
from vault.canonical import b64, dumps
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.written import messages, notes
from vault.crypto.suite import random
from vault.custody import keys
from vault.journal.vault import Vault
from vault.keyring.compartments import Compartment
from vault.packet.records import seal_record
from vault.settings import Paths
from vault.storage.tables.cases import records, testimonies


def planted(story: str) -> dict:
    return {"story": story, "consent": {"C01": "yes", "C02": "yes", "C04": "yes", "C05": "yes"}}


def give(house: House, receipt_story: str) -> tuple:
    """Send a story and give it to the lawyer and the deputy; returns receipt and case id."""
    receipt = house.send(planted(receipt_story))
    officer, lawyer, deputy = (house.actors[name] for name in ("officer", "lawyer", "deputy"))
    line = next(line for line in inbox.new_cases(house.vault, officer) if line.status == "new")
    assign.give(house.vault, officer, line.id, lawyer.id, deputy.id)
    return receipt, line.id


def give_a_story(house: House) -> None:
    """Send one story and give it to the lawyer and the deputy."""
    house.receipt, house.case = give(house, "a story")


def furnished(folder: Path) -> House:
    """Return a closed vault with two given cases, a reply and a note in each, all delivered."""
    house = House.found(folder).staff()
    house.add("stranger", "lawyer")
    house.receipts, house.cases = {}, {}
    for name in ("first", "second"):
        house.receipts[name], house.cases[name] = give(house, f"the {name} story")
        lawyer, case = house.actors["lawyer"], house.cases[name]
        messages.reply(house.vault, lawyer, case, f"the {name} reply")
        notes.write(house.vault, lawyer, case, f"the {name} note")
    house.collect()
    house.close()
    return house


def copy_of(template: House, folder: Path) -> House:
    """Return an opened copy of a closed vault: same keys, same people, files of its own."""
    target = folder / "copy"
    shutil.copytree(template.settings.paths.root, target)
    settings = dataclasses.replace(template.settings, paths=Paths(target))
    agent = VaultKeys(settings.ledger.origin)
    opened = keys.open_vault_keys(settings, template.sheet.vault_passphrase, LocalKdf())
    opened.open(agent)
    vault = Vault(settings, agent, LocalKdf())
    house = House(settings, template.sheet, vault, SessionKeys(), dict(template.actors))
    house.receipts, house.cases = dict(template.receipts), dict(template.cases)
    return house


# --- write access to the database ----------------------------------------------------------------


def rows(house: House, table, **where) -> list:
    with house.vault.database.read() as connection:
        return connection.execute(select(table).filter_by(**where)).all()


def change(house: House, table, where: dict, **values) -> None:
    with house.vault.database.write() as connection:
        done = connection.execute(table.update().filter_by(**where).values(**values))
        assert done.rowcount


def insert(house: House, table, **values) -> None:
    with house.vault.database.write() as connection:
        connection.execute(table.insert().values(**values))


def drop(house: House, table, **where) -> None:
    with house.vault.database.write() as connection:
        assert connection.execute(table.delete().filter_by(**where)).rowcount


def stored_testimony(house: House, case: str):
    (row,) = rows(house, testimonies, case_id=case)
    return row


def plant(house: House, case: str, public: tuple, content: dict, **row) -> str:
    """Seal content to a compartment's public key and put it beside the true records."""
    subject = row.pop("subject", stored_testimony(house, case).id)
    compartment = Compartment(row.pop("compartment", "account"))
    record_id, kind = row.pop("id", random(16).hex()), row.pop("kind", "addendum")
    sealed = seal_record(
        subject, compartment, *public, record_id=record_id, kind=kind, content=content
    )
    named = {"mac": None, "author": None, "slot_day": clock.day(), **row}
    insert(
        house,
        records,
        id=record_id,
        subject=subject,
        compartment=str(compartment),
        epoch=public[0],
        kind=kind,
        sealed=sealed.sealed,
        **named,
    )
    return record_id


def forged_reply(subject: str, author: str, signing, record_id: str, kind: str = "reply") -> dict:
    """Return the content of a staff record that `signing` signs in the name of `author`."""
    document = {
        "format": f"witness-vault/{kind}/v1",
        "subject": subject,
        "id": record_id,
        "author": author,
        "day": clock.day(),
        "number": 9,
        "text": "a forged word",
    }
    signature = signing.sign(f"witness-vault/{kind}/v1", dumps(document))
    return {"document": document, "signature": b64(signature)}
