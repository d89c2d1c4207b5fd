"""Who asks which sources are missing is told, from the catalogue."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from bot.answers import MAX_ANSWER_CHARS
from bot.lacking import asks_what_is_lacking, tell_lacking
from bot.service import Assistant
from ingest.catalogue import Source
from ingest.states import Had, SourceState

DAY = date(2026, 1, 1)
SOURCE = Source("a", "Prop. 1 S", "Regjeringen", "plan", DAY, DAY, "nb", Path("a.md"), "NLOD")


def state(had: Had, *, indexed: bool = False, index: bool = True, title: str = "Prop. 1 S") -> SourceState:
    return SourceState(replace(SOURCE, title=title, index=index), had, indexed)


@pytest.mark.parametrize(
    "question",
    ["Hvilke kilder mangler?", "hvilke dokumenter har du ikke", "Kva kjelder manglar?", "Mangler det noen dokumenter?",
     "Hvilke kilder er ikke hentet?", "Which documents are missing?", "What sources do you not have?"],
)  # fmt: skip
def test_a_question_for_missing_sources_is_known(question: str) -> None:
    assert asks_what_is_lacking(question)


@pytest.mark.parametrize(
    "question",
    ["Hvilke dokumenter mangler i journalen?", "Hvilke kilder bygger faktaarket på?", "Hva mangler?", "Hvem har ikke signert?",
     "Har kommunene de dokumentene som legene ikke har?", "Which documents are missing from the contract?"],
)  # fmt: skip
def test_a_question_for_what_the_sources_say_is_another(question: str) -> None:
    assert not asks_what_is_lacking(question)


def test_each_missing_source_is_named_with_the_reason() -> None:
    states = [state("file", indexed=True), state("file", index=False), state("not_fetched"), state("only_known", title="Film")]
    assert tell_lacking(states, "nb") == (
        "Jeg søker i 1 av 3 dokumenter i katalogen. Disse mangler:\n"
        "– Prop. 1 S (er ikke hentet fra nettet)\n"
        "– Film (er bare kjent av navn)"
    )


def test_nothing_missing_is_said_too() -> None:
    assert tell_lacking([state("file", indexed=True)] * 2, "nn") == "Ingen manglar. Eg søkjer i alle dokumenta i katalogen: 2."


def test_many_missing_sources_are_counted() -> None:
    told = tell_lacking([state("missing", title=f"Dokument {number} " + "x" * 60) for number in range(50)], "nb")
    assert len(told) <= MAX_ANSWER_CHARS
    named = told.count("–")
    assert 3 < named < 50
    assert told.endswith(f"og {50 - named} til.")


def test_the_bot_tells_which_sources_it_lacks(knowing: Assistant) -> None:
    given = knowing.ask("Hvilke kilder mangler?")
    assert (given.status, given.answered, given.citations) == ("presisering", False, ())
    assert "Meld. St. 9" in given.answer
    assert "er ikke hentet fra nettet" in given.answer
