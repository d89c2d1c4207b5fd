"""Claims made by rule: borne out, contradicted, and with their evidence taken away."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from training.contradictions import turned
from training.data import Annotated, cut, read_annotated
from training.examples import Example
from training.rewording import reworded
from training.synthetic import CONTRADICTED, NOT_FOUND, SUPPORTED, claims, place_of, without

DATA = Path(__file__).resolve().parents[1] / "training" / "data"


@pytest.fixture(scope="module")
def annotated() -> list[Annotated]:
    return read_annotated(DATA / "passages.jsonl", DATA / "annotations.jsonl")[::6]


@pytest.fixture(scope="module")
def made(annotated: list[Annotated]) -> list[Example]:
    source = random.Random(2)
    groups = [group for one in annotated for group in claims(cut(one.id, one.headings, one.text), source)]
    assert all(len(group) == 1 for group in groups)
    return [group[0] for group in groups]


def test_all_three_labels_are_made(made: list[Example]) -> None:
    shares = [sum(example.label == label for example in made) / len(made) for label in (SUPPORTED, CONTRADICTED, NOT_FOUND)]
    assert min(shares) > 0.2


def test_what_is_decided_has_its_sentence_as_evidence(made: list[Example]) -> None:
    for example in made:
        assert example.claim
        assert example.relevant is (example.label != NOT_FOUND)
        assert (example.evidence is not None) is (example.label != NOT_FOUND)
        if example.evidence is not None:
            words = example.text.words[slice(*example.evidence)]
            assert words[-1] in ".!"
            common = set(words.lower().split()) & set(example.query.lower().split())
            assert len(common) >= len(words.split()) / 4, (words, example.query)


def test_a_claim_is_no_copy_in_most_cases(made: list[Example]) -> None:
    borne_out = [example for example in made if example.label == SUPPORTED]
    copied = [one for one in borne_out if one.evidence and one.query == one.text.words[slice(*one.evidence)]]
    assert 0 < len(copied) < len(borne_out) * 0.6


def test_a_passage_without_a_sentence_keeps_the_others(annotated: list[Annotated]) -> None:
    for one in annotated[:20]:
        for passage in cut(one.id, one.headings, one.text):
            for sentence in passage.sentences:
                assert passage.search_text[slice(*place_of(passage, sentence))] == passage.quote(sentence)
                rest = without(passage, sentence)
                assert len(rest.words) < len(passage.search_text)
                others = [passage.quote(other) for other in passage.sentences if other != sentence]
                assert all(other in rest.words for other in others)


@pytest.mark.parametrize(
    ("sentence", "possible"),
    [
        ("Kommunen plikter å betale 50 prosent.", "Kommunen må betale halvparten."),
        ("Fristen er 1. mars 2025 for alle.", "Fristen er 01.03.2025 for alle."),
        ("Prosjektet varer i sju måneder.", "Prosjektet varer i 7 måneder."),
        ("Kommunen betaler.", "Det er slik at kommunen betaler."),
        ("Det er ikke flere skoler fra mars.", "Det er ikkje fleire skoler frå mars."),
    ],
)
def test_a_sentence_can_be_said_in_these_words(sentence: str, possible: str) -> None:
    assert possible in {reworded(sentence, random.Random(seed)) for seed in range(3000)}


def test_nynorsk_becomes_bokmål() -> None:
    found = {reworded("Det er ikkje fleire skular frå mars.", random.Random(seed), nynorsk=True) for seed in range(300)}
    assert "Det er ikke flere skular fra mars." in found


def test_numbers_in_references_and_dates_are_left_alone() -> None:
    for seed in range(300):
        said = reworded("Etter § 5 skal 3. ledd brukes fra 2.1.2024.", random.Random(seed))
        assert "§ 5" in said and "3. ledd" in said and "2.1.2024" in said


def test_a_name_or_number_may_be_taken_from_the_text_around() -> None:
    around = "Rådet i Lindvik møtes 4 ganger. Utvalget i Fonndal møtes 9 ganger."
    found = {turned("Rådet i Lindvik møtes 4 ganger.", random.Random(seed), around=around) for seed in range(200)}
    assert {"Rådet i Fonndal møtes 4 ganger.", "Rådet i Lindvik møtes 9 ganger."} <= found
    assert "Rådet i Lindvik møtes 4 ganger." not in found
