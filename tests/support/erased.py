"""A testimony that is asked to be deleted, on a real vault whose days pass as they are told to."""

from __future__ import annotations

import random
from contextlib import contextmanager

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from sqlalchemy import select

from tests.support.attacks import rows
from tests.support.house import STORY, House
from vault import clock
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.written import messages, notes
from vault.cases.written.drafts import save
from vault.custody import erasure
from vault.packet.build import build_instruction
from vault.storage.tables.cases import (
    attachments,
    deletions,
    drafts,
    epochs,
    grants,
    outbox,
    records,
    summaries,
    testimonies,
    visits,
)
from vault.storage.tables.erasure import erasure_keys
from vault.testimony import send_id as ids

DELAY = 7
SWEPT = (
    *(grants, records, attachments, epochs, summaries, drafts, testimonies),
    *(deletions, outbox, visits),
)


class Killed(BaseException):
    """Nothing catches it, as nothing catches the end of a process."""


def told_and_given(folder, **settings):
    """Return a house with one testimony, of which both receipts are known, given to two lawyers."""
    return House.found(folder, **settings).staff().after(_tell_and_give)


def _tell_and_give(house):
    tell = house.tell
    send_id = tell.new_send_id()
    house.receipt = tell.send("victim", "ru", STORY, send_id).receipt
    house.decoy = tell._material(ids.read(house.intake_agent, send_id, 7200)).second
    (house.packet,) = (house.letterbox.packet(name) for name in house.letterbox.waiting())
    house.collect()
    (line,) = inbox.new_cases(house.vault, house.actors["officer"])
    house.case, lawyer, deputy = line.id, house.actors["lawyer"], house.actors["deputy"]
    house.testimony = rows(house, testimonies)[0].id
    assign.give(house.vault, house.actors["officer"], line.id, lawyer.id, deputy.id)


def _work_and_visit(house):
    lawyer, case = house.actors["lawyer"], house.case
    messages.reply(house.vault, lawyer, case, "We read it.")
    notes.write(house.vault, lawyer, case, "<p>seen</p>")
    save(house.vault, lawyer, case, ("reply", "We read it, and"), "")
    add(house)
    for receipt in (house.receipt, house.decoy):
        house.come_back.visited(receipt)
    house.collect()


@contextmanager
def given_house(folder, monkeypatch):
    """Give a vault with a testimony, an addendum, a reply and a note, given to two lawyers."""
    house, days = told_and_given(folder).after(_work_and_visit), [0]
    real = clock.now
    monkeypatch.setattr(clock, "now", lambda: real() + days[0] * clock.DAY)

    def stand_still(number):
        """Let days pass while the vault is locked, and have one slot."""
        days[0] += number
        house.collect()

    def pass_days(number):
        """Let days pass with a slot on the last but one and on the last."""
        stand_still(number - 1)
        stand_still(1)

    house.pass_days, house.stand_still = pass_days, stand_still
    yield house
    house.close()


def add(house, receipt=None):
    back = house.come_back
    back.add(receipt or house.receipt, "ru", STORY, back.new_send_id())
    house.collect()


def box(house, receipt=None):
    return house.come_back.open(receipt or house.receipt)


def ask(house, receipt=None):
    receipt = receipt or house.receipt
    return house.come_back.delete(receipt, box(house, receipt).deletion.stand)


def stop(house, receipt=None):
    receipt = receipt or house.receipt
    return house.come_back.keep(receipt, box(house, receipt).deletion.stand)


def kinds(house, *wanted):
    return [entry.kind for entry in house.vault.journal.read() if entry.kind in wanted]


def is_there(house):
    return erasure.find(house.vault, house.testimony) is not None


def erasure_rows(house):
    with house.vault.erasure.read() as connection:
        return connection.execute(select(erasure_keys)).all()


def due_days(house):
    return [row.due_day for row in rows(house, deletions) if row.due_day]


def instruct(house, instruction, receipt=None):
    """Send an instruction as any packet maker can."""
    packet = build_instruction(
        random.randbytes(32),
        receipt or house.receipt,
        house.testimony,
        house.letterbox.roster().collector,
        instruction=instruction,
        day=clock.day(),
    )
    house.letterbox.put_packet(packet.encode())
    return house.collect()


def pages_of(house, name, label):
    """Return all pages of a database and of its write-ahead log, decrypted, freed ones as well.

    SQLCipher 4 with a raw key: AES-256-CBC, the IV at the start of the last 80 bytes of a page.
    """
    key, path = house.vault.agent.subkey(label), house.settings.paths.vault / name
    whole = path.read_bytes()
    pages = [whole[at : at + 4096] for at in range(0, len(whole), 4096)]
    log = path.with_name(f"{name}-wal")
    frames = log.read_bytes()[32:] if log.exists() else b""
    pages += [frames[at + 24 : at + 24 + 4096] for at in range(0, len(frames), 24 + 4096)]
    found = []
    for page in pages:
        body = page[16:-80] if page == whole[:4096] else page[:-80]
        cipher = Cipher(algorithms.AES(key), modes.CBC(page[-80:-64])).decryptor()
        found.append(cipher.update(body))
    return b"".join(found)
