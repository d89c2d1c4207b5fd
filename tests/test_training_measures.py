"""The measures agree with a plain reckoning on cases small enough to count by hand, and with scikit-learn."""

from __future__ import annotations

import random

import pytest
from sklearn.metrics import ndcg_score

from training.measures import (
    auroc,
    best_f1,
    confusion,
    decided,
    exact,
    mean,
    ndcg,
    normalised,
    recall_at,
    reciprocal_rank,
    token_f1,
)

LABELS = ("støttet", "motsagt", "ikke_funnet")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The  Answer, is: 42!", "answer is 42"),
        ("en avtale", "en avtale"),
        ("b–c «sitat» a", "b–c «sitat»"),
        ("12,5 %", "125"),
        ("Ærlig\nØl", "ærlig øl"),
        ("...", ""),
    ],
)
def test_answers_are_compared_as_squad_does(text: str, expected: str) -> None:
    assert normalised(text) == expected


def test_an_answer_is_exact_if_it_is_any_of_the_gold_answers() -> None:
    assert exact("i mars 2019.", ["2019", "I mars 2019"]) == 1.0
    assert exact("mars 2019", ["2019", "I mars 2019"]) == 0.0


@pytest.mark.parametrize(
    ("answer", "gold", "f1"),
    [
        ("i mars 2019", "mars 2019", 0.8),
        ("mars mars", "mars", 2 / 3),
        ("april", "mars", 0.0),
        ("", "mars", 0.0),
        ("!", "?", 1.0),
    ],
)
def test_f1_counts_common_words(answer: str, gold: str, f1: float) -> None:
    assert token_f1(answer, gold) == pytest.approx(f1)
    assert token_f1(gold, answer) == pytest.approx(f1)


def test_the_best_of_the_gold_answers_counts() -> None:
    assert best_f1("i mars 2019", ["april", "mars 2019"]) == pytest.approx(0.8)


def test_finding_counts_first_ranks() -> None:
    ranks = [1, 2, None, 4]
    assert recall_at(1, ranks) == 0.25
    assert recall_at(2, ranks) == 0.5
    assert reciprocal_rank(ranks) == pytest.approx((1 + 0.5 + 0.25) / 4, abs=1e-4)


def test_gain_is_that_of_scikit_learn() -> None:
    source = random.Random(2)
    for _ in range(50):
        right = [source.random() < 0.2 for _ in range(30)]
        if any(right):
            ranks = [rank for rank, one in enumerate(right, start=1) if one]
            expected = ndcg_score([right], [[-place for place in range(30)]], k=10)
            assert ndcg(ranks, len(ranks)) == pytest.approx(expected)


def test_gain_is_lost_by_what_was_not_found() -> None:
    assert ndcg([1], 1) == 1.0
    assert 0 < ndcg([1], 2) < 1
    assert ndcg([11], 1) == ndcg([], 1) == ndcg([], 0) == 0.0


def test_the_area_is_the_share_of_pairs_in_order() -> None:
    assert auroc([0.9, 0.6], [0.1, 0.7]) == 0.75
    assert auroc([0.5], [0.5]) == 0.5
    assert auroc([], [0.5]) is None
    assert auroc([0.5], []) is None


def test_labels_count_alike_however_often_they_occur() -> None:
    gold = ["støttet"] * 8 + ["motsagt"] * 2
    said = ["støttet"] * 8 + ["motsagt", "støttet"]
    found = decided(gold, said, LABELS)
    assert found["n"] == 10
    assert found["accuracy"] == 0.9
    # 16/17 for the one, 2/3 for the other; the label that never occurs counts nothing.
    assert found["macro_f1"] == pytest.approx((16 / 17 + 2 / 3) / 2, abs=1e-4)


def test_a_label_that_is_never_right_lowers_the_mean() -> None:
    assert decided(["støttet"] * 2, ["støttet", "ikke_funnet"], LABELS)["macro_f1"] == pytest.approx(1 / 3, abs=1e-4)


def test_nothing_decided_has_no_measures() -> None:
    assert decided([], [], LABELS) == {"macro_f1": None, "accuracy": None, "n": 0}
    assert mean([]) is None


def test_confusions_are_counted_by_gold_label() -> None:
    found = confusion(["støttet", "støttet", "motsagt"], ["støttet", "motsagt", "motsagt"], LABELS)
    assert found["støttet"] == {"støttet": 1, "motsagt": 1, "ikke_funnet": 0}
    assert found["motsagt"]["motsagt"] == 1
    assert sum(found["ikke_funnet"].values()) == 0
