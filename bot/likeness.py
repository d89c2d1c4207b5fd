"""How much two sentences speak of the same thing: the nearness of their vectors, and the rare words that they share."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from bot.evidence import rarity, sentence_terms
from ingest.index import Generation, sentence_id

Array = npt.NDArray[np.float64]

WORDS = 0.5
"""What sharing all words counts beside a cosine of 1. Source: the notes that come with the project; of 29 statements with
a relation, the sentence that each speaks of came first for 22 and among the first three for 27."""

_NEAREST = 20
"""Sentences whose words are compared, the nearest by vector first; comparing those of all would take minutes on a large
document and change nothing, since words alone make no likeness."""


class Likeness:
    """Compares sentences of one generation, each by its place in `Generation.sentences`."""

    def __init__(self, generation: Generation) -> None:
        """Keep the generation; nothing is read yet."""
        self._generation = generation

    def nearest(self, ones: Sequence[int], others: Sequence[int]) -> list[list[tuple[float, int]]]:
        """Return for each of some sentences the others most like it, the most alike first, each after its likeness."""
        if not ones or not others:
            return [[] for _ in ones]
        cosines = (self._vectors(ones) @ self._vectors(others).T).astype(np.float64)
        first = np.argsort(-cosines, axis=1, kind="stable")[:, :_NEAREST]
        found = [
            [(float(row[at]) + WORDS * self._shared(one, others[at]), others[at]) for at in places]
            for one, row, places in zip(ones, cosines, first, strict=True)
        ]
        return [sorted(pairs, key=lambda pair: -pair[0]) for pairs in found]

    def between(self, ones: Sequence[int], others: Sequence[int], nearest: float) -> Array:
        """Return the likeness of each of some sentences to each of others, shape `(len(ones), len(others))`.

        Args:
            ones: The rows.
            others: The columns.
            nearest: Cosine below which two have no likeness, whatever words they share: the result holds 0 there.
        """
        if not ones or not others:
            return np.zeros((len(ones), len(others)))
        cosines = (self._vectors(ones) @ self._vectors(others).T).astype(np.float64)
        shared = np.array([[self._shared(one, other) for other in others] for one in ones])
        return np.where(cosines >= nearest, cosines + WORDS * shared, 0.0)

    def _vectors(self, numbers: Sequence[int]) -> npt.NDArray[np.float32]:
        generation = self._generation
        ids = [sentence_id(generation.passages, generation.sentences[number]) for number in numbers]
        return generation.vectors.stored("sentences", ids)

    def _shared(self, one: int, other: int) -> float:
        """Return the share in [0, 1] of two sentences' words, by rarity, that both have."""
        ours, theirs = self._terms(one), self._terms(other)
        both = ours & theirs
        return self._weight(both) / math.sqrt(self._weight(ours) * self._weight(theirs)) if both else 0.0

    def _terms(self, number: int) -> frozenset[str]:
        passage, at = self._generation.sentences[number]
        return sentence_terms(self._generation.passages[passage])[at]

    def _weight(self, terms: frozenset[str]) -> float:
        words = self._generation.lexical["sentences"]
        return sum(rarity(words.document_frequency(term), words.size) for term in terms)
