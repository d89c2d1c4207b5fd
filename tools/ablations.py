"""Print what each step and each setting of the search and the answer adds, as the tables of docs/evaluation.md.

    python tools/ablations.py [GOLD.jsonl] [--source ID]

Indexes are built in a folder of their own beside the data directory's model and vectors; nothing else is changed.
"""

from __future__ import annotations

import argparse
import math
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from bot.answering import best_evidence, choose, cite, compose, retrieved
from bot.answers import Answer
from bot.batch import BatchQuestion, read_batch
from bot.conversation import stand_alone
from bot.evidence import fitted
from bot.hits import Hit, Hits
from bot.measures import Judged, judge, measures
from bot.reader import Reader, Reading
from bot.reranking import Judge, open_judge
from bot.retrieval import Searcher, fuse
from bot.settings import BotSettings
from ingest.embedding import Embedder, open_embedder
from ingest.index import Generation, IndexStore
from ingest.passages import Passage
from ingest.pipeline import ingest
from ingest.settings import PassageSettings

PASSAGE_LENGTHS = (400, 800, 1200, 1600, 2400)
QUOTED = ((1, 9.0), (2, 1.5), (3, 0.5), (3, 1.0), (3, 1.5), (3, 2.5), (3, 9.0), (4, 1.5), (5, 1.5))
READ = ((32, 8, math.inf), (16, 8, math.inf), (16, 8, 0.0), (8, 8, math.inf), (16, 4, 0.0), (4, 4, math.inf))
"""Most passages read, how many at a time, and the relevance from which no more are."""
_HITS = ("hit@1", "hit@3", "hit@10")
THRESHOLDS = (0.0, 0.3, 0.4, 0.45, 0.5, 0.55, 0.6, 0.7)


def main() -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, nargs="?", default=Path("eval/questions.jsonl"))
    parser.add_argument("--source", action="append", help="search only this source; may be given several times")
    given = parser.parse_args()
    questions = [replace(one, record=one.record | {"only": given.source}) for one in read_batch(given.gold)]
    settings = BotSettings.load()
    embedder = open_embedder(settings.embedding)
    generation = IndexStore(settings.data).open()
    judge = open_judge(settings)
    searcher = Searcher(generation, embedder, settings.retrieval, fitted(), judge)
    found = [search(searcher, one) for one in questions]
    rows = rankings(questions, searcher, generation, embedder)
    if judge is not None:
        nearest = Searcher(generation, embedder, settings.retrieval, fitted())
        unread = [search(nearest, one) for one in questions]
        rows.append(("fused, then by best sentence", *figures(questions, unread, generation, _HITS)))
        rows.append(("read", *figures(questions, found, generation, _HITS)))
        head = ("at most", "goes on", "read, mean", *_HITS, "trust")
        write("Passages read", head, passages_read(questions, settings, generation, embedder, judge))
    else:
        rows.append(("fused, then by best sentence", *figures(questions, found, generation, _HITS)))
    write("Rankings", ("ranking", *_HITS), rows)
    write("Passage length", ("max_chars", "passages", "hit@1", "hit@3", "hit@10", "trust"), lengths(questions, settings))
    cited = ("answered_right", "trust", "cited_relevant")
    quoted = [
        (most, farthest, *figures(questions, found, generation, cited, most, farthest, searcher.threshold))
        for most, farthest in QUOTED
    ]
    write("Sentences quoted", ("at most", "farthest behind", "answered right", "trust", "cited relevant"), quoted)
    names = ("answered_right", "abstained_right", "trust")
    swept = [
        (value, *figures(questions, found, generation, names, farthest=searcher.farthest, threshold=value))
        for value in THRESHOLDS
    ]
    write("Threshold", ("answered from", "answered right", "abstained right", "trust"), swept)


def search(searcher: Searcher, question: BatchQuestion) -> Hits:
    """Find what may answer a question."""
    return searcher.search(stand_alone(question.question, question.history), question.record["only"])


