"""Words become search terms: lemmas of both forms, and the parts of compounds."""

from __future__ import annotations

import pytest

from ingest.language import terms, tokens
from ingest.language.terms import compound_parts, lemmas, word_terms


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("tjenesteavtalen", ("tjenesteavtale", "tjeneste", "avtale")),
        ("pasientjournalløsningen", ("pasientjournalløsning", "pasientjournal", "løsning")),
        ("innføringsplan", ("innføringsplan", "innføring", "plan")),
        ("legemiddelskader", ("legemiddelskade", "legemiddel", "skade")),
    ],
)
def test_a_compound_gives_its_lemma_and_its_parts(word: str, expected: tuple[str, ...]) -> None:
    assert word_terms(word) == expected


@pytest.mark.parametrize("word", ["leverandøren", "kommunene", "oppretter", "avtale", "epic", "underskrevet", "journal", "å"])
def test_a_simple_word_is_not_split(word: str) -> None:
    assert compound_parts(word) == ()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("kommunane", "kommunene"),
        ("kommunar", "kommuner"),
        ("eier", "eies"),
        ("avtalen", "avtaler"),
        ("sjukehuset", "sjukehus"),
        ("signerer", "signert"),
        ("måneder", "måned"),
        ("Tjenesteavtalen", "avtalene"),
        ("kommunedirektørene", "kommunedirektør"),
    ],
)
def test_forms_of_a_word_share_a_term(one: str, other: str) -> None:
    assert set(terms(one)) & set(terms(other))


@pytest.mark.parametrize(("one", "other"), [("eier", "epic"), ("bonde", "bånd"), ("avtale", "avtaleverk"), ("hår", "har")])
def test_other_words_do_not_share_all_terms(one: str, other: str) -> None:
    assert set(terms(one)) != set(terms(other))


def test_function_words_are_left_out() -> None:
    assert terms("Hva er det som ikke skal være med i den?") == []
    assert terms("Kva er det som ikkje skal vere med i den?") == []
    assert terms("What is it that we must not do?") == []


def test_terms_stand_in_the_order_of_the_words() -> None:
    assert terms("Kommunen signerer avtalen 3. mars") == ["kommune", "signere", "avtale", "3", "mars"]


def test_capitals_make_no_difference() -> None:
    assert terms("TJENESTEAVTALEN ÆRLIG ØRRET ÅRSMØTE") == terms("tjenesteavtalen ærlig ørret årsmøte")


def test_letters_of_the_alphabets_end_are_letters() -> None:
    assert list(tokens("Ærlig ørret på årsmøte, Skjåk")) == ["ærlig", "ørret", "på", "årsmøte", "skjåk"]


def test_a_decomposed_letter_is_the_composed_one() -> None:
    assert list(tokens("a\N{COMBINING RING ABOVE}rsmøte")) == ["årsmøte"]
    assert terms("Møre") == terms("M\N{LATIN SMALL LETTER O WITH STROKE}re")


def test_dates_times_and_references_stay_whole() -> None:
    assert list(tokens("04.03.22, kl. 09.00; sak 12/22 og PD3 – 1.250.000 kr")) == [
        "04.03.22", "kl", "09.00", "sak", "12/22", "og", "pd3", "1.250.000", "kr",
    ]  # fmt: skip


def test_a_hyphenated_name_gives_its_parts_too() -> None:
    assert word_terms("midt-norge") == ("midt-norge", "midt", "norge")


@pytest.mark.parametrize("text", ["", " ", "«–»", "?!…", "\x00\x01", "\U0001f600"])
def test_a_text_without_words_has_no_terms(text: str) -> None:
    assert terms(text) == []


def test_a_word_has_no_term_twice() -> None:
    for word in ("avtaleavtale", "planplan", "eier", "kommunekommune"):
        assert len(set(word_terms(word))) == len(word_terms(word))


def test_a_word_in_er_may_be_noun_or_verb() -> None:
    assert lemmas("eier") == ("eier", "eie")


def test_a_very_long_word_takes_no_long_time() -> None:
    assert terms("a" * 5_000) == ["a" * 5_000]
