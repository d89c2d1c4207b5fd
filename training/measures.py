"""Measures of finding, reading and deciding, as the literature names them; all are means over questions."""

from __future__ import annotations

import math
import re
import string
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, roc_auc_score

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_PLACES = 4
"""Decimal places that are kept: with some thousand questions, one answer moves the fourth."""


def normalised(text: str) -> str:
    """Return a text as SQuAD's evaluation script compares it.

    In lower case, without punctuation and English articles, white space runs made one space. Norwegian articles stay, and
    so do signs that are not ASCII («», –): figures for NorQuAD are made with this script as it is (Rajpurkar et al. 2016;
    Ivanova et al. 2023), and only the same rules give figures to set beside them.
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact(answer: str, gold: Sequence[str]) -> float:
    """Return 1.0 if an answer is one of the gold answers, both normalised, else 0.0."""
    return float(any(normalised(answer) == normalised(one) for one in gold))


def best_f1(answer: str, gold: Sequence[str]) -> float:
    """Return the highest `token_f1` of an answer with any of the gold answers, of which there is at least one."""
    return max(token_f1(answer, one) for one in gold)


def token_f1(answer: str, gold: str) -> float:
    """Return the harmonic mean of the shares of the two texts' words that they have in common.

    Source: SQuAD's evaluation script 2.0: if either is empty, 1.0 where both are.
    """
    ours, theirs = normalised(answer).split(), normalised(gold).split()
    if not ours or not theirs:
        return float(ours == theirs)
    common = sum((Counter(ours) & Counter(theirs)).values())
    return 2 * common / (len(ours) + len(theirs))


def recall_at(k: int, ranks: Iterable[int | None]) -> float | None:
    """Return the share of questions with the first right item among the first `k`.

    Args:
        k: At least 1.
        ranks: Of each question, the rank from 1 of the first right item; None if there is none.
    """
    return mean(rank is not None and rank <= k for rank in ranks)


def reciprocal_rank(ranks: Iterable[int | None]) -> float | None:
    """Return the mean of 1 / rank of the first right item, 0 where there is none. Source: Voorhees 1999, TREC-8."""
    return mean(0.0 if rank is None else 1.0 / rank for rank in ranks)


def ndcg(ranks: Sequence[int], right: int, k: int = 10) -> float:
    """Return the discounted gain of one question's right items among the first `k`, over the highest there can be.

    Source: Järvelin & Kekäläinen 2002, with gain 1 for a right item and the discount log2(1 + rank).

    Args:
        ranks: Of the right items that were found, from 1.
        right: How many right items there are; 0 gives 0.0.
        k: At least 1.
    """
    gain = sum(1 / math.log2(1 + rank) for rank in ranks if rank <= k)
    most = sum(1 / math.log2(1 + rank) for rank in range(1, min(right, k) + 1))
    return gain / most if most else 0.0


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float | None:
    """Return the chance that a positive has a higher score than a negative; None if either is lacking."""
    if not positive or not negative:
        return None
    labels = np.repeat([1, 0], [len(positive), len(negative)])
    return _rounded(roc_auc_score(labels, [*positive, *negative]))


def decided(gold: Sequence[str], said: Sequence[str], labels: Sequence[str]) -> dict[str, Any]:
    """Return how well labels were given: `macro_f1`, `accuracy` and `n`.

    A label that is neither in `gold` nor in `said` is left out of the mean of F1.
    """
    if not gold:
        return {"macro_f1": None, "accuracy": None, "n": 0}
    met = [label for label in labels if label in gold or label in said]
    return {
        "macro_f1": _rounded(f1_score(gold, said, labels=met, average="macro", zero_division=0.0)),
        "accuracy": _rounded(accuracy_score(gold, said)),
        "n": len(gold),
    }


def confusion(gold: Sequence[str], said: Sequence[str], labels: Sequence[str]) -> dict[str, dict[str, int]]:
    """Return how often each gold label was given which label."""
    counts = confusion_matrix(gold, said, labels=list(labels))
    return {
        label: {other: int(count) for other, count in zip(labels, row, strict=True)}
        for label, row in zip(labels, counts, strict=True)
    }


def mean(values: Iterable[float]) -> float | None:
    """Return the mean, to four places; None of nothing."""
    kept = [float(value) for value in values]
    return _rounded(sum(kept) / len(kept)) if kept else None


def _rounded(value: float) -> float:
    return round(float(value), _PLACES)
