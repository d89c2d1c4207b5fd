"""How far each entry of the catalogue has come: to a file, to the index, or only to being known of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ingest.catalogue import Source, read_catalogue
from ingest.errors import FetchedError, IndexStateError
from ingest.fetched import Record, find
from ingest.index import IndexStore
from ingest.settings import IngestSettings

Had = Literal["file", "missing", "fetched", "damaged", "not_fetched", "only_known"]


@dataclass(frozen=True, slots=True)
class SourceState:
    """An entry of the catalogue and how far it has come.

    Attributes:
        source: The entry.
        had: Whether its file is in the corpus, gone from it, fetched, fetched and damaged, yet to be fetched, or can't be had.
        indexed: Whether the current index holds it.
        record: Of what was fetched; None where nothing was.
    """

    source: Source
    had: Had
    indexed: bool
    record: Record | None = None


def states(settings: IngestSettings) -> list[SourceState]:
    """Return the state of every entry, in the order of the catalogue. Nothing is asked of any site.

    Raises:
        CatalogueError: If the catalogue is wrong.
    """
    indexed = _indexed(settings)
    return [_state(settings, source, indexed=source.id in indexed) for source in read_catalogue(settings.corpus)]


def _state(settings: IngestSettings, source: Source, *, indexed: bool) -> SourceState:
    if source.file is not None:
        return SourceState(source, "file" if source.file.is_file() else "missing", indexed)
    if source.only_known:
        return SourceState(source, "only_known", indexed)
    try:
        found = find(settings.data, source)
    except FetchedError:
        return SourceState(source, "damaged", indexed)
    if found is None:
        return SourceState(source, "not_fetched", indexed)
    return SourceState(source, "fetched", indexed, found.record)


def _indexed(settings: IngestSettings) -> frozenset[str]:
    """Return the ids of what the current index holds; none where there is no index that can be used."""
    try:
        manifest = IndexStore(settings.data).manifest()
    except IndexStateError:
        return frozenset()
    return frozenset(source.id for source in manifest.sources)
