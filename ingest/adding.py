"""Documents put into the catalogue and taken out of it, by a person's command.

What the catalogue names is written before the catalogue names it, and moved away after it no longer does: a killed command
leaves a file too many, never an entry without its file.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from hashlib import sha256
from pathlib import Path

from ingest.catalogue import CATALOGUE_FILE, Source, parse_catalogue
from ingest.documents import Document
from ingest.editing import Value, with_entry, without_entry
from ingest.errors import AddError, CatalogueError, IngestBusyError
from ingest.facts import Ask, Facts, complete, facts_of, slug, unique
from ingest.fetched import FOLDER as FETCHED
from ingest.fetched import Brought, folder_of, forget, keep
from ingest.files import write_atomically, write_bytes_atomically
from ingest.locks import held
from ingest.reading.child.pool import read_apart
from ingest.settings import IngestSettings, ReadingSettings

DOCUMENTS = "documents"
REMOVED = "removed"

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)

Download = Callable[[str], Brought]
"""Fetches an address; raises FetchError."""


def add(settings: IngestSettings, where: str, given: Facts, ask: Ask | None, download: Download, today: date) -> str:
    """Put a document into the catalogue.

    Args:
        settings: Where the corpus and the data lie.
        where: A file, or an address.
        given: What a person says of it.
        ask: Asks a person for what is missing; None where there is none to ask.
        download: Fetches an address.
        today: When a file was taken in.

    Returns:
        Its id.

    Raises:
        AddError: If something is missing, or it is in the catalogue already.
        DocumentError: If it can't be read.
        FetchError: If it can't be fetched.
        CatalogueError: If what is said of it, or the catalogue, is wrong.
        IngestBusyError: If the catalogue is being changed.
    """
    with _changing(settings):
        text, sources = _read(settings.corpus)
        if _ADDRESS.match(where):
            return _add_address(settings, text, sources, where, given, ask, download)
        return _add_file(settings, text, sources, Path(where), given, ask, today)


def remove(settings: IngestSettings, identifier: str) -> Path | None:
    """Take a document out of the catalogue and move what there is of it to the data directory's `removed`.

    Returns:
        Where it has been moved; None where there was nothing to move.

    Raises:
        AddError: If it is not in the catalogue.
        CatalogueError: If the catalogue is wrong, or would be: another entry says that it replaces this one.
        IngestBusyError: If the catalogue is being changed.
    """
    with _changing(settings):
        text, sources = _read(settings.corpus)
        without = without_entry(text, identifier)
        left = parse_catalogue(without, settings.corpus) if len(sources) > 1 else []
        write_atomically(_path(settings.corpus), without)
        source = next(source for source in sources if source.id == identifier)
        return _move_away(settings, source, left)


def _changing(settings: IngestSettings) -> AbstractContextManager[None]:
    lock = settings.data / "catalogue.lock"
    return held(lock, IngestBusyError("catalogue_busy", path=lock))


def _path(corpus: Path) -> Path:
    return (corpus / CATALOGUE_FILE).resolve()  # What a link points at is replaced, not the link.


def _read(corpus: Path) -> tuple[str, list[Source]]:
    """Return the catalogue's text and entries; a corpus that has none yet gets its first."""
    try:
        text = _path(corpus).read_bytes().decode("utf-8")
        return text, parse_catalogue(text, corpus)
    except FileNotFoundError:
        return "", []
    except UnicodeDecodeError as error:
        raise CatalogueError("catalogue_invalid", path=corpus / CATALOGUE_FILE, reason=error) from error
    except CatalogueError as error:
        if error.key == "catalogue_empty":
            return text, []
        raise


