"""An authenticator in software, as Web Authentication Level 2 describes one, faults included."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

from vault.canonical import b64
from vault.crypto.suite import sha256

HOST, ORIGIN = "localhost", "http://localhost:8001"
PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class Device:
    """Holds one passkey.

    Attributes:
        count: of uses; None: this device keeps no count.
        handle: how it knows its owner.
    """

    count: int | None = 0
    handle: bytes = b""
    credential: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def make(self, challenge: bytes, **other) -> str:
        """Answer `navigator.credentials.create`."""
        numbers = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (numbers.x, numbers.y))
        public = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        attested = bytes(16) + len(self.credential).to_bytes(2, "big") + self.credential + public
        data = self._data(other, ATTESTED) + attested
        made = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", challenge, other)
        return self._answer({"clientDataJSON": client, "attestationObject": made})

    def sign(self, challenge: bytes, **other) -> str:
        """Answer `navigator.credentials.get`; `other` is what the device or browser does wrong."""
        if self.count is not None:
            self.count += 1
        data = self._data(other)
        client = self._client("webauthn.get", challenge, other)
        signature = self.key.sign(data + sha256(client), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": client,
                "authenticatorData": data,
                "signature": signature,
                "userHandle": other.get("handle", self.handle),
            }
        )

    def _data(self, other: dict, more: int = 0) -> bytes:
        flags = other.get("flags", PRESENT | VERIFIED) | more
        host = sha256(other.get("host", HOST).encode())
        return host + bytes([flags]) + (self.count or 0).to_bytes(4, "big")

    @staticmethod
    def _client(kind: str, challenge: bytes, other: dict) -> bytes:
        return json.dumps(
            {
                "type": other.get("kind", kind),
                "challenge": b64(challenge),
                "origin": other.get("origin", ORIGIN),
                "crossOrigin": False,
            }
        ).encode()

    def _answer(self, response: dict) -> str:
        return json.dumps(
            {
                "id": b64(self.credential),
                "rawId": b64(self.credential),
                "type": "public-key",
                "response": {name: b64(value) for name, value in response.items() if value},
                "clientExtensionResults": {},
            }
        )
