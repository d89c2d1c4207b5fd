"""The measures agree with a plain reckoning on cases small enough to count by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.answers import Answer, Citation, Note, Retrieved
from bot.evaluation import report, summary, what_happened
from bot.measures import Judged, cover, holds_all, judge, measures, normalised, share
from ingest.passages import Passage

TEXT = "Avtalene\nAvtalen ble signert 20. mars 2019. Trondheim eier 40 % av aksjene. Epic leverer."
PASSAGE = Passage("ark:0001", "ark", TEXT[9:], 9, len(TEXT), ("Avtalene",), 1, "1", ())
GOLD: dict[str, Any] = {
    "id": "q1",
    "type": "dato",
    "lang": "nb",
    "persona": "politiker",
    "answerable": True,
    "gold_quotes": ["Avtalen ble signert 20. mars 2019."],
    "must_contain": [["20. mars 2019", "20.03.2019"]],
}
UNKNOWN: dict[str, Any] = GOLD | {"id": "q2", "answerable": False, "gold_quotes": [], "must_contain": []}


def citation(quote: str, *, at: int | None = None) -> Citation:
    start = TEXT.index(quote) if at is None else at
    return Citation(quote, "ark", "Ark", "Avtalene", 1, "1", "2022-03-04", "", start, start + len(quote), PASSAGE)


def answer(*quotes: str, passages: tuple[str, ...] = (), answered: bool = True) -> Answer:
    return Answer(
        question="Når?",
        asked="Når?",
        answered=answered,
        answer="Dette sier kilden: " + " ".join(quotes),
        status="svar" if answered else "ikke_i_kildene",
        language="nb",
        generation="g",
        citations=tuple(citation(quote) for quote in quotes),
        retrieved=tuple(Retrieved("ark", "", text, 1.0) for text in passages),
        confidence=0.75,
        elapsed_ms=10.0,
    )


def judged(gold: dict[str, Any], given: Answer) -> Judged:
    return judge(gold, given, {"ark": TEXT}.__getitem__)


RIGHT = answer("Avtalen ble signert 20. mars 2019.", passages=("Epic leverer.", TEXT[9:]))
WRONG = answer("Trondheim eier 40 % av aksjene.", passages=("Epic leverer.",))
SILENT = answer(answered=False, passages=(TEXT[9:],))


def test_an_answer_with_the_gold_quote_and_what_it_must_hold_is_right() -> None:
    one = judged(GOLD, RIGHT)
    assert (one.right, one.hits, one.verbatim, one.relevant) == (True, (2,), (True,), (True,))


def test_an_answer_with_another_quote_is_wrong() -> None:
    one = judged(GOLD, WRONG)
    assert (one.right, one.hits, one.verbatim, one.relevant) == (False, (), (True,), (False,))


def test_no_answer_to_a_question_that_has_one_is_wrong() -> None:
    assert not judged(GOLD, SILENT).right
    assert judged(GOLD, SILENT).hits == (1,)


def test_no_answer_to_a_question_that_has_none_is_right() -> None:
    assert judged(UNKNOWN, SILENT).right
    assert not judged(UNKNOWN, WRONG).right


def test_an_answer_that_lacks_what_it_must_hold_is_wrong() -> None:
    assert not judged(GOLD | {"must_contain": [["20. mars 2019"], ["Epic"]]}, RIGHT).right


def test_an_answer_that_is_too_long_is_wrong() -> None:
    assert not judged(GOLD, replace(RIGHT, answer="x" * 701)).right


def test_an_answer_without_a_citation_is_wrong() -> None:
    assert not judged(GOLD, replace(RIGHT, citations=())).right


def test_a_quote_that_does_not_stand_where_it_says_is_not_verbatim() -> None:
    moved = replace(RIGHT, citations=(citation("Epic leverer.", at=3),))
    assert judged(GOLD, moved).verbatim == (False,)


def test_an_answer_with_part_of_the_gold_quote_is_right_from_three_fifths() -> None:
    gold = GOLD | {"gold_quotes": ["Avtalen ble signert av kommunen i dag mars 2019 Molde"], "must_contain": []}
    assert cover(gold["gold_quotes"][0], "Avtalen ble signert 20. mars 2019.") == 0.5
    assert not judged(gold, RIGHT).right
    assert judged(GOLD | {"gold_quotes": ["Avtalen ble signert mars i Molde 2019"]}, RIGHT).right


def test_cover_is_the_share_of_the_golds_words() -> None:
    assert cover("en to tre fire", "TRE, to!") == 0.5
    assert cover("en en to", "en") == pytest.approx(2 / 3)
    assert cover("", "en") == 0


def test_signs_of_one_kind_are_one_sign() -> None:
    assert normalised("  «Ja» – sa\N{NO-BREAK SPACE}hun’s\n ") == '"Ja" - sa hun\'s'
    assert cover("40\N{NO-BREAK SPACE}% av «aksjene»", '40 % av "aksjene"') == 1


def test_every_group_must_be_held_by_one_of_its_forms() -> None:
    assert holds_all([["20.03.2019", "20. MARS 2019"], ["epic"]], "Epic, 20. mars 2019")
    assert not holds_all([["20. mars 2019"], ["DIPS"]], "Epic, 20. mars 2019")
    assert holds_all([], "")


def test_measures_agree_with_a_count_by_hand() -> None:
    others = answer("Epic leverer.", "Avtalen ble signert 20. mars 2019.", passages=(TEXT[9:],))
    cases = [judged(GOLD, RIGHT), judged(GOLD, WRONG), judged(GOLD, SILENT), judged(GOLD, others)]
    cases += [judged(UNKNOWN, SILENT), judged(UNKNOWN, WRONG), judged(UNKNOWN, SILENT)]
    assert measures(cases) == {
        "answered_right": 2 / 4,
        "abstained_right": round(2 / 3, 4),
        "trust": round(4 / 7, 4),
        "hit@1": 2 / 4,
        "hit@3": 3 / 4,
        "hit@10": 3 / 4,
        "verbatim": 5 / 5,
        "cited_relevant": 2 / 4,
        "shows_both": None,
    }


def test_what_was_and_what_is_may_stand_in_the_answer_and_in_a_note() -> None:
    asked = GOLD | {"must_show_both": [["20. mars 2019"], ["1. mai 2022", "mai 2022"]]}
    noted = replace(RIGHT, notes=(Note("nyere_kilde", "Nyere: avtalen ble fornyet 1. mai 2022."),))
    cases = [judged(asked, given) for given in (RIGHT, noted, replace(noted, answered=False), SILENT)]
    assert measures(cases)["shows_both"] == 1 / 4


def test_measures_of_nothing_are_unknown() -> None:
    assert set(measures([]).values()) == {None}
    assert measures([judged(UNKNOWN, SILENT)])["answered_right"] is None


def test_shares_have_four_places() -> None:
    assert share([True, False, False]) == 0.3333
    assert share(iter([])) is None


def test_the_summary_is_the_measures_as_json() -> None:
    cases = [judged(GOLD, RIGHT), judged(UNKNOWN, SILENT)]
    assert json.loads(summary(cases)) == measures(cases)


def test_the_report_names_what_went_wrong() -> None:
    text = report([judged(GOLD, RIGHT), judged(GOLD, WRONG), judged(UNKNOWN, WRONG)], "g1")
    assert text.startswith("3 questions, generation g1\n")
    assert "| answered_right | 0.500 |" in text
    assert "| type: dato | 3 | 0.333 |" in text
    assert "p50 10 ms, p95 10 ms" in text
    assert "| q2 | dato | Når? | 0.75 | answered though the sources do not say: «Trondheim eier 40 % av aksjene.» |" in text


def test_a_report_without_faults_has_no_list_of_them() -> None:
    assert "| wrong |" not in report([judged(GOLD, RIGHT)], "g1")


@pytest.mark.parametrize(
    ("gold", "given", "said"),
    [
        (GOLD, SILENT, "not answered; the passage was found at rank 1"),
        (GOLD, replace(SILENT, retrieved=()), "not answered; the passage was not found"),
        (GOLD, WRONG, "passage not found; quoted «Trondheim eier 40 % av aksjene.»"),
        (GOLD, replace(WRONG, retrieved=RIGHT.retrieved), "passage at rank 2; quoted «Trondheim eier 40 % av aksjene.»"),
        (GOLD | {"must_contain": [["DIPS"]]}, RIGHT, "the right sentence is quoted, but not all that the answer must hold"),
        (UNKNOWN, RIGHT, "answered though the sources do not say: «Avtalen ble signert 20. mars 2019.»"),
    ],
)
def test_what_happened_is_told(gold: dict[str, Any], given: Answer, said: str) -> None:
    assert what_happened(judged(gold, given)) == said
