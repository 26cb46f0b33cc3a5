"""What a page holds for one browser session: sealed by the agent, kept nowhere, over after a while.

A new authenticator's secret: a page that is shown again keeps its QR code, and nothing is stored
before the app has proven that it took the secret. A challenge for a passkey: it is signed once.
Format: docs/spec/factor.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from vault import canonical, clock
from vault.crypto import suite
from vault.errors import FormatError, SessionEndedError
from vault.journal.vault import Vault
from vault.members import totp

ENROL, RENEW = "factor/enrol", "factor/renew"
PROVE, ADD = "passkey/prove", "passkey/add"
VALID_SECONDS = {ENROL: 3600, RENEW: 3600, PROVE: 900, ADD: 900}
MAX_SEALED = 512

_ID_SIZE = 16
_FIELDS = frozenset({"bound", "made", "secret"})


@dataclass(frozen=True)
class Offer:
    """A secret or challenge, 20 random bytes, and the sealed form in which a page holds it."""

    id: bytes = field(repr=False)
    secret: bytes = field(repr=False)
    sealed: str = field(repr=False)


def make(vault: Vault, purpose: str, bound: bytes) -> Offer:
    """Return a new one.

    Args:
        vault: the vault.
        purpose: ENROL, RENEW, PROVE or ADD.
        bound: id of the browser session that alone can use it.
    """
    offer_id, secret = suite.random(_ID_SIZE), totp.new_secret()
    held = {"bound": canonical.b64(bound), "made": clock.now(), "secret": canonical.b64(secret)}
    sealed = vault.agent.seal(purpose, offer_id, canonical.dumps(held))
    return Offer(offer_id, secret, canonical.b64(sealed))


def read(vault: Vault, purpose: str, bound: bytes, sealed: str) -> Offer:
    """Return what a page held.

    Raises:
        SessionEndedError: not made here, for another purpose or session, used, or over.
    """
    if len(sealed) > MAX_SEALED:
        raise SessionEndedError
    try:
        offer_id, plain = vault.agent.open(purpose, canonical.unb64(sealed))
        held = canonical.loads_object(plain, _FIELDS)
        secret = canonical.unb64(held["secret"], totp.SECRET_SIZE)
        own = suite.equal(canonical.unb64(held["bound"]), bound)
    except FormatError:
        raise SessionEndedError from None
    if not own or not 0 <= clock.now() - held["made"] <= VALID_SECONDS[purpose]:
        raise SessionEndedError
    return Offer(offer_id, secret, sealed)


def end(vault: Vault, offer: Offer) -> None:
    """Let nobody use an offer again."""
    vault.agent.end(offer.id, max(VALID_SECONDS.values()))
