"""The fits of `bot/evidence.json` and `bot/judging.json`: no evidence counts against an answer, and chances are calibrated."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch
from safetensors.torch import load_file, save_file
from sklearn.linear_model import LogisticRegression

from training.average import average
from training.fit_evidence import fit
from training.fit_judging import calibration_error, weights_by_kind
from training.fit_support import Scaling, fit_scaling, surprise, write

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


def test_scores_of_other_shares_and_too_sure_are_made_chances_again() -> None:
    source = np.random.default_rng(5)
    truth = source.normal(size=(6000, 3)) * 2.0
    chances = np.exp(truth) / np.exp(truth).sum(axis=1, keepdims=True)
    labels = np.array([source.choice(3, p=row) for row in chances])
    # As a head gives them that was shown the last label too often and is too sure.
    given = (truth - np.array([0.3, 0.4, -0.7])) * 2.0
    found = fit_scaling(given, labels)
    assert found.scale == pytest.approx(0.5, rel=0.06)
    np.testing.assert_allclose(found.shift, [0.3, 0.4, -0.7], atol=0.1)
    assert surprise(found.apply(given), labels) < surprise(given, labels)


def reader_folder(folder: Path, seed: int, hidden: int = 8) -> Path:
    """Write the weights of a support head, and what else a reader's folder has that is read here."""
    folder.mkdir()
    torch.manual_seed(seed)
    tensors = {"support.2.weight": torch.randn(3, hidden), "support.2.bias": torch.randn(3), "other": torch.randn(2).half()}
    save_file(tensors, folder / "model.safetensors")
    (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
    return folder


def test_a_scaling_is_written_into_the_head(tmp_path: Path) -> None:
    folder = reader_folder(tmp_path / "a", 1)
    before = load_file(folder / "model.safetensors")
    scaling = Scaling(1.5, np.array([0.5, -0.1, -0.4]))
    write(folder, scaling)
    after = load_file(folder / "model.safetensors")
    state = torch.randn(4, 8)
    scores = state @ before["support.2.weight"].T + before["support.2.bias"]
    found = state @ after["support.2.weight"].T + after["support.2.bias"]
    np.testing.assert_allclose(found.numpy(), scaling.apply(scores.double().numpy()), atol=1e-5)
    assert torch.equal(before["other"], after["other"])


def test_the_mean_of_two_readers_lies_between_them(tmp_path: Path) -> None:
    one, other = reader_folder(tmp_path / "a", 1), reader_folder(tmp_path / "b", 2)
    average(tmp_path / "c", one, other)
    weights = [load_file(folder / "model.safetensors")["support.2.bias"] for folder in (one, other, tmp_path / "c")]
    assert torch.allclose((weights[0] + weights[1]) / 2, weights[2])
    assert (tmp_path / "c" / "tokenizer.json").exists()


def test_readers_that_are_not_alike_have_no_mean(tmp_path: Path) -> None:
    one = reader_folder(tmp_path / "a", 1)
    with pytest.raises(ValueError, match="not the same layers"):
        average(tmp_path / "x", one, reader_folder(tmp_path / "b", 2, hidden=4))
    other = reader_folder(tmp_path / "c", 2)
    (other / "tokenizer.json").write_text("[]", encoding="utf-8")
    with pytest.raises(ValueError, match="not the same word pieces"):
        average(tmp_path / "x", one, other)
    assert not (tmp_path / "x").exists()
