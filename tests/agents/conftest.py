import shutil
import tempfile
import threading
from pathlib import Path

import pytest

from vault.agents.server import Server


@pytest.fixture
def folder():
    """A folder with a path short enough for sockets."""
    made = Path(tempfile.mkdtemp(prefix="wv", dir="/tmp"))
    yield made
    shutil.rmtree(made)


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
