"""Key files: opened by the passphrase, for the owner and the purpose they were made for."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import vault.errors
from vault import canonical
from vault.crypto import keyfile, passphrase
from vault.crypto.passphrase import Argon2Parameters
from vault.errors import FormatError, SealError, WrongPassphraseError

VECTORS = Path(__file__).parents[1] / "vectors" / "keyfile"
NAMES = sorted(path.stem for path in VECTORS.glob("*.json"))
CHEAP = Argon2Parameters(8, 1, 1)
SALT = bytes(range(16))
SECRETS = {"signing": bytes(range(32)), "opening": bytes(32)}


def seal(secrets=SECRETS, word="word", **changes):
    named = {"purpose": "member", "owner": "m-1", "salt": SALT, "parameters": CHEAP, **changes}
    key = named.pop("passphrase_key", None) or passphrase.derive(word, SALT, CHEAP)
    return keyfile.seal_keyfile(secrets, passphrase_key=key, **named)


def unseal(data, word="word", purpose="member", owner="m-1"):
    derive = partial(passphrase.derive, word)
    return keyfile.open_keyfile(data, purpose=purpose, owner=owner, derive=derive)


def vector(name):
    return json.loads((VECTORS / f"{name}.json").read_text())


@pytest.mark.parametrize("name", NAMES)
def test_vector(name):
    case = vector(name)
    opened = partial(
        unseal, case["keyfile"].encode(), case["passphrase"], case["purpose"], case["owner"]
    )
    if case["expect"] == "ok":
        assert {n: s.hex() for n, s in opened().items()} == case["secrets"]
    else:
        with pytest.raises(vault.errors.WitnessVaultError) as caught:
            opened()
        assert type(caught.value).__name__ == case["expect"]


def test_the_specification_shows_the_vector():
    text = (Path(__file__).parents[2] / "docs" / "spec" / "key-file.md").read_text("utf-8")
    case = vector("good-usual")
    assert "".join(case["keyfile"].split()) in "".join(text.split())
    assert case["passphrase"] in text
    assert keyfile.FORMAT in text


names = st.from_regex(r"[a-z][a-z0-9_-]{0,31}", fullmatch=True)
some_secrets = st.dictionaries(names, st.binary(min_size=32, max_size=32), min_size=1, max_size=16)
owners = st.from_regex(r"[A-Za-z0-9._:-]{1,64}", fullmatch=True)


@settings(deadline=None)  # slow on purpose; a busy machine is no fault
@given(some_secrets, names, owners, st.text(max_size=30))
def test_what_is_sealed_comes_back(secrets, purpose, owner, word):
    data = seal(secrets, word, purpose=purpose, owner=owner)
    assert len(data) <= keyfile.MAX_SIZE
    assert unseal(data, word, purpose, owner) == secrets


def test_the_same_secrets_are_never_sealed_alike():
    assert canonical.loads(seal())["sealed"] != canonical.loads(seal())["sealed"]


def test_the_file_states_its_cost():
    asked = []

    def derive(*stated):
        asked.append(stated)
        return passphrase.derive("word", *stated)

    keyfile.open_keyfile(seal(), purpose="member", owner="m-1", derive=derive)
    assert asked == [(SALT, CHEAP)]


def test_nothing_of_the_secrets_stands_in_the_file():
    data = seal()
    assert not any(canonical.b64(secret).encode() in data for secret in SECRETS.values())


def test_the_passphrase_is_asked_for_only_when_all_else_fits():
    def never(_salt, _parameters):
        raise AssertionError

    for data, purpose, owner in [(seal(), "root", "m-1"), (seal(), "member", "m-2")]:
        with pytest.raises(SealError):
            keyfile.open_keyfile(data, purpose=purpose, owner=owner, derive=never)
    for name in NAMES:
        if vector(name)["expect"] == "FormatError" and not name.startswith(
            ("inner-", "sealed-", "commitment-")
        ):
            with pytest.raises(FormatError):
                keyfile.open_keyfile(
                    vector(name)["keyfile"].encode(), purpose="member", owner="m-7f3a", derive=never
                )


def test_the_key_of_another_passphrase_is_told_from_damage():
    data = seal()
    with pytest.raises(WrongPassphraseError):
        unseal(data, "Word")
    stated = canonical.loads(data)
    sealed = bytearray(canonical.unb64(stated["sealed"]))
    sealed[-1] ^= 1
    damaged = canonical.dumps({**stated, "sealed": canonical.b64(bytes(sealed))})
    with pytest.raises(SealError):
        unseal(damaged)


@settings(deadline=None)  # slow on purpose; a busy machine is no fault
@given(st.data())
def test_any_changed_byte_is_refused(data):
    changed = bytearray(seal())
    at = data.draw(st.integers(0, len(changed) - 1))
    changed[at] = data.draw(st.integers(0, 255).filter(lambda byte: byte != changed[at]))
    with pytest.raises((FormatError, SealError, WrongPassphraseError)):
        unseal(bytes(changed))


@given(st.binary(max_size=300))
def test_other_bytes_are_refused(data):
    with pytest.raises(FormatError):
        unseal(data)


@pytest.mark.parametrize(
    "changes",
    [
        {"purpose": ""},
        {"purpose": "Member"},
        {"purpose": "a" * 33},
        {"owner": ""},
        {"owner": "Aigul Example"},
        {"owner": "m" * 65},
        {"owner": "m-1\n"},
        {"salt": bytes(15)},
        {"passphrase_key": bytes(31)},
        {"secrets": {}},
        {"secrets": {f"s{n}": bytes(32) for n in range(17)}},
        {"secrets": {"signing": bytes(31)}},
        {"secrets": {"Signing": bytes(32)}},
        {"secrets": {"": bytes(32)}},
    ],
)
def test_names_and_sizes_out_of_bounds_are_not_sealed(changes):
    with pytest.raises(FormatError):
        seal(**changes)


def test_a_long_file_is_refused_unread():
    with pytest.raises(FormatError):
        unseal(b" " * (keyfile.MAX_SIZE + 1))
