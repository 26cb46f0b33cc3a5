"""Our composition agrees with the published vectors, hybrid and RFC 9180.

Published vectors carry an AAD, which the library's single shot does not offer; its own tests reach
it through `_decrypt_with_aad`, and so do these. What is pinned of ours: the seed expansion, the
public key encoding, and that the private key made by the wrapper opens foreign messages.
"""

from __future__ import annotations

import json

import cryptography_vectors
import pytest
from cryptography.hazmat.bindings._rust import openssl
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric import x25519

from vault.crypto import seal

XWING = 0x647A
X25519 = 0x20
AEADS = {1: hpke.AEAD.AES_128_GCM, 2: hpke.AEAD.AES_256_GCM, 3: hpke.AEAD.CHACHA20_POLY1305}
KDFS = {1: hpke.KDF.HKDF_SHA256, 3: hpke.KDF.HKDF_SHA512, 17: hpke.KDF.SHAKE256}


def vectors(name, kem):
    with cryptography_vectors.open_vector_file(name, "r") as file:
        loaded = json.load(file)
    return [
        v
        for v in loaded
        if v["mode"] == 0 and v["kem_id"] == kem and v["aead_id"] in AEADS and v["kdf_id"] in KDFS
    ]


HYBRID = vectors("HPKE/hpke-pq-test-vectors.json", XWING)
RFC_9180 = vectors("HPKE/test-vectors.json", X25519)


def opens_first_message(vector, suite, private):
    first = vector["encryptions"][0]
    opened = openssl.hpke._decrypt_with_aad(
        suite,
        bytes.fromhex(vector["enc"] + first["ct"]),
        private,
        bytes.fromhex(vector["info"]),
        bytes.fromhex(first["aad"]),
    )
    return opened.hex() == first["pt"]


def test_no_family_of_vectors_is_empty():
    assert len(HYBRID) == 2
    assert len(RFC_9180) == 6


@pytest.mark.parametrize("vector", HYBRID)
def test_a_seed_gives_the_published_public_key(vector):
    assert seal.OpeningKey(bytes.fromhex(vector["skRm"])).public.hex() == vector["pkRm"]


@pytest.mark.parametrize("vector", HYBRID)
def test_our_private_key_opens_the_published_hybrid_message(vector):
    key = seal.OpeningKey(bytes.fromhex(vector["skRm"]))
    suite = hpke.Suite(hpke.KEM.MLKEM768_X25519, KDFS[vector["kdf_id"]], AEADS[vector["aead_id"]])
    assert opens_first_message(vector, suite, key._private)


@pytest.mark.parametrize("vector", RFC_9180)
def test_the_library_opens_the_messages_of_rfc_9180(vector):
    suite = hpke.Suite(hpke.KEM.X25519, KDFS[vector["kdf_id"]], AEADS[vector["aead_id"]])
    private = x25519.X25519PrivateKey.from_private_bytes(bytes.fromhex(vector["skRm"]))
    assert opens_first_message(vector, suite, private)


def test_the_wrapper_uses_the_suite_of_the_specification():
    sealed = seal.seal(seal.OpeningKey(bytes(32)).public, b"info", b"plain")
    suite = hpke.Suite(hpke.KEM.MLKEM768_X25519, hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)
    frame = sealed[1 + seal.KEY_ID_SIZE :]
    assert suite.decrypt(frame, seal.OpeningKey(bytes(32))._private, b"info") == b"plain"