def write(title: str, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print one table as Markdown."""
    lines = [f"### {title}", "", "| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    lines += ["| " + " | ".join(f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in row) + " |" for row in rows]
    sys.stdout.write("\n".join(lines) + "\n\n")


def judged(
    questions: Sequence[BatchQuestion],
    found: Sequence[Hits],
    generation: Generation,
    most: int,
    farthest: float,
    threshold: float,
) -> list[Judged]:
    """Answer from what was found and judge the answers."""
    results = []
    for question, hits in zip(questions, found, strict=True):
        answered = hits.confidence >= threshold
        evidence = choose(hits.hits, most, farthest) if answered else best_evidence(hits.hits)[:1]
        citations = cite(evidence, generation.sources)
        answer = Answer(
            question=question.question,
            asked=question.question,
            answered=answered,
            answer=compose(citations, evidence, "nb") if answered else "",
            status="svar" if answered else "ikke_i_kildene",
            language="nb",
            generation=generation.manifest.generation,
            citations=citations,
            retrieved=retrieved(hits.hits, generation.sources),
        )
        results.append(judge(question.record, answer, generation.text))
    return results


def figures(
    questions: Sequence[BatchQuestion],
    found: Sequence[Hits],
    generation: Generation,
    names: Sequence[str],
    most: int = 3,
    farthest: float = 1.5,
    threshold: float = 0.5,
) -> list[float | None]:
    """Return the named measures."""
    every = measures(judged(questions, found, generation, most, farthest, threshold))
    return [every[name] for name in names]


class Kept(Reader):
    """A reader that reads each passage once for each question, however often it is asked to."""

    def __init__(self, reader: Reader) -> None:
        """Wrap a reader."""
        self._reader = reader
        self._kept: dict[tuple[str, str], Reading] = {}
        self.block, self.counts = 8, list[int]()

    def read(self, query: str, texts: Sequence[str], *, claim: bool = False, enough: float = math.inf) -> list[Reading]:
        """Read as a reader does, `block` passages at a time."""
        readings: list[Reading] = []
        while len(readings) < len(texts) and not (readings and max(one.relevance for one in readings) >= enough):
            part = texts[len(readings) : len(readings) + self.block]
            missing = [text for text in part if (query, text) not in self._kept]
            found = self._reader.read(query, missing, claim=claim)
            self._kept.update(zip([(query, text) for text in missing], found, strict=True))
            readings += [self._kept[query, text] for text in part]
        self.counts.append(len(readings))
        return readings


def passages_read(
    questions: Sequence[BatchQuestion], settings: BotSettings, generation: Generation, embedder: Embedder, judge: Judge
) -> list[Sequence[object]]:
    """Read other numbers of passages, and stop or go on where the first ones answer."""
    kept = Kept(judge.reader)
    rows: list[Sequence[object]] = []
    for most, block, enough in READ:
        kept.block, kept.counts = block, []
        searcher = Searcher(generation, embedder, settings.retrieval, fitted(), Judge(kept, most, judge.judgement, enough))
        found = [search(searcher, one) for one in questions]
        names = (*_HITS, "trust")
        measured = figures(questions, found, generation, names, 3, searcher.farthest, searcher.threshold)
        stops = "always" if enough == math.inf else f"by {block}, until one is above {enough:.0f}"
        rows.append((most, stops, sum(kept.counts) / len(kept.counts), *measured))
    return rows


def rankings(
    questions: Sequence[BatchQuestion],
    searcher: Searcher,
    generation: Generation,
    embedder: Embedder,
) -> list[Sequence[object]]:
    """Compare each ranking alone, and their fusion."""
    names = ("vectors of passages", "vectors of sentences", "words of passages", "words of sentences")
    parts: list[list[list[int]]] = []
    for question in questions:
        alone = stand_alone(question.question, question.history)
        parts.append(searcher.rankings(alone, embedder.embed_questions([alone])[0], question.record["only"]))
    orders: dict[str, Callable[[int], list[int]]] = {
        name: lambda at, place=place: parts[at][place]  # type: ignore[misc]  # mypy infers no default argument
        for place, name in enumerate(names)
    }
    orders["all four fused"] = lambda at: fuse(parts[at], 60)
    rows: list[Sequence[object]] = []
    for name, order in orders.items():
        hits = [as_hits([generation.passages[number] for number in order(at)]) for at in range(len(questions))]
        rows.append((name, *figures(questions, hits, generation, _HITS)))
    return rows


def as_hits(passages: Sequence[Passage]) -> Hits:
    """Return passages in a given order as what a search finds."""
    return Hits(tuple(Hit(p, -float(rank), (0.0,) * len(p.sentences)) for rank, p in enumerate(passages)), 1.0)


def lengths(questions: Sequence[BatchQuestion], settings: BotSettings) -> list[Sequence[object]]:
    """Build an index for each passage length and measure it."""
    rows: list[Sequence[object]] = []
    for length in PASSAGE_LENGTHS:
        with tempfile.TemporaryDirectory() as folder:
            data = Path(folder)
            for shared in ("models", "cache"):
                (data / shared).symlink_to((settings.data / shared).resolve())
            other = settings.model_copy(
                update={"data": data, "passages": PassageSettings(max_chars=length, min_chars=min(250, length // 4))}
            )
            ingest(other, lambda _stage, _done, _total: None)
            embedder = open_embedder(other.embedding)
            generation = IndexStore(data).open()
            searcher = Searcher(generation, embedder, other.retrieval, fitted(), open_judge(other))
            found = [search(searcher, one) for one in questions]
            names = ("hit@1", "hit@3", "hit@10", "trust")
            measured = figures(questions, found, generation, names, 3, searcher.farthest, searcher.threshold)
            rows.append((length, len(generation.passages), *measured))
            generation.close()
    return rows


if __name__ == "__main__":
    main()
