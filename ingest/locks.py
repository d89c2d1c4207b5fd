"""One process at a time: a lock that the system frees when its owner dies, however it dies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from ingest.errors import IngestBusyError


@contextmanager
def held(path: Path, busy: IngestBusyError) -> Iterator[None]:
    """Hold a lock.

    Args:
        path: The file that stands for it; it and its folder are made.
        busy: What is said if another process holds it.

    Raises:
        IngestBusyError: `busy`, at once.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise busy from error
    try:
        yield
    finally:
        lock.release()
