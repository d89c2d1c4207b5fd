"""Reading within the right article: the words that answer, held against the words that people marked."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.reader import best_spans, open_reader
from ingest.language import sentence_spans
from training.data import read_contexts, read_lines, unseen
from training.evaluation.indexes import Index, Reads, Text, counted, load_settings, open_index, some
from training.measures import best_f1, exact, mean

WINDOW_CHARS = 1400
"""Longest window of an article. Source: windows of 400 to 1,600 characters are learnt from (`training.examples`), and with
the vocabulary of `training.vocabulary` the longest window of NorQuAD's articles is 426 word pieces, which the reader takes in
beside a question of any length."""

STRIDE_CHARS = 700
"""How far on the next window begins at most, so that all but the ends of an article is read twice. A guess."""

RELEVANCE_WEIGHT = 1.0
"""What a window's log odds of holding the answer weigh against the log chance of the span in it. 1 where both chances were
right and independent; to be tuned on training questions about unseen articles, never on validation."""

SPANS = 20
"""Candidates of one window. Their chances are added up over windows, so those that are not the likeliest of one count too; a
guess."""

_SIGNS = ' .,:;«»"()'
"""What makes no other answer of the same words."""

CHANCES = (0.0, 0.25, 0.5, 0.6, 0.75, 0.9)
"""Chances of an answer that are told apart."""

_LEAST_CHANCE = 1e-9


@dataclass(frozen=True, slots=True)
class Question:
    """A question on an article.

    Attributes:
        text: It.
        context: The article's number.
        answers: The words that people marked; at least one.
        start: Where the first of them begin in the article.
        domain: What kind of article it is; empty if it was not said.
    """

    text: str
    context: int
    answers: tuple[str, ...]
    start: int
    domain: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a window may answer: the words, the log of their chance, and the log odds that the window holds the answer."""

    text: str
    log_chance: float
    relevance: float


Answers = Callable[[Question], Sequence[Candidate]]
"""Returns what may answer a question; at least one."""


def read_questions(path: Path, only: str | None = None) -> list[Question]:
    """Read questions on articles.

    Args:
        path: JSON lines with `question`, `context_id`, `answers` of `text` and `start`, and `domain` where it is known.
        only: `seen` or `unseen` for those on articles that are trained on, or kept out of training; None for all.
    """
    return [
        Question(
            one["question"],
            one["context_id"],
            tuple(answer["text"] for answer in one["answers"]),
            one["answers"][0]["start"],
            one.get("domain", ""),
        )
        for one in read_lines(path)
        if only is None or unseen(one["context_id"]) == (only == "unseen")
    ]


def windows(text: str, size: int = WINDOW_CHARS, stride: int = STRIDE_CHARS) -> list[tuple[int, int]]:
    """Cut a text into overlapping windows, between sentences or lines where that can be, else between words.

    Args:
        text: The text.
        size: Most characters of a window.
        stride: Most characters from the start of one window to the start of the next; less than `size`.

    Returns:
        First character of each window and one past the last, in order; together they hold the whole text.

    Raises:
        ValueError: If the stride is not between 1 and the size.
    """
    if not 0 < stride < size:
        raise ValueError(f"stride must lie between 0 and size, is {stride!r} of {size!r}")
    joints = _joints(text)
    found: list[tuple[int, int]] = []
    start = 0
    while len(text) - start > size:
        found.append((start, _cut(text, joints, start + stride, start + size)))
        start = _cut(text, joints, start, start + stride)
    return [*found, (start, len(text))]


def _joints(text: str) -> list[int]:
    """Return where a sentence or a line begins, in order."""
    found = []
    start = 0
    for line in text.splitlines(keepends=True):
        found += [start + span.start for span in sentence_spans(line)]
        start += len(line)
    return found


def _cut(text: str, joints: Sequence[int], after: int, most: int) -> int:
    """Return the last place after `after` and not beyond `most` where a sentence begins, or else a word, or else `most`."""
    at = bisect_right(joints, most) - 1
    if at >= 0 and joints[at] > after:
        return joints[at]
    space = text.rfind(" ", after, most)
    return space + 1 if space >= 0 else most


def by_reading(reader: Reads, contexts: Mapping[int, str], size: int, stride: int) -> Answers:
    """Return what answers by reading the windows of the article."""

    def answers(question: Question) -> list[Candidate]:
        text = contexts[question.context]
        parts = [text[start:end] for start, end in windows(text, size, stride)]
        found = []
        for part, reading in zip(parts, reader.read(question.text, parts), strict=True):
            found += [
                Candidate(part[start:end], math.log(max(chance, _LEAST_CHANCE)), reading.relevance)
                for start, end, chance in best_spans(reading, 0, len(part), SPANS)
            ]
        return found or [Candidate("", 0.0, 0.0)]

    return answers


