"""What stands in a demonstration vault: one member per role, and the synthetic testimonies."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from vault.agents.kdf import LocalKdf
from vault.agents.sessions import SessionKeys
from vault.agents.vault_keys import VaultKeys
from vault.cases.arriving.collect import Collector
from vault.cases.holders import assign
from vault.cases.lists import inbox
from vault.cases.reveal import open_case
from vault.cases.written import messages
from vault.crypto.passphrase import generate_passphrase
from vault.crypto.receipt import Receipt, encode
from vault.custody import founding, keys, rosters
from vault.forms.load import load_forms
from vault.journal.vault import Vault
from vault.members import enrol, people, signin, totp
from vault.members.actor import Actor
from vault.members.factors import Pairing
from vault.packet.build import build_testimony
from vault.packet.material import Material
from vault.resources import resource
from vault.roster.roles import ADMINISTRATOR, INTAKE_OFFICER, LAWYER
from vault.settings import Settings
from vault.testimony.come_back import Return
from vault.testimony.statement import statement_of
from vault.testimony.tell import recipients

TESTIMONIES = "intake_forms/demo_testimonies.json"
# The first ones are given to the lawyer, who has answered these of them.
GIVEN = 4
ANSWERED = (0, 3)
REPLY = {
    "ru": "Спасибо, что написали. Я адвокат и прочитал(а) ваш рассказ. Спешить не нужно.",
    "kk": "Жазғаныңыз үшін рақмет. Мен адвокатпын, жазғаныңызды оқыдым. Асығудың қажеті жоқ.",
    "en": "Thank you for writing. I am the lawyer and have read your account. There is no hurry.",
}

MORE = {
    "ru": "Вчера снова звонили с незнакомого номера и молчали. Номер у меня записан.",
    "kk": "Кеше бейтаныс нөмірден тағы қоңырау шалып, үндемей тұрды. Нөмірі жазулы тұр.",
    "en": "Yesterday an unknown number called again and said nothing. I have written it down.",
}


@dataclass(frozen=True)
class Person:
    """A member of the demonstration and how to sign in as them."""

    name: str
    roles: tuple[str, ...]
    login: str
    passphrase: str = field(repr=False)
    totp_secret: str = field(repr=False)
    recovery_codes: tuple[str, ...] = field(repr=False)


def furnish(
    settings: Settings, sheet: founding.Sheet, *, empty: bool
) -> tuple[tuple[Person, ...], str | None]:
    """Enrol one member per role, and bring in the testimonies unless `empty`.

    Returns:
        The people, and one witness's receipt for coming back.
    """
    agent, kdf = VaultKeys(settings.ledger.origin), LocalKdf()
    keys.open_vault_keys(settings, sheet.vault_passphrase, kdf).open(agent)
    vault = Vault(settings, agent, kdf)
    try:
        persons = _enrol_everybody(vault, sheet)
        receipt = None if empty else _bring_testimonies(vault, persons)
    finally:
        vault.close()
        agent.lock()
    return persons, receipt


def _enrol_everybody(vault: Vault, sheet: founding.Sheet) -> tuple[Person, ...]:
    """Confirm the first by the root, then by an administrator and a second member."""
    root = keys.open_root_key(vault.settings, sheet.root_passphrase, vault.kdf)
    persons: list[Person] = []
    signers: list[Actor] = []
    for role in (ADMINISTRATOR, *(name for name in vault.roles if name != ADMINISTRATOR)):
        first = role == ADMINISTRATOR
        code = sheet.invitation if first else people.invite(vault, None, _name(role), [role])
        person, member_id = _enrol(vault, code, role)
        if rosters.two_sign(vault):
            signers = signers or [_sign_in(vault, one, -1) for one in persons[:2]]
            proposed = rosters.propose_member(vault, signers[0], member_id, None)
            rosters.confirm_proposal(vault, signers[1], proposed)
        else:
            rosters.confirm(vault, rosters.waiting(vault, person.login), root)
        persons.append(person)
    return tuple(persons)


def _enrol(vault: Vault, code: str, role: str) -> tuple[Person, str]:
    """Return the person and their member id."""
    login, passphrase, secret = role.replace("_", "-"), generate_passphrase(), totp.new_secret()
    # The digits before the current ones: those that a person sees at once must still be unused.
    pairing = Pairing(secret, totp.code_at(secret, totp.step_now() - totp.SKEW))
    enrolled = enrol.enrol(vault, code, login, passphrase, pairing)
    text = totp.text_of(secret)
    person = Person(_name(role), (role,), login, passphrase, text, enrolled.recovery_codes)
    return person, enrolled.line.id


def _name(role: str) -> str:
    return f"Demo {role.replace('_', ' ')}"


def _bring_testimonies(vault: Vault, persons: tuple[Person, ...]) -> str:
    """Leave officer and lawyer lists of cases in different states; returns the first's receipt.

    The witness of the first one wrote again after the answer; what is urgent is so by its answers.
    """
    officer, lawyer = (_sign_in(vault, _holder(persons, role)) for role in (INTAKE_OFFICER, LAWYER))
    receipts = []
    for number, testimony in enumerate(load_testimonies()):
        receipts.append(_send(vault, testimony))
        Collector(vault).run()
        if number < GIVEN:
            # Those before it are given, so it is the only one that is new.
            (line,) = inbox.new_cases(vault, officer)
            assign.give(vault, officer, line.id, lawyer.id, None)
            if number in ANSWERED:
                messages.reply(vault, lawyer, line.id, _reply(vault, lawyer, line.id))
    Collector(vault).run()
    receipt, language = receipts[0]
    _add(vault, receipt, language)
    Collector(vault).run()
    return " ".join(encode(receipt.entropy, language))


def _reply(vault: Vault, lawyer: Actor, case_id: str) -> str:
    """Open the case, as one does before answering, and answer in its language."""
    return REPLY[open_case(vault, lawyer, case_id).language or "ru"]


def _add(vault: Vault, receipt: Receipt, language: str) -> None:
    """Come back as this witness and say one thing more."""
    back = Return(vault.letterbox, SessionKeys(), load_forms(), vault.settings)
    back.add(receipt, language, {"story": MORE[language]}, back.new_send_id())


def load_testimonies() -> list[dict[str, Any]]:
    """Return the synthetic testimonies: form, language, answers."""
    value = json.loads(resource(TESTIMONIES).read_text("utf-8"))
    return list(value)


def _send(vault: Vault, testimony: dict[str, Any]) -> tuple[Receipt, str]:
    form = load_forms().get(testimony["form"])
    language = testimony["language"]
    statement = statement_of(form, language, testimony["answers"], vault.settings)
    roster, material = vault.letterbox.roster(), Material.generate()
    packet = build_testimony(material, statement, roster, recipients(roster, statement.readers))
    vault.letterbox.put_testimony(packet.encode(), packet.boxes)
    return material.receipt, language


def _sign_in(vault: Vault, person: Person, number: int = 0) -> Actor:
    return signin.sign_in(vault, person.login, person.passphrase, person.recovery_codes[number])


def _holder(persons: tuple[Person, ...], role: str) -> Person:
    return next(person for person in persons if role in person.roles)
