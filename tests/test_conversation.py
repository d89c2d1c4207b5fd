"""A follow-up is read with the question that it follows; any other question stands alone."""

from __future__ import annotations

from typing import Literal

import pytest

from bot.answers import Turn
from bot.conversation import is_follow_up, premise, stand_alone


def talk(*asked: str) -> list[Turn]:
    """Return a conversation in which some questions have been asked and answered."""
    roles: tuple[Literal["user", "assistant"], ...] = ("user", "assistant")
    return [Turn(role=role, content=text) for question in asked for role, text in zip(roles, (question, "Svar."), strict=True)]


@pytest.mark.parametrize(
    "question",
    [
        "Og hovedprosjektet?",
        "og når skjer det?",
        "Men hvem betaler?",
        "Hva med Trondheim?",
        "Kva med Molde?",
        "What about Trondheim?",
        "– Enn Aukra?",
        "Hvem eier den?",
        "Når ble det vedtatt?",
        "Kven eig dei?",
        "Who owns it?",
    ],
)
def test_a_question_that_leans_on_another_is_a_follow_up(question: str) -> None:
    assert is_follow_up(question)
    assert stand_alone(question, talk("Hvor lenge varer forprosjektet?")) == f"Hvor lenge varer forprosjektet? {question}"


@pytest.mark.parametrize(
    "question",
    [
        "Hvem eier Helseplattformen AS?",
        "Når må kommunen signere tjenesteavtalen?",
        "Hvilke kommuner på Nordmøre planlegger det felles løpet med oppstart høsten?",
        "Oginn, hva er Epic?",
        "Who owns Helseplattformen AS?",
        "",
        "?",
    ],
)
def test_a_question_of_its_own_stays_as_it_is(question: str) -> None:
    assert stand_alone(question, talk("Hvor lenge varer forprosjektet?")) == question


def test_the_first_question_has_nothing_to_lean_on() -> None:
    assert stand_alone("Og hovedprosjektet?", []) == "Og hovedprosjektet?"
    assert stand_alone("Og hovedprosjektet?", [Turn(role="assistant", content="Hei!")]) == "Og hovedprosjektet?"


def test_blank_turns_count_as_nothing() -> None:
    assert stand_alone("Og hovedprosjektet?", talk("Hva er Epic?", "  ")) == "Hva er Epic? Og hovedprosjektet?"


def test_a_follow_up_of_a_follow_up_finds_the_way_back() -> None:
    asked = talk("Hvem eier Helseplattformen AS?", "Hva er Epic?", "Og hvem leverer det?")
    assert stand_alone("Når skjedde det?", asked) == "Hva er Epic? Og hvem leverer det? Når skjedde det?"


def test_only_the_topics_question_and_the_last_one_are_taken_along() -> None:
    asked = talk("Hva er Epic?", "Hvem eier det?", "Og når?")
    assert stand_alone("Og hvorfor?", asked) == "Hva er Epic? Og når? Og hvorfor?"


def test_a_question_is_not_said_twice() -> None:
    assert stand_alone("Og når?", talk("Hva er Epic?")) == "Hva er Epic? Og når?"


def test_the_bots_own_answers_are_not_searched_for() -> None:
    history = [Turn(role="user", content="Hva er Epic?"), Turn(role="assistant", content="Et firma i USA.")]
    assert "USA" not in stand_alone("Hvem eier det?", history)


@pytest.mark.parametrize(
    ("question", "stated"),
    [
        ("Planen sier at brua er trygg. Hvorfor ble den stengt?", "Planen sier at brua er trygg."),
        ("Jeg bor i Aukra. Brua skulle åpne i mai. Når åpner den?", "Brua skulle åpne i mai."),
        ("Brua skulle åpne i mai. Når åpner den? Takk for svar.", "Brua skulle åpne i mai."),
        ("Når åpner brua?", ""),
        ("Hei! Når åpner brua?", ""),
        ("Når åpner brua? Skulle den ikke åpne i mai?", ""),
        ("Fortell om brua. Og om ferga.", ""),
        ("", ""),
    ],
)
def test_what_a_question_states_before_it_asks(question: str, stated: str) -> None:
    assert premise(question) == stated
