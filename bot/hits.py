"""What a search finds: passages with the scores of their sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bot.reader import Reading
from ingest.passages import Passage


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found.

    Attributes:
        passage: It.
        score: Of its best sentence; only the order of scores means anything.
        sentence_scores: Of each of its sentences, in reading order.
        reading: What the reader says of it; None if it was not read.
    """

    passage: Passage
    score: float
    sentence_scores: tuple[float, ...]
    reading: Reading | None = None


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found for one question.

    Attributes:
        hits: The passages, best first; empty if nothing was searched.
        confidence: Estimated chance in [0, 1] that the best sentences answer the question.
    """

    hits: tuple[Hit, ...]
    confidence: float


def as_hits(passages: Sequence[Passage], scores: npt.NDArray[np.float64]) -> list[Hit]:
    """Return the passages with the scores of their sentences, which follow one another in `scores`."""
    return [
        Hit(passage, float(part.max()), tuple(float(score) for score in part))
        for passage, part in zip(passages, by_passage(passages, scores), strict=True)
    ]


def by_passage(passages: Sequence[Passage], values: npt.NDArray[np.float64]) -> list[npt.NDArray[np.float64]]:
    """Return the values of all sentences, passage by passage."""
    return np.split(values, np.cumsum([len(passage.sentences) for passage in passages])[:-1])


def best_hits_first(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Return the hits with the highest scores first."""
    # Stable: passages whose best sentences tie stay in the fused order.
    return tuple(sorted(hits, key=lambda hit: -hit.score))
