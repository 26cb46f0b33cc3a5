"""Passkeys on a page: the challenge that it holds, what its script asks for, what came back.

Asking for either on a page also gives that answer, and no other, the headers that let the script
run: see `shared.headers`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

from flask import Flask

from vault import canonical
from vault.errors import SessionEndedError
from vault.members import offer, passkeys
from vault.members.passkeys import Answer, Site
from vault.web.inside import who
from vault.web.shared import headers, sessions
from vault.web.shared.decoding import Form

ANSWER, CHALLENGE = "passkey", "challenge"

_PATIENCE = 120_000  # milliseconds in which a person finds their key
# COSE algorithms: Ed25519, ECDSA P-256 and, for computers that have nothing else, RSA.
_ALGORITHMS = (-8, -7, -257)


@dataclass(frozen=True)
class Asked:
    """What a page holds: the sealed challenge, and what its script asks the browser for."""

    sealed: str = field(repr=False)
    wanted: str = field(repr=False)


def install(app: Flask) -> None:
    """Let templates ask for a passkey."""
    app.jinja_env.globals["prove_by_passkey"] = _prove
    app.jinja_env.globals["make_passkey"] = _make


def code_of(form: Form) -> str | Answer:
    """Return the second factor of a form: what a passkey answered, or else what was typed."""
    if not form.text(ANSWER):
        return form.text("code")
    return answer_of(form, offer.PROVE)


def answer_of(form: Form, purpose: str) -> Answer:
    """Return what a passkey answered, with the challenge of the page if it still counts."""
    try:
        bound = sessions.current().session_id
        challenge = offer.read(who.vault(), purpose, bound, form.text(CHALLENGE))
    except SessionEndedError:
        return Answer(form.text(ANSWER), None)
    return Answer(form.text(ANSWER), challenge)


def _prove() -> Asked:
    headers.give(headers.PROVE_BY_PASSKEY)
    wanted = {"rpId": _site().host, "allowCredentials": [], "userVerification": "required"}
    return _asked(offer.PROVE, "get", wanted)


def _make() -> Asked:
    headers.give(headers.MAKE_PASSKEY)
    vault, member = who.vault(), who.actor()
    label = vault.settings.staff.authenticator_label
    handle = canonical.b64(passkeys.handle_of(vault, member.id))
    held = passkeys.of_member(vault, member.id)
    # What a phone or an account in some cloud shows of it names neither the member nor its purpose.
    wanted = {
        "rp": {"id": _site().host, "name": label},
        "user": {"id": handle, "name": label, "displayName": label},
        "pubKeyCredParams": [{"type": "public-key", "alg": number} for number in _ALGORITHMS],
        "excludeCredentials": [
            {"type": "public-key", "id": canonical.b64(one.credential)} for one in held
        ],
        "authenticatorSelection": {
            "residentKey": "required",
            "requireResidentKey": True,
            "userVerification": "required",
        },
        "attestation": "none",
    }
    return _asked(offer.ADD, "create", wanted)


def _asked(purpose: str, call: str, wanted: dict[str, Any]) -> Asked:
    made = offer.make(who.vault(), purpose, sessions.current().session_id)
    asked = wanted | {"challenge": canonical.b64(made.secret), "timeout": _PATIENCE}
    return Asked(made.sealed, json.dumps({call: asked}))


def _site() -> Site:
    return Site.of(who.vault().settings)
