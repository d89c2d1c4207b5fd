"""Fit the weights of `bot/evidence.py` and write `bot/evidence.json`.

    python training/fit_evidence.py [--data training/data] [--out bot/evidence.json]

The data are passages of made-up municipal documents with questions in everyday words, each with the sentence that
answers it. Two regressions are fitted:

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
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
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
from ingest.documents import Block, Document
from ingest.embedding import CachedEmbedder, Embedder, open_embedder
from ingest.index import LexicalIndex
from ingest.passages import Passage, cut_passages
from ingest.settings import IngestSettings

SEED = 7
POOL = 40
"""Passages of a pool: the fact sheet has 36."""
FEWEST_SENTENCES = 8
TOP = 3
UNANSWERABLE_SHARE = 0.2
THRESHOLD = 0.5
COVER = 0.8
"""Share of an answering quote's words that a sentence must hold to be that answer."""

_ITEM = re.compile(r"([-•–]|\d+[.)]|[a-z]\)) (.*)")


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


@dataclass(frozen=True)
class Example:
    """One question asked of some passages."""

    candidates: Candidates
    right: npt.NDArray[np.bool_]


def read(folder: Path) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
    """Return the passages, and the annotations by passage id."""
    passages = [json.loads(line) for line in (folder / "passages.jsonl").read_text(encoding="utf-8").splitlines()]
    notes = [json.loads(line) for line in (folder / "annotations.jsonl").read_text(encoding="utf-8").splitlines()]
    return passages, {note["id"]: note for note in notes}


