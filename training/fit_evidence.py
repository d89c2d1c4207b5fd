"""Fit the weights of `bot/evidence.py` and write `bot/evidence.json`.

    python -m training.fit_evidence [--passages P.jsonl --annotations A.jsonl] [--out bot/evidence.json]

The data are passages with questions in everyday words, each with the sentence that answers it. An embedder seems better on
documents that it was trained on than on one that it has never seen, so the weights are fitted on those that are kept for it
(`training.data`, side `calibrate`). Two regressions are fitted:

1. Rank: which sentence of the candidates answers. Each question is asked of the passages of its own document (one
   subject, as in a fact sheet) and of a pool of some forty passages (many subjects, as in a municipality's corpus).
2. Answer: whether one of the three best sentences answers. The negatives are the same questions with the passage that
   answers taken out: the questions are then worded alike in both classes, and the regression can't learn the style of
   a question instead of the evidence for an answer. They weigh so that a question in five has no answer.

An answer is given from a chance of 0.5: a right answer counts 1, a wrong one -1, none 0 (Yang et al. 2024, CRAG,
arXiv 2406.04744), so below that an answer loses more than it wins.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.special import expit
from sklearn.metrics import roc_auc_score
from sklearn.preprocessing import StandardScaler

from bot.evidence import (
    ANSWER_FEATURES,
    RANK_FEATURES,
    Candidates,
    QuestionWords,
    Weights,
    answer_features,
    gather,
    rank_features,
    rank_scores,
)
from ingest.embedding import CachedEmbedder, Embedder, open_embedder
from ingest.index import LexicalIndex
from ingest.passages import Passage
from ingest.settings import IngestSettings
from training.data import Annotated, cut, holds, read_annotated

SEED = 7
POOL = 40
"""Passages of a pool: the fact sheet has 36."""
FEWEST_SENTENCES = 8
TOP = 3
UNANSWERABLE_SHARE = 0.2
THRESHOLD = 0.5
COVER = 0.8
"""Share of an answering quote's words that a sentence must hold to be that answer."""

Vectors = dict[str, npt.NDArray[np.float32]]
"""By question."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question, the passages that answer it, and the quote."""

    text: str
    owner: str
    quote: str


@dataclass(frozen=True)
class Corpus:
    """Passages with their vectors, and the questions that they answer."""

    passages: list[Passage]
    passage_vectors: npt.NDArray[np.float32]
    sentence_vectors: list[npt.NDArray[np.float32]]
    lexical: LexicalIndex
    questions: list[Question]
    unanswerable: list[Question]


@dataclass(frozen=True)
class Example:
    """One question asked of some passages."""

    question: str
    passages: list[Passage]
    candidates: Candidates
    right: npt.NDArray[np.bool_]


def groups(annotated: Sequence[Annotated]) -> Iterator[list[Annotated]]:
    """Yield each document's passages, then pools of about `POOL` passages of whole documents."""
    by_document: dict[str, list[Annotated]] = {}
    for one in annotated:
        by_document.setdefault(one.document, []).append(one)
    yield from by_document.values()
    yield from pools(list(by_document.values()))


def pools(documents: list[list[Annotated]]) -> Iterator[list[Annotated]]:
    """Yield pools of about `POOL` passages of whole documents, drawn by a fixed seed."""
    documents = list(documents)
    random.Random(SEED).shuffle(documents)
    pool: list[Annotated] = []
    for document in documents:
        pool += document
        if len(pool) >= POOL:
            yield pool
            pool = []


def corpus(annotated: Sequence[Annotated], embedder: Embedder, settings: IngestSettings) -> Corpus:
    """Cut and embed some passages."""
    passages = [p for one in annotated for p in cut(one.id, one.headings, one.text, settings.passages)]
    counts = np.cumsum([len(passage.sentences) for passage in passages])[:-1]
    sentences = [p.search_text_of(sentence) for p in passages for sentence in p.sentences]
    return Corpus(
        passages,
        embedder.embed_passages([passage.search_text for passage in passages]),
        np.split(embedder.embed_passages(sentences), counts),
        LexicalIndex.build([passage.search_text for passage in passages], settings.lexical),
        [Question(note.text, one.id, note.quote) for one in annotated for note in one.questions],
        [Question(note.text, one.id, "") for one in annotated for note in one.unanswerable],
    )


