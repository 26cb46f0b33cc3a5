"""One furnished vault, copied for every test that changes it."""

from __future__ import annotations

import pytest

from tests.support.attacks import copy_of, furnished


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    return furnished(tmp_path_factory.mktemp("template"))


@pytest.fixture
def house(template, tmp_path):
    house = copy_of(template, tmp_path)
    yield house
    house.close()
