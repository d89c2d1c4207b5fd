"""One generation of the index: written once, verified, then only read."""

from __future__ import annotations

import errno
import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ingest.dates import Interval
from ingest.documents import Origin, Relation
from ingest.embedding import Vectors
from ingest.errors import IndexDamagedError
from ingest.index.lexical import LexicalIndex
from ingest.index.manifest import Manifest, SourceRecord, read_manifest
from ingest.index.vectors import CollectionName, VectorIndex
from ingest.passages import Passage, Sentence

_PASSAGES_FILE = "passages.jsonl"
_TEXTS = "texts"
_CHROMA = "chroma"
_LEXICAL: dict[CollectionName, str] = {"passages": "lexical-passages", "sentences": "lexical-sentences"}


class Generation:
    """A complete index, open for reading.

    Attributes:
        folder: Where it lies.
        manifest: What it says of itself.
        passages: All of them, in the order of the catalogue and of reading.
        sentences: Every sentence as (place in `passages`, place in that passage's sentences), in the same order.
        vectors: The collections `passages` and `sentences`; ids are the passages' and `sentence_id`s.
        lexical: BM25 of the two, by the same names; texts have the numbers of `passages` and `sentences`.
    """

    def __init__(self, folder: Path) -> None:
        """Open a generation.

        Raises:
            IndexMismatchError: If it is of another schema.
            IndexDamagedError: If part of it is missing or unreadable.
        """
        self.folder = folder
        self.manifest: Manifest = read_manifest(folder)
        self.passages = read_passages(folder)
        try:
            self.lexical = {name: LexicalIndex.load(folder / part) for name, part in _LEXICAL.items()}
        except (OSError, ValueError, KeyError, TypeError, EOFError) as error:
            raise IndexDamagedError("index_damaged", what=folder.name, reason=str(error)) from error
        self.sentences = sentence_places(self.passages)
        self.vectors = VectorIndex(folder / _CHROMA)

    @cached_property
    def sources(self) -> dict[str, SourceRecord]:
        """The sources by id."""
        return {source.id: source for source in self.manifest.sources}

    @cached_property
    def number_of_passage(self) -> dict[str, int]:
        """Each passage's place in `passages`, by id."""
        return {passage.id: number for number, passage in enumerate(self.passages)}

    @cached_property
    def number_of_sentence(self) -> dict[str, int]:
        """Each sentence's place in `sentences`, by id."""
        return {sentence_id(self.passages, place): number for number, place in enumerate(self.sentences)}

    @cached_property
    def source_of_passage(self) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
        """Each passage's source id, shape `(len(passages),)`."""
        return np.array([passage.source for passage in self.passages])

    @cached_property
    def passage_of_sentence(self) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        """Each sentence's passage, as its place in `passages`, shape `(len(sentences),)`."""
        return np.array([passage for passage, _ in self.sentences], dtype=np.intp)

    @cached_property
    def twins(self) -> dict[int, tuple[int, ...]]:
        """Of each passage that stands word for word, headings and all, in another source too: all of them, the newest first."""
        alike: dict[str, list[int]] = {}
        for number, passage in enumerate(self.passages):
            alike.setdefault(passage.search_text, []).append(number)
        found: dict[int, tuple[int, ...]] = {}
        for numbers in alike.values():
            if len({self.passages[number].source for number in numbers}) > 1:
                newest_first = sorted(numbers, key=lambda number: -self._dated(number))
                found |= dict.fromkeys(numbers, tuple(newest_first))
        return found

    def _dated(self, number: int) -> int:
        return self.sources[self.passages[number].source].dated.toordinal()

    def text(self, source: str) -> str:
        """Return a source's text, in which all offsets count.

        Raises:
            IndexDamagedError: If it is missing or unreadable.
        """
        return read_text(self.folder, source)

    def verify(self) -> None:
        """Check that the generation is whole: counts agree, texts stand at their offsets, every vector finds itself.

        Raises:
            IndexDamagedError: At the first thing that is not so.
        """
        counts = {"passages": len(self.passages), "sentences": len(self.sentences)}
        stated = {"passages": self.manifest.passages, "sentences": self.manifest.sentences}
        names: tuple[CollectionName, ...] = ("passages", "sentences")
        for name in names:
            found = {stated[name], counts[name], self.vectors.count(name), self.lexical[name].size}
            if len(found) != 1:
                raise IndexDamagedError("index_damaged", what=name, reason=f"counts differ: {sorted(found)}")
        texts = {source: self.text(source) for source in self.sources}
        for passage in self.passages:
            if texts.get(passage.source, "")[passage.start : passage.end] != passage.text:
                raise IndexDamagedError("index_damaged", what=passage.id, reason="text is not at its offsets")
        for name, ids in (("passages", self.number_of_passage), ("sentences", self.number_of_sentence)):
            lost = self.vectors.lost(name, ids)
            if lost:
                raise IndexDamagedError("index_damaged", what=lost[0], reason=f"{len(lost)} vectors are not found")

    def close(self) -> None:
        """Let go of the files."""
        self.vectors.close()


