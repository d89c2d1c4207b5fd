"""The catalogue's entries that have an address: each is fetched, found unchanged, or reported; none stops the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Literal

from ingest.catalogue import Source, read_catalogue
from ingest.errors import FaktasvarError, FetchedError, FetchError, IngestBusyError
from ingest.fetched import Fetched, Record, find, keep, keep_record
from ingest.fetching.fetcher import Download, Fetcher, Known
from ingest.locks import held
from ingest.settings import IngestSettings

Result = Literal["fetched", "unchanged", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one entry.

    Attributes:
        source: Its id.
        result: In short.
        reason: Of a failure, what a person reads; else empty.
        size: Bytes of what was fetched; else 0.
    """

    source: str
    result: Result
    reason: str = ""
    size: int = 0


def fetch_entries(
    settings: IngestSettings,
    identifiers: Sequence[str],
    fetcher: Fetcher,
    tell: Callable[[Outcome], None],
    today: Callable[[], date] = lambda: datetime.now(UTC).date(),
) -> list[Outcome]:
    """Fetch what the catalogue says can be fetched.

    Args:
        settings: Where the corpus and the data lie.
        identifiers: Which entries; all that can be fetched if empty.
        fetcher: Fetches one address.
        tell: Called with each outcome as it comes.
        today: The date that is stamped.

    Returns:
        The outcomes, in the order of the catalogue.

    Raises:
        CatalogueError: If the catalogue is wrong.
        FetchError: If an id is not in it.
        IngestBusyError: If another fetch is running.
    """
    lock = settings.data / "fetch.lock"
    with held(lock, IngestBusyError("fetch_busy", path=lock)):
        outcomes = []
        for source in _wanted(read_catalogue(settings.corpus), identifiers):
            outcome = _fetch(settings, source, fetcher, today())
            tell(outcome)
            outcomes.append(outcome)
        return outcomes


def _wanted(sources: Sequence[Source], identifiers: Sequence[str]) -> list[Source]:
    known = [source.id for source in sources]
    for identifier in identifiers:
        if identifier not in known:
            raise FetchError("fetch_no_source", source=identifier)
    return [source for source in sources if (source.id in identifiers if identifiers else source.fetched)]


def _fetch(settings: IngestSettings, source: Source, fetcher: Fetcher, today: date) -> Outcome:
    try:
        if not source.fetched:
            raise FetchError("fetch_not_to_be", source=source.id)
        before = _before(settings, source)
        download = fetcher.fetch(source.url, None if before is None else _known(before.record))
        if download is None or (before and sha256(download.content).hexdigest() == before.record.sha256):
            assert before is not None
            keep_record(settings.data, source.id, _checked(before.record, download, today))
            return Outcome(source.id, "unchanged")
        kept = keep(settings.data, source.id, download.content, download.suffix, record_of(source.url, download, today))
        return Outcome(source.id, "fetched", size=kept.size)
    except FaktasvarError as error:
        return Outcome(source.id, "failed", error.say(settings.language))
    except OSError as error:
        # A full disk may have room for the next, smaller document; whoever reads the report sees which failed.
        said = FetchError("fetch_disk", path=error.filename or settings.data, reason=error.strerror or str(error))
        return Outcome(source.id, "failed", said.say(settings.language))


def _before(settings: IngestSettings, source: Source) -> Fetched | None:
    try:
        return find(settings.data, source)
    except FetchedError:
        return None  # It is fetched anew, whole.


def _known(record: Record) -> Known:
    return Known(record.final_url, record.etag, record.last_modified)


def record_of(url: str, download: Download, today: date) -> Record:
    """Return what is known of a download, its digest, size and name apart."""
    return Record(
        url=url,
        final_url=download.final_url,
        etag=download.etag,
        last_modified=download.last_modified,
        sha256="",
        content_type=download.content_type,
        retrieved=today,
        checked=today,
        size=0,
        file="0" * 16 + download.suffix,
    )


def _checked(record: Record, download: Download | None, today: date) -> Record:
    """Return a record of what has not changed: the day it was seen to be so, and what the site calls it now."""
    if download is None:
        return record.model_copy(update={"checked": today})
    names = {"final_url": download.final_url, "etag": download.etag, "last_modified": download.last_modified}
    return record.model_copy(update={"checked": today, **names})
