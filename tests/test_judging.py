"""What the reader says becomes an order of sentences, a chance, and a mark at the right words."""

from __future__ import annotations

import re

import numpy as np
import pytest

from bot import judging
from bot.evidence import Weights
from bot.judging import ANSWER_FEATURES, SENTENCE_FEATURES, Read, answer_features, answer_span, chance_of_answer, whole_names
from bot.reader import Reading
from ingest.passages import Passage, Sentence

HEADINGS = ("Avtaler", "Frister")
SENTENCES = ("Avtalen gjelder alle.", "Fristen er 1. mai 2022 for kommunen.", "Når er fristen?")
OFFSET = 100
"""Where the passages begin in their source's text."""


def passage(number: int) -> Passage:
    text = " ".join(SENTENCES)
    places = [(text.index(words), text.index(words) + len(words)) for words in SENTENCES]
    sentences = tuple(Sentence(OFFSET + start, OFFSET + end) for start, end in places)
    return Passage(f"a:{number}", "a", text, OFFSET, OFFSET + len(text), HEADINGS, None, "", sentences)


def reading(one: Passage, relevance: float, words: str = "", high: float = 6.0) -> Reading:
    """Return a reading in which some words are the answer, and the evidence."""
    pieces = [match.span() for match in re.finditer(r"\w+|[^\w\s]", one.search_text)]
    start, end, evidence = (np.full(len(pieces), -6.0, np.float32) for _ in range(3))
    if words:
        first = one.search_text.index(words)
        inside = [at for at, piece in enumerate(pieces) if first <= piece[0] and piece[1] <= first + len(words)]
        start[inside[0]] = end[inside[-1]] = high
        evidence[inside] = high
    edges = np.ones((len(pieces), 2), np.bool_)
    return Reading(relevance, np.full(3, 1 / 3, np.float32), np.array(pieces, np.int32), edges, start, end, evidence)


def read(*readings: Reading) -> Read:
    count = len(readings) * len(SENTENCES)
    passages = [passage(number) for number in range(len(readings))]
    return Read(passages, readings, nearness=np.zeros(count), similarity=np.full(count, 0.8))


def weights(names: tuple[str, ...], **values: float) -> Weights:
    return Weights(np.array([values.get(name, 0.0) for name in names]), 0.0)


def test_each_sentence_has_its_passages_relevance_and_its_own_evidence() -> None:
    features = judging.sentence_features(read(reading(passage(0), -2.0), reading(passage(1), 3.0, SENTENCES[1])))
    relevance, evidence = (features[:, SENTENCE_FEATURES.index(name)] for name in ("relevance", "evidence"))
    assert relevance.tolist() == [-2.0] * 3 + [3.0] * 3
    assert evidence.argmax() == 4
    assert evidence[4] == pytest.approx(6.0)
    assert evidence[3] == pytest.approx(-6.0)


def test_a_sentence_that_states_nothing_comes_last() -> None:
    one = read(reading(passage(0), 0.0, SENTENCES[2]))
    scores = judging.sentence_scores(one, judging.sentence_features(one), weights(SENTENCE_FEATURES, evidence=1.0))
    assert scores.argmin() == 2


def test_the_answer_is_judged_by_the_best_sentence_and_its_passage() -> None:
    one = read(reading(passage(0), 1.0), reading(passage(1), 4.0, SENTENCES[1]))
    features = judging.sentence_features(one)
    scores = judging.sentence_scores(one, features, weights(SENTENCE_FEATURES, evidence=1.0))
    found = dict(zip(ANSWER_FEATURES, answer_features(one, features, scores), strict=True))
    assert found["relevance"] == 4.0
    assert found["lead"] == 3.0
    assert found["evidence"] == pytest.approx(6.0)
    assert found["span"] == pytest.approx(0.0, abs=0.01)
    assert found["similarity"] == 0.8


def test_one_passage_alone_leads_by_nothing() -> None:
    one = read(reading(passage(0), 1.0))
    features = judging.sentence_features(one)
    found = answer_features(one, features, judging.sentence_scores(one, features, weights(SENTENCE_FEATURES)))
    assert found[ANSWER_FEATURES.index("lead")] == 0.0


def test_the_chance_grows_with_what_speaks_for_it() -> None:
    sure, unsure = (np.array([value] * len(ANSWER_FEATURES)) for value in (3.0, -3.0))
    one = weights(ANSWER_FEATURES, relevance=1.0)
    assert chance_of_answer(unsure, one) == pytest.approx(0.047, abs=0.001)
    assert chance_of_answer(sure, one) == pytest.approx(0.953, abs=0.001)


def test_the_words_that_answer_are_found_in_the_sources_text() -> None:
    one = passage(0)
    found = answer_span(one, reading(one, 5.0, "1. mai 2022"), one.sentences[1])
    assert found is not None
    start, end = found
    assert one.text[start - OFFSET : end - OFFSET] == "1. mai 2022"


def test_nothing_is_marked_where_no_words_stand_out() -> None:
    one = passage(0)
    assert answer_span(one, reading(one, 5.0, "1. mai 2022", high=-6.0), one.sentences[1]) is None
    assert answer_span(one, reading(one, 5.0, "1. mai 2022"), one.sentences[0]) is None


def test_nearly_the_whole_sentence_is_no_mark() -> None:
    one = passage(0)
    assert answer_span(one, reading(one, 5.0, SENTENCES[1][:-1]), one.sentences[1]) is None


def test_the_fitted_weights_let_relevance_and_evidence_speak_for_an_answer() -> None:
    fitted = judging.fitted()
    assert (fitted.sentence.coefficients[:2] > 0).all()
    assert fitted.answer.coefficients[ANSWER_FEATURES.index("relevance")] > 0
    assert 0 < fitted.threshold < 1


@pytest.mark.parametrize(
    ("marked", "whole"),
    [("RHF og Trondheim kommune", "Helse Midt-Norge RHF og Trondheim kommune"), ("Helse", "Helse Midt-Norge RHF"),
     ("Trondheim", "Trondheim"), ("per i dag", "per i dag"), ("Helse Midt-Norge RHF", "Helse Midt-Norge RHF")],
)  # fmt: skip
def test_a_mark_cuts_no_name(marked: str, whole: str) -> None:
    text = "Selskapet eies per i dag av Helse Midt-Norge RHF og Trondheim kommune."
    start = text.index(marked)
    start, end = whole_names(text, start, start + len(marked))
    assert text[start:end] == whole
