"""Several files read at the same time, each by a child; the answers come in the order of asking."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from ingest.documents import Document
from ingest.errors import DocumentError
from ingest.reading.child.worker import Worker
from ingest.settings import ReadingSettings

_AHEAD = 2
"""Files for each child that may be read before the first of them is asked for: enough to keep all busy, few to hold."""


def read_apart(path: Path, settings: ReadingSettings) -> Document:
    """Read one file in a child.

    Raises:
        DocumentError: If it can't be read.
    """
    with Readers(settings) as readers:
        (answer,) = readers.read([path])
    if isinstance(answer, DocumentError):
        raise answer
    return answer


class Readers:
    """Children that read; to be used in a `with`, which leaves none behind.

    Each is started when it is needed. A child is used again until something goes wrong in it. Its thread
    lives until the `with` ends: a child that the kernel kills with its parent is killed with the parent's *thread*.
    """

    def __init__(self, settings: ReadingSettings) -> None:
        """Take the limits; nothing is started yet."""
        self._settings = settings
        self._threads = ThreadPoolExecutor(settings.workers, thread_name_prefix="reading")
        self._lock = threading.Lock()
        self._all: set[Worker] = set()
        self._idle: list[Worker] = []
        self._closed = False

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End all children, also in the middle of a file."""
        with self._lock:
            self._closed = True
            for worker in self._all:
                worker.kill()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for worker in self._all:
            worker.close()

    def read(self, files: Iterable[Path]) -> Iterator[Document | DocumentError]:
        """Yield what became of each file, in their order: the document, or why there is none."""
        waiting: deque[Future[Document | DocumentError]] = deque()
        for file in files:
            waiting.append(self._threads.submit(self._read, file))
            if len(waiting) > _AHEAD * self._settings.workers:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _read(self, file: Path) -> Document | DocumentError:
        worker = self._take()
        try:
            return worker.read(file)
        except DocumentError as error:
            return error
        finally:
            self._put_back(worker)

    def _take(self) -> Worker:
        with self._lock:
            if self._idle:
                return self._idle.pop()
            if self._closed:
                raise RuntimeError("no file is read after the end")
            worker = Worker(self._settings)
            self._all.add(worker)
            return worker

    def _put_back(self, worker: Worker) -> None:
        with self._lock:
            if worker.alive:
                self._idle.append(worker)
                return
            self._all.discard(worker)
        worker.close()
