"""Invitations: a key pair whose private half a person types as a code, never sent in a URL.

The invitation's public key is kept by the vault. Enrolling signs the new member's public keys with
the invitation key, so only the holder of the code can place keys, and with the new signing key
itself, so nobody can enrol a key they do not have. See docs/spec/roster.md.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from vault import canonical
from vault.crypto import seal, sign, suite
from vault.errors import InputError

FORMAT = "witness-vault/enrolment/v1"
CODE_SIZE = 15

_GROUP = 4


def new_code() -> str:
    """Return a new code: 120 random bits as six groups of four base-32 characters."""
    text = base64.b32encode(suite.random(CODE_SIZE)).decode("ascii")
    return "-".join(text[i : i + _GROUP] for i in range(0, len(text), _GROUP))


def folded(code: str) -> str:
    """Return a base-32 code as typed, in any case, with spaces or hyphens, as it was made."""
    return re.sub(r"[\s\-–—]", "", code).upper().replace("0", "O").replace("1", "I")


def key_of(code: str) -> sign.SigningKey:
    """Return the invitation's key pair from a code as typed: any case, spaces or hyphens.

    Raises:
        InputError: this is no code.
    """
    try:
        secret = base64.b32decode(folded(code))
    except (binascii.Error, ValueError) as error:
        raise InputError("this is no invitation code") from error
    if len(secret) != CODE_SIZE:
        raise InputError("this is no invitation code")
    return sign.SigningKey(suite.hkdf(secret, b"witness-vault/invitation/v1"))


@dataclass(frozen=True)
class Enrolment:
    """A new member's public keys, bound to the invitation."""

    invitation: bytes
    member: str
    signing: bytes
    opening: bytes

    def encode(self) -> bytes:
        """Return the bytes that both keys sign."""
        return canonical.dumps(
            {
                "format": FORMAT,
                "invitation": canonical.b64(self.invitation),
                "member": self.member,
                "signing": canonical.b64(self.signing),
                "opening": canonical.b64(self.opening),
            }
        )

    def sign(
        self, invitation_key: sign.SigningKey, member_key: sign.SigningKey
    ) -> tuple[bytes, bytes]:
        """Return the signatures of the invitation key and of the new member's key."""
        message = self.encode()
        return invitation_key.sign(FORMAT, message), member_key.sign(FORMAT, message)

    def check(self, by_invitation: bytes, by_member: bytes) -> None:
        """Verify both signatures and the shape of the keys.

        Raises:
            FormatError: not public keys of the suite.
            SignatureError: one of the signatures does not verify.
        """
        seal.check_public(self.opening)
        sign.verify(self.invitation, FORMAT, self.encode(), by_invitation)
        sign.verify(self.signing, FORMAT, self.encode(), by_member)