def held_out_titles(records: Sequence[dict[str, Any]]) -> set[str]:
    """Return the titles of the fifth of the documents that nothing is fitted on."""
    titles = sorted({record["title"] for record in records})
    random.Random(SEED).shuffle(titles)
    return set(titles[: len(titles) // 5])


def as_document(record: dict[str, Any]) -> Document:
    """Return a passage's text as the reader of a real document would."""
    blocks = [Block("heading", record["title"], level=1), Block("heading", record["section"], level=2)]
    for line in record["text"].splitlines():
        text = re.sub(r"\s+", " ", line).strip()
        item = _ITEM.match(text)
        if item:
            blocks.append(Block("list_item", item[2], level=1, marker=item[1]))
        elif text:
            blocks.append(Block("paragraph", text))
    return Document(tuple(blocks), "training data")


def groups(records: Sequence[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield each document's passages, then pools of about `POOL` passages of whole documents."""
    by_title: dict[str, list[dict[str, Any]]] = {}
    for record in records:
        by_title.setdefault(record["title"], []).append(record)
    documents = list(by_title.values())
    yield from documents
    random.Random(SEED).shuffle(documents)
    pool: list[dict[str, Any]] = []
    for document in documents:
        pool += document
        if len(pool) >= POOL:
            yield pool
            pool = []


def corpus(
    records: Sequence[dict[str, Any]], notes: dict[str, dict[str, Any]], embedder: Embedder, settings: IngestSettings
) -> Corpus:
    """Cut and embed some passages."""
    passages = [p for record in records for p in cut_passages(record["id"], as_document(record), settings.passages)]
    counts = np.cumsum([len(passage.sentences) for passage in passages])[:-1]
    sentences = [p.search_text_of(sentence) for p in passages for sentence in p.sentences]
    questions = [
        Question(question["q"], record["id"], question["quote"])
        for record in records
        for question in notes[record["id"]]["questions"]
    ]
    return Corpus(
        passages,
        embedder.embed_passages([passage.search_text for passage in passages]),
        np.split(embedder.embed_passages(sentences), counts),
        LexicalIndex.build([passage.search_text for passage in passages], settings.lexical),
        questions,
    )


def examples(one: Corpus, vectors: dict[str, npt.NDArray[np.float32]], *, without_answer: bool = False) -> Iterator[Example]:
    """Ask each question of the corpus, or of what is left of it without the passages that answer."""
    for question in one.questions:
        kept = [i for i, p in enumerate(one.passages) if not (without_answer and p.source == question.owner)]
        passages = [one.passages[i] for i in kept]
        if sum(len(passage.sentences) for passage in passages) < FEWEST_SENTENCES:
            continue
        vector = vectors[question.text]
        candidates = gather(
            question.text,
            QuestionWords(question.text, one.lexical.document_frequency, one.lexical.size),
            passages,
            (one.passage_vectors[kept] @ vector).astype(np.float64),
            (np.concatenate([one.sentence_vectors[i] for i in kept]) @ vector).astype(np.float64),
        )
        right = np.array([answers(question, p, p.quote(s)) for p in passages for s in p.sentences])
        if without_answer or right.any():
            yield Example(candidates, right)


def answers(question: Question, passage: Passage, sentence: str) -> bool:
    """Tell whether a sentence is, or holds, or lies within the answering quote."""
    if passage.source != question.owner:
        return False
    quote, words = (set(re.findall(r"\w+", text.lower())) for text in (question.quote, sentence))
    return bool(quote and words) and max(len(quote & words) / len(quote), len(quote & words) / len(words)) >= COVER


def fit(features: npt.NDArray[np.float64], labels: npt.NDArray[np.bool_], weights: npt.NDArray[np.float64]) -> Weights:
    """Fit a logistic regression on standardised features and return it for the features as they are."""
    scaler = StandardScaler().fit(features)
    model = LogisticRegression(C=1.0, max_iter=2000).fit(scaler.transform(features), labels, sample_weight=weights)
    coefficients = model.coef_[0] / scaler.scale_
    return Weights(coefficients, float(model.intercept_[0] - coefficients @ scaler.mean_))


def recall(asked: Sequence[Example], rank: Weights, k: int) -> float:
    """Return the share of questions with a right sentence among the `k` best."""
    return float(np.mean([example.right[best(example, rank)[:k]].any() for example in asked]))


def best(example: Example, rank: Weights) -> npt.NDArray[np.intp]:
    """Return the places of an example's sentences, best first."""
    return np.argsort(-rank_scores(example.candidates, rank), kind="stable")


def main() -> None:
    """Fit, print how well the weights do on documents that were held out, and write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("training/data"))
    parser.add_argument("--out", type=Path, default=Path("bot/evidence.json"))
    arguments = parser.parse_args()
    settings = IngestSettings.load()
    model = open_embedder(settings.embedding, settings.data, lambda _step: None)
    embedder = CachedEmbedder(model, settings.data / "cache" / "training.sqlite", settings.embedding.batch_size)
    records, notes = read(arguments.data)
    texts = list(dict.fromkeys(q["q"] for note in notes.values() for q in note["questions"]))
    vectors = dict(zip(texts, embedder.embed_questions(texts), strict=True))
    held_out = held_out_titles(records)
    parts = [[record for record in records if (record["title"] in held_out) == kept] for kept in (False, True)]
    seen, unseen = ([corpus(part, notes, embedder, settings) for part in groups(half)] for half in parts)
    rank, answer = train(seen, vectors)
    report("documents seen", rank, answer, seen, vectors)
    report("documents held out", rank, answer, unseen, vectors)
    record = {"rank": named(rank, RANK_FEATURES), "answer": named(answer, ANSWER_FEATURES), "threshold": THRESHOLD}
    arguments.out.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def train(corpora: Sequence[Corpus], vectors: dict[str, npt.NDArray[np.float32]]) -> tuple[Weights, Weights]:
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


def answer_table(corpora: Sequence[Corpus], vectors: dict[str, npt.NDArray[np.float32]], rank: Weights) -> tuple[Table, Table]:
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


def report(
    name: str, rank: Weights, answer: Weights, corpora: Sequence[Corpus], vectors: dict[str, npt.NDArray[np.float32]]
) -> None:
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
