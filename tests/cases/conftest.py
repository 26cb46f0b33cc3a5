"""A founded vault with one member per role, for everything about cases."""

from __future__ import annotations

import pytest

from tests.support.house import House


@pytest.fixture
def house(tmp_path):
    house = House.found(tmp_path).staff()
    yield house
    house.close()