def _add_file(
    settings: IngestSettings, text: str, sources: Sequence[Source], path: Path, given: Facts, ask: Ask | None, today: date
) -> str:
    document = read_apart(path, settings.reading)
    content = path.read_bytes()
    _refuse_known_file(sources, content)
    facts = complete(facts_of(document, given), path.stem, {source.id for source in sources}, ask, settings.language)
    inside = path.resolve().is_relative_to(settings.corpus.resolve())
    file = path.resolve() if inside else _free(settings.corpus / DOCUMENTS, path)
    named = file.relative_to(settings.corpus.resolve() if inside else settings.corpus).as_posix()
    if not inside:
        file.parent.mkdir(parents=True, exist_ok=True)
        write_bytes_atomically(file, content)
    try:
        _write_entry(settings.corpus, text, _entry(facts, {"retrieved": today, "file": named}))
    except BaseException:
        if not inside:
            file.unlink(missing_ok=True)
        raise
    return facts.id


def _add_address(
    settings: IngestSettings,
    text: str,
    sources: Sequence[Source],
    url: str,
    given: Facts,
    ask: Ask | None,
    download: Download,
) -> str:
    for source in sources:
        if source.url == url:
            raise AddError("add_known", source=source.id)
    brought = download(url)
    document = _read_brought(brought, settings.reading)
    taken = {source.id for source in sources} | _folders(settings.data / FETCHED)
    facts = complete(facts_of(document, given), Path(brought.record.final_url).stem or url, taken, ask, settings.language)
    entry = _entry(facts, {"url": url})
    parse_catalogue(with_entry(text, entry), settings.corpus)
    keep(settings.data, facts.id, brought.content, brought.suffix, brought.record)
    try:
        _write_entry(settings.corpus, text, entry)
    except BaseException:
        forget(settings.data, facts.id)
        raise
    return facts.id


def _read_brought(brought: Brought, settings: ReadingSettings) -> Document:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"document{brought.suffix}"
        path.write_bytes(brought.content)
        return read_apart(path, settings)


def _refuse_known_file(sources: Sequence[Source], content: bytes) -> None:
    digest = sha256(content).digest()
    for source in sources:
        if source.file is None or not source.file.is_file() or source.file.stat().st_size != len(content):
            continue
        if sha256(source.file.read_bytes()).digest() == digest:
            raise AddError("add_known", source=source.id)


def _folders(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*")}


def _free(folder: Path, path: Path) -> Path:
    """Return a safe name in a folder that no file there has, whatever its suffix: names without it are told apart too."""
    taken = {one.stem.lower() for one in folder.glob("*")}
    return folder / (unique(slug(path.stem), taken) + path.suffix.lower())


def _entry(facts: Facts, more: dict[str, Value]) -> dict[str, Value]:
    """Return an entry's keys and values in the order of the catalogue's own entries; what is empty is left out."""
    dated: Value = facts.dated
    try:
        dated = date.fromisoformat(facts.dated)
    except ValueError:
        pass  # The catalogue's own sentence says what is wrong with it.
    entry: dict[str, Value] = {
        "id": facts.id,
        "title": facts.title,
        "publisher": facts.publisher,
        "kind": facts.kind,
        "dated": dated,
        "retrieved": more.get("retrieved", ""),
        "language": facts.language,
        "url": more.get("url", facts.url),
        "file": more.get("file", ""),
        "licence": facts.licence,
    }
    return {key: value for key, value in entry.items() if value != ""}


def _write_entry(corpus: Path, text: str, entry: dict[str, Value]) -> None:
    """Write the catalogue with an entry more, once it has been read and found right."""
    made = with_entry(text, entry)
    parse_catalogue(made, corpus)
    corpus.mkdir(parents=True, exist_ok=True)
    write_atomically(_path(corpus), made)


def _move_away(settings: IngestSettings, source: Source, left: Sequence[Source]) -> Path | None:
    folder = settings.data / REMOVED / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{source.id}"
    moved: list[Path] = []
    there = source.file is not None and source.file.exists()
    if source.file is not None and there and not any(other.file == source.file for other in left):
        moved.append(source.file)
    if source.fetched and folder_of(settings.data, source.id).is_dir():
        moved.append(folder_of(settings.data, source.id))
    for path in moved:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.move(os.fspath(path), folder / path.name)
    return folder if moved else None
