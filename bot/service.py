"""The bot as its front ends see it: open once, then ask."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from langchain_core.documents import Document
from langchain_core.runnables import Runnable, RunnableLambda, RunnablePassthrough

from bot import evidence
from bot.answering import Evidence, best_evidence, choose, cite, compose, retrieved
from bot.answers import Answer, Note, Turn
from bot.conversation import premise, stand_alone
from bot.hits import Hit
from bot.lacking import asks_what_is_lacking, tell_lacking
from bot.notes import notes_of
from bot.offline import go_offline
from bot.recognition import recognition_notes
from bot.reranking import open_judge
from bot.retrieval import Searcher
from bot.retriever import HybridRetriever
from bot.settings import BotSettings
from bot.timeline import Timeline
from bot.twins import twin_notes
from ingest.embedding import Embedder, open_embedder
from ingest.errors import IndexMismatchError
from ingest.index import Generation, IndexStore, SourceRecord
from ingest.language import language_of
from ingest.states import states
from ingest.texts import Language, say

_NEAREST = 3
"""Passages shown when nothing answers."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question on its way to an answer."""

    question: str
    alone: str
    language: Language
    sources: tuple[str, ...] | None


@dataclass(frozen=True)
class _Opened:
    """A generation with what searches it."""

    generation: Generation
    searcher: Searcher


