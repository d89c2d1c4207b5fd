"""What the child may not do: limits that the system holds, and calls that Python refuses.

The system's limits hold against anything that a file makes a library do. The refused calls are a second wall against what
goes through Python; code that a file brings into a C library is not stopped by them, but can't write a file either
(`RLIMIT_FSIZE` is nothing), nor use more time or memory.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Collection

MAX_OPEN_FILES = 64
"""Files that the child may have open at the same time; it was seen to need 12."""

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_REFUSED = frozenset(
    "socket.__new__ socket.connect socket.bind socket.sendto socket.sendmsg socket.getaddrinfo socket.gethostbyname "
    "socket.gethostbyaddr os.system os.exec os.posix_spawn os.spawn os.fork os.forkpty pty.spawn os.remove os.rename "
    "os.mkdir os.rmdir os.link os.symlink os.truncate os.chmod os.chown os.kill os.killpg shutil.rmtree shutil.move "
    "shutil.copyfile tempfile.mkstemp tempfile.mkdtemp urllib.Request".split()
)
"""Audit events. Source: https://docs.python.org/3/library/audit_events.html"""


def hold_to(megabytes: int) -> None:
    """Limit memory, open files, written bytes and core dumps of this process and of what it starts.

    Memory is the address space (`RLIMIT_AS`): the kernel knows no limit on what is resident, and the child loads nothing
    that asks for address space which it does not use. What goes above it gets a `MemoryError`, and does not hurt others.
    """
    if sys.platform == "win32":
        return
    import resource

    most = megabytes * 1_000_000
    wanted = {
        resource.RLIMIT_AS: most,
        resource.RLIMIT_NOFILE: MAX_OPEN_FILES,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for kind, limit in wanted.items():
        hard = resource.getrlimit(kind)[1]
        lowest = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        try:
            resource.setrlimit(kind, (lowest, lowest))
        except (ValueError, OSError):
            continue  # macOS knows no limit on address space; the others hold there.


def limit_time(seconds: float) -> None:
    """Let this process compute for so many seconds more: for when the parent is gone and no one stops it."""
    if sys.platform == "win32":
        return
    import resource

    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    wanted = int(time.process_time() + seconds) + 2
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def die_with_parent() -> None:
    """Have the kernel kill this process when its parent dies, however it dies; only Linux can."""
    if sys.platform != "linux":
        return
    import ctypes
    import signal

    set_death_signal = 1  # PR_SET_PDEATHSIG. Source: linux/prctl.h
    ctypes.CDLL(None).prctl(set_death_signal, signal.SIGKILL)


def refuse(programs: Collection[str]) -> None:
    """Refuse, from now on, whatever in Python reaches for the network, writes a file or starts a program.

    Args:
        programs: Whole paths of what may be started.
    """
    allowed = frozenset(programs)

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event == "open":
            _check_open(arguments)
        elif event == "subprocess.Popen":
            if arguments[0] not in allowed:
                raise PermissionError("no program may be started while a file is read")
        elif event in _REFUSED:
            raise PermissionError(f"{event} is refused while a file is read")

    sys.addaudithook(watch)


def _check_open(arguments: tuple[object, ...]) -> None:
    path, _, flags = arguments
    # A number is a file that is open already.
    if isinstance(flags, int) and flags & _WRITING and not isinstance(path, int) and path != os.devnull:
        raise PermissionError("no file may be written while a file is read")
