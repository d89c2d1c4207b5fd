"""Question to passages: vectors and words, passages and single sentences, fused and put in order by their sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from bot import judging
from bot.evidence import (
    Candidates,
    Model,
    QuestionWords,
    best_first,
    chance_of_answer,
    gather,
    rank_scores,
)
from bot.judging import Judgement, Read
from bot.likeness import Likeness
from bot.links import Links, find_links
from bot.reader import Reader, Reading, open_reader
from bot.settings import BotSettings, RetrievalSettings
from ingest.embedding import Embedder
from ingest.index import Generation, Mask, sentence_id
from ingest.language import terms
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
class Judge:
    """What orders passages and sentences by reading them.

    Attributes:
        reader: It.
        most: Passages read for one question.
        judgement: The weights of what it says.
    """

    reader: Reader
    most: int
    judgement: Judgement


def open_judge(settings: BotSettings) -> Judge | None:
    """Return what reads for the settings, or None if they name no reader.

    Raises:
        ModelError: If the reader's folder is missing, or the project's own has other contents than it must.
    """
    reader = open_reader(settings)
    return Judge(reader, settings.reader.passages, judging.fitted()) if reader is not None else None


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
        vector = self._embedder.embed_questions([question])[0]
        searched = self._searched(sources)
        numbers = fuse(self.rankings(question, vector, sources), self._settings.rank_constant)
        numbers = _first_of_each(self._newest(number, searched) for number in numbers)[: self._settings.candidates]
        if not numbers:
            return Hits((), 0.0)
        passages = [self._generation.passages[number] for number in numbers]
        candidates = self._candidates(question, vector, numbers, searched)
        scores = rank_scores(candidates, self._model.rank)
        hits = _best_first(_as_hits(passages, scores))
        if self._judge is None:
            kin = self._kin(numbers, candidates, scores)
            return Hits(hits, chance_of_answer(candidates, scores, self._model.answer, kin))
        similarity = dict(zip((p.id for p in passages), _split(passages, candidates.sentence_similarity), strict=True))
        return judged(question, hits, similarity, self._judge)

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


def _as_hits(passages: Sequence[Passage], scores: npt.NDArray[np.float64]) -> list[Hit]:
    """Return the passages with the scores of their sentences, which follow one another in `scores`."""
    return [
        Hit(passage, float(part.max()), tuple(float(score) for score in part))
        for passage, part in zip(passages, _split(passages, scores), strict=True)
    ]


def _split(passages: Sequence[Passage], values: npt.NDArray[np.float64]) -> list[npt.NDArray[np.float64]]:
    """Return the values of all sentences, passage by passage."""
    return np.split(values, np.cumsum([len(passage.sentences) for passage in passages])[:-1])


def _best_first(hits: Sequence[Hit]) -> tuple[Hit, ...]:
    # Stable: passages whose best sentences tie stay in the fused order.
    return tuple(sorted(hits, key=lambda hit: -hit.score))


def judged(question: str, hits: Sequence[Hit], similarity: Mapping[str, npt.NDArray[np.float64]], judge: Judge) -> Hits:
    """Put the first hits in order by reading them; what is not read comes after, in its order.

    Args:
        question: The question.
        hits: At least one, best first.
        similarity: By passage id, the cosines of its sentences with the question.
        judge: What reads.
    """
    readings = judge.reader.read(question, [hit.passage.search_text for hit in hits[: judge.most]])
    first, rest = hits[: len(readings)], hits[len(readings) :]
    read = Read(
        passages=[hit.passage for hit in first],
        readings=readings,
        nearness=np.array([score for hit in first for score in hit.sentence_scores]),
        similarity=np.concatenate([similarity[hit.passage.id] for hit in first]),
    )
    features = judging.sentence_features(read)
    scores = judging.sentence_scores(read, features, judge.judgement.sentence)
    ordered = [replace(hit, reading=reading) for hit, reading in zip(_as_hits(read.passages, scores), readings, strict=True)]
    # Their scores are of another kind: only the order counts, and what was not read comes last.
    lowest = min(hit.score for hit in ordered) - max((hit.score for hit in rest), default=0.0) - 1.0
    unread = [
        replace(hit, score=hit.score + lowest, sentence_scores=tuple(one + lowest for one in hit.sentence_scores))
        for hit in rest
    ]
    chance = judging.chance_of_answer(judging.answer_features(read, features, scores), judge.judgement.answer)
    return Hits((*_best_first(ordered), *unread), chance)


def _best(scores: npt.NDArray[np.float32], k: int) -> list[int]:
    """Return the numbers of the `k` highest scores above 0, highest first; equal scores in order."""
    order = np.argsort(-scores, kind="stable")[:k]
    return [int(number) for number in order if scores[number] > 0]


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
