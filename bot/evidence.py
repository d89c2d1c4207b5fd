"""How well each sentence answers a question: features of question and sentence, weighed by logistic regression.

The features are those that can be had without a trained reader: how near the vectors lie, how much of the question's
words recur, and whether the sentence holds the kind of value that is asked for. `training/fit_evidence.py` fits the
weights and writes `evidence.json`; docs/evaluation.md tells on what, and what each step adds.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt

from bot.kinds import KINDS, Kind, asked_for, holds
from ingest.language import terms, tokens
from ingest.language.terms import lemmas, word_terms
from ingest.language.words import STOP_WORDS
from ingest.passages import Passage

Array = npt.NDArray[np.float64]
RANK_FEATURES = ("sentence_similarity", "passage_similarity", "sentence_overlap", "passage_overlap", *KINDS)
"""Of each sentence. The first four are standardised over the sentences of one question, since a similarity of 0.85 is
high for one question and low for another; the others are 1 if that kind of value is asked for and there, -1 if it is
asked for and missing, 0 if it is not asked for."""

ANSWER_FEATURES = ("lead", "similarity", "passage_overlap")
"""Of a question: the best sentence's lead over the sixth in rank score, its similarity, and its passage's overlap."""

_NO_VALUE_PENALTY = 3.0
"""Taken from the log odds of an answer if a value is asked for and none of the sentences to be quoted holds one: what has
no amount of money does not say what something costs. The made-up documents that the weights are fitted on name values
everywhere, so they can't teach it; 3.0 turns a chance of 0.9 into 0.3."""

NO_STATEMENT_PENALTY = 20.0
"""Taken from the rank score of what states nothing, however alike it is: a question, or a line of a few words such as a
caption. Larger than any difference of scores, so that it comes last and is quoted only as an item of a list."""

_FRAGMENT_WORDS = 5
"""Fewer words than these, without a full stop and outside a list, state nothing: «Plan for innføringsprosjektet»."""

_LEAD_OVER = 5
_LOOKED_AT = 3
"""The lead is counted over the sixth sentence: the next few may say the same. Values are looked for in the first three,
which are those that are quoted."""

_REMEMBERED = 10_000
"""Passages whose terms are kept in memory; not measured on a corpus of that size."""

_PART = 0.5
"""What a word counts if only a part of it recurs: «medisinskader» where the source says «legemiddelskader»."""


