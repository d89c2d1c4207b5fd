"""Print what becomes of each hostile file, as the table of docs/evaluation.md, «Hostile files».

    python tools/formats.py [SECONDS]

Each file is read by a child of its own with the default limits, or with SECONDS for `reading.seconds`. «s» is from the
question to the answer, the start of the child apart; «cpu s» is what its processes computed, which is the same on a busy
machine; «MB» is the most that any of them had resident. The last two are Linux's own (`/proc`), looked at all the while.
"""

from __future__ import annotations

import os
import sys
import tempfile
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from ingest.errors import DocumentError
from ingest.reading.child.worker import Worker
from ingest.settings import ReadingSettings
from tests.hostile_files import FILES, READ, Hostile

MOST_SECONDS, MOST_BYTES = 22, 1_000_000_000
"""Limits of the last column: `reading.seconds` and two for the killing, and a gigabyte."""

HEAD = """| recipe | file | what is wrong with it | verdict | s | cpu s | MB | within limits |
|---|---|---|---|---|---|---|---|
"""


def main() -> int:
    """Print the table; return 1 if a file got another verdict than it must, or went above a limit."""
    settings = ReadingSettings(seconds=float(sys.argv[1])) if len(sys.argv) > 1 else ReadingSettings()
    sys.stdout.write(HEAD)
    good = True
    with tempfile.TemporaryDirectory() as folder:
        good_file = Path(folder) / "god.txt"
        good_file.write_text("Kommunestyret vedtok budsjettet.\n", encoding="utf-8")
        for hostile in FILES:
            path = Path(folder) / hostile.name
            path.write_bytes(hostile.build())
            line, right = row(hostile, path, good_file, settings)
            path.unlink()
            good &= right
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
    return 0 if good else 1


def row(hostile: Hostile, path: Path, good_file: Path, settings: ReadingSettings) -> tuple[str, bool]:
    """Return a file's line of the table, and whether all of it is as it must be."""
    worker = Worker(settings)
    try:
        worker.read(good_file)  # The child has started; what follows is the file alone.
        began = time.perf_counter()
        with Cost(worker.pid) as cost:
            verdict = verdict_of(worker, path)
        seconds = time.perf_counter() - began
    finally:
        worker.close()
    within = seconds <= MOST_SECONDS and cost.peak <= MOST_BYTES
    figures = [f"{seconds:.1f}", f"{cost.seconds:.1f}", f"{cost.peak / 1e6:.0f}", "yes" if within else "no"]
    cells = [str(hostile.recipe), hostile.name, hostile.what, verdict, *figures]
    return "| " + " | ".join(cells) + " |", within and verdict in hostile.verdicts


def verdict_of(worker: Worker, path: Path) -> str:
    """Return `read`, or the key of the error."""
    try:
        worker.read(path)
    except DocumentError as error:
        return error.key
    return READ


class Cost:
    """Looks at what a process group costs until the `with` ends.

    Attributes:
        peak: Most bytes that one of its processes had resident.
    """

    def __init__(self, group: int) -> None:
        """Take the group's number."""
        self.peak = 0
        self._group = group
        self._ticks: dict[str, tuple[int, int]] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True)

    def __enter__(self) -> Self:
        """Begin; a file may be done before the first look of the thread."""
        self._look()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """End."""
        self._ended.set()
        self._thread.join()

    @property
    def seconds(self) -> float:
        """What its processes computed."""
        return sum(last - first for first, last in self._ticks.values()) / os.sysconf("SC_CLK_TCK")

    def _go_on(self) -> None:
        while not self._ended.wait(0.03):
            self._look()

    def _look(self) -> None:
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                fields = (folder / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
                if int(fields[2]) == self._group:
                    self._note(folder, int(fields[11]) + int(fields[12]))
            except (OSError, StopIteration, IndexError, ValueError):
                continue  # It has ended meanwhile.

    def _note(self, folder: Path, ticks: int) -> None:
        # The child itself has computed before; what it starts begins at nothing.
        begun = ticks if int(folder.name) == self._group else 0
        self._ticks[folder.name] = (self._ticks.get(folder.name, (begun, 0))[0], ticks)
        status = (folder / "status").read_text("utf-8", "replace")
        found = next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:"))
        self.peak = max(self.peak, int(found) * 1024)


if __name__ == "__main__":
    sys.exit(main())