def examples(one: Corpus, vectors: Vectors, *, without_answer: bool = False) -> Iterator[Example]:
    """Ask each question of the corpus, or of what is left of it without the passages that answer."""
    for question in one.questions:
        kept = [i for i, p in enumerate(one.passages) if not (without_answer and p.source == question.owner)]
        if sum(len(one.passages[i].sentences) for i in kept) >= FEWEST_SENTENCES:
            example = ask(question, one, kept, vectors)
            if without_answer or example.right.any():
                yield example


def ask(question: Question, one: Corpus, kept: Sequence[int], vectors: Vectors) -> Example:
    """Ask a question of some of a corpus's passages."""
    passages = [one.passages[i] for i in kept]
    vector = vectors[question.text]
    candidates = gather(
        question.text,
        QuestionWords(question.text, one.lexical.document_frequency, one.lexical.size),
        passages,
        (one.passage_vectors[list(kept)] @ vector).astype(np.float64),
        (np.concatenate([one.sentence_vectors[i] for i in kept]) @ vector).astype(np.float64),
    )
    right = np.array([answers(question, p, p.quote(s)) for p in passages for s in p.sentences])
    return Example(question.text, passages, candidates, right)


def answers(question: Question, passage: Passage, sentence: str) -> bool:
    """Tell whether a sentence is, or holds, or lies within the answering quote."""
    return passage.source == question.owner and holds(sentence, question.quote, COVER)


