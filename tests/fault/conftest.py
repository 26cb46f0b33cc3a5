"""Both houses of a founded vault, for what goes wrong around it."""

from __future__ import annotations

import pytest

from tests.support.attacks import copy_of, staffed


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    return staffed(tmp_path_factory.mktemp("template"))


@pytest.fixture
def house(template, tmp_path):
    house = copy_of(template, tmp_path)
    yield house
    house.close()
