"""A founded vault with one member per role, made once for a whole run and copied for every test.

A pytest plugin: a folder whose tests need another vault has a `template` or `house` of its own.
"""

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
