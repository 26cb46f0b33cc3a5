import pytest

from vault.crypto.seal import OpeningKey
from vault.keyring.compartments import Compartment, Seeds

ACCOUNT, MEDICAL = Compartment.ACCOUNT, Compartment.MEDICAL
TESTIMONY = "ab" * 32
MEMBER = "11" * 16


@pytest.fixture(scope="session")
def key():
    return OpeningKey(b"member".ljust(32))


@pytest.fixture(scope="session")
def stranger():
    return OpeningKey(b"stranger".ljust(32))


@pytest.fixture(scope="session")
def seeds():
    return Seeds({(ACCOUNT, 1): b"a" * 32, (MEDICAL, 1): b"m" * 32, (ACCOUNT, 2): b"b" * 32})