def write_generation(
    folder: Path,
    manifest: Manifest,
    texts: dict[str, str],
    passages: Sequence[Passage],
    vectors: dict[CollectionName, Vectors],
    search_texts: dict[CollectionName, list[str]],
    lexical: dict[CollectionName, LexicalIndex],
) -> None:
    """Write all of a generation into an empty folder, the manifest last.

    Args:
        folder: Where; it exists.
        manifest: What it says of itself.
        texts: Each source's text, by id.
        passages: All passages.
        vectors: Of the passages and of the sentences, in the order of `passages` and `sentence_places`.
        search_texts: What was embedded, in the same order.
        lexical: The word search of both.

    Raises:
        OSError: If it can't be written.
    """
    (folder / _TEXTS).mkdir()
    for source, text in texts.items():
        # Bytes, since a text file's line ends would be changed on Windows and every offset with them.
        (folder / _TEXTS / f"{source}.txt").write_bytes(text.encode("utf-8"))
    lines = [json.dumps(asdict(passage), ensure_ascii=False, default=date.isoformat) for passage in passages]
    (folder / _PASSAGES_FILE).write_text("\n".join(lines) + "\n", encoding="utf-8")
    for name, index in lexical.items():
        index.save(folder / _LEXICAL[name])
    try:
        _write_vectors(folder / _CHROMA, passages, vectors, search_texts)
    except IndexDamagedError as error:
        # What is just being made can't be damaged: the disk is full, or closed to us.
        raise OSError(errno.EIO, str(error.values["reason"]), str(folder / _CHROMA)) from error
    manifest.write(folder)


def _write_vectors(
    folder: Path,
    passages: Sequence[Passage],
    vectors: dict[CollectionName, Vectors],
    search_texts: dict[CollectionName, list[str]],
) -> None:
    places = sentence_places(passages)
    store = VectorIndex(folder)
    try:
        ids = [passage.id for passage in passages]
        store.add("passages", ids, search_texts["passages"], [p.source for p in passages], vectors["passages"])
        ids = [sentence_id(passages, place) for place in places]
        sources = [passages[place[0]].source for place in places]
        store.add("sentences", ids, search_texts["sentences"], sources, vectors["sentences"])
    finally:
        store.close()


def sentence_places(passages: Sequence[Passage]) -> list[tuple[int, int]]:
    """Return every sentence as (place in `passages`, place in that passage's sentences)."""
    return [(number, at) for number, passage in enumerate(passages) for at in range(len(passage.sentences))]


def sentence_id(passages: Sequence[Passage], place: tuple[int, int]) -> str:
    """Return a sentence's id in the vector index: its passage's, and its number there, from 1."""
    return f"{passages[place[0]].id}/{place[1] + 1}"


def read_text(folder: Path, source: str) -> str:
    """Return a source's text in the generation in a folder.

    Raises:
        IndexDamagedError: If it is missing or unreadable.
    """
    try:
        return (folder / _TEXTS / f"{source}.txt").read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise IndexDamagedError("index_damaged", what=source, reason=str(error)) from error


def read_passages(folder: Path) -> list[Passage]:
    """Return the passages of the generation in a folder.

    Raises:
        IndexDamagedError: If they are missing or unreadable.
    """
    try:
        # Not splitlines(): it would also cut at characters that JSON leaves as they are, such as U+2028.
        lines = (folder / _PASSAGES_FILE).read_text(encoding="utf-8").split("\n")
        return [_passage(json.loads(line)) for line in filter(None, lines)]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamagedError("index_damaged", what=folder.name, reason=str(error)) from error


def _passage(record: dict[str, Any]) -> Passage:
    record["headings"] = tuple(record["headings"])
    record["sentences"] = tuple(Sentence(**sentence) for sentence in record["sentences"])
    record["origin"] = _origin(record.get("origin"))
    return Passage(**record)


def _origin(record: dict[str, Any] | None) -> Origin | None:
    if record is None:
        return None
    days = {name: date.fromisoformat(day) if day else None for name, day in record["interval"].items()}
    relation = Relation(**record["relation"]) if record["relation"] else None
    return Origin(**record | {"interval": Interval(**days), "relation": relation})
