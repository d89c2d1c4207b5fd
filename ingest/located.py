"""Where the catalogue's entries are read from: the corpus, or what has been fetched; and which can't be read yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ingest.catalogue import Source
from ingest.documents import About
from ingest.errors import DocumentError, UnreadableError
from ingest.fetched import located
from ingest.index import Failure
from ingest.settings import IngestSettings


@dataclass(frozen=True, slots=True)
class Located:
    """The entries of a catalogue, by what can be done with them.

    Attributes:
        sources: Those that are to be searched and have a file, in the order of the catalogue.
        failures: Those whose file is gone, or was fetched and is damaged.
        left_out: Ids of those that are not to be searched.
        not_fetched: Ids of those still to be fetched.
        only_known: Ids of those named without being had.
    """

    sources: tuple[Source, ...]
    failures: tuple[Failure, ...]
    left_out: tuple[str, ...]
    not_fetched: tuple[str, ...]
    only_known: tuple[str, ...]


def locate(sources: Sequence[Source], settings: IngestSettings) -> Located:
    """Return where each entry's file lies; what is damaged costs a line of the report and no more."""
    ready: list[Source] = []
    failures: list[Failure] = []
    not_fetched: list[str] = []
    for source in sources:
        if source.only_known or not source.index:
            continue
        try:
            found = _present(located(settings.data, source))
        except DocumentError as error:
            file = name_of(settings, source.file) if source.file is not None else ""
            failures.append(Failure(source=source.id, file=file, reason=error.say(settings.language)))
            continue
        if found is None:
            not_fetched.append(source.id)
        else:
            ready.append(found)
    return Located(
        sources=tuple(ready),
        failures=tuple(failures),
        left_out=tuple(source.id for source in sources if not source.index and not source.only_known),
        not_fetched=tuple(not_fetched),
        only_known=tuple(source.id for source in sources if source.only_known),
    )


def _present(source: Source | None) -> Source | None:
    if source is not None and source.file is not None and not source.file.is_file():
        raise UnreadableError("document_missing", file=source.file.name, source=source.id)
    return source


def file_of(source: Source) -> Path:
    """Return the file of a source that has been located."""
    assert source.file is not None
    return source.file


def retrieved_of(source: Source) -> date:
    """Return when the file of a located source was had: the catalogue requires it of a file, and a fetch stamps it."""
    assert source.retrieved is not None
    return source.retrieved


def dated_of(source: Source, about: About) -> date:
    """Return what a source's statements are as of: what the catalogue says, else the document, else when it was fetched."""
    if source.dated is not None:
        return source.dated
    retrieved = retrieved_of(source)
    said = [day for day in (about.updated, about.published) if day is not None and day <= retrieved]
    return said[0] if said else retrieved


def name_of(settings: IngestSettings, file: Path) -> str:
    """Return a file's path from the corpus, or from the data directory if it was fetched."""
    # All resolved: the catalogue may name a file by its whole path, and the folders may be given relative to here.
    whole = file.resolve()
    corpus = settings.corpus.resolve()
    return whole.relative_to(corpus if whole.is_relative_to(corpus) else settings.data.resolve()).as_posix()
