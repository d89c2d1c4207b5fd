"""Word search: BM25 over lemmas and compound parts. The only module that imports bm25s."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np
import numpy.typing as npt

from ingest.language import terms
from ingest.settings import LexicalSettings

_NO_TERMS = "\N{EMPTY SET}"
"""Stands in for a text of function words alone: bm25s takes no empty text, and no question holds this sign."""

Scores = npt.NDArray[np.float32]
"""One score a text, float32, 0 where no term is shared, without an upper bound."""


_LENGTHS_FILE = "lengths.npy"

Mask = npt.NDArray[np.bool_]
"""Whether each text is searched, bool, shape `(size,)`."""


class LexicalIndex:
    """BM25 scores of a fixed list of texts.

    Source: Lucene's variant, whose inverse document frequency is never negative: Kamphuis et al. 2020, «Which BM25 Do
    You Mean?».
    """

    def __init__(self, retriever: bm25s.BM25, lengths: npt.NDArray[np.int64]) -> None:
        """Wrap a built or loaded index; use `build` or `load`."""
        self._retriever = retriever
        self._lengths = lengths
        self._known: frozenset[str] = frozenset(retriever.vocab_dict)
        self.size = int(retriever.scores["num_docs"])

    @classmethod
    def build(cls, texts: Sequence[str], settings: LexicalSettings) -> LexicalIndex:
        """Index the texts; each keeps its place in the list as its number."""
        retriever = bm25s.BM25(method="lucene", k1=settings.k1, b=settings.b)
        found = [terms(text) or [_NO_TERMS] for text in texts]
        retriever.index(found, show_progress=False)
        return cls(retriever, np.array([len(one) for one in found], dtype=np.int64))

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Open what `save` wrote."""
        return cls(bm25s.BM25.load(folder), np.load(folder / _LENGTHS_FILE))

    def save(self, folder: Path) -> None:
        """Write the index to a folder."""
        self._retriever.save(folder, show_progress=False)
        np.save(folder / _LENGTHS_FILE, self._lengths)

    def document_frequency(self, term: str, within: Mask | None = None) -> int:
        """Return how many of the texts, or of those searched, hold a search term."""
        places, _ = self._column(term)
        return len(places) if within is None else int(within[places].sum())

    def scores(self, words: Sequence[str], within: Mask | None = None) -> Scores:
        """Return every text's score for the search terms, shape `(size,)`; unknown terms count nothing.

        Args:
            words: The search terms.
            within: Which texts are searched; the others score 0, and the searched ones as if there were no others. None
                for all.
        """
        known = [word for word in words if word in self._known]
        if not known or within is not None and not within.any():
            return np.zeros(self.size, dtype=np.float32)
        if within is None:
            return np.asarray(self._retriever.get_scores(known), dtype=np.float32)
        scores = np.zeros(self.size, dtype=np.float64)
        for word in known:
            places, counted = self._counted(word, within)
            scores[places] += counted
        return scores.astype(np.float32)

    def _counted(self, word: str, within: Mask) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Return the searched texts that hold a word, and what it counts in each as if there were no other texts.

        A score is idf · f / (f + n), with n = k1 (1 - b + b · length / mean length): f follows from the score that is kept.
        """
        places, kept = self._column(word)
        share = kept / _rarity(len(places), self.size)
        held = within[places]
        places, share = places[held], share[held]
        times = share / (1 - share) * self._norm(places, float(self._lengths.mean()))
        norm = self._norm(places, float(self._lengths[within].mean()))
        return places, _rarity(len(places), int(within.sum())) * times / (times + norm)

    def _norm(self, places: npt.NDArray[np.int64], mean: float) -> npt.NDArray[np.float64]:
        k1, b = self._retriever.k1, self._retriever.b
        return np.asarray(k1 * (1 - b + b * self._lengths[places] / mean), dtype=np.float64)

    def _column(self, term: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Return the numbers of the texts that hold a term, and its score in each."""
        column = self._retriever.vocab_dict.get(term)
        if column is None:
            return np.zeros(0, dtype=np.int64), np.zeros(0)
        stored = self._retriever.scores
        start, end = int(stored["indptr"][column]), int(stored["indptr"][column + 1])
        return stored["indices"][start:end].astype(np.int64), stored["data"][start:end].astype(np.float64)


def _rarity(frequency: int, size: int) -> float:
    """Return Lucene's inverse document frequency."""
    return math.log(1 + (size - frequency + 0.5) / (frequency + 0.5))
