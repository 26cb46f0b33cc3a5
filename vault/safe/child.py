"""A process that parses: `python -I -m vault.safe.child VERB NUMBER… FONT`, the file on its input.

Order is everything: it bounds itself, takes the file without looking past its first bytes, loads
the one library for it and the letters it may need, closes itself in, and only then parses. What
goes wrong after that is a refusal; what the libraries say of it goes nowhere.
"""

from __future__ import annotations

import codecs
import importlib
import os
import sys
from types import ModuleType

from vault.safe import cage, kinds
from vault.safe.findings import pack
from vault.safe.job import (
    DAMAGED,
    FINDINGS,
    NO_CAGE,
    REFUSED,
    TOO_LARGE,
    UNKNOWN,
    Job,
    Refusal,
    answer,
    send,
    send_refusal,
)

_CODECS = "utf-8", "utf-16-le", "utf-16-be", "utf-16", "latin-1", "ascii", "cp1252"


def main() -> None:
    """Do what the arguments say, answer, and end without any clearing up."""
    job = Job.parse(sys.argv[1:])
    try:
        _work(job)
    except cage.NoCageError:
        _refuse(job, NO_CAGE)
    except Refusal as refusal:
        _refuse(job, refusal.word)
    except Exception:  # noqa: BLE001 -- whatever a library says of a hostile file
        _refuse(job, DAMAGED)
    sys.stdout.buffer.flush()
    os._exit(0)


def _work(job: Job) -> None:
    cage.limit(job.memory, job.seconds)
    for name in _CODECS:  # the libraries load them when they first meet such a text
        codecs.lookup(name)
    if job.verb == "write":
        _write(job)
    else:
        _read(job)


def _write(job: Job) -> None:
    writer = importlib.import_module("vault.safe.writer")
    cage.close()
    status, made = writer.write(sys.stdin.buffer, job)
    sys.stdout.buffer.write(answer(status, made))


def _read(job: Job) -> None:
    data = sys.stdin.buffer.read(job.looked_at + 1)
    if len(data) > job.looked_at:
        raise Refusal(TOO_LARGE)
    kind = kinds.kind_of(data)
    if kind is None:
        raise Refusal(UNKNOWN)
    reader = _reader(kind, job)
    cage.close()
    if job.verb == "inspect":
        sys.stdout.buffer.write(answer(FINDINGS, pack(reader.inspect(data, kind, job))))
    else:
        send(sys.stdout.buffer, *reader.pages(data, kind, job))


def _reader(kind: str, job: Job) -> ModuleType:
    """Load the one module for this kind and verb; what others need is never loaded."""
    of = "paper" if kind == kinds.PDF else "picture"
    if of == "paper" and job.verb != "inspect":
        importlib.import_module("vault.safe.letters").lend(job.font)
    return importlib.import_module(f"vault.safe.{of}{'_facts' if job.verb == 'inspect' else 's'}")


def _refuse(job: Job, word: str) -> None:
    if job.verb in {"inspect", "write"}:
        sys.stdout.buffer.write(answer(REFUSED, word.encode("ascii")))
    else:
        send_refusal(sys.stdout.buffer, word)


if __name__ == "__main__":
    main()
