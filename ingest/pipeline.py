"""The catalogue becomes a new generation: read, cut, embed, write, verify, publish."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Literal

from ingest.catalogue import Source, read_catalogue
from ingest.documents import Document
from ingest.embedding import CachedEmbedder, Embedder, Vectors, open_embedder
from ingest.errors import DocumentError, EmptyDocumentError, IndexStateError, UnreadableError
from ingest.index import (
    SCHEMA,
    Failure,
    Generation,
    IndexStore,
    LexicalIndex,
    Manifest,
    SourceRecord,
    sentence_places,
    write_generation,
)
from ingest.index.vectors import CollectionName
from ingest.language import terms
from ingest.located import Located, dated_of, file_of, locate, name_of, retrieved_of
from ingest.passages import Passage, cut_passages
from ingest.reading import Notes, read_notes
from ingest.reading.child.pool import Readers
from ingest.settings import IngestSettings
from ingest.versions import keep_changed

Stage = Literal["model", "read", "embed", "write", "verify"]
Progress = Callable[[Stage, int, int], None]
"""Called with the stage, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingest did.

    Attributes:
        generation: Name of the generation that is now the current one; empty if nothing could be indexed.
        changed: Whether it is a new one.
        sources: What it holds.
        failures: What could not be read, and why.
        left_out: Ids of the sources that the catalogue says are not to be searched.
        not_fetched: Ids of the sources that are still to be fetched.
        only_known: Ids of the sources that are named without being had.
        passages: How many it holds.
        sentences: How many it holds.
        embedded: How many texts were embedded; the others' vectors were kept from before.
    """

    generation: str
    changed: bool
    sources: tuple[SourceRecord, ...]
    failures: tuple[Failure, ...]
    left_out: tuple[str, ...]
    passages: int
    sentences: int
    embedded: int
    not_fetched: tuple[str, ...] = ()
    only_known: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Read:
    """A source, its text and its passages, what of it could not be used, and a digest of what was made of it."""

    record: SourceRecord
    text: str
    passages: list[Passage]
    problems: tuple[DocumentError, ...]
    made: str


def ingest(settings: IngestSettings, progress: Progress, *, rebuild: bool = False) -> IngestReport:
    """Bring the index up to date with the catalogue.

    A document that can't be read is reported and left out; the others go on. If nothing that matters has changed, the
    current generation stays.

    Args:
        settings: Where the corpus and the data lie, and how documents are cut and embedded.
        progress: Told how far each stage has come.
        rebuild: Build a new generation even if nothing has changed.

    Raises:
        IngestBusyError: If another ingest is running.
        CatalogueError: If the catalogue is wrong.
        ModelError: If the embedding model can't be made or loaded.
        IndexDamagedError: If the new generation fails its verification; the current one stays.
    """
    store = IndexStore(settings.data)
    with store.lock():
        sources = read_catalogue(settings.corpus)
        found = locate(sources, settings)
        progress("model", 0, 1)
        embedder = open_embedder(settings.embedding)
        fingerprint = embedder.fingerprint
        progress("model", 1, 1)
        known = frozenset(source.id for source in sources)
        read, unreadable = _read_all(found.sources, known, settings, progress)
        read = _with_same(read)
        failures = [*found.failures, *unreadable]
        content = _content_digest(settings, fingerprint, read, failures)
        current = None if rebuild else _current_manifest(store, content)
        if current is not None:
            store.tidy()
            return _report(current, found, changed=False, embedded=0)
        if not read:
            return _empty_report(failures, found)
        cached = CachedEmbedder(embedder, settings.data / "cache" / "vectors.sqlite", settings.embedding.batch_size)
        manifest = _build(settings, store, cached, read, failures, content, progress)
        return _report(manifest, found, changed=True, embedded=cached.embedded)


def _read_all(
    sources: Sequence[Source], known: Collection[str], settings: IngestSettings, progress: Progress
) -> tuple[list[_Read], list[Failure]]:
    read: list[_Read] = []
    failures: list[Failure] = []
    progress("read", 0, len(sources))
    with Readers(settings.reading) as readers:
        answers = readers.read(file_of(source) for source in sources if not source.format)
        for number, source in enumerate(sources, start=1):
            try:
                one = _read(source, _notes(source, known) if source.format else next(answers), settings)
            except DocumentError as error:
                failures.append(_failure(source, error, settings))
            else:
                failures += [_failure(source, problem, settings) for problem in one.problems]
                if one.passages:
                    read.append(one)
            progress("read", number, len(sources))
    return read, failures


def _with_same(read: Sequence[_Read]) -> list[_Read]:
    """Say of each source whether one before it holds the same text; white space does not count."""
    first: dict[str, str] = {}
    marked = []
    for one in read:
        same = first.setdefault(" ".join(one.text.split()), one.record.id)
        known = one.record if same == one.record.id else one.record.model_copy(update={"same_as": same})
        marked.append(replace(one, record=known))
    return marked


def _failure(source: Source, error: DocumentError, settings: IngestSettings) -> Failure:
    return Failure(source=source.id, file=name_of(settings, file_of(source)), reason=error.say(settings.language))


def _notes(source: Source, known: Collection[str]) -> Notes:
    """Read a note here: it is text that those who edit the corpus have written, and refers to the catalogue."""
    return read_notes(file_of(source), known)


def _read(source: Source, document: Document | DocumentError, settings: IngestSettings) -> _Read:
    if isinstance(document, DocumentError):
        raise document
    path = file_of(source)
    try:
        with path.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise UnreadableError("document_unreadable", file=path.name, reason=error.strerror) from error
    passages = cut_passages(source.id, document, settings.passages)
    problems = document.problems if isinstance(document, Notes) else ()
    if not passages and not problems:
        raise EmptyDocumentError("document_empty", file=path.name)  # Headings and nothing under them.
    record = SourceRecord(
        id=source.id,
        title=source.title,
        publisher=source.publisher,
        kind=source.kind,
        dated=dated_of(source, document.about),
        retrieved=retrieved_of(source),
        language=source.language,
        licence=source.licence,
        url=source.url,
        file=name_of(settings, path),
        sha256=digest,
        pages=document.page_count,
        passages=len(passages),
        reader=document.reader,
        warnings=document.warnings,
        recognised=dict(document.recognised),
    )
    return _Read(record, document.text, passages, problems, _made_of(document.text, passages))


def _deciding(settings: IngestSettings) -> dict[str, object]:
    return {"passages": settings.passages.model_dump(), "lexical": settings.lexical.model_dump()}


def _content_digest(settings: IngestSettings, fingerprint: str, read: Sequence[_Read], failures: Sequence[Failure]) -> str:
    parts = [
        SCHEMA,
        fingerprint,
        _deciding(settings),
        [one.record.model_dump(mode="json") for one in read],
        # What was made of each file too: another version of a library or of this code may make something else of it.
        [one.made for one in read],
        [[failure.source, failure.reason] for failure in failures],
    ]
    return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _made_of(text: str, passages: Sequence[Passage]) -> str:
    digest = sha256(text.encode())
    for passage in passages:
        digest.update(repr(passage).encode())
        digest.update("\0".join(terms(passage.search_text)).encode())
    return digest.hexdigest()


def _current_manifest(store: IndexStore, content: str) -> Manifest | None:
    """Return the current generation's manifest if it is whole and holds `content`."""
    try:
        generation = store.open()
    except IndexStateError:
        return None
    try:
        if generation.manifest.content != content:
            return None
        generation.verify()
    except IndexStateError:
        return None
    finally:
        generation.close()
    return generation.manifest


