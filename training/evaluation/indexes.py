"""Texts as a corpus of their own, indexed and searched just as the product does it."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, TypeVar

from bot import evidence
from bot.reader import Reading
from bot.reranking import open_judge
from bot.retrieval import Searcher
from bot.settings import BotSettings
from ingest.embedding import open_embedder
from ingest.index import Generation, IndexStore
from ingest.pipeline import Stage, ingest
from training.data import catalogue_entry

_BULLET = re.compile(r"[-•] (.+)")
_NUMBER = re.compile(r"(\d{1,9}[.)]) (.+)")
_LETTER = re.compile(r"[a-z]\) .+")
_MARKUP = re.compile(r"([!-/:-@\[-`{-~])")
_UNHURRIED_MS = 600_000
"""The longest that the settings allow: a busy machine must not change a figure."""

_STEPS = 20
"""How often a long loop says how far it is."""

_T = TypeVar("_T")


class Reads(Protocol):
    """What is needed of a reader; see `bot.reader.Reader`."""

    def read(self, query: str, texts: Sequence[str], *, claim: bool = False) -> list[Reading]:
        """Return a reading of each text."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text that becomes a source of its own."""

    headings: tuple[str, ...]
    text: str
    language: str = "nb"


@dataclass(frozen=True)
class Index:
    """An index that was made of some texts.

    Attributes:
        generation: It.
        searcher: The product's search of it.
        sources: By the texts' names, the ids of their sources.
    """

    generation: Generation
    searcher: Searcher
    sources: Mapping[str, str]


def load_settings(reader: Path | None, *, without_reader: bool = False) -> BotSettings:
    """Return the product's settings, with another reader, or none, if that is asked for.

    Raises:
        ConfigError: If a setting is unknown or its value can't be used.
    """
    settings = BotSettings.load()
    model = "" if without_reader else str(reader) if reader is not None else settings.reader.model
    changed = settings.reader.model_copy(update={"model": model, "budget_ms": _UNHURRIED_MS})
    return settings.model_copy(update={"reader": changed})


def open_index(texts: Mapping[str, Text], folder: Path, settings: BotSettings) -> Index:
    """Index some texts in a folder, or take the index that lies there if it is of the same texts, model and settings.

    Args:
        texts: By name.
        folder: Where corpus, index and vectors lie; vectors are kept from one index to the next.
        settings: The product's; where corpus and data lie is not taken from them.

    Raises:
        FaktasvarError: If the model can't be loaded.
        ValueError: If a text can't be indexed: a figure without it would not be of all texts.
    """
    settings = settings.model_copy(update={"corpus": folder / "corpus", "data": folder / "data"})
    sources = write_corpus(texts, settings.corpus)
    report = ingest(settings, Told())
    if report.failures:
        names = {source: name for name, source in sources.items()}
        raise ValueError(f"{names[report.failures[0].source]!r} can't be indexed: {report.failures[0].reason}")
    sys.stderr.write(f"index: {report.passages} passages, {report.embedded} texts embedded\n")
    generation = IndexStore(settings.data).open()
    embedder = open_embedder(settings.embedding)
    searcher = Searcher(generation, embedder, settings.retrieval, evidence.fitted(), open_judge(settings))
    return Index(generation, searcher, sources)


def write_corpus(texts: Mapping[str, Text], folder: Path) -> dict[str, str]:
    """Write a catalogue with a Markdown file for each text; return the ids of the sources by the texts' names."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    sources = {}
    entries = []
    for number, (name, text) in enumerate(texts.items(), start=1):
        sources[name] = identifier = f"t{number}"
        entries.append(catalogue_entry(identifier, " – ".join(text.headings) or name, text.language))
        (folder / f"{identifier}.md").write_text(as_markdown(text), encoding="utf-8")
    (folder / "sources.toml").write_text("".join(entries), encoding="utf-8")
    return sources


def as_markdown(text: Text) -> str:
    """Return a text as Markdown: its headings, then a paragraph or list item a line.

    A line that begins with a dash is left a paragraph: in news it is what someone says.
    """
    blocks = [f"{'#' * level} {_escaped(heading)}" for level, heading in enumerate(text.headings, start=1)]
    for line in text.text.splitlines():
        words = " ".join(line.split())
        if bullet := _BULLET.fullmatch(words):
            blocks.append(f"- {_escaped(bullet[1])}")
        elif number := _NUMBER.fullmatch(words):
            blocks.append(f"{number[1]} {_escaped(number[2])}")
        elif words:
            blocks.append(("- " if _LETTER.fullmatch(words) else "") + _escaped(words))
    return "\n\n".join(blocks) + "\n"


def _escaped(text: str) -> str:
    return _MARKUP.sub(r"\\\1", " ".join(text.split()))


class Told:
    """Says on standard error how far an ingest is, a few times a stage."""

    def __init__(self) -> None:
        """Nothing has been said yet."""
        self._said: tuple[Stage, int] | None = None

    def __call__(self, stage: Stage, done: int, total: int) -> None:
        """Say how far a stage is; see `ingest.pipeline.Progress`."""
        part = (stage, _STEPS * done // max(1, total))
        if part != self._said:
            self._said = part
            sys.stderr.write(f"{stage}: {done}/{total}\n")


def counted(items: Sequence[_T], what: str) -> Iterator[_T]:
    """Yield the items, saying on standard error how far it is."""
    for number, item in enumerate(items):
        if number % max(1, len(items) // _STEPS) == 0:
            sys.stderr.write(f"{what}: {number}/{len(items)}\n")
        yield item


def some(items: Iterable[_T], most: int | None) -> list[_T]:
    """Return at most so many items, evenly spread over all; all of them for None."""
    kept = list(items)
    if most is None or most >= len(kept):
        return kept
    return [kept[place * len(kept) // most] for place in range(most)]
