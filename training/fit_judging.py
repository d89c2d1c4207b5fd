"""Fit the weights of `bot/judging.py`, what the reader's scores are worth, and write `bot/judging.json`.

    python -m training.fit_judging [--passages P.jsonl --annotations A.jsonl] [--out bot/judging.json]

Each question of the documents that neither model was trained on (`training.data`, side `calibrate`) is asked of a pool of
some forty passages, as in a municipality's corpus: the weights of `bot/evidence.json` put them in order, the reader reads
the first, and two regressions are fitted:

1. Sentence: whether a sentence answers.
2. Answer: whether one of the three best does. The questions without an answer are, half by weight, the same questions with
   the passage that answers taken out, and half written ones on the passages' topics; together they weigh a fifth of all.

The chance is of a logistic regression, so it is calibrated as Platt (1999) does; the error on the documents of side `test`
is printed.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
import numpy.typing as npt
from sklearn.metrics import roc_auc_score

from bot import evidence, judging
from bot.evidence import Weights, rank_scores
from bot.judging import Read
from bot.reader import Reader, open_reader
from bot.settings import BotSettings
from ingest.embedding import CachedEmbedder, open_embedder
from training.data import Annotated, read_annotated
from training.fit_evidence import (
    TOP,
    UNANSWERABLE_SHARE,
    Corpus,
    Example,
    Vectors,
    add_arguments,
    ask,
    corpus,
    examples,
    fit,
    named,
    pools,
    question_vectors,
)

THRESHOLD, FARTHEST = 0.45, 2.5
"""Source: docs/evaluation.md, «Fitting the weights of what the reader says», like `TRUST`."""

TRUST = 0.35
"""What the fitted weights of the reader's own scores are taken times: it was trained on questions of the same writers as
those that the weights are fitted on, so the fit trusts it too much on the questions of others."""

_BINS = 10


@dataclass(frozen=True)
class Asked:
    """One question of one pool, read.

    Attributes:
        kind: Whether the pool answers: `answered`, `removed` where the passage was taken out, `written` where none was.
        read: The passages that were read.
        features: Of their sentences.
        right: Of each of them, whether it answers.
    """

    kind: str
    read: Read
    features: npt.NDArray[np.float64]
    right: npt.NDArray[np.bool_]


def read_pool(one: Corpus, vectors: Vectors, reader: Reader, most: int, every: int) -> Iterator[Asked]:
    """Ask each `every`th question of a pool, those with an answer a second time without the passage that holds it."""
    everything = range(len(one.passages))
    for example in islice(examples(one, vectors), 0, None, every):
        yield _asked("answered", example, reader, most)
    for example in islice(examples(one, vectors, without_answer=True), 0, None, every):
        yield _asked("removed", example, reader, most)
    for question in islice(one.unanswerable, 0, None, every):
        yield _asked("written", ask(question, one, everything, vectors), reader, most)


def _asked(kind: str, example: Example, reader: Reader, most: int) -> Asked:
    candidates = example.candidates
    scores = rank_scores(candidates, evidence.fitted().rank)
    ends = np.cumsum([len(passage.sentences) for passage in example.passages])[:-1]
    parts, similarities, rights = (np.split(v, ends) for v in (scores, candidates.sentence_similarity, example.right))
    order = sorted(range(len(parts)), key=lambda place: -float(parts[place].max()))[:most]
    passages = [example.passages[place] for place in order]
    readings = reader.read(example.question, [passage.search_text for passage in passages])
    order = order[: len(readings)]
    read = Read(
        passages=passages[: len(readings)],
        readings=readings,
        nearness=np.concatenate([parts[place] for place in order]),
        similarity=np.concatenate([similarities[place] for place in order]),
    )
    return Asked(kind, read, judging.sentence_features(read), np.concatenate([rights[place] for place in order]))


def fit_sentences(asked: Sequence[Asked]) -> Weights:
    """Fit the regression of sentences on the questions that have an answer."""
    answered = [one for one in asked if one.kind == "answered"]
    features = np.concatenate([one.features for one in answered])
    return fit(features, np.concatenate([one.right for one in answered]), np.ones(len(features)))


def trusted(sentence: Weights) -> Weights:
    """Return the weights with the reader's own scores trusted less; see `TRUST`."""
    factors = np.array([TRUST if name in ("relevance", "evidence") else 1.0 for name in judging.SENTENCE_FEATURES])
    return replace(sentence, coefficients=sentence.coefficients * factors)


def answer_table(asked: Sequence[Asked], sentence: Weights) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    """Return the features of each question, and whether one of the best sentences answers it."""
    rows, labels = [], []
    for one in asked:
        scores = judging.sentence_scores(one.read, one.features, sentence)
        rows.append(judging.answer_features(one.read, one.features, scores))
        labels.append(bool(one.right[np.argsort(-scores, kind="stable")[:TOP]].any()))
    return np.stack(rows), np.array(labels)


