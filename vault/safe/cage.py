"""What a child may still do once it looks into a file: compute, read its input, write its answer.

Linux only: setrlimit(2), prctl(2), seccomp(2). Two steps, each by the child on itself, before any
byte of the file is parsed: `limit` first of all, `close` when the libraries it needs are loaded.
After that the kernel answers EPERM to everything but the calls listed here: no file is opened, no
program or process started, no thread, no socket, no signal sent, and no memory made executable.
Where the kernel refuses the filter, `close` raises: nothing is parsed without it.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
from collections.abc import Mapping
from typing import NamedTuple

_CALLS = """read write close lseek mmap mprotect munmap mremap madvise brk futex
 rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack restart_syscall gettimeofday clock_gettime
 getrandom gettid exit exit_group""".split()


class _Machine(NamedTuple):
    """AUDIT_ARCH of linux/audit.h, and the number of each of `_CALLS`."""

    audit: int
    numbers: Mapping[str, int]


def _numbers(text: str) -> Mapping[str, int]:
    return dict(zip(_CALLS, map(int, text.split()), strict=True))


# Linux, arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
_MACHINES: Mapping[str, _Machine] = {
    "x86_64": _Machine(
        0xC000003E,
        _numbers("0 1 3 8 9 10 11 25 28 12 202 13 14 15 131 219 96 228 318 186 60 231"),
    ),
    "aarch64": _Machine(
        0xC00000B7,
        _numbers(
            "63 64 57 62 222 226 215 216 233 214 98 134 135 139 132 128 169 113 278 178 93 94"
        ),
    ),
}

# linux/bpf_common.h: load a word, jump if equal, jump if a bit is set, return.
_LOAD, _EQUAL, _BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
# linux/seccomp.h: what the filter returns, and where the call's number, machine and arguments lie.
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000 | 1, 0x80000000  # 1 is EPERM
_NUMBER, _ARCHITECTURE, _PROTECTION = 0, 4, 16 + 2 * 8  # the third argument of mmap and mprotect
_EXECUTABLE = 4  # PROT_EXEC

_FIRST_TO_END = b"1000"  # proc(5), oom_score_adj: where memory runs out, no holder of keys ends
_NICE = 10  # whoever sends files must not slow down those who read and write

# linux/prctl.h
_PARENT_DEATH, _DUMPABLE, _SECCOMP, _NO_NEW_PRIVILEGES, _FILTER_MODE = 1, 4, 22, 38, 2


class NoCageError(Exception):
    """This machine does not let a process close itself in."""


def limit(memory: int, seconds: int) -> None:
    """Bound this process: bytes of address space, seconds of processor, no file, core or process.

    Raises:
        NoCageError: the system refuses.
    """
    bounds = {
        resource.RLIMIT_AS: memory,
        resource.RLIMIT_CPU: seconds,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_NPROC: 0,
    }
    for name, most in bounds.items():
        _bound(name, most)
    os.nice(_NICE)
    _offer_to_end()
    _control(_PARENT_DEATH, signal.SIGKILL)  # else a server that is killed leaves the file in it
    _control(_DUMPABLE, 0)
    _control(_NO_NEW_PRIVILEGES, 1)


def close() -> None:
    """Close this process in, for good; no library may have to be loaded afterwards.

    Raises:
        NoCageError: an unknown machine, more than one thread, or a kernel without filters.
    """
    machine = _MACHINES.get(os.uname().machine)
    if machine is None or _threads() != 1:
        raise NoCageError
    _bound(resource.RLIMIT_NOFILE, 0)
    code = ctypes.create_string_buffer(_program(machine))
    program = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(code))
    _control(_SECCOMP, _FILTER_MODE, ctypes.c_char_p(program))


def _bound(name: int, most: int) -> None:
    try:
        resource.setrlimit(name, (most, most))
    except (OSError, ValueError) as error:
        raise NoCageError from error


def _offer_to_end() -> None:
    """Ask the kernel to end this process before any other; where it does not listen, go on."""
    try:
        place = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        os.write(place, _FIRST_TO_END)
        os.close(place)
    except OSError:
        return


def _threads() -> int:
    """Return how many threads this process has: the filter is for the one that asks for it."""
    try:
        return len(os.listdir("/proc/self/task"))  # noqa: PTH208 -- pathlib takes longer to load
    except OSError:
        return 0


def _program(machine: _Machine) -> bytes:
    """Return the filter: BPF instructions of code, jumps if true and false, value."""
    limited = {machine.numbers["mmap"], machine.numbers["mprotect"]}
    numbers = list(machine.numbers.values())
    lines = [(_LOAD, 0, 0, _ARCHITECTURE), (_EQUAL, 1, 0, machine.audit), (_RETURN, 0, 0, _KILL)]
    lines += [(_LOAD, 0, 0, _NUMBER)]
    for place, number in enumerate(numbers):
        left = len(numbers) - 1 - place
        # Behind the last comparison stand: refuse, look at the protection, refuse, allow.
        lines += [(_EQUAL, left + (1 if number in limited else 4), 0, number)]
    lines += [(_RETURN, 0, 0, _REFUSE)]
    lines += [(_LOAD, 0, 0, _PROTECTION), (_BIT, 0, 1, _EXECUTABLE)]
    lines += [(_RETURN, 0, 0, _REFUSE), (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("HBBI", *line) for line in lines)


def _control(option: int, *arguments: int | ctypes.c_char_p) -> None:
    """Call prctl(2), whose arguments that are not used must be zero."""
    padded = [ctypes.c_ulong(one) if isinstance(one, int) else one for one in arguments]
    padded += [ctypes.c_ulong(0)] * (4 - len(padded))
    if ctypes.CDLL(None, use_errno=True).prctl(option, *padded) != 0:
        raise NoCageError(os.strerror(ctypes.get_errno()))
