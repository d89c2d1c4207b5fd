"""Which language form a question is in."""

from __future__ import annotations

import pytest

from ingest.language import language_of
from ingest.texts import Language


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("nb", "Hvem eier Helseplattformen AS?"),
        ("nb", "Når må kommunen signere tjenesteavtalen?"),
        ("nb", "Kan vi trekke oss uten å begrunne det?"),
        ("nb", "HVOR MYE KOSTER DET?"),
        ("nb", "Er for eksempel DIPS med i planen?"),
        ("nn", "Kven eig Helseplattformen AS?"),
        ("nn", "Kor mange kommunar er med?"),
        ("nn", "Når må kommunen skrive under, og kva skjer etterpå?"),
        ("nn", "KVA KOSTAR DET?"),
        ("nn", "Korleis går det med innføringa?"),
        ("en", "Who owns Helseplattformen AS?"),
        ("en", "When must the municipality sign the service agreement?"),
        ("en", "Can we withdraw?"),
        ("en", "How much does it cost?"),
        ("en", "What is PD3?"),
    ],
)
def test_function_words_tell_the_form(expected: Language, text: str) -> None:
    assert language_of(text) == expected


@pytest.mark.parametrize("text", ["Ka e Helseplattforma?", "Æ lure på kem som eie det", "Korsn går det, og koffer?"])
def test_dialect_is_answered_in_bokmal(text: str) -> None:
    assert language_of(text) == "nb"


@pytest.mark.parametrize("text", ["avtale", "Epic", "agreement", "pris?", "2022", "", "  ", "?!", "\U0001f600"])
def test_what_tells_nothing_is_bokmal(text: str) -> None:
    assert language_of(text) == "nb"


@pytest.mark.parametrize(("expected", "text"), [("nn", "Korleis?"), ("nb", "Hvordan?"), ("en", "Why?")])
def test_one_function_word_is_enough(expected: Language, text: str) -> None:
    assert language_of(text) == expected


@pytest.mark.parametrize("text", ["De må for å se om han har den", "Man har for å være med", "Om den er til å ha"])
def test_words_that_english_shares_do_not_make_a_question_english(text: str) -> None:
    assert language_of(text) == "nb"


def test_an_english_name_in_a_norwegian_question_changes_nothing() -> None:
    assert language_of("Hvem er The Beatles?") == "nb"
    assert language_of("Hva betyr «best of breed» for kommunen?") == "nb"
