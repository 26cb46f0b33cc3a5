import pytest

from tests.support.hostile_files import PAGES
from vault.safe.limits import Limits
from vault.safe.process import SafeProcess

# Small, so that what is too much for them is quickly made.
LIMITS = Limits(
    looked_at=16 << 20,
    pixels=2_000_000,
    pages=PAGES,
    memory=512 << 20,
    seconds=20,
    at_once=2,
    font="/nowhere",
)


@pytest.fixture(scope="session")
def safe():
    return SafeProcess(LIMITS)