def by_sentence(index: Index) -> Answers:
    """Return what answers without a reader: the sentence of the article that the search puts first."""

    def answers(question: Question) -> list[Candidate]:
        hits = index.searcher.search(question.text, [index.sources[str(question.context)]]).hits
        if not hits:
            return [Candidate("", 0.0, 0.0)]
        place = max(range(len(hits[0].sentence_scores)), key=lambda one: hits[0].sentence_scores[one])
        return [Candidate(hits[0].passage.quote(hits[0].passage.sentences[place]), 0.0, 0.0)]

    return answers


def choose(candidates: Sequence[Candidate], weight: float) -> str:
    """Return the likeliest words; what several windows say, or one says in several places, is the likelier for it."""
    scores: dict[str, float] = {}
    words: dict[str, str] = {}
    for one in candidates:
        said = one.text.strip(_SIGNS).lower()
        score = one.log_chance + weight * one.relevance
        scores[said] = float(np.logaddexp(scores.get(said, -math.inf), score))
        words.setdefault(said, one.text)
    return words[max(scores, key=lambda said: scores[said])]


def figures(questions: Sequence[Question], said: Sequence[str]) -> dict[str, Any]:
    """Return exact match and F1 of some answers, shares in [0, 1]."""
    pairs = list(zip(questions, said, strict=True))
    return {
        "em": mean(exact(answer, question.answers) for question, answer in pairs),
        "f1": mean(best_f1(answer, question.answers) for question, answer in pairs),
        "n": len(pairs),
    }


def evaluate(
    questions: Path,
    contexts: Path,
    work: Path,
    *,
    reader: Path | None,
    without_reader: bool = False,
    only: str | None = None,
    weights: Sequence[float] = (RELEVANCE_WEIGHT,),
    size: int = WINDOW_CHARS,
    stride: int = STRIDE_CHARS,
    limit: int | None = None,
) -> dict[str, Any]:
    """Read, and return the figures: of the first weight whole, by domain and by chance, and by weight where there are several.

    Without a reader the best sentence of the article is the answer, as the first version of the bot has it.

    Args:
        questions: See `read_questions`.
        contexts: JSON lines with `context_id` and `text`.
        work: Folder for the index that is searched where there is no reader.
        reader: Folder of a reader; None for the one that the settings name.
        without_reader: Whether none is to be used, whatever the settings name.
        only: See `read_questions`.
        weights: Of the windows' relevance, at least one.
        size: See `windows`.
        stride: See `windows`.
        limit: Most questions, spread over all; None for all.
    """
    settings = load_settings(reader, without_reader=without_reader)
    opened = open_reader(settings)
    articles = read_contexts(contexts)
    asked = some(read_questions(questions, only), limit)
    if opened is not None:
        answers = by_reading(opened, articles, size, stride)
    else:
        answers = by_sentence(open_index(as_texts(articles), work / "articles", settings))
    found = [answers(question) for question in counted(asked, "read")]
    said = {weight: [choose(one, weight) for one in found] for weight in weights}
    first = said[weights[0]]
    domains = sorted({question.domain for question in asked if question.domain})
    return {
        **figures(asked, first),
        "weight": weights[0],
        "by_domain": {name: _part(asked, first, name) for name in domains},
        "by_weight": {str(weight): figures(asked, each) for weight, each in said.items()},
        "by_chance": by_chance(asked, found, first),
    }


def by_chance(asked: Sequence[Question], found: Sequence[Sequence[Candidate]], said: Sequence[str]) -> dict[str, Any]:
    """Return the figures of the answers whose chance lies from one of `CHANCES` up to the next."""
    chances = [
        max(math.exp(one.log_chance) for one in each if one.text == text) for each, text in zip(found, said, strict=True)
    ]
    places = np.searchsorted(CHANCES, chances, side="right") - 1
    return {
        str(least): figures([asked[at] for at in kept], [said[at] for at in kept])
        for number, least in enumerate(CHANCES)
        if (kept := np.flatnonzero(places == number).tolist())
    }


def as_texts(articles: Mapping[int, str]) -> dict[str, Text]:
    """Return articles as texts to be indexed, by their numbers."""
    return {str(number): Text((), text) for number, text in articles.items()}


def _part(asked: Sequence[Question], said: Sequence[str], domain: str) -> dict[str, Any]:
    places = [place for place, question in enumerate(asked) if question.domain == domain]
    return figures([asked[place] for place in places], [said[place] for place in places])
