"""Where generations live: one folder each, and a file that names the current one.

Readers open what the file `current` names. A build writes a new folder, verifies it, and replaces that file by one
rename: a killed build changes nothing.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import IndexMissingError, IngestBusyError
from ingest.files import sync_tree, write_atomically
from ingest.index.generation import Generation, read_passages, read_text
from ingest.index.manifest import Manifest, read_manifest
from ingest.locks import held
from ingest.passages import Passage

_CURRENT = "current"
_PREVIOUS = "previous"


class IndexStore:
    """The generations under one data directory."""

    def __init__(self, data: Path) -> None:
        """Point at a data directory; nothing is made until something is written."""
        self._data = data
        self._folder = data / "index"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the right to build; the system frees it when its owner dies, however it dies.

        Raises:
            IngestBusyError: If another process holds it.
        """
        path = self._data / "ingest.lock"
        with held(path, IngestBusyError("ingest_busy", path=path)):
            yield

    def current(self) -> str:
        """Return the current generation's name.

        Raises:
            IndexMissingError: If none has been published.
        """
        try:
            return (self._folder / _CURRENT).read_text(encoding="utf-8").strip()
        except FileNotFoundError as error:
            raise IndexMissingError("index_missing") from error

    def previous(self) -> str:
        """Return the name of the generation before the current one.

        Raises:
            IndexMissingError: If there is none.
        """
        try:
            name = (self._folder / _PREVIOUS).read_text(encoding="utf-8").strip()
        except FileNotFoundError as error:
            raise IndexMissingError("index_no_previous") from error
        if not (self._folder / name).is_dir():
            raise IndexMissingError("index_no_previous")
        return name

    def open(self, name: str = "") -> Generation:
        """Open a generation.

        Args:
            name: Its name; empty for the current one.

        Raises:
            IndexMissingError: If none has been published.
            IndexMismatchError: If it is of another schema.
            IndexDamagedError: If it is not whole.
        """
        return Generation(self._folder / (name or self.current()))

    def manifest(self) -> Manifest:
        """Return what the current generation says of itself, without opening the rest of it.

        Raises:
            IndexMissingError: If none has been published.
            IndexMismatchError: If it is of another schema.
            IndexDamagedError: If it says nothing that can be read.
        """
        return read_manifest(self._folder / self.current())

    def text(self, source: str) -> str:
        """Return a source's text in the current generation, without opening the rest of it.

        Raises:
            IndexMissingError: If none has been published.
            IndexDamagedError: If it is missing or unreadable.
        """
        return read_text(self._folder / self.current(), source)

    def passages(self) -> list[Passage]:
        """Return the current generation's passages, without opening the rest of it.

        Raises:
            IndexMissingError: If none has been published.
            IndexDamagedError: If they are missing or unreadable.
        """
        return read_passages(self._folder / self.current())

    def begin(self, name: str) -> Path:
        """Return an empty folder for a new generation."""
        folder = self._folder / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def publish(self, name: str) -> None:
        """Make a generation the current one; the one before it is kept, all others are removed.

        Args:
            name: Of a generation that has been written and verified.
        """
        sync_tree(self._folder / name)
        try:
            before = self.current()
        except IndexMissingError:
            before = ""
        if before and before != name:
            write_atomically(self._folder / _PREVIOUS, before + "\n")
        write_atomically(self._folder / _CURRENT, name + "\n")
        self.tidy()

    def tidy(self) -> None:
        """Remove every generation but the current one and the one before it: unfinished ones among them."""
        keep = set()
        for pointer in (_CURRENT, _PREVIOUS):
            try:
                keep.add((self._folder / pointer).read_text(encoding="utf-8").strip())
            except FileNotFoundError:
                continue
        for folder in self._folder.glob("*/"):
            if folder.name not in keep:
                shutil.rmtree(folder, ignore_errors=True)

    def size_bytes(self) -> int:
        """Return how much the current generation takes on disk."""
        folder = self._folder / self.current()
        return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
