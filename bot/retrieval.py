"""Question to passages: vectors and words, passages and single sentences, fused and put in order by their sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from bot.evidence import (
    Candidates,
    Model,
    QuestionWords,
    best_first,
    chance_of_answer,
    gather,
    rank_scores,
)
from bot.hits import Hit, Hits, as_hits, best_hits_first, by_passage
from bot.likeness import Likeness
from bot.links import Links, find_links
from bot.reranking import Judge, judged
from bot.settings import RetrievalSettings
from ingest.embedding import Embedder
from ingest.index import Generation, Mask, sentence_id
from ingest.language import terms
from ingest.passages import Passage

FARTHEST_BEHIND = 1.5
"""The same in log odds of what lies nearest, without a reader. Source: docs/evaluation.md, «Sentences quoted»."""


def fuse(rankings: Sequence[Sequence[int]], constant: int) -> list[int]:
    """Join rankings by reciprocal rank: an item's score is the sum of `1 / (constant + rank)`, ranks from 1.

    Source: Cormack, Clarke & Büttcher 2009, «Reciprocal Rank Fusion outperforms Condorcet and individual rank learning
    methods», SIGIR.

    Args:
        rankings: Each best first, without repeats.
        constant: How little the first places stand out; at least 1.

    Returns:
        Every item once, best first; equal scores in the order of the items.
    """
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, item in enumerate(ranking, start=1):
            scores[item] = scores.get(item, 0.0) + 1.0 / (constant + rank)
    return sorted(scores, key=lambda item: (-scores[item], item))


@dataclass(frozen=True)
class _Found:
    """The candidates for one question.

    Attributes:
        numbers: The passages, as their places in the generation.
        passages: They.
        candidates: What is known of their sentences.
        scores: Of the sentences, by nearness.
    """

    numbers: Sequence[int]
    passages: Sequence[Passage]
    candidates: Candidates
    scores: npt.NDArray[np.float64]

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The passages, those with the best sentence first."""
        return best_hits_first(as_hits(self.passages, self.scores))

    @property
    def similarity(self) -> dict[str, npt.NDArray[np.float64]]:
        """By passage id, the cosines of its sentences with the question."""
        parts = by_passage(self.passages, self.candidates.sentence_similarity)
        return dict(zip((passage.id for passage in self.passages), parts, strict=True))


