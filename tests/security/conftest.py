"""One furnished vault, copied for every test that changes it."""

from __future__ import annotations

import pytest

from tests.support.attacks import furnished


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    return furnished(tmp_path_factory.mktemp("template"))