def _build(
    settings: IngestSettings,
    store: IndexStore,
    embedder: CachedEmbedder,
    read: Sequence[_Read],
    failures: Sequence[Failure],
    content: str,
    progress: Progress,
) -> Manifest:
    passages = [passage for one in read for passage in one.passages]
    texts = _search_texts(passages)
    vectors = _embed(embedder, texts, settings.embedding.batch_size, progress)
    embedder.drop_unused()
    progress("write", 0, 1)
    # To the microsecond: a rebuild in the same second must not take the current generation's folder.
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}-{content[:12]}"
    manifest = Manifest(
        schema_version=SCHEMA,
        generation=name,
        content=content,
        model=settings.embedding.model,
        model_fingerprint=embedder.fingerprint,
        dimension=int(vectors["passages"].shape[1]),
        settings=_deciding(settings),
        sources=tuple(one.record for one in read),
        failures=tuple(failures),
        passages=len(passages),
        sentences=len(sentence_places(passages)),
    )
    lexical = {name: LexicalIndex.build(part, settings.lexical) for name, part in texts.items()}
    folder = store.begin(name)
    write_generation(folder, manifest, {one.record.id: one.text for one in read}, passages, vectors, texts, lexical)
    progress("write", 1, 1)
    _verify(folder, progress)
    keep_changed(settings.data, store, {one.record.id: one.text for one in read})
    store.publish(name)
    return manifest


def _search_texts(passages: Sequence[Passage]) -> dict[CollectionName, list[str]]:
    return {
        "passages": [passage.search_text for passage in passages],
        "sentences": [passage.search_text_of(one) for passage in passages for one in passage.sentences],
    }


def _embed(
    embedder: Embedder, texts: dict[CollectionName, list[str]], batch: int, progress: Progress
) -> dict[CollectionName, Vectors]:
    import numpy as np

    total = sum(len(part) for part in texts.values())
    done = 0
    vectors: dict[CollectionName, Vectors] = {}
    step = batch * 8
    for name, part in texts.items():
        for start in range(0, len(part), step):
            progress("embed", done, total)
            made = embedder.embed_passages(part[start : start + step])
            if name not in vectors:  # Room for all at once: joining the parts at the end would hold everything twice.
                vectors[name] = np.empty((len(part), made.shape[1]), dtype=np.float32)
            vectors[name][start : start + len(made)] = made
            done += len(made)
    progress("embed", done, total)
    return vectors


def _verify(folder: Path, progress: Progress) -> None:
    progress("verify", 0, 1)
    generation = Generation(folder)
    try:
        generation.verify()
    finally:
        generation.close()
    progress("verify", 1, 1)


def _report(manifest: Manifest, found: Located, *, changed: bool, embedded: int) -> IngestReport:
    return IngestReport(
        generation=manifest.generation,
        changed=changed,
        sources=manifest.sources,
        failures=manifest.failures,
        left_out=found.left_out,
        passages=manifest.passages,
        sentences=manifest.sentences,
        embedded=embedded,
        not_fetched=found.not_fetched,
        only_known=found.only_known,
    )


def _empty_report(failures: Sequence[Failure], found: Located) -> IngestReport:
    nothing = IngestReport("", False, (), tuple(failures), found.left_out, 0, 0, 0)
    return replace(nothing, not_fetched=found.not_fetched, only_known=found.only_known)
