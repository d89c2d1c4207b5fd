"""The reader's network at work on the processor; with `network` the only part of the bot that imports torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from unicodedata import category

import numpy as np
import torch
from tokenizers import Encoding

from bot.reader.network import Outputs, encode, inputs, load_network
from bot.reader.reading import Logits, Reading
from bot.settings import Precision

_PASSAGE = 1
_MARKS = frozenset({"Mn", "Mc", "Me", "Cf"})
"""Unicode categories of what belongs to the character before it, and of what is not seen."""


class Inference:
    """A network and its tokenizer; `encode` is for one thread at a time, `read` for any number."""

    def __init__(self, folder: Path, precision: Precision) -> None:
        """Load a folder.

        Args:
            folder: As `training.reader` writes it; the weights are kept in half precision.
            precision: What to compute with; `auto` is `bfloat16` where `has_matrix_tiles`, else `float32`.

        Raises:
            OSError: If a file is missing.
            ValueError: If the files are damaged or don't belong together.
        """
        network, self._tokenizer = load_network(folder)
        bfloat16 = precision == "bfloat16" or (precision == "auto" and has_matrix_tiles())
        # All of it, not its products alone as in training: turning numbers to and fro takes half the time, and the outputs
        # differ from those of float32 hardly more, by at most 0.12 against 0.06. Source: training/README.md, «Choices».
        self._network = network.bfloat16() if bfloat16 else network.float()
        self._pad = network.encoder.config.pad_token_id or 0  # Any will do: what is padded is masked.

    def encode(self, query: str, texts: Sequence[str]) -> list[Encoding]:
        """Return the word pieces of a query, with its prompt before it, beside each of some texts."""
        return encode(self._tokenizer, query, texts)

    def read(self, encodings: Sequence[Encoding], texts: Sequence[str]) -> list[Reading]:
        """Read some passages at once.

        Args:
            encodings: What `encode` made of the passages, at least one.
            texts: The passages.
        """
        ids, types, mask = inputs(encodings, self._pad)
        with torch.inference_mode():
            outputs = self._network(ids, types, mask)
        support = torch.softmax(outputs.support.float(), -1).numpy()
        return [
            _reading(outputs, row, support[row], encoding, text)
            for row, (encoding, text) in enumerate(zip(encodings, texts, strict=True))
        ]


def has_matrix_tiles() -> bool:
    """Tell whether the processor multiplies bfloat16 matrices by tiles (AMX), which makes it several times as fast.

    Without them it may be slower than float32. Source: measured on one core of a processor that has them, 16 passages of
    300 to 900 characters: 0.35 s in bfloat16, 0.98 s in float32.
    """
    return bool(torch.cpu.get_capabilities().get("amx_bf16", False))


def _reading(outputs: Outputs, row: int, support: Logits, encoding: Encoding, text: str) -> Reading:
    pieces = [at for at, part in enumerate(encoding.sequence_ids) if part == _PASSAGE]
    start, end, evidence = (scores[row, pieces].float().numpy() for scores in (outputs.start, outputs.end, outputs.evidence))
    offsets = np.array([_place(text, *encoding.offsets[at]) for at in pieces], dtype=np.int32).reshape(-1, 2)
    edges = np.array([(not _inside(text, first), not _inside(text, last)) for first, last in offsets]).reshape(-1, 2)
    return Reading(float(outputs.relevance[row]), support, offsets, edges, start, end, evidence)


def _inside(text: str, at: int) -> bool:
    """Tell whether a place lies between two characters of one word or number."""
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def _place(text: str, start: int, end: int) -> tuple[int, int]:
    """Return a piece's characters as a quote of it should have them.

    The tokenizer counts the space before a word with it, and leaves out what it makes one sign of with the sign before
    (the ring of a decomposed å) or takes away (a soft hyphen).
    """
    while start < end and text[start].isspace():
        start += 1
    while start < end < len(text) and category(text[end]) in _MARKS:
        end += 1
    return start, end
