"""For every test: no network but this machine's own, folders in memory, few generated examples."""

import gc

import pytest
from hypothesis import settings
from pytest_socket import socket_allow_hosts

from tests.support.places import use_memory
from tests.support.statements import compile_statements_once
from tests.support.templates import compile_once

pytest_plugins = ["tests.support.chromium", "tests.support.staffed"]

use_memory()
compile_once()
compile_statements_once()

# A file is run by one process, from its first test to its last: what takes longest begins.
LONGEST = (
    "tests/browser/test_layout",
    "tests/browser/test_accessible",
    "tests/security/test_access",
    "tests/browser",
    "tests/processes",
    "tests/custody/rotation",
    "tests/security",
    "tests/web/staff/test_file",
)

# A process holds ten thousand tests: what is looked through for garbage is what they leave.
gc.set_threshold(20_000, 20, 20)

settings.register_profile("project", deadline=None, max_examples=30)
settings.load_profile("project")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup():
    socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: _place(item.nodeid))


def _place(node):
    return next((at for at, name in enumerate(LONGEST) if node.startswith(name)), len(LONGEST))


def pytest_collection_finish():
    gc.collect()
    gc.freeze()
