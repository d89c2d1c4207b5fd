"""Hits in the order in which a reader puts them: a cross-encoder reranks what the search has found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from bot import judging
from bot.hits import Hit, Hits, as_hits, best_hits_first
from bot.judging import Judgement, Read
from bot.reader import ENOUGH, Reader, open_reader
from bot.settings import BotSettings


@dataclass(frozen=True)
class Judge:
    """What orders passages and sentences by reading them.

    Attributes:
        reader: It.
        most: Passages read for one question.
        judgement: The weights of what it says.
        enough: Relevance from which no more is read; see `Reader.read`.
    """

    reader: Reader
    most: int
    judgement: Judgement
    enough: float = ENOUGH


def open_judge(settings: BotSettings) -> Judge | None:
    """Return what reads for the settings, or None if they name no reader.

    Raises:
        ModelError: If the reader's folder is missing, or the project's own has other contents than it must.
    """
    reader = open_reader(settings)
    return Judge(reader, settings.reader.passages, judging.fitted()) if reader is not None else None


def judged(question: str, hits: Sequence[Hit], similarity: Mapping[str, npt.NDArray[np.float64]], judge: Judge) -> Hits:
    """Put the first hits in order by reading them; what is not read comes after, in its order.

    Args:
        question: The question.
        hits: At least one, best first.
        similarity: By passage id, the cosines of its sentences with the question.
        judge: What reads.
    """
    texts = [hit.passage.search_text for hit in hits[: judge.most]]
    readings = judge.reader.read(question, texts, enough=judge.enough)
    first, rest = hits[: len(readings)], hits[len(readings) :]
    read = Read(
        passages=[hit.passage for hit in first],
        readings=readings,
        nearness=np.array([score for hit in first for score in hit.sentence_scores]),
        similarity=np.concatenate([similarity[hit.passage.id] for hit in first]),
    )
    features = judging.sentence_features(read)
    scores = judging.sentence_scores(read, features, judge.judgement.sentence)
    ordered = [replace(hit, reading=reading) for hit, reading in zip(as_hits(read.passages, scores), readings, strict=True)]
    # Their scores are of another kind: only the order counts, and what was not read comes last.
    lowest = min(hit.score for hit in ordered) - max((hit.score for hit in rest), default=0.0) - 1.0
    unread = [
        replace(hit, score=hit.score + lowest, sentence_scores=tuple(one + lowest for one in hit.sentence_scores))
        for hit in rest
    ]
    chance = judging.chance_of_answer(judging.answer_features(read, features, scores), judge.judgement.answer)
    return Hits((*best_hits_first(ordered), *unread), chance)
