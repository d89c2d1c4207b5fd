"""What the embedder learns from: each question beside the passage that answers it, and one that an earlier run took for it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training.embedder import norquad_pairs

ARTICLE = "Broen over elven ble bygd i 1998 av kommunen.\nDen er 42 meter lang."
ASKED = "Hvor lang er broen?"


@pytest.fixture
def norquad(tmp_path: Path) -> Path:
    """Return a folder with one article and one question, in NorQuAD's form."""
    answer = {"text": "42 meter", "start": ARTICLE.index("42 meter")}
    question = {"context_id": 1, "question": ASKED, "answers": [answer]}
    (tmp_path / "train.jsonl").write_text(json.dumps(question) + "\n", encoding="utf-8")
    (tmp_path / "contexts.jsonl").write_text(json.dumps({"context_id": 1, "text": ARTICLE}) + "\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("mined", "wrong"), [({}, ""), ({ASKED: []}, ""), ({ASKED: ["Veien er lang.", "Elven er dyp."]}, "Veien er lang.")]
)
def test_the_likeliest_wrong_passage_is_taken_if_any_was_mined(mined: dict[str, list[str]], wrong: str, norquad: Path) -> None:
    (pair,) = norquad_pairs(norquad, frozenset(), mined)
    assert pair.question == ASKED
    assert "42 meter" in pair.answer
    assert pair.wrong == wrong


def test_an_article_that_is_kept_apart_is_not_learnt_from(norquad: Path) -> None:
    assert norquad_pairs(norquad, frozenset({1}), {}) == []
