"""Rankings are joined, sources are kept apart, and the search is a langchain retriever."""

from __future__ import annotations

import random
from typing import get_args

import pytest
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever

from bot.evidence import ANSWER_FEATURES, RANK_FEATURES, QuestionWords, fitted, states
from bot.kinds import Kind, asked_for, holds
from bot.retrieval import Searcher, fuse
from bot.retriever import HybridRetriever
from bot.service import Assistant
from bot.settings import BotSettings
from ingest.embedding import open_embedder
from ingest.index import IndexStore
from ingest.language import terms

QUESTION = "Når må kommunen signere tjenesteavtalen?"


@pytest.fixture(scope="module")
def searcher(settings: BotSettings) -> Searcher:
    embedder = open_embedder(settings.embedding)
    return Searcher(IndexStore(settings.data).open(), embedder, settings.retrieval, fitted())


def test_rankings_are_joined_by_reciprocal_rank() -> None:
    assert fuse([[1, 2, 3], [2, 4]], 60) == [2, 1, 4, 3]


def test_one_ranking_keeps_its_order() -> None:
    assert fuse([[5, 3, 9]], 60) == [5, 3, 9]


def test_equal_scores_come_in_the_order_of_the_items() -> None:
    assert fuse([[7, 1], [1, 7]], 60) == [1, 7]


def test_nothing_joined_is_nothing() -> None:
    assert fuse([], 60) == []
    assert fuse([[], []], 60) == []


def test_a_small_constant_favours_first_places() -> None:
    rankings = [[1, 9, 2], [3, 8, 2], [4, 7, 2]]
    assert fuse(rankings, 60)[0] == 2
    assert fuse([*rankings, [1]], 1)[0] == 1


def test_joining_holds_every_item_once_whatever_the_order_of_the_rankings() -> None:
    made = random.Random(11)
    for _ in range(200):
        rankings = [made.sample(range(20), made.randint(0, 12)) for _ in range(made.randint(0, 5))]
        joined = fuse(rankings, 60)
        assert sorted(joined) == sorted({item for ranking in rankings for item in ranking})
        assert fuse(made.sample(rankings, len(rankings)), 60) == joined


def test_an_item_that_is_first_everywhere_is_first() -> None:
    made = random.Random(12)
    for _ in range(100):
        rankings = [[99, *made.sample(range(20), 8)] for _ in range(4)]
        assert fuse(rankings, made.randint(1, 100))[0] == 99


def test_the_search_finds_the_passage_that_answers(searcher: Searcher) -> None:
    found = searcher.search(QUESTION)
    assert "senest 13 måneder" in found.hits[0].passage.text
    assert 0.5 < found.confidence <= 1


