"""Where tests put their folders: in memory where there is room, since nothing takes them longer
than waiting for a disk. A test of what is on a disk asks for one by name.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MEMORY, ROOM = Path("/dev/shm"), 2 * 1024**3


def use_memory() -> None:
    """Make temporary folders of this process in memory from now on, if there is room for them."""
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM:
        tempfile.tempdir = str(MEMORY)


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder with a path short enough for sockets, for as long as the block runs."""
    near = tempfile.tempdir if tempfile.tempdir == str(MEMORY) else "/tmp"
    made = Path(tempfile.mkdtemp(prefix="wv", dir=near))
    try:
        yield made
    finally:
        shutil.rmtree(made)