class Searcher:
    """Searches one generation."""

    def __init__(
        self,
        generation: Generation,
        embedder: Embedder,
        settings: RetrievalSettings,
        model: Model,
        judge: Judge | None = None,
    ) -> None:
        """Keep what a search needs; nothing is read yet. Without a judge, what lies nearest comes first."""
        self._generation = generation
        self._embedder = embedder
        self._settings = settings
        self._model = model
        self._judge = judge

    @property
    def threshold(self) -> float:
        """The confidence in [0, 1] from which an answer is given."""
        return self._model.threshold if self._judge is None else self._judge.judgement.threshold

    @property
    def farthest(self) -> float:
        """How far a sentence's score may lie behind the best one's and still be quoted."""
        return FARTHEST_BEHIND if self._judge is None else self._judge.judgement.farthest

    def search(self, question: str, sources: Sequence[str] | None = None) -> Hits:
        """Find the passages that may answer a question, best first.

        Args:
            question: A stand-alone question.
            sources: Search only these sources; None for all.

        Raises:
            IndexDamagedError: If the index fails.
            ModelError: If the reader can't be loaded.
        """
        found = self._find(question, sources)
        if found is None or self._judge is None:
            return self._unread(found)
        return judged(question, found.hits, found.similarity, self._judge)

    def _find(self, question: str, sources: Sequence[str] | None) -> _Found | None:
        """Return the candidates, None if nothing is searched."""
        vector = self._embedder.embed_questions([question])[0]
        searched = self._searched(sources)
        numbers = fuse(self.rankings(question, vector, sources), self._settings.rank_constant)
        numbers = _first_of_each(self._newest(number, searched) for number in numbers)[: self._settings.candidates]
        if not numbers:
            return None
        passages = [self._generation.passages[number] for number in numbers]
        candidates = self._candidates(question, vector, numbers, searched)
        scores = rank_scores(candidates, self._model.rank)
        return _Found(numbers, passages, candidates, scores)

    def _unread(self, found: _Found | None) -> Hits:
        """Return what was found in the order of nearness, with the chance that follows from it."""
        if found is None:
            return Hits((), 0.0)
        kin = self._kin(found.numbers, found.candidates, found.scores)
        return Hits(found.hits, chance_of_answer(found.candidates, found.scores, self._model.answer, kin))

    def rankings(self, question: str, vector: npt.NDArray[np.float32], sources: Sequence[str] | None) -> list[list[int]]:
        """Return the passages' numbers as four searches rank them: by vectors of passages and of sentences, by words of both.

        Args:
            question: A stand-alone question.
            vector: Its vector, shape `(dimension,)`.
            sources: Search only these sources; None for all.
        """
        generation, k = self._generation, self._settings.candidates
        words = terms(question)
        near = generation.vectors.search("passages", vector, k, sources)
        near_sentences = generation.vectors.search("sentences", vector, k, sources)
        searched = self._searched(sources)
        sentences = None if searched is None else searched[generation.passage_of_sentence]
        return [
            [generation.number_of_passage[identifier] for identifier, _ in near],
            _first_of_each(generation.sentences[generation.number_of_sentence[i]][0] for i, _ in near_sentences),
            _best(generation.lexical["passages"].scores(words, searched), k),
            _first_of_each(
                int(generation.passage_of_sentence[number])
                for number in _best(generation.lexical["sentences"].scores(words, sentences), k)
            ),
        ]

    def _searched(self, sources: Sequence[str] | None) -> Mask | None:
        """Return whether each passage is searched; None for all: the rarity of words is that among what is searched."""
        return np.isin(self._generation.source_of_passage, list(sources)) if sources is not None else None

    def _newest(self, number: int, searched: Mask | None) -> int:
        """Return the newest passage that says the same word for word, among what is searched; as a rule the passage itself."""
        twins = self._generation.twins.get(number, ())
        return next((twin for twin in twins if searched is None or searched[twin]), number)

    @cached_property
    def links(self) -> Links:
        """Which statements of notes speak of which sentences; looked for when first needed."""
        return find_links(self._generation, Likeness(self._generation))

    def _kin(self, numbers: Sequence[int], candidates: Candidates, scores: npt.NDArray[np.float64]) -> npt.NDArray[np.bool_]:
        """Return of each sentence of some passages whether it is known to speak of the same as the best one."""
        found = [self._generation.number_of_sentence[one] for one in self._sentence_ids(numbers)]
        return np.isin(found, list(self.links.kin(found[best_first(candidates, scores)[0]])))

    def _sentence_ids(self, numbers: Sequence[int]) -> list[str]:
        passages = self._generation.passages
        return [sentence_id(passages, (number, at)) for number in numbers for at in range(len(passages[number].sentences))]

    def _candidates(
        self, question: str, vector: npt.NDArray[np.float32], numbers: Sequence[int], searched: Mask | None
    ) -> Candidates:
        generation = self._generation
        passages = [generation.passages[number] for number in numbers]
        ids = self._sentence_ids(numbers)
        lexical = generation.lexical["passages"]
        size = lexical.size if searched is None else int(searched.sum())
        return gather(
            question,
            QuestionWords(question, lambda term: lexical.document_frequency(term, searched), size),
            passages,
            (generation.vectors.stored("passages", [passage.id for passage in passages]) @ vector).astype(np.float64),
            (generation.vectors.stored("sentences", ids) @ vector).astype(np.float64),
        )


def _best(scores: npt.NDArray[np.float32], k: int) -> list[int]:
    """Return the numbers of the `k` highest scores above 0, highest first; equal scores in order."""
    found = np.flatnonzero(scores > 0)
    if len(found) > k:  # Sorting all of a large index would take longer than the search.
        least = np.partition(scores[found], -k)[-k]
        found = found[scores[found] >= least]
    order = found[np.argsort(-scores[found], kind="stable")][:k]
    return [int(number) for number in order]


def _first_of_each(items: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(items))
