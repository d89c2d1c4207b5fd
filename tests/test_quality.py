"""A floor under the quality: measured over the questions that the project was made with, so that no change loses it unseen."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.answers import MAX_ANSWER_CHARS, MAX_CITATIONS, MAX_RETRIEVED
from bot.evaluation import evaluate
from bot.measures import Judged, measures
from bot.service import Assistant

GOLD = Path(__file__).resolve().parents[1] / "eval" / "questions.jsonl"
# The fixtures ask every question, and the reader takes seconds for each on an old processor.
pytestmark = pytest.mark.timeout(1200)
FLOOR = {"verbatim": 1.0, "hit@3": 0.86, "hit@10": 0.90, "trust": 0.68, "abstained_right": 0.60}


@pytest.fixture(scope="module")
def judged(assistant: Assistant) -> list[Judged]:
    """Ask every question once."""
    return evaluate(assistant, GOLD, None, lambda done, total: None)


def test_there_are_questions_of_both_kinds_in_three_languages(judged: list[Judged]) -> None:
    assert len(judged) >= 70
    assert {one.gold["answerable"] for one in judged} == {True, False}
    assert {one.gold["lang"] for one in judged} >= {"nb", "nn", "en"}


@pytest.mark.parametrize("name", sorted(FLOOR))
def test_the_quality_stays_above_its_floor(name: str, judged: list[Judged]) -> None:
    value = measures(judged)[name]
    assert value is not None
    assert value >= FLOOR[name]


def test_every_citation_stands_word_for_word_where_it_says(judged: list[Judged], assistant: Assistant) -> None:
    citations = [citation for one in judged for citation in one.answer.citations]
    assert len(citations) > 100
    for citation in citations:
        text = assistant.text(citation.source)
        assert text[citation.start : citation.end] == citation.quote
        assert text[citation.passage.start : citation.passage.end] == citation.passage.text
        assert citation.passage.start <= citation.start < citation.end <= citation.passage.end
        assert citation.page_label
        assert citation.dated == "2022-03-04"


def test_every_answer_keeps_to_its_limits(judged: list[Judged]) -> None:
    for one in judged:
        answer = one.answer
        assert 0 < len(answer.answer) <= MAX_ANSWER_CHARS
        assert 1 <= len(answer.citations) <= MAX_CITATIONS
        assert len(answer.retrieved) == MAX_RETRIEVED
        assert 0 <= answer.confidence <= 1
        assert answer.answered is (answer.status == "svar")


def test_every_quote_in_an_answer_is_that_of_its_citation(judged: list[Judged]) -> None:
    for one in judged:
        for line in one.answer.answer.splitlines()[1:] if one.answer.answered else []:
            quote, number = line.removeprefix("«").removesuffix("]").rsplit("» [", 1)
            assert one.answer.citations[int(number) - 1].quote.startswith(quote.removesuffix(" …"))


def test_no_quote_is_a_question(judged: list[Judged]) -> None:
    answered = [one.answer for one in judged if one.answer.answered]
    assert len(answered) > 30
    questions = [answer.question for answer in answered if all(citation.quote.endswith("?") for citation in answer.citations)]
    assert questions == []


WHOLE = Path(__file__).resolve().parents[1] / "eval" / "questions_whole.jsonl"
WHOLE_FLOOR = {"verbatim": 1.0, "hit@3": 0.90, "hit@10": 0.95, "trust": 0.70, "shows_both": 0.65}


@pytest.fixture(scope="module")
def judged_whole(knowing: Assistant) -> list[Judged]:
    """Ask every question over the sheet and the notes once."""
    return evaluate(knowing, WHOLE, None, lambda done, total: None)


@pytest.mark.parametrize("name", sorted(WHOLE_FLOOR))
def test_the_quality_over_all_sources_stays_above_its_floor(name: str, judged_whole: list[Judged]) -> None:
    value = measures(judged_whole)[name]
    assert value is not None
    assert value >= WHOLE_FLOOR[name]


def test_every_note_is_a_quote_too(judged_whole: list[Judged], knowing: Assistant) -> None:
    citations = [note.citation for one in judged_whole for note in one.answer.notes]
    assert len(citations) > 5
    for citation in citations:
        assert citation is not None
        assert knowing.text(citation.source)[citation.start : citation.end] == citation.quote
