"""A corpus that is watched: what is added, changed and taken away is in the index a little later, one index at a time.

A file that is dropped into `documents/` gets its entry in the catalogue, where what the catalogue must say of it is known.
A file that is gone costs its own answers and no more: its entry stays, so that a network drive that comes back brings it
back.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import watchfiles

from ingest.adding import DOCUMENTS, add
from ingest.catalogue import Source, read_catalogue
from ingest.errors import CatalogueError, FaktasvarError, IngestBusyError
from ingest.facts import Facts
from ingest.fetched import FOLDER as FETCHED
from ingest.fetched import Brought
from ingest.pipeline import IngestReport
from ingest.reading import READERS
from ingest.reports import report_lines
from ingest.settings import IngestSettings
from ingest.texts import say

_LONGEST_MS = 60_000
"""Changes that never pause are taken in all the same after this. Source: choice; a large folder is copied in about as long."""

_CHECK_MS = 1_000
"""How often the watch looks whether it is to end, and whether what was busy is free."""

_PASSING = (".", "~$", "~")
_UNFINISHED = (".tmp", ".part", ".crdownload", ".lock", "~")
"""What programs write beside a file while they save or download it."""

Mark = tuple[int, int]
"""A file's size in bytes and time of change in nanoseconds: another mark, another content."""


@dataclass
class Watch:
    """Takes changes in until it is told to end.

    Attributes:
        settings: What is watched, and how.
        build: Brings the index up to date.
        tell: Shows lines to a person.
    """

    settings: IngestSettings
    build: Callable[[], IngestReport]
    tell: Callable[[list[str]], None]
    _refused: dict[Path, Mark] = field(default_factory=dict)
    _said: list[str] = field(default_factory=list)
    _due: bool = True

    def run(self, stop: threading.Event) -> None:
        """Take in what there is, then what changes, until `stop` is set."""
        # What there is, too, is taken in after the watch has begun, so that nothing falls between.
        for changed in _changes(self.settings, stop):
            if changed or self._due:
                self.take_in()

    def take_in(self) -> None:
        """Put new files into the catalogue and bring the index up to date; what goes wrong is told, and the watch goes on."""
        self._due = False
        try:
            self._add_new()
            report = self.build()
        except IngestBusyError:
            self._due = True  # Whoever is at it may have begun before the change.
            return
        except (FaktasvarError, OSError) as error:
            self._tell_once([_sentence(error, self.settings)])
            return
        lines = report_lines(report, self.settings.language)
        # A round that changed nothing is of no interest, unless something else is wrong with it than before.
        if report.changed:
            self._said = lines[2:]
            self.tell(lines)
        else:
            self._tell_once(lines[2:])

    def _tell_once(self, lines: list[str]) -> None:
        if lines != self._said:
            self.tell(lines)
        self._said = lines

    def _add_new(self) -> None:
        for path in _unknown(self.settings):
            status = path.stat()
            mark = (status.st_size, status.st_mtime_ns)
            if self._refused.get(path) == mark:
                continue
            try:
                name = _take(self.settings, path)
            except IngestBusyError:
                raise
            except FaktasvarError as error:
                self._refused[path] = mark
                values = {"file": path.name, "reason": error.say(self.settings.language)}
                self.tell([say("ingest", "watch.refused", self.settings.language, **values)])
            else:
                self.tell([say("ingest", "watch.added", self.settings.language, file=path.name, id=name)])


def _changes(settings: IngestSettings, stop: threading.Event) -> Iterator[Iterable[object]]:
    """Yield what has changed when it has come to rest, and nothing now and then."""
    fetched = settings.data / FETCHED
    fetched.mkdir(parents=True, exist_ok=True)
    yield from watchfiles.watch(
        settings.corpus,
        fetched,
        watch_filter=lambda _, path: is_of_interest(Path(path)),
        debounce=_LONGEST_MS,
        step=round(settings.watch.settle_s * 1000),
        stop_event=stop,
        rust_timeout=_CHECK_MS,
        yield_on_timeout=True,
        raise_interrupt=False,
        force_polling=settings.watch.poll or None,
    )


def is_of_interest(path: Path) -> bool:
    """Tell whether a file may be a document, the catalogue or a note, and not what a program writes while it saves one."""
    return not path.name.startswith(_PASSING) and not path.name.endswith(_UNFINISHED)


def _unknown(settings: IngestSettings) -> list[Path]:
    """Return the documents that no entry names, in the order of their names."""
    folder = settings.corpus / DOCUMENTS
    known = {source.file.resolve() for source in _sources(settings) if source.file is not None}
    files = (path for path in folder.rglob("*") if path.suffix.lower() in READERS and is_of_interest(path))
    return sorted(path for path in files if path.is_file() and path.resolve() not in known)


def _sources(settings: IngestSettings) -> list[Source]:
    try:
        return read_catalogue(settings.corpus)
    except CatalogueError as error:
        if error.key in ("catalogue_missing", "catalogue_empty"):
            return []  # The first file makes it.
        raise


def _take(settings: IngestSettings, path: Path) -> str:
    """Put a dropped file into the catalogue and return its id; what the settings say of such files holds for it."""
    given = Facts(publisher=settings.watch.publisher, kind=settings.watch.kind, licence=settings.watch.licence)
    return add(settings, str(path), given, None, _no_download, datetime.now(UTC).date())


def _no_download(url: str) -> Brought:
    raise AssertionError(f"a file is no address: {url}")


def _sentence(error: FaktasvarError | OSError, settings: IngestSettings) -> str:
    if isinstance(error, FaktasvarError):
        return error.say(settings.language)
    reason = error.strerror or str(error)
    return say("ingest", "error.disk", settings.language, path=error.filename or "–", reason=reason)
