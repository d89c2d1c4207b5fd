"""Question to passages: vectors and words, passages and single sentences, fused and put in order by their sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from bot.evidence import (
    Candidates,
    Model,
    QuestionWords,
    chance_of_answer,
    gather,
    rank_scores,
)
from bot.settings import RetrievalSettings
from ingest.embedding import Embedder
from ingest.index import Generation, sentence_id
from ingest.language import terms
from ingest.passages import Passage


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found.

    Attributes:
        passage: It.
        score: Of its best sentence; only the order of scores means anything.
        sentence_scores: Of each of its sentences, in reading order.
    """

    passage: Passage
    score: float
    sentence_scores: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Hits:
    """What was found for one question.

    Attributes:
        hits: The passages, best first; empty if nothing was searched.
        confidence: Estimated chance in [0, 1] that the best sentences answer the question.
    """

    hits: tuple[Hit, ...]
    confidence: float


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


class Searcher:
    """Searches one generation."""

    def __init__(self, generation: Generation, embedder: Embedder, settings: RetrievalSettings, model: Model) -> None:
        """Keep what a search needs; nothing is read yet."""
        self._generation = generation
        self._embedder = embedder
        self._settings = settings
        self._model = model

    def search(self, question: str, sources: Sequence[str] | None = None) -> Hits:
        """Find the passages that may answer a question, best first.

        Args:
            question: A stand-alone question.
            sources: Search only these sources; None for all.

        Raises:
            IndexDamagedError: If the index fails.
        """
        vector = self._embedder.embed_questions([question])[0]
        numbers = fuse(self.rankings(question, vector, sources), self._settings.rank_constant)
        numbers = numbers[: self._settings.candidates]
        if not numbers:
            return Hits((), 0.0)
        candidates = self._candidates(question, vector, numbers)
        scores = rank_scores(candidates, self._model.rank)
        confidence = chance_of_answer(candidates, scores, self._model.answer)
        hits = []
        at = 0
        for number in numbers:
            passage = self._generation.passages[number]
            part = tuple(float(score) for score in scores[at : at + len(passage.sentences)])
            hits.append(Hit(passage, max(part), part))
            at += len(part)
        # Stable: passages whose best sentences tie stay in the fused order.
        return Hits(tuple(sorted(hits, key=lambda hit: -hit.score)), confidence)

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
        allowed = np.isin(generation.source_of_passage, list(sources)) if sources is not None else None
        return [
            [generation.number_of_passage[identifier] for identifier, _ in near],
            _first_of_each(generation.sentences[generation.number_of_sentence[i]][0] for i, _ in near_sentences),
            _best(generation.lexical["passages"].scores(words), k, allowed),
            _first_of_each(
                int(generation.passage_of_sentence[number])
                for number in _best(
                    generation.lexical["sentences"].scores(words),
                    k,
                    None if allowed is None else allowed[generation.passage_of_sentence],
                )
            ),
        ]

    def _candidates(self, question: str, vector: npt.NDArray[np.float32], numbers: Sequence[int]) -> Candidates:
        generation = self._generation
        passages = [generation.passages[number] for number in numbers]
        ids = [
            sentence_id(generation.passages, (number, at))
            for number in numbers
            for at in range(len(generation.passages[number].sentences))
        ]
        lexical = generation.lexical["passages"]
        return gather(
            question,
            QuestionWords(question, lexical.document_frequency, lexical.size),
            passages,
            (generation.vectors.stored("passages", [passage.id for passage in passages]) @ vector).astype(np.float64),
            (generation.vectors.stored("sentences", ids) @ vector).astype(np.float64),
        )


def _best(scores: npt.NDArray[np.float32], k: int, allowed: npt.NDArray[np.bool_] | None) -> list[int]:
    """Return the numbers of the `k` highest scores above 0, highest first; equal scores in order."""
    kept = scores if allowed is None else np.where(allowed, scores, 0)
    order = np.argsort(-kept, kind="stable")[:k]
    return [int(number) for number in order if kept[number] > 0]


def _first_of_each(items: Iterable[int]) -> list[int]:
    return list(dict.fromkeys(items))


class HybridRetriever(BaseRetriever):
    """The search as a langchain retriever: documents best first, each with its `Hit` in the metadata.

    Attributes:
        searcher: What searches.
        sources: Search only these sources; None for all.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, frozen=True)

    searcher: Searcher
    sources: tuple[str, ...] | None = None

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        found = self.searcher.search(query, self.sources)
        return [
            Document(
                id=hit.passage.id,
                page_content=hit.passage.text,
                metadata={"source": hit.passage.source, "hit": hit, "confidence": found.confidence},
            )
            for hit in found.hits
        ]
