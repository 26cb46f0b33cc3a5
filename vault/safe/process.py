"""Has files looked at: starts the children, hands them the bytes, and takes their answer.

Nothing here parses a file. A child gets an empty environment, the root folder, two pipes and
nothing else of this process; it is given its time and then killed. What it answers is read up to a
limit and believed only in its frame: a child that a hostile file took over can at worst lie about
that file, or send pixels.
"""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import IO

from vault.errors import BusyError, CannotBeShownError
from vault.safe import findings, job
from vault.safe.findings import Findings
from vault.safe.job import Job, Refusal
from vault.safe.limits import Limits

Command = Sequence[str]

_CHILD = (sys.executable, "-I", "-B", "-m", "vault.safe.child")
_PORTION = 1 << 16
PATIENCE = 5.0
"""Seconds to wait for a place: waiting holds a thread of the server."""
_ROOM = 64  # bytes of a frame beside its payload, generously
_PICTURE = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00"
)
_PICTURE += b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
_PAPER = b"""%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]>>endobj
trailer<</Root 1 0 R>>
%%EOF
"""


@dataclass(frozen=True)
class Copy:
    """A harmless copy: `media_type` is image/jpeg or application/pdf."""

    media_type: str
    data: bytes = field(repr=False)


class SafeProcess:
    """Looks at files, at most `limits.at_once` at a time in this process.

    Every method raises CannotBeShownError, with one of `job.WORDS` as its detail, for whatever is
    not shown; and BusyError when too many are looked at already.
    """

    def __init__(self, limits: Limits, patience: float = PATIENCE) -> None:
        self._limits, self._patience = limits, patience
        self._places = _places(limits.at_once)

    def inspect(self, data: bytes) -> Findings:
        """Return what a file betrays beside what it shows."""
        task = Job.of(self._limits, "inspect")
        with self._place():
            _, payload = self._ask([task], data, findings.MAX_BYTES)
        try:
            return findings.unpack(payload)
        except Refusal as refusal:
            raise CannotBeShownError(refusal.word) from None

    def clean(self, data: bytes) -> Copy:
        """Return a copy made of nothing but pixels: a JPEG of a picture, a PDF of a paper."""
        return self._made(Job.of(self._limits, "clean"), data)

    def show(self, data: bytes, *, page: int = 0, turn: int = 0, size: int = 1600) -> Copy:
        """Return one page as a JPEG.

        Args:
            data: the file.
            page: from 0.
            turn: clockwise, one of `job.TURNS`.
            size: of the longer side in pixels, within `job.SIZES`; a picture is never enlarged.
        """
        low, high = job.SIZES
        if turn not in job.TURNS or not low <= size <= high or page < 0:
            raise CannotBeShownError(job.NO_PAGE)
        task = Job.of(self._limits, "show", page=page, turn=turn, size=size)
        return self._made(task, data)

    def trouble(self) -> str:
        """Return why no picture or no paper can be shown here, a word of `job.WORDS`; else empty.

        NO_CAGE: this machine lets no child close itself in. Any other: a library does not run.
        """
        try:
            shown = all(self.inspect(harmless).shown for harmless in (_PICTURE, _PAPER))
        except CannotBeShownError as error:
            return error.detail or job.DAMAGED
        return "" if shown else job.DAMAGED

    def _made(self, task: Job, data: bytes) -> Copy:
        with self._place():
            writing = Job.of(self._limits, "write")
            status, made = self._ask([task, writing], data, self._limits.looked_at)
        kind, beginning = {
            job.PICTURE: ("image/jpeg", b"\xff\xd8\xff"),
            job.PAPER: ("application/pdf", b"%PDF-"),
        }.get(status, ("", b""))
        if not kind or not made.startswith(beginning):
            raise CannotBeShownError(job.DAMAGED)
        return Copy(kind, made)

    def _ask(self, tasks: list[Job], data: bytes, most: int) -> tuple[int, bytes]:
        if len(data) > self._limits.looked_at:
            raise CannotBeShownError(job.TOO_LARGE)
        commands = [[*_CHILD, *task.arguments()] for task in tasks]
        said = run(commands, data, most=most + _ROOM, seconds=self._limits.seconds)
        try:
            return job.answered(said)
        except Refusal as refusal:
            raise CannotBeShownError(refusal.word) from None

    @contextmanager
    def _place(self) -> Iterator[None]:
        if not self._places.acquire(timeout=self._patience):
            raise BusyError
        try:
            yield
        finally:
            self._places.release()


@cache
def _places(at_once: int) -> threading.BoundedSemaphore:
    """Return the places of this process, however many ask for them."""
    return threading.BoundedSemaphore(at_once)


def run(commands: Sequence[Command], data: bytes, *, most: int, seconds: float) -> bytes:
    """Return what the last of `commands` says, each fed by the one before and the first by `data`.

    Raises:
        CannotBeShownError: over its time (TOO_LONG), or more than `most` bytes (TOO_LARGE).
    """
    with ExitStack() as stack:
        source: int | IO[bytes] = subprocess.PIPE
        children: list[subprocess.Popen[bytes]] = []
        for command in commands:
            child = stack.enter_context(_started(command, source))
            if children:  # only the children hold the pipe between them
                children[-1].stdout.close()  # type: ignore[union-attr]
            children.append(child)
            source = child.stdout  # type: ignore[assignment]
        first, last = children[0].stdin, children[-1].stdout
        assert first is not None
        assert last is not None
        return _exchange(first, last, data, most, time.monotonic() + seconds)


@contextmanager
def _started(command: Command, source: int | IO[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(  # noqa: S603 -- our own program and numbers
        command,
        stdin=source,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        bufsize=0,
        close_fds=True,
        cwd="/",
        env={},
        start_new_session=True,
    )
    try:
        yield child
    finally:
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()
        child.wait()


def _exchange(feed: IO[bytes], source: IO[bytes], data: bytes, most: int, end: float) -> bytes:
    """Write and read at once, so that neither side waits for the other for ever."""
    left, said = memoryview(data), bytearray()
    os.set_blocking(feed.fileno(), False)
    with selectors.DefaultSelector() as ready:
        ready.register(feed, selectors.EVENT_WRITE)
        ready.register(source, selectors.EVENT_READ)
        while True:
            left_time = end - time.monotonic()
            events = ready.select(max(0.0, left_time))
            if not events or left_time < 0:  # one that never stops talking is ended as well
                raise CannotBeShownError(job.TOO_LONG)
            for key, _ in events:
                if key.fileobj is feed:
                    left = left[_fed(feed, left) :]
                    if not left:
                        ready.unregister(feed)
                        feed.close()
                    continue
                portion = os.read(source.fileno(), _PORTION)
                said += portion
                if not portion:
                    return bytes(said)
                if len(said) > most:
                    raise CannotBeShownError(job.TOO_LARGE)


def _fed(feed: IO[bytes], left: memoryview) -> int:
    """Return how much was taken; all of it where nobody reads any more."""
    try:
        return os.write(feed.fileno(), left[:_PORTION])
    except BlockingIOError:
        return 0
    except BrokenPipeError:
        return len(left)