def test_hits_come_best_first_once_each_with_a_score_a_sentence(searcher: Searcher) -> None:
    hits = searcher.search(QUESTION).hits
    assert len(hits) >= 10
    assert len({hit.passage.id for hit in hits}) == len(hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for hit in hits:
        assert len(hit.sentence_scores) == len(hit.passage.sentences)
        assert hit.score == max(hit.sentence_scores)


def test_the_same_search_finds_the_same(searcher: Searcher) -> None:
    assert searcher.search(QUESTION) == searcher.search(QUESTION)


def test_a_search_kept_to_a_source_finds_it(searcher: Searcher) -> None:
    assert searcher.search(QUESTION, ["faktagrunnlag-2022"]) == searcher.search(QUESTION)


@pytest.mark.parametrize("sources", [["borte"], []])
def test_a_search_in_no_known_source_finds_nothing(sources: list[str], searcher: Searcher) -> None:
    found = searcher.search(QUESTION, sources)
    assert (found.hits, found.confidence) == ((), 0.0)


@pytest.mark.parametrize("question", ["x", "og", "?", "\x00", "1" * 500, "\U0001f600", "Hva er " + "svært " * 300 + "langt?"])
def test_an_odd_question_is_searched_all_the_same(question: str, searcher: Searcher) -> None:
    found = searcher.search(question)
    assert found.hits
    assert 0 <= found.confidence <= 1


def test_few_candidates_are_enough(settings: BotSettings, searcher: Searcher) -> None:
    embedder = open_embedder(settings.embedding)
    few = settings.retrieval.model_copy(update={"candidates": 5})
    found = Searcher(IndexStore(settings.data).open(), embedder, few, fitted()).search(QUESTION)
    assert len(found.hits) == 5
    assert "senest 13 måneder" in found.hits[0].passage.text


def test_the_search_is_a_langchain_retriever(searcher: Searcher) -> None:
    retriever = HybridRetriever(searcher=searcher)
    assert isinstance(retriever, BaseRetriever)
    documents = retriever.invoke(QUESTION)
    found = searcher.search(QUESTION)
    assert all(isinstance(document, Document) for document in documents)
    assert [(document.id, document.page_content, document.metadata["hit"]) for document in documents] == [
        (hit.passage.id, hit.passage.text, hit) for hit in found.hits
    ]
    assert {document.metadata["confidence"] for document in documents} == {found.confidence}
    assert {document.metadata["source"] for document in documents} == {"faktagrunnlag-2022"}


def test_the_retriever_keeps_to_its_sources(searcher: Searcher) -> None:
    assert HybridRetriever(searcher=searcher, sources=("borte",)).invoke(QUESTION) == []


def test_the_assistant_asks_the_retriever(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    search = Searcher.search

    def spy(self: Searcher, question: str, sources: list[str] | None = None) -> object:
        asked.append(question)
        return search(self, question, sources)

    monkeypatch.setattr(Searcher, "search", spy)
    assistant.ask(QUESTION)
    assert asked == [QUESTION]


@pytest.mark.parametrize(
    ("kind", "question"),
    [
        ("date", "Når må kommunen signere?"),
        ("date", "Kva dato blei avtalen signert?"),
        ("date", "When was it signed?"),
        ("number", "Hvor mange kommuner er med?"),
        ("number", "Kor lenge varer det?"),
        ("number", "How long is it?"),
        ("money", "Hva koster det?"),
        ("money", "Kor mykje kostar det?"),
        ("money", "How much does it cost?"),
        (None, "Hvem eier selskapet?"),
        (None, "Kva er Epic?"),
    ],
)
def test_the_kind_of_value_asked_for_is_seen(kind: Kind | None, question: str) -> None:
    assert asked_for(question) == kind


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("i 2022", {"date", "number"}),
        ("3. mars", {"date", "number"}),
        ("én kommune", {"number"}),
        ("5 mill. kr", {"number", "money"}),
        ("Epic leverer systemet.", set()),
    ],
)
def test_values_of_each_kind_are_seen_in_a_text(text: str, kinds: set[Kind]) -> None:
    assert {kind for kind in get_args(Kind) if holds(kind, text)} == kinds
    assert not holds(None, text)


def test_a_question_and_a_caption_state_nothing() -> None:
    assert states("Kommunen signerer.", item=False)
    assert states("gi oversikt", item=True)
    assert not states("Hva betyr det?", item=False)
    assert not states("Plan for prosjektet", item=False)


def test_a_rare_word_of_the_question_weighs_more_than_a_common_one() -> None:
    words = QuestionWords("Hva koster avtalen?", lambda term: 90 if term == "avtale" else 1, 100)
    assert words.overlap(frozenset(terms("Det koster mye"))) > words.overlap(frozenset(terms("Avtalen gjelder")))
    assert words.overlap(frozenset(terms("Avtalene koster"))) == pytest.approx(1)
    assert words.overlap(frozenset()) == 0


def test_a_part_of_a_compound_counts_half() -> None:
    words = QuestionWords("Tjenesteavtalen?", lambda term: 1, 100)
    assert words.overlap(frozenset(terms("avtale"))) == pytest.approx(0.5)


def test_a_question_of_function_words_overlaps_nothing() -> None:
    assert QuestionWords("Hva er det?", lambda term: 1, 100).overlap(frozenset({"avtale"})) == 0


def test_the_fitted_weights_are_those_of_the_features() -> None:
    model = fitted()
    assert len(model.rank.coefficients) == len(RANK_FEATURES)
    assert len(model.answer.coefficients) == len(ANSWER_FEATURES)
    assert 0 < model.threshold < 1
