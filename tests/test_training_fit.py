"""The fits of `bot/evidence.json` and `bot/judging.json`: no evidence counts against an answer, and chances are calibrated."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from sklearn.linear_model import LogisticRegression

from training.fit_evidence import fit
from training.fit_judging import calibration_error, weights_by_kind

Array = npt.NDArray[np.float64]


def drawn(coefficients: list[float], count: int = 4000) -> tuple[Array, npt.NDArray[np.bool_]]:
    """Return features of unlike size, and labels that follow from them by chance."""
    source = np.random.default_rng(3)
    features = source.normal(size=(count, len(coefficients))) * [1.0, 10.0, 0.1][: len(coefficients)] + 5.0
    odds = (features - 5.0) @ coefficients - 0.5
    return features, source.random(count) < 1 / (1 + np.exp(-odds))


def test_where_all_evidence_helps_it_is_a_logistic_regression() -> None:
    features, labels = drawn([1.0, 0.05, 6.0])
    weights = np.linspace(0.5, 1.5, len(features))
    found = fit(features, labels, weights)
    scale = features.std(axis=0)
    plain = LogisticRegression(C=1.0).fit((features - features.mean(axis=0)) / scale, labels, sample_weight=weights)
    np.testing.assert_allclose(found.coefficients, plain.coef_[0] / scale, rtol=0.01)
    np.testing.assert_allclose(
        found.log_odds(features), plain.decision_function((features - features.mean(axis=0)) / scale), atol=0.02
    )


def test_what_would_count_against_an_answer_counts_nothing() -> None:
    features, labels = drawn([1.0, -0.05, 6.0])
    found = fit(features, labels, np.ones(len(features)))
    assert found.coefficients[1] == 0.0 and found.coefficients[0] > 0.5 and found.coefficients[2] > 3


def test_a_fitted_chance_is_calibrated() -> None:
    features, labels = drawn([1.0, 0.05, 6.0])
    chances = 1 / (1 + np.exp(-fit(features, labels, np.ones(len(features))).log_odds(features)))
    assert calibration_error(chances, labels, np.ones(len(features))) < 0.03


def test_the_calibration_error_is_the_mean_gap_of_chance_and_share() -> None:
    chances = np.array([0.9] * 10 + [0.1] * 10)
    labels = np.array([True] * 5 + [False] * 15)
    assert calibration_error(chances, labels, np.ones(20)) == pytest.approx(0.5 * 0.4 + 0.5 * 0.1)


def test_a_fifth_of_the_weight_is_of_questions_without_an_answer_half_of_it_written() -> None:
    kinds = ["answered"] * 40 + ["removed"] * 30 + ["written"] * 5
    weights = weights_by_kind(kinds)
    shares = [weights[[kind == one for kind in kinds]].sum() / weights.sum() for one in ("answered", "removed", "written")]
    assert shares == pytest.approx([0.8, 0.1, 0.1])