@dataclass(frozen=True, slots=True)
class Weights:
    """A fitted logistic regression: `intercept + coefficients · features` is the log odds."""

    coefficients: Array
    intercept: float

    def log_odds(self, features: Array) -> Array:
        """Return the log odds of each row of `features`, shape `(n,)` for features `(n, len(coefficients))`."""
        return np.asarray(features @ self.coefficients + self.intercept, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Model:
    """Both regressions and the chance from which an answer is given."""

    rank: Weights
    answer: Weights
    threshold: float


@dataclass(frozen=True, slots=True)
class Candidates:
    """The sentences that may answer one question, and what is known of them; every array is `(sentences,)`.

    Attributes:
        sentence_similarity: Cosine of question and sentence, in [-1, 1].
        passage_similarity: Cosine of question and the sentence's passage.
        sentence_overlap: Share in [0, 1] of the question's words, weighed by rarity, that recur in the sentence.
        passage_overlap: The same for its passage with its headings.
        asked: The kind of value that the question asks for, or None.
        holds_asked: Whether the sentence holds a value of that kind; false where none is asked for.
        is_statement: Whether it states something: it is no question and no mere line of a few words.
    """

    sentence_similarity: Array
    passage_similarity: Array
    sentence_overlap: Array
    passage_overlap: Array
    asked: Kind | None
    holds_asked: npt.NDArray[np.bool_]
    is_statement: npt.NDArray[np.bool_]


@cache
def fitted() -> Model:
    """Return the weights in `evidence.json`."""
    record = json.loads(files("bot").joinpath("evidence.json").read_text(encoding="utf-8"))
    return Model(
        rank=weights_of(record["rank"], RANK_FEATURES),
        answer=weights_of(record["answer"], ANSWER_FEATURES),
        threshold=float(record["threshold"]),
    )


def weights_of(record: dict[str, float], names: Sequence[str]) -> Weights:
    """Return the weights of some features out of a record by name, with the key `intercept`."""
    return Weights(np.array([record[name] for name in names]), record["intercept"])


def states(text: str, *, item: bool) -> bool:
    """Tell whether a sentence states something; `item` says whether it is an item of a list."""
    if text.endswith("?"):
        return False
    return item or text.endswith((".", "!", ":", ")")) or len(text.split()) >= _FRAGMENT_WORDS


class QuestionWords:
    """The words of a question with their weights, to be looked for in texts."""

    def __init__(self, question: str, frequency: Callable[[str], int], size: int) -> None:
        """Weigh the question's words.

        Args:
            question: The question.
            frequency: How many of the searched passages hold a term.
            size: How many passages there are.
        """
        words = [word for word in tokens(question) if word not in STOP_WORDS]
        self._words = {word: rarity(max(map(frequency, lemmas(word))), size) for word in words}
        self._total = sum(self._words.values()) or 1.0

    def overlap(self, terms: frozenset[str]) -> float:
        """Return the share in [0, 1] of the words, by weight, that recur among a text's terms."""
        return sum(weight * _recurs(word, terms) for word, weight in self._words.items()) / self._total


def rarity(frequency: int, size: int) -> float:
    """Return BM25's inverse document frequency. Source: Robertson & Zaragoza 2009, Lucene's form."""
    return math.log(1 + (size - frequency + 0.5) / (frequency + 0.5))


def _recurs(word: str, terms: frozenset[str]) -> float:
    if not terms.isdisjoint(lemmas(word)):
        return 1.0
    return 0.0 if terms.isdisjoint(word_terms(word)) else _PART


def gather(
    question: str, words: QuestionWords, passages: Sequence[Passage], passage_similarity: Array, sentence_similarity: Array
) -> Candidates:
    """Put together what is known of the sentences of some passages.

    Args:
        question: The question.
        words: Its words.
        passages: Where an answer may stand; at least one.
        passage_similarity: Cosine of question and passage, shape `(len(passages),)`.
        sentence_similarity: Cosine of question and sentence, for all sentences in order.
    """
    asked = asked_for(question)
    owner = np.repeat(np.arange(len(passages)), [len(passage.sentences) for passage in passages])
    quotes = [passage.quote(sentence) for passage in passages for sentence in passage.sentences]
    overlaps = [[words.overlap(part) for part in sentence_terms(passage)] for passage in passages]
    return Candidates(
        sentence_similarity=sentence_similarity,
        passage_similarity=passage_similarity[owner],
        sentence_overlap=np.array([overlap for part in overlaps for overlap in part]),
        passage_overlap=np.array([words.overlap(passage_terms(passage)) for passage in passages])[owner],
        asked=asked,
        holds_asked=np.array([holds(asked, quote) for quote in quotes]),
        is_statement=np.array([states(passage.quote(one), item=one.item) for passage in passages for one in passage.sentences]),
    )


@lru_cache(maxsize=_REMEMBERED)
def passage_terms(passage: Passage) -> frozenset[str]:
    """Return the search terms of a passage with its headings."""
    return frozenset(terms(passage.search_text))


@lru_cache(maxsize=_REMEMBERED)
def sentence_terms(passage: Passage) -> tuple[frozenset[str], ...]:
    """Return the search terms of each of a passage's sentences, in reading order."""
    return tuple(frozenset(terms(passage.search_text_of(sentence))) for sentence in passage.sentences)


def rank_scores(candidates: Candidates, weights: Weights) -> Array:
    """Return each sentence's rank score, shape `(sentences,)`: log odds, lowered for what states nothing."""
    return weights.log_odds(rank_features(candidates)) - NO_STATEMENT_PENALTY * ~candidates.is_statement


def rank_features(candidates: Candidates) -> Array:
    """Return the features of each sentence, shape `(sentences, len(RANK_FEATURES))`."""
    standardised = [
        _standardise(values)
        for values in (
            candidates.sentence_similarity,
            candidates.passage_similarity,
            candidates.sentence_overlap,
            candidates.passage_overlap,
        )
    ]
    kinds = [
        _presence(candidates.holds_asked) if candidates.asked == kind else np.zeros(len(candidates.holds_asked))
        for kind in KINDS
    ]
    return np.stack([*standardised, *kinds], axis=1)


def _standardise(values: Array) -> Array:
    spread = float(values.std())
    return (values - values.mean()) / spread if spread > 1e-9 else np.zeros_like(values)


def _presence(present: npt.NDArray[np.bool_]) -> Array:
    return np.where(present, 1.0, -1.0)


def best_first(candidates: Candidates, scores: Array) -> npt.NDArray[np.intp]:
    """Return the places of the sentences that state something, best first; of all if none does.

    The penalty for stating nothing would else be taken for a lead where few sentences are left.
    """
    order = np.argsort(-scores, kind="stable")
    statements = order[candidates.is_statement[order]]
    return statements if len(statements) else order


def chance_of_answer(
    candidates: Candidates, scores: Array, weights: Weights, kin: npt.NDArray[np.bool_] | None = None
) -> float:
    """Return the chance in [0, 1] that the best sentences answer the question.

    Args:
        candidates: At least one sentence.
        scores: Their rank scores, shape `(sentences,)`.
        weights: Of `ANSWER_FEATURES`.
        kin: Of each sentence, whether it is known to speak of the same as the best; None where nothing is known.
    """
    log_odds = float(weights.log_odds(answer_features(candidates, scores, kin)[None, :])[0])
    quoted = best_first(candidates, scores)[:_LOOKED_AT]
    if candidates.asked is not None and not candidates.holds_asked[quoted].any():
        log_odds -= _NO_VALUE_PENALTY
    return 1.0 / (1.0 + math.exp(-log_odds))


def answer_features(candidates: Candidates, scores: Array, kin: npt.NDArray[np.bool_] | None = None) -> Array:
    """Return the features of the question, shape `(len(ANSWER_FEATURES),)`.

    The lead is over what speaks of something else: a statement that replaces the best sentence is no rival of it.

    Args:
        candidates: At least one sentence.
        scores: Their rank scores, shape `(sentences,)`.
        kin: Of each sentence, whether it is known to speak of the same as the best; None where nothing is known.
    """
    order = best_first(candidates, scores)
    best = order[0]
    kin = np.zeros(len(scores), dtype=np.bool_) if kin is None else kin
    rivals = order[1:][~kin[order[1:]]]
    other = rivals[min(_LEAD_OVER, len(rivals)) - 1] if len(rivals) else best
    # What is quoted of the same thing answers together: it is as near as its nearest.
    quoted = [place for place in order[:_LOOKED_AT] if place == best or kin[place]]
    return np.array(
        [
            scores[best] - scores[other],
            candidates.sentence_similarity[quoted].max(),
            candidates.passage_overlap[quoted].max(),
        ]
    )