def weights_by_kind(kinds: Sequence[str]) -> npt.NDArray[np.float64]:
    """Return what each question weighs, so that a fifth of all has no answer, half of it written."""
    counts = {kind: max(1, kinds.count(kind)) for kind in ("answered", "removed", "written")}
    without = UNANSWERABLE_SHARE / (1 - UNANSWERABLE_SHARE) * counts["answered"] / 2
    each = {"answered": 1.0, "removed": without / counts["removed"], "written": without / counts["written"]}
    return np.array([each[kind] for kind in kinds])


def calibration_error(
    chances: npt.NDArray[np.float64], right: npt.NDArray[np.bool_], weights: npt.NDArray[np.float64]
) -> float:
    """Return the expected calibration error in [0, 1] over ten bins of chance. Source: Naeini et al. 2015."""
    places = np.minimum((chances * _BINS).astype(int), _BINS - 1)
    total = 0.0
    for place in range(_BINS):
        inside = places == place
        if inside.any():
            share = weights[inside]
            gap = np.average(chances[inside], weights=share) - np.average(right[inside], weights=share)
            total += float(abs(gap) * share.sum())
    return total / float(weights.sum())


def report(name: str, asked: Sequence[Asked], sentence: Weights, answer: Weights) -> None:
    """Print what the weights are worth on some documents, as one JSON object."""
    rows, labels = answer_table(asked, sentence)
    kinds = [one.kind for one in asked]
    chances = 1 / (1 + np.exp(-answer.log_odds(rows)))
    weights = weights_by_kind(kinds)
    answered = np.array(kinds) == "answered"
    record = {
        "documents": name,
        "questions": {kind: kinds.count(kind) for kind in ("answered", "removed", "written")},
        "right sentence first": first(asked, sentence, 1),
        "right sentence among three": first(asked, sentence, TOP),
        "AUROC right against not": float(roc_auc_score(labels, chances, sample_weight=weights)),
        **{
            f"AUROC answerable against {kind}": float(roc_auc_score(answered[mask], chances[mask]))
            for kind in ("removed", "written")
            for mask in [answered | (np.array(kinds) == kind)]
            if len(set(answered[mask])) > 1
        },
        "calibration error": calibration_error(chances, labels, weights),
    }
    sys.stdout.write(json.dumps(record, ensure_ascii=False) + "\n")


def first(asked: Sequence[Asked], sentence: Weights, k: int) -> float:
    """Return the share of the questions with an answer that have a right sentence among the `k` best."""
    found = [
        one.right[np.argsort(-judging.sentence_scores(one.read, one.features, sentence), kind="stable")[:k]].any()
        for one in asked
        if one.kind == "answered"
    ]
    return float(np.mean(found))


def main() -> None:
    """Fit, print what the weights are worth on documents that were held out, and write them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add_arguments(parser, Path("bot/judging.json"))
    parser.add_argument("--every", type=int, default=1, help="ask only each so-manyth question")
    parser.add_argument("--test-pools", type=int, help="most pools of side test to report on; all if not given")
    arguments = parser.parse_args()
    settings = BotSettings.load()
    reader = open_reader(settings)
    if reader is None:
        parser.error("the setting reader.model names no reader")
    embedder = CachedEmbedder(
        open_embedder(settings.embedding),
        settings.data / "cache" / "training.sqlite",
        settings.embedding.batch_size,
    )
    annotated = [one for one in read_annotated(arguments.passages, arguments.annotations) if one.side != "train"]
    vectors = question_vectors(annotated, embedder)
    asked: dict[str, list[Asked]] = {}
    for side in ("calibrate", "test"):
        documents: dict[str, list[Annotated]] = {}
        for one in annotated:
            if one.side == side:
                documents.setdefault(one.document, []).append(one)
        asked[side] = [
            question
            for pool in islice(pools(list(documents.values())), arguments.test_pools if side == "test" else None)
            for question in read_pool(
                corpus(pool, embedder, settings), vectors, reader, settings.reader.passages, arguments.every
            )
        ]
    sentence = trusted(fit_sentences(asked["calibrate"]))
    rows, labels = answer_table(asked["calibrate"], sentence)
    answer = fit(rows, labels, weights_by_kind([one.kind for one in asked["calibrate"]]))
    for side, questions in asked.items():
        if questions:
            report(side, questions, sentence, answer)
    record = {
        "sentence": named(sentence, judging.SENTENCE_FEATURES),
        "answer": named(answer, judging.ANSWER_FEATURES),
        "threshold": THRESHOLD,
        "farthest": FARTHEST,
    }
    arguments.out.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
