"""Real `witness-vault serve` processes, each vault in a short folder of its own on free ports."""

from __future__ import annotations

import pytest

from tests.cli.conftest import write_settings
from tests.processes.served import passphrase_on, starting
from tests.support.places import short_folder


@pytest.fixture(scope="module")
def folder():
    with short_folder() as made:
        yield made


@pytest.fixture(scope="module")
def first(folder):
    """A module's vault at its first start: founded, shown on a sheet, served and unlocked."""
    write_settings(folder / "var")
    with starting(folder, "--init-if-missing", sheet=True) as served:
        yield served


@pytest.fixture(scope="module")
def passphrase(first):
    """The vault passphrase of the module's vault, as its sheet shows it."""
    return passphrase_on(first.sheet)