def fit(features: npt.NDArray[np.float64], labels: npt.NDArray[np.bool_], weights: npt.NDArray[np.float64]) -> Weights:
    """Fit a logistic regression in which no feature counts against, and return it for the features as they are.

    Every feature is evidence for an answer. A weight below 0 makes up for another feature on the documents that are fitted
    on, and does harm on others; so such a feature gets 0.

    Args:
        features: Shape `(n, features)`; they are standardised, and a half of the squared weights is added to the loss.
        labels: Whether each row answers, shape `(n,)`.
        weights: What each row counts, shape `(n,)`.
    """
    scaler = StandardScaler().fit(features)
    rows = np.column_stack([scaler.transform(features), np.ones(len(features))])
    signs = np.where(labels, 1.0, -1.0)

    def loss(solution: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        margins = signs * (rows @ solution)
        shrunk = np.append(solution[:-1], 0.0)
        gradient = shrunk - rows.T @ (weights * signs * expit(-margins))
        return float(weights @ np.logaddexp(0, -margins) + shrunk @ shrunk / 2), gradient

    count = features.shape[1]
    found = minimize(loss, np.zeros(count + 1), jac=True, method="L-BFGS-B", bounds=[(0, None)] * count + [(None, None)])
    coefficients = found.x[:-1] / scaler.scale_
    return Weights(coefficients, float(found.x[-1] - coefficients @ scaler.mean_))


def recall(asked: Sequence[Example], rank: Weights, k: int) -> float:
    """Return the share of questions with a right sentence among the `k` best."""
    return float(np.mean([example.right[best(example, rank)[:k]].any() for example in asked]))


def best(example: Example, rank: Weights) -> npt.NDArray[np.intp]:
    """Return the places of an example's sentences, best first."""
    return np.argsort(-rank_scores(example.candidates, rank), kind="stable")


def add_arguments(parser: argparse.ArgumentParser, out: Path) -> None:
    """Add what both fits take: where the questions are, and what to write."""
    parser.add_argument("--passages", type=Path, default=Path("training/data/passages.jsonl"))
    parser.add_argument("--annotations", type=Path, default=Path("training/data/annotations.jsonl"))
    parser.add_argument("--out", type=Path, default=out)


def question_vectors(annotated: Sequence[Annotated], embedder: Embedder) -> Vectors:
    """Return the vectors of all questions, by their text."""
    texts = list(dict.fromkeys(note.text for one in annotated for note in (*one.questions, *one.unanswerable)))
    return dict(zip(texts, embedder.embed_questions(texts), strict=True))


def main() -> None:
    """Fit, print how well the weights do on documents that were held out, and write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser, Path("bot/evidence.json"))
    arguments = parser.parse_args()
    settings = IngestSettings.load()
    model = open_embedder(settings.embedding)
    embedder = CachedEmbedder(model, settings.data / "cache" / "training.sqlite", settings.embedding.batch_size)
    annotated = [one for one in read_annotated(arguments.passages, arguments.annotations) if one.side != "train"]
    vectors = question_vectors(annotated, embedder)
    halves = [[one for one in annotated if one.side == side] for side in ("calibrate", "test")]
    seen, unseen = ([corpus(part, embedder, settings) for part in groups(half)] for half in halves)
    rank, answer = train(seen, vectors)
    report("documents fitted on", rank, answer, seen, vectors)
    report("documents held out", rank, answer, unseen, vectors)
    record = {"rank": named(rank, RANK_FEATURES), "answer": named(answer, ANSWER_FEATURES), "threshold": THRESHOLD}
    arguments.out.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def train(corpora: Sequence[Corpus], vectors: Vectors) -> tuple[Weights, Weights]:
    """Fit both regressions."""
    asked = [example for one in corpora for example in examples(one, vectors)]
    features = np.concatenate([rank_features(example.candidates) for example in asked])
    rank = fit(features, np.concatenate([example.right for example in asked]), np.ones(len(features)))
    answerable, unanswerable = answer_table(corpora, vectors, rank)
    weight = UNANSWERABLE_SHARE / (1 - UNANSWERABLE_SHARE) * len(answerable[0]) / len(unanswerable[0])
    return rank, fit(
        np.concatenate([answerable[0], unanswerable[0]]),
        np.concatenate([answerable[1], unanswerable[1]]),
        np.concatenate([np.ones(len(answerable[0])), np.full(len(unanswerable[0]), weight)]),
    )


Table = tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]


def answer_table(corpora: Sequence[Corpus], vectors: Vectors, rank: Weights) -> tuple[Table, Table]:
    """Return features and labels of the questions with, and of those without, the passage that answers."""
    tables = []
    for without in (False, True):
        rows, labels = [], []
        for one in corpora:
            for example in examples(one, vectors, without_answer=without):
                scores = rank_scores(example.candidates, rank)
                rows.append(answer_features(example.candidates, scores))
                labels.append(bool(example.right[best(example, rank)[:TOP]].any()))
        tables.append((np.stack(rows), np.array(labels)))
    return tables[0], tables[1]


def report(name: str, rank: Weights, answer: Weights, corpora: Sequence[Corpus], vectors: Vectors) -> None:
    """Print recall of the right sentence, and how well the chance tells right from wrong."""
    asked = [example for one in corpora for example in examples(one, vectors)]
    (with_rows, with_labels), (without_rows, without_labels) = answer_table(corpora, vectors, rank)
    odds = answer.log_odds(np.concatenate([with_rows, without_rows]))
    labels = np.concatenate([with_labels, without_labels])
    print(  # noqa: T201 - a command's output
        f"{name}: {len(asked)} questions, R@1 {recall(asked, rank, 1):.3f}, R@3 {recall(asked, rank, 3):.3f}, "
        f"AUROC {roc_auc_score(labels, odds):.3f}"
    )


def named(weights: Weights, names: Sequence[str]) -> dict[str, float]:
    """Return the weights by feature."""
    values = dict(zip(names, (round(float(value), 4) for value in weights.coefficients), strict=True))
    return values | {"intercept": round(weights.intercept, 4)}


if __name__ == "__main__":
    main()
