"""From word pieces back to characters: how far a sentence answers, and which of its words do."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from bot.reader.reading import Logits, Reading

UNREAD = -10.0
"""Evidence of characters that were not read: log odds as low as a chance of 1 in 22,000, and still a number to reckon with."""


def sentence_evidence(reading: Reading, start: int, end: int) -> float:
    """Return how far some characters are of the words that answer.

    Args:
        reading: Of the text.
        start: First character in the text.
        end: One past the last.

    Returns:
        The mean log odds over the word pieces that stand there, also in part; `UNREAD` if none does.
    """
    first, last = reading.offsets[:, 0], reading.offsets[:, 1]
    inside = (first < end) & (last > start) & (last > first)
    return float(reading.evidence[inside].mean()) if inside.any() else UNREAD


def best_span(reading: Reading, start: int, end: int, *, most_pieces: int = 30) -> tuple[int, int, float]:
    """Return the likeliest answer that lies wholly within some characters; see `best_spans`.

    Returns:
        First character, one past the last, and the chance in [0, 1]; `(start, start, 0.0)` if no word lies there.
    """
    return next(iter(best_spans(reading, start, end, 1, most_pieces=most_pieces)), (start, start, 0.0))


def best_spans(reading: Reading, start: int, end: int, most: int, *, most_pieces: int = 30) -> list[tuple[int, int, float]]:
    """Return the likeliest answers that lie wholly within some characters, and are of whole words.

    A span from word piece i to word piece j has the chance p_start(i) * p_end(j), where each p is the softmax of its logits
    over all word pieces of the passage, and i <= j. Source: Devlin et al. 2019, «BERT», section 4.2, which ranks spans by
    the sum of both logits; the order is the same.

    Args:
        reading: Of the text.
        start: First character in the text.
        end: One past the last.
        most: How many, at least 1; fewer come back where there are fewer.
        most_pieces: Longest span in word pieces. Source: 98.5 % of the answers in the training part of NorQuAD are no longer.

    Returns:
        First character, one past the last, and the chance in [0, 1] of each, the likeliest first.
    """
    first, last = reading.offsets[:, 0], reading.offsets[:, 1]
    inside = np.flatnonzero((first >= start) & (last <= end) & (last > first))
    if not len(inside):
        return []
    chances = _log_softmax(reading.start)[inside, None] + _log_softmax(reading.end)[None, inside]
    # Counted in the passage's pieces, so that leaving out white space lengthens nothing.
    pieces = inside[None, :] - inside[:, None] + 1
    chances[(pieces < 1) | (pieces > most_pieces)] = -np.inf
    chances[~reading.edges[inside, 0], :] = -np.inf
    chances[:, ~reading.edges[inside, 1]] = -np.inf
    order = np.argsort(-chances, axis=None, kind="stable")[:most]
    found = [np.unravel_index(int(place), chances.shape) for place in order]
    return [
        (int(first[inside[i]]), int(last[inside[j]]), float(np.exp(chances[i, j]))) for i, j in found if chances[i, j] > -np.inf
    ]


def _log_softmax(logits: Logits) -> npt.NDArray[np.float64]:
    shifted = logits.astype(np.float64) - logits.max()
    return np.asarray(shifted - np.log(np.exp(shifted).sum()), dtype=np.float64)
