import threading

import pytest

from tests.support.places import short_folder
from vault.agents.server import Server


@pytest.fixture
def folder():
    with short_folder() as made:
        yield made


@pytest.fixture
def serve(folder):
    """Start a server in a thread; stop all at the end."""
    running = []

    def start(target, operations, name="a.sock", **options):
        server = Server(folder / "run" / name, target, operations, **options)
        server.listen()
        thread = threading.Thread(target=server.serve)
        thread.start()
        running.append((server, thread))
        return server

    yield start
    for server, thread in running:
        server.stop()
        thread.join(10)
        assert not thread.is_alive()