class Assistant:
    """Answers questions from the current generation of the index; safe to use from several threads.

    A generation that is published while the assistant is open is taken into use by the next question.
    """

    def __init__(self, settings: BotSettings, generation: str = "") -> None:
        """Open index and model.

        Args:
            settings: Where the index lies, and how it is searched.
            generation: Name of the one to keep to; empty for the current one, and for those that come after it.

        Raises:
            IndexStateError: If there is no index that can be used.
            ModelError: If the embedding model can't be loaded.
        """
        go_offline()
        self._settings = settings
        self._kept = generation
        self._store = IndexStore(settings.data)
        self._lock = threading.Lock()
        self._judge = open_judge(settings)
        self._store.current()  # Said before the model is loaded: without an index there is nothing to load it for.
        self._embedder: Embedder = open_embedder(settings.embedding)
        self._opened = self._open()

    @property
    def generation(self) -> str:
        """Name of the generation that is searched."""
        return self._opened.generation.manifest.generation

    @property
    def sources(self) -> tuple[SourceRecord, ...]:
        """What is searched."""
        return self._opened.generation.manifest.sources

    @property
    def source_ids(self) -> tuple[str, ...]:
        """The ids of what is searched."""
        return tuple(source.id for source in self.sources)

    def text(self, source: str) -> str:
        """Return a source's text, in which the offsets of citations count."""
        return self._opened.generation.text(source)

    def ask(self, question: str, history: Sequence[Turn] = (), sources: Sequence[str] | None = None) -> Answer:
        """Answer one question; one that can't be searched gets status `presisering`.

        Args:
            question: As it was asked.
            history: The turns before it, oldest first.
            sources: Search only these sources; None for all. Unknown ids find nothing.

        Raises:
            IndexStateError: If the index has been lost or damaged since it was opened.
        """
        *_, answer = self.stream(question, history, sources)
        assert isinstance(answer, Answer)
        return answer

    def stream(
        self, question: str, history: Sequence[Turn] = (), sources: Sequence[str] | None = None
    ) -> Iterator[Answer | int]:
        """Yield the number of passages found, then the answer; see `ask`."""
        began = time.perf_counter()
        opened = self._current()
        question = _encodable(question)
        unsearchable = self._unsearchable(question, opened)
        if unsearchable is not None:
            yield replace(unsearchable, elapsed_ms=(time.perf_counter() - began) * 1000)
            return
        # A turn that was too long to be searched is nothing to lean on either.
        most = self._settings.answering.max_question_chars
        searched = [turn for turn in history if len(turn["content"]) <= most]
        limited = tuple(sources) if sources is not None else None
        asked = _Asked(question, _encodable(stand_alone(question, searched)), language_of(question), limited)
        chain = self._chain(opened, limited)
        for part in chain.stream(asked):
            if "hits" in part:
                yield len(part["hits"])
            if "answer" in part:
                yield replace(part["answer"], elapsed_ms=(time.perf_counter() - began) * 1000)

    def _chain(self, opened: _Opened, sources: tuple[str, ...] | None) -> Runnable[Any, Any]:
        """Retrieve, then answer: two steps, so that an answer can't skip its sources."""
        retriever = HybridRetriever(searcher=opened.searcher, sources=sources)
        return (
            RunnableLambda(lambda asked: {"asked": asked})
            | RunnablePassthrough.assign(hits=RunnableLambda(lambda step: step["asked"].alone) | retriever)
            | RunnablePassthrough.assign(answer=RunnableLambda(lambda step: self._answer(step["asked"], step["hits"], opened)))
        )

    def _answer(self, asked: _Asked, documents: Sequence[Document], opened: _Opened) -> Answer:
        generation = opened.generation
        hits: list[Hit] = [document.metadata["hit"] for document in documents]
        confidence = float(documents[0].metadata["confidence"]) if documents else 0.0
        answered = bool(hits) and confidence >= opened.searcher.threshold
        chosen = choose(hits, farthest=opened.searcher.farthest) if answered else best_evidence(hits)[:_NEAREST]
        citations = cite(chosen, generation.sources, asked.language)
        text = compose(citations, chosen, asked.language) if answered else say("bot", "answer.not_in_sources", asked.language)
        twins = twin_notes(chosen, generation, asked.sources, asked.language) if answered else ()
        later = self._notes(asked, chosen, hits, opened) if answered else ()
        return Answer(
            question=asked.question,
            asked=asked.alone,
            answered=answered,
            answer=text,
            status="svar" if answered else "ikke_i_kildene",
            language=asked.language,
            generation=generation.manifest.generation,
            citations=citations,
            notes=(*later, *twins, *recognition_notes(citations, asked.language)),
            retrieved=retrieved(hits, generation.sources),
            confidence=confidence,
        )

    def _notes(self, asked: _Asked, cited: Sequence[Evidence], hits: Sequence[Hit], opened: _Opened) -> tuple[Note, ...]:
        """Return what must be shown beside an answer: what is later, disagrees, or held before."""
        timeline = Timeline(opened.generation, opened.searcher.links, opened.searcher.farthest)
        found = timeline.beside(cited, hits, self._granted(asked, opened), asked.sources)
        return notes_of(found, opened.generation.sources, asked.language)

    def _granted(self, asked: _Asked, opened: _Opened) -> Evidence | None:
        """Return what the sources say of that which the question takes for granted; None if nothing is certain."""
        stated = premise(asked.question)
        found = opened.searcher.search(stated, asked.sources) if stated else None
        certain = found is not None and found.hits and found.confidence >= opened.searcher.threshold
        return best_evidence(found.hits)[0] if found is not None and certain else None

    def _unsearchable(self, question: str, opened: _Opened) -> Answer | None:
        """Return the reply to what is no question that can be searched, or asks for what there is to search; or None."""
        most = self._settings.answering.max_question_chars
        if len(question) > most:
            # The language of a text that long is not worth reading it for; neither is it given back.
            return _clarify("", "too_long", self._settings.language, opened, most=most)
        if not question.strip():
            return _clarify(question, "empty", self._settings.language, opened)
        if not any(character.isalnum() for character in question):
            return _clarify(question, "no_words", language_of(question), opened)
        if asks_what_is_lacking(question):
            language = language_of(question)
            return _told(question, tell_lacking(states(self._settings), language), language, opened)
        return None

    def _current(self) -> _Opened:
        with self._lock:
            if not self._kept and self._store.current() != self._opened.generation.manifest.generation:
                self._opened = self._open()
            return self._opened

    def _open(self) -> _Opened:
        generation = self._store.open(self._kept)
        manifest = generation.manifest
        if manifest.model_fingerprint != self._embedder.fingerprint:
            raise IndexMismatchError("index_other_model", found=manifest.model, expected=self._settings.embedding.model)
        searcher = Searcher(generation, self._embedder, self._settings.retrieval, evidence.fitted(), self._judge)
        return _Opened(generation, searcher)


def _encodable(text: str) -> str:
    """Return a text that can be written as UTF-8: JSON can hold half a character, and files and vectors can't."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _clarify(question: str, key: str, language: Language, opened: _Opened, **values: object) -> Answer:
    return _told(question, say("bot", f"answer.{key}", language, **values), language, opened)


def _told(question: str, text: str, language: Language, opened: _Opened) -> Answer:
    """Return a reply of the bot's own, without a citation."""
    return Answer(
        question=question,
        asked=question,
        answered=False,
        answer=text,
        status="presisering",
        language=language,
        generation=opened.generation.manifest.generation,
    )
