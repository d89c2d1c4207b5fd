"""What the reader says of the passages that were found, put together with how near they lie, as scores and as a chance."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from bot.evidence import NO_STATEMENT_PENALTY, Array, Weights, states, weights_of
from bot.reader import Reading, best_span, sentence_evidence
from ingest.passages import Passage, Sentence

SENTENCE_FEATURES = ("relevance", "evidence", "nearness", "similarity")
"""Of each sentence: the log odds that its passage answers, and that its words are those that answer, both the reader's; the
rank score that it has without the reader (`bot.evidence`); and the cosine with the question."""

_LEAST_NEARNESS = -10.0
"""Nearness counts no lower: what states nothing is already far below by its penalty, which is taken here once more."""

ANSWER_FEATURES = ("score", "relevance", "lead", "evidence", "span", "similarity")
"""Of a question: the best sentence's score; the best passage's relevance and its lead over the next best passage; the best
sentence's evidence; the chance of the best answer span; the best similarity of a sentence."""


LEAST_SPAN_CHANCE = 0.6
"""Chance from which a span is marked; below it, a mark more often leads the eye astray. Source: docs/evaluation.md, «Marks»."""

_NAME = re.compile(r"[A-ZÆØÅ][\w-]*(?: [A-ZÆØÅ][\w-]*)+")
"""Words with a capital letter that stand beside each other."""

LONGEST_SPAN = 0.7
"""Share of a sentence beyond which marking its words tells nothing."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """Both regressions on what the reader says, and what is done with them.

    Attributes:
        sentence: Of `SENTENCE_FEATURES`.
        answer: Of `ANSWER_FEATURES`.
        threshold: The chance from which an answer is given.
        farthest: How far a sentence's score may lie behind the best one's and still be quoted.
    """

    sentence: Weights
    answer: Weights
    threshold: float
    farthest: float


@dataclass(frozen=True)
class Read:
    """Passages that were read for one question, and what is known of their sentences.

    Attributes:
        passages: They, in the order in which they were read.
        readings: Of each.
        nearness: Of each sentence its rank score without the reader, shape `(sentences,)`.
        similarity: Of each sentence the cosine with the question.
    """

    passages: Sequence[Passage]
    readings: Sequence[Reading]
    nearness: Array
    similarity: Array

    @property
    def owner(self) -> npt.NDArray[np.intp]:
        """Of each sentence the place of its passage, shape `(sentences,)`."""
        return np.repeat(np.arange(len(self.passages)), [len(passage.sentences) for passage in self.passages])


@cache
def fitted() -> Judgement:
    """Return the weights in `judging.json`, which `training/fit_judging.py` fits."""
    record = json.loads(files("bot").joinpath("judging.json").read_text(encoding="utf-8"))
    return Judgement(
        sentence=weights_of(record["sentence"], SENTENCE_FEATURES),
        answer=weights_of(record["answer"], ANSWER_FEATURES),
        threshold=float(record["threshold"]),
        farthest=float(record["farthest"]),
    )


def text_offset(passage: Passage) -> int:
    """Return how many characters of headings stand before a passage's text in what the reader reads."""
    return len(passage.search_text) - len(passage.text)


def sentence_features(read: Read) -> Array:
    """Return the features of each sentence, shape `(sentences, len(SENTENCE_FEATURES))`."""
    relevance = np.array([reading.relevance for reading in read.readings])[read.owner]
    evidence = [
        sentence_evidence(reading, start, end)
        for passage, reading in zip(read.passages, read.readings, strict=True)
        for start, end in _places(passage)
    ]
    return np.stack([relevance, np.array(evidence), np.maximum(read.nearness, _LEAST_NEARNESS), read.similarity], axis=1)


def _places(passage: Passage) -> list[tuple[int, int]]:
    first = text_offset(passage) - passage.start
    return [(first + sentence.start, first + sentence.end) for sentence in passage.sentences]


def sentence_scores(read: Read, features: Array, weights: Weights) -> Array:
    """Return each sentence's score, shape `(sentences,)`: log odds, lowered for what states nothing."""
    nothing = [
        not states(passage.quote(sentence), item=sentence.item) for passage in read.passages for sentence in passage.sentences
    ]
    return weights.log_odds(features) - NO_STATEMENT_PENALTY * np.array(nothing)


def answer_features(read: Read, features: Array, scores: Array) -> Array:
    """Return the features of the question, shape `(len(ANSWER_FEATURES),)`.

    Args:
        read: At least one sentence.
        features: `sentence_features(read)`.
        scores: `sentence_scores` of them.
    """
    best = int(np.argmax(scores))
    at = int(read.owner[best])
    own, passage = read.readings[at], read.passages[at]
    rest = [reading.relevance for place, reading in enumerate(read.readings) if place != at]
    start = text_offset(passage)
    *_, chance = best_span(own, start, start + len(passage.text))
    return np.array(
        [
            scores[best],
            max(own.relevance, *rest) if rest else own.relevance,
            own.relevance - max(rest, default=own.relevance),
            features[best, SENTENCE_FEATURES.index("evidence")],
            math.log(max(chance, 1e-6)),
            read.similarity.max(),
        ]
    )


def chance_of_answer(features: Array, weights: Weights) -> float:
    """Return the chance in [0, 1] that the best sentences answer, for features of shape `(len(ANSWER_FEATURES),)`."""
    return 1.0 / (1.0 + math.exp(-float(weights.log_odds(features[None, :])[0])))


def answer_span(passage: Passage, reading: Reading, sentence: Sentence) -> tuple[int, int] | None:
    """Return the few words of a sentence that answer, as places in the source's text; None if none stand out.

    Args:
        passage: The passage that was read.
        reading: What the reader says of it.
        sentence: One of the passage's sentences.
    """
    before = text_offset(passage) - passage.start
    start, end, chance = best_span(reading, before + sentence.start, before + sentence.end)
    if chance < LEAST_SPAN_CHANCE or end - start > LONGEST_SPAN * (sentence.end - sentence.start):
        return None
    quote = passage.quote(sentence)
    first = before + sentence.start
    start, end = whole_names(quote, start - first, end - first)
    return sentence.start + start, sentence.start + end


def whole_names(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a span of a sentence, widened where it begins or ends within a name of several words: «Helse Midt-Norge RHF»."""
    for match in _NAME.finditer(text):
        at, to = match.span()
        start, end = at if at < start < to else start, to if at < end < to else end
    return start, end
