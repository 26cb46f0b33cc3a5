"""Opening grants: who may import this module stands in the import contracts.

Separate from `grants.py`, because making a grant needs public keys only and happens on the intake
side, while opening one is what decryption by role means.
"""

from __future__ import annotations

from typing import Any

from vault import canonical
from vault.crypto import padding, seal, suite
from vault.errors import FormatError
from vault.keyring.compartments import Compartment, Seeds
from vault.keyring.grants import (
    FORMAT,
    MAX_SEEDS,
    MINIMUM,
    Grant,
    context,
    parse_compartments,
    wrap_context,
)


def open_grant(grant: Grant, key: seal.OpeningKey) -> Seeds:
    """Open a grant with the recipient's opening key.

    Raises:
        WrongKeyError, SealError: not for this key, changed, moved or relabelled.
        FormatError: opened, but not a grant, or not what its label says.
    """
    info = context(grant.subject, grant.recipient, grant.compartments, grant.epoch)
    plain = padding.unpad(key.open(grant.sealed, info), MINIMUM)
    content = canonical.loads_object(plain, frozenset({"format", "seeds"}))
    if content["format"] != FORMAT or not isinstance(content["seeds"], list):
        raise FormatError("grant")
    held = [_seed(item) for item in content["seeds"][: MAX_SEEDS + 1]]
    seeds = Seeds(dict(held))
    if not 0 < len(held) == len(seeds.by_epoch) <= MAX_SEEDS:
        raise FormatError("grant without seeds, with too many, or with one twice")
    label = (tuple(sorted({c for c, _, _ in seeds})), max(epoch for _, epoch, _ in seeds))
    if label != (grant.compartments, grant.epoch):
        raise FormatError("grant holds other seeds than it says")
    return seeds


def unwrap(erasure_key: bytes, stored: Grant, grant_id: str) -> Grant:
    """Return the grant inside a stored one (whose `sealed` is the wrapping).

    Raises:
        FormatError, SealError: not the wrapping of this grant under this key.
    """
    inner = suite.aead_open(erasure_key, stored.sealed, wrap_context(stored, grant_id))
    return Grant(stored.subject, stored.recipient, stored.compartments, stored.epoch, inner)


def _seed(item: Any) -> tuple[tuple[Compartment, int], bytes]:
    if not isinstance(item, dict) or item.keys() != {"compartment", "epoch", "seed"}:
        raise FormatError("grant seed")
    (compartment,) = parse_compartments([item["compartment"]])
    if type(item["epoch"]) is not int or item["epoch"] < 1:
        raise FormatError("grant seed epoch")
    return (compartment, item["epoch"]), canonical.unb64(item["seed"], seal.SEED_SIZE)
