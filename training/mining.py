"""Find passages that lie near a question and don't answer it: what the models must learn to tell from the answer.

    python -m training.mining EMBEDDER OUT.jsonl --passages P.jsonl --annotations A.jsonl --norquad FOLDER

Vectors and words rank all passages of the training side, as the product does. Passages of the text that the question was
written for are left out, and so is what the embedder puts well above the right one: it may answer too.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from bot.retrieval import fuse
from ingest.embedding.model import SentenceTransformerEmbedder
from ingest.index import LexicalIndex
from ingest.language import terms
from ingest.passages import Passage
from ingest.settings import EmbeddingSettings, LexicalSettings
from training.data import (
    Annotated,
    add_data_arguments,
    apart,
    cut,
    holds,
    read_annotated,
    read_contexts,
    training_readings,
    unseen,
)
from training.loop import mixed_precision

LOOKED_AT = 30
KEPT = 6
MARGIN = 0.03
"""How far above the right passage's similarity a wrong one may lie; beyond that it is taken for another answer."""
_BLOCK = 1024
_CONSTANT = 60


@dataclass(frozen=True, slots=True)
class Query:
    """What is searched for, the text it was written for, and the words that answer."""

    text: str
    owner: str
    quote: str


def queries(annotated: Sequence[Annotated], norquad: Path, kept_apart: frozenset[int]) -> Iterator[Query]:
    """Yield the training side's questions, decided claims and NorQuAD questions."""
    for one in annotated:
        for note in (*one.questions, *(claim for claim in one.claims if claim.quote)):
            yield Query(note.text, one.id, note.quote)
    for reading, context in training_readings(norquad, kept_apart):
        start, end = reading.answers[0]
        yield Query(reading.question, f"norquad:{reading.context}", context[start:end])


def pool(annotated: Sequence[Annotated], norquad: Path, kept_apart: frozenset[int]) -> list[Passage]:
    """Return the passages of the training side, each as the product cuts it."""
    found = {one.id: cut(one.id, one.headings, one.text) for one in annotated}
    for number, text in read_contexts(norquad / "contexts.jsonl").items():
        if not unseen(number) and number not in kept_apart:
            # An article of which a part was annotated stands here whole.
            found[f"norquad:{number}"] = cut(f"norquad:{number}", (), text)
    return [passage for passages in found.values() for passage in passages]


def mine(asked: Sequence[Query], passages: Sequence[Passage], embedder: SentenceTransformerEmbedder) -> Iterator[list[str]]:
    """Yield for each query the texts that lie nearest without answering, at most `KEPT`, the nearest first."""
    texts = [passage.search_text for passage in passages]
    with mixed_precision(torch.device("cpu")):
        vectors = embedder.embed_passages(texts)
    lexical = LexicalIndex.build(texts, LexicalSettings(k1=1.2, b=0.75))
    numbers: dict[str, list[int]] = {}
    for number, passage in enumerate(passages):
        numbers.setdefault(passage.source, []).append(number)
    for first in range(0, len(asked), _BLOCK):
        block = asked[first : first + _BLOCK]
        with mixed_precision(torch.device("cpu")):
            asking = embedder.embed_questions([query.text for query in block])
        similarities = asking @ vectors.T
        for query, similarity in zip(block, similarities, strict=True):
            words = lexical.scores(terms(query.text))
            rankings = [[int(n) for n in np.argsort(-scores, kind="stable")[:LOOKED_AT]] for scores in (similarity, words)]
            own = [n for n in numbers.get(query.owner, []) if holds(texts[n], query.quote)]
            most = max((float(similarity[n]) for n in own), default=1.0) + MARGIN
            kept = [
                texts[number]
                for number in fuse(rankings, _CONSTANT)
                if passages[number].source != query.owner
                and similarity[number] <= most
                and not (query.owner.startswith("norquad:") and query.quote.lower() in texts[number].lower())
            ]
            yield kept[:KEPT]


def main() -> None:
    """Read the arguments, mine, and write a line a query."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("embedder", type=Path)
    parser.add_argument("out", type=Path)
    add_data_arguments(parser)
    arguments = parser.parse_args()
    every = read_annotated(arguments.passages, arguments.annotations)
    annotated, kept_apart = [one for one in every if one.side == "train"], apart(every)
    asked = list(queries(annotated, arguments.norquad, kept_apart))
    passages = pool(annotated, arguments.norquad, kept_apart)
    embedder = SentenceTransformerEmbedder(arguments.embedder, EmbeddingSettings())
    with arguments.out.open("w", encoding="utf-8") as file:
        for query, wrong in zip(asked, mine(asked, passages, embedder), strict=True):
            file.write(json.dumps({"question": query.text, "wrong": wrong}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
