"""The reader as the bot uses it: a question and some passages in, a reading of each out."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from bot.reader.reading import Reading
from bot.settings import BotSettings, ReaderSettings
from ingest.errors import ModelError
from ingest.models import READER, folder_digest, model_folder

if TYPE_CHECKING:
    from tokenizers import Encoding

    from bot.reader.inference import Inference

BLOCK = 8
"""Passages between two looks at the clock, and at whether more need to be read."""

BATCH = 4
"""Passages read at a time, of like length out of one block, so that little is padded.

Source: measured on one core, 16 passages of 300 to 900 characters: 0.49 s, against 0.63 s in their order by four and 0.61 s
one by one; sorting all sixteen gains no more, in bfloat16 and in float32.
"""

ENOUGH = 0.0
"""Log odds of relevance from which a question needs no further block: the reader holds it likelier than not that what it has
read answers. Source: docs/evaluation.md, «Passages read»."""

_SETTING = "reader.model"


class Reader:
    """A reader in a folder, loaded when the first passage is read; safe to use from several threads.

    Loading is put off because the import of torch alone takes seconds.
    """

    def __init__(self, folder: Path, settings: ReaderSettings) -> None:
        """Point at a folder with `config.json`, `model.safetensors` and `tokenizer.json`, as `training.reader` writes it."""
        self._folder = folder
        self._settings = settings
        self._lock = threading.Lock()
        self._loaded: Inference | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Hex digest that changes with the weights or the tokenizer."""
        return folder_digest(self._folder)

    def read(self, query: str, texts: Sequence[str], *, claim: bool = False, enough: float = math.inf) -> list[Reading]:
        """Read passages with a question or a claim in mind.

        Args:
            query: The question or claim as it is; one that is too long is cut.
            texts: Passages, the most promising first; one that is too long is read as far as it goes.
            claim: Whether `query` is a claim.
            enough: Relevance, as log odds, of the best passage of those read, from which no further block is begun.

        Returns:
            A reading of each text in order, or of the first of them if that was enough, or if the time that is set for it
            was spent before all were read; of at least one if there is one.

        Raises:
            ModelError: If the model can't be loaded.
        """
        if not texts:
            return []
        inference = self._inference()
        began = time.monotonic()
        encodings = self._encode(inference, query, texts, claim=claim)
        readings: list[Reading] = []
        for first in range(0, len(texts), BLOCK):
            late = (time.monotonic() - began) * 1000 >= self._settings.budget_ms
            if readings and (late or max(reading.relevance for reading in readings) >= enough):
                break
            block = slice(first, first + BLOCK)
            readings += _read_block(inference, encodings[block], texts[block])
        return readings

    def _encode(self, inference: Inference, query: str, texts: Sequence[str], *, claim: bool) -> list[Encoding]:
        from bot.reader.network import CLAIM, QUESTION

        # The tokenizer is told each time how much to cut, so two threads must not use it at once.
        with self._lock:
            return inference.encode((CLAIM if claim else QUESTION) + query, texts)

    def _inference(self) -> Inference:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> Inference:
        from bot.reader.inference import Inference

        try:
            return Inference(self._folder, self._settings.precision)
        except (OSError, ValueError) as error:
            reason = str(error).splitlines()[0]
            raise ModelError("model_unreadable", path=self._folder, reason=reason, setting=_SETTING) from error


def _read_block(inference: Inference, encodings: Sequence[Encoding], texts: Sequence[str]) -> list[Reading]:
    """Return the readings in the order of the texts; those of like length are read together."""
    order = sorted(range(len(texts)), key=lambda at: len(encodings[at].ids))
    readings: dict[int, Reading] = {}
    for first in range(0, len(order), BATCH):
        batch = order[first : first + BATCH]
        read = inference.read([encodings[at] for at in batch], [texts[at] for at in batch])
        readings.update(zip(batch, read, strict=True))
    return [readings[at] for at in range(len(texts))]


def open_reader(settings: BotSettings) -> Reader | None:
    """Return the reader that the settings name, or None if they name none.

    Raises:
        ModelError: If the folder is missing, or the project's own model has other contents than it must.
    """
    if not settings.reader.model:
        return None
    return Reader(model_folder(settings.reader.model, READER, _SETTING), settings.reader)
