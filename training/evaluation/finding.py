"""Finding: at which rank the passage stands that holds the answer, among the passages of all articles."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ingest.language import terms
from ingest.passages import Passage
from training.data import located, read_contexts
from training.evaluation.articles import Question, as_texts, read_questions
from training.evaluation.indexes import Index, counted, load_settings, open_index, some
from training.measures import mean, ndcg, recall_at, reciprocal_rank

Find = Callable[[str], Sequence[Passage]]
"""Returns the passages that a search puts first, best first."""

_LOOKED_AT = 100
"""Passages looked at where words alone rank; further down, a place adds less than 0.01 to the reciprocal rank."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where a question's answer was found.

    Attributes:
        rank: From 1, of the first passage that holds the answer; None if none was found.
        context_rank: The same of the first passage of the right article, counting articles.
        ranks: Of every passage that holds the answer.
        right: How many passages of the index hold it: 0 if it is cut in two.
        domain: Of the question.
    """

    rank: int | None
    context_rank: int | None
    ranks: tuple[int, ...]
    right: int
    domain: str


def right_passages(question: Question, article: str, index: Index) -> set[str]:
    """Return the ids of the passages that hold all of a question's answer."""
    source = index.sources[str(question.context)]
    # A few answers of NorQuAD do not stand where their file says, but near it.
    start = nearest(article, question.answers[0], question.start)
    place = located(article, start, start + len(question.answers[0]), index.generation.text(source))
    if place is None:
        return set()
    return {p.id for p in index.generation.passages if p.source == source and p.start <= place[0] and place[1] <= p.end}


def nearest(text: str, words: str, start: int) -> int:
    """Return where some words stand in a text nearest to `start`; `start` if they don't."""
    places = [match.start() for match in re.finditer(re.escape(words), text)]
    return min(places, key=lambda place: abs(place - start), default=start)


def place_in(found: Sequence[Passage], right: set[str], source: str, domain: str) -> Found:
    """Return where the right passages, and their source, stand among what was found."""
    ranks = tuple(rank for rank, passage in enumerate(found, start=1) if passage.id in right)
    return Found(ranks[0] if ranks else None, source_rank(found, source), ranks, len(right), domain)


def source_rank(found: Sequence[Passage], source: str) -> int | None:
    """Return the rank from 1 of a source among the sources of what was found; None if it is not there."""
    sources = list(dict.fromkeys(passage.source for passage in found))
    return sources.index(source) + 1 if source in sources else None


def by_product(index: Index) -> Find:
    """Return the product's own search."""
    return lambda question: [hit.passage for hit in index.searcher.search(question).hits]


def by_words(index: Index) -> Find:
    """Return BM25 of the passages alone."""

    def find(question: str) -> list[Passage]:
        scores = index.generation.lexical["passages"].scores(terms(question))
        order = np.argsort(-scores, kind="stable")[:_LOOKED_AT]
        return [index.generation.passages[int(number)] for number in order if scores[number] > 0]

    return find


def figures(found: Sequence[Found]) -> dict[str, Any]:
    """Return the measures of finding; `cut` counts the questions whose answer no passage holds whole, which are missed."""
    return {
        "r@1": recall_at(1, [one.rank for one in found]),
        "r@5": recall_at(5, [one.rank for one in found]),
        "mrr": reciprocal_rank(one.rank for one in found),
        "ndcg@10": mean(ndcg(one.ranks, one.right) for one in found),
        "context_r@1": recall_at(1, [one.context_rank for one in found]),
        "cut": sum(one.right == 0 for one in found),
        "n": len(found),
    }


def evaluate(
    questions: Path,
    contexts: Path,
    work: Path,
    *,
    reader: Path | None,
    without_reader: bool = False,
    bm25: bool = False,
    only: str | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    """Index all articles, ask, and return the measures whole and by domain.

    Args:
        questions: See `training.evaluation.articles.read_questions`.
        contexts: JSON lines with `context_id` and `text`.
        work: Folder for the index.
        reader: Folder of a reader; None for the one that the settings name.
        without_reader: Whether none is to be used, whatever the settings name.
        bm25: Whether words alone rank the passages.
        only: See `read_questions`.
        limit: Most questions, spread over all; None for all.
    """
    articles = read_contexts(contexts)
    index = open_index(as_texts(articles), work / "articles", load_settings(reader, without_reader=without_reader or bm25))
    find = by_words(index) if bm25 else by_product(index)
    found = []
    for question in counted(some(read_questions(questions, only), limit), "find"):
        right = right_passages(question, articles[question.context], index)
        found.append(place_in(find(question.text), right, index.sources[str(question.context)], question.domain))
    domains = sorted({one.domain for one in found if one.domain})
    return {
        **figures(found),
        "passages": len(index.generation.passages),
        "by_domain": {name: figures([one for one in found if one.domain == name]) for name in domains},
    }
