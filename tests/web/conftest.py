"""Whatever a test of pages asks for: it leaves in the log what the table states, and no more."""

from __future__ import annotations

import pytest

from tests.support import leaving


@pytest.fixture(autouse=True)
def _nothing_else_is_left():
    leaving.install()
    leaving.RECORDER.finished.clear()
    yield
    odd = [(left.name, found) for left in leaving.RECORDER.finished if (found := left.faults())]
    assert odd == [], "say in tests/security/leaves.toml which entries an address leaves"
