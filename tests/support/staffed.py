"""A founded vault with one member per role, for every test a copy.

A pytest plugin: a folder whose tests need another vault has a `house` of its own.
"""

from __future__ import annotations

import pytest

from tests.support.house import House


@pytest.fixture
def house(tmp_path):
    house = House.found(tmp_path / "copy").staff()
    yield house
    house.close()
