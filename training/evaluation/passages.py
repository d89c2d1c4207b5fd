"""Questions on annotated texts: is the text found, is it known whether it answers, is the right sentence put first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.reader import open_reader
from ingest.passages import Passage
from training.data import Annotated, Note, headings_of, holds, located, read_annotated, read_lines
from training.evaluation.finding import source_rank
from training.evaluation.indexes import Index, Reads, Text, counted, load_settings, open_index, some
from training.measures import auroc, mean, recall_at, reciprocal_rank, token_f1
from training.seen import was_seen

LANGUAGES = ("nb", "nn", "en")

Item = tuple[Annotated, Note]
"""A question and the text that it was written for."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What became of a question.

    Attributes:
        lang: Of the question.
        confidence: The product's, asked of the whole index.
        given: The reader's log odds that the question's own text answers; None without a reader.
    """

    lang: str
    confidence: float
    given: float | None


@dataclass(frozen=True, slots=True)
class Answerable(Asked):
    """What became of a question that its text answers.

    Attributes:
        rank: Of its text among the texts that were found, from 1; None if it was not.
        held_rank: Of the first passage that holds the whole quote, among the passages.
        f1: Of the best sentence of the right text, against the quote.
        overlaps: Whether that sentence holds some of the quote.
    """

    rank: int | None
    held_rank: int | None
    f1: float
    overlaps: bool


def evaluate(
    file: Path,
    passages: Path,
    work: Path,
    *,
    side: str,
    reader: Path | None,
    without_reader: bool = False,
    limit: int | None = None,
) -> dict[str, Any]:
    """Index all texts, ask the questions of one side, and return the measures whole and by language.

    Args:
        file: Questions; see `training.data.read_annotated`.
        passages: The texts, all of which are searched.
        work: Folder for the index.
        side: Of the split; see `of_side`.
        reader: Folder of a reader; None for the one that the settings name.
        without_reader: Whether none is to be used, whatever the settings name.
        limit: Most questions of either kind, spread over all; None for all.
    """
    settings = load_settings(reader, without_reader=without_reader)
    annotated = of_side(read_annotated(passages, file), side)
    index = open_index(read_texts(passages), work / "passages", settings)
    opened = open_reader(settings)
    asked = some([(one, note) for one in annotated for note in one.questions], limit)
    without = some([(one, note) for one in annotated for note in one.unanswerable], limit)
    answerable = [ask(one, note, index, opened) for one, note in counted(asked, "answerable")]
    unanswerable = [ask_in_vain(one, note, index, opened) for one, note in counted(without, "unanswerable")]
    return by_language(answerable, unanswerable, index.searcher.threshold)


def of_side(annotated: Sequence[Annotated], side: str) -> list[Annotated]:
    """Return the texts on one side of the split; on `unseen`, those of documents that no model was trained or fitted on."""
    return [one for one in annotated if side in ("all", one.side) or (side == "unseen" and not was_seen(one.document))]


def read_texts(path: Path) -> dict[str, Text]:
    """Read texts by their names: JSON lines with `id`, `lang`, `text`, and `title` and `section` where there are any."""
    return {record["id"]: Text(headings_of(record), record["text"], record["lang"]) for record in read_lines(path)}


def ask(one: Annotated, note: Note, index: Index, reader: Reads | None) -> Answerable:
    """Ask a question of all texts, then of its own alone."""
    source = index.sources[one.id]
    place = quote_place(one, note.quote, index.generation.text(source))
    hits = index.searcher.search(note.text)
    found = [hit.passage for hit in hits.hits]
    own = index.searcher.search(note.text, [source]).hits
    passage, best = own[0].passage, own[0].passage.sentences[_highest(own[0].sentence_scores)]
    words = passage.quote(best)
    overlaps = holds(words, note.quote) if place is None else best.start < place[1] and place[0] < best.end
    return Answerable(
        lang=note.lang,
        confidence=hits.confidence,
        given=relevance(note.text, one, reader),
        rank=source_rank(found, source),
        held_rank=_held_rank(found, source, place),
        f1=token_f1(words, note.quote),
        overlaps=overlaps,
    )


def ask_in_vain(one: Annotated, note: Note, index: Index, reader: Reads | None) -> Asked:
    """Ask a question of all texts of which none is known to answer it."""
    return Asked(note.lang, index.searcher.search(note.text).confidence, relevance(note.text, one, reader))


def relevance(question: str, one: Annotated, reader: Reads | None) -> float | None:
    """Return the reader's log odds that a text answers a question; None without a reader."""
    return None if reader is None else reader.read(question, [one.search_text])[0].relevance


def quote_place(one: Annotated, quote: str, document: str) -> tuple[int, int] | None:
    """Return where a quote stands in the text of the document that was made of its text; None if it does not."""
    whole = "\n".join([*one.headings, one.text])
    start = whole.find(quote, len(whole) - len(one.text))
    return located(whole, start, start + len(quote), document) if start >= 0 else None


def _highest(scores: Sequence[float]) -> int:
    return max(range(len(scores)), key=lambda place: scores[place])


def _held_rank(found: Sequence[Passage], source: str, place: tuple[int, int] | None) -> int | None:
    for rank, passage in enumerate(found, start=1):
        if place and passage.source == source and passage.start <= place[0] and place[1] <= passage.end:
            return rank
    return None


def by_language(answerable: Sequence[Answerable], unanswerable: Sequence[Asked], threshold: float) -> dict[str, Any]:
    """Return the measures of all questions, and of those in each language."""
    parts: Mapping[str, dict[str, Any]] = {
        lang: figures([a for a in answerable if a.lang == lang], [u for u in unanswerable if u.lang == lang], threshold)
        for lang in LANGUAGES
    }
    return {**figures(answerable, unanswerable, threshold), **parts}


def figures(answerable: Sequence[Answerable], unanswerable: Sequence[Asked], threshold: float) -> dict[str, Any]:
    """Return the measures; None where there is nothing to measure.

    `found@…` and `mrr` count texts, `held@…` passages that hold the whole quote. `answered` and `refused` are the shares of
    the two kinds of questions whose confidence is at least, or below, the product's threshold.
    """
    ranks = [one.rank for one in answerable]
    return {
        "found@1": recall_at(1, ranks),
        "found@5": recall_at(5, ranks),
        "mrr": reciprocal_rank(ranks),
        "held@1": recall_at(1, [one.held_rank for one in answerable]),
        "held@5": recall_at(5, [one.held_rank for one in answerable]),
        "auroc": auroc([one.confidence for one in answerable], [one.confidence for one in unanswerable]),
        "auroc_given": auroc(_given(answerable), _given(unanswerable)),
        "answered": mean(one.confidence >= threshold for one in answerable),
        "refused": mean(one.confidence < threshold for one in unanswerable),
        "span_f1": mean(one.f1 for one in answerable),
        "quote_hit": mean(one.overlaps for one in answerable),
        "n": len(answerable),
        "unanswerable": len(unanswerable),
    }


def _given(asked: Sequence[Asked]) -> list[float]:
    return [one.given for one in asked if one.given is not None]
