"""What the reader says of one passage."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Logits = npt.NDArray[np.float32]
"""One number for each word piece of a passage, shape `(n,)`."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader says of one passage.

    A passage of more word pieces than the network takes is read as far as they go: `n` counts those that were read.

    Attributes:
        relevance: Log odds that the passage answers, or decides.
        support: Chances of the labels in `bot.reader.network.LABELS`, in their order; shape `(3,)`, sum 1.
        offsets: First character of each word piece in the text and one past the last, without white space around it;
            shape `(n, 2)`, int32. A piece that is white space alone has both the same.
        edges: Whether a word begins with the word piece, and whether one ends with it, so that an answer may; shape `(n, 2)`.
        start: Logit that the answer begins with the word piece, shape `(n,)`.
        end: Logit that it ends with it.
        evidence: Log odds that the word piece is of the words that answer or decide.
    """

    relevance: float
    support: Logits
    offsets: npt.NDArray[np.int32]
    edges: npt.NDArray[np.bool_]
    start: Logits
    end: Logits
    evidence: Logits
