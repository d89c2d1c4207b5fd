"""Word search: BM25 over lemmas and compound parts. The only module that imports bm25s."""

from __future__ import annotations

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


class LexicalIndex:
    """BM25 scores of a fixed list of texts.

    Source: Lucene's variant, whose inverse document frequency is never negative: Kamphuis et al. 2020, «Which BM25 Do
    You Mean?».
    """

    def __init__(self, retriever: bm25s.BM25) -> None:
        """Wrap a built or loaded index; use `build` or `load`."""
        self._retriever = retriever
        self._known: frozenset[str] = frozenset(retriever.vocab_dict)
        self.size = int(retriever.scores["num_docs"])

    @classmethod
    def build(cls, texts: Sequence[str], settings: LexicalSettings) -> LexicalIndex:
        """Index the texts; each keeps its place in the list as its number."""
        retriever = bm25s.BM25(method="lucene", k1=settings.k1, b=settings.b)
        retriever.index([terms(text) or [_NO_TERMS] for text in texts], show_progress=False)
        return cls(retriever)

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Open what `save` wrote."""
        return cls(bm25s.BM25.load(folder))

    def save(self, folder: Path) -> None:
        """Write the index to a folder."""
        self._retriever.save(folder, show_progress=False)

    def document_frequency(self, term: str) -> int:
        """Return how many of the texts hold a search term."""
        column = self._retriever.vocab_dict.get(term)
        if column is None:
            return 0
        bounds = self._retriever.scores["indptr"]
        return int(bounds[column + 1] - bounds[column])

    def scores(self, words: Sequence[str]) -> Scores:
        """Return every text's score for the search terms, shape `(size,)`; unknown terms count nothing."""
        known = [word for word in words if word in self._known]
        if not known:
            return np.zeros(self.size, dtype=np.float32)
        return np.asarray(self._retriever.get_scores(known), dtype=np.float32)
