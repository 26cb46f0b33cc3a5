import inspect

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vault.agents import operations
from vault.agents.api import SessionAgent, VaultAgent
from vault.agents.client import SessionClient, VaultClient
from vault.agents.kdf import KdfQueue
from vault.agents.sessions import SessionKeys
from vault.agents.vault_keys import VaultKeys
from vault.errors import FormatError


def parameters(owner, name):
    return list(inspect.signature(getattr(owner, name)).parameters)[1:]


@pytest.mark.parametrize(
    ("listed", "owners"),
    [
        (operations.SESSION, [SessionAgent, SessionKeys, SessionClient]),
        (operations.VAULT, [VaultAgent, VaultKeys, VaultClient]),
        (operations.KDF, [KdfQueue]),
    ],
)
def test_what_is_listed_is_what_objects_and_clients_offer(listed, owners):
    for owner in owners:
        offered = {name for name in dir(owner) if not name.startswith("_")} - {"wait"}
        assert offered == set(listed)
        for name, operation in listed.items():
            assert len(parameters(owner, name)) == len(operation.takes)
            assert parameters(owner, name) == parameters(owners[0], name)


def test_the_intake_side_lists_nothing_about_keys():
    assert set(operations.SESSION) == {"seal", "open", "end", "derive", "forget", "memory_state"}


@pytest.mark.parametrize(
    ("codec", "values"),
    [
        (operations.BYTES, st.binary()),
        (operations.TEXT, st.text()),
        (operations.NUMBER, st.integers()),
        (operations.FLAG, st.booleans()),
        (operations.NOTHING, st.none()),
        (operations.OPENED, st.tuples(st.binary(), st.binary())),
        (operations.LISTED, st.lists(st.tuples(st.binary(), st.binary()))),
    ],
)
def test_what_is_encoded_decodes(codec, values):
    @given(values)
    def check(value):
        assert codec.decode(codec.encode(value)) == value

    check()


@pytest.mark.parametrize(
    ("codec", "value"),
    [
        (operations.BYTES, "a="),
        (operations.BYTES, None),
        (operations.TEXT, b"a"),
        (operations.NUMBER, True),
        (operations.NUMBER, "1"),
        (operations.FLAG, 1),
        (operations.NOTHING, ""),
        (operations.OPENED, ["", "", ""]),
        (operations.OPENED, "aa"),
        (operations.LISTED, "aa"),
        (operations.LISTED, [["", "", ""]]),
    ],
)
def test_another_kind_of_value_is_refused(codec, value):
    with pytest.raises(FormatError):
        codec.decode(value)
