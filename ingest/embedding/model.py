"""Text to vectors with sentence-transformers: the only module that imports it."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ingest.embedding.cache import VectorCache, Vectors
from ingest.errors import ModelError
from ingest.models import EMBEDDER, folder_digest, model_folder
from ingest.settings import EmbeddingSettings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_SETTING = "embedding.model"


class Embedder(Protocol):
    """Turns text into vectors of one length, so that texts on one subject lie close."""

    @property
    def fingerprint(self) -> str:
        """Hex digest that changes with the weights, the tokenizer or the prompts."""

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of shape `(len(texts), dimension)` for texts that are to be found."""

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of shape `(len(texts), dimension)` for texts that search."""


class SentenceTransformerEmbedder:
    """A sentence-transformers model in a folder; it is loaded when the first text is embedded.

    Loading is put off because an ingest in which nothing changed needs the fingerprint and no vector, and the import
    alone takes seconds.
    """

    def __init__(self, folder: Path, settings: EmbeddingSettings) -> None:
        """Point at a sentence-transformers folder, or at a plain transformers folder, whose word pieces are then averaged."""
        self._folder = folder
        self._settings = settings
        self._loading = threading.Lock()
        self._loaded: SentenceTransformer | None = None

    @cached_property
    def fingerprint(self) -> str:
        """Digest of the files that decide a vector, and of the prompts."""
        settings = (self._settings.query_prompt, self._settings.passage_prompt, self._settings.max_tokens)
        return sha256(json.dumps([folder_digest(self._folder), *settings]).encode()).hexdigest()

    @property
    def _model(self) -> SentenceTransformer:
        # transformers changes things of the whole process while it loads, so two threads must not load at once.
        with self._loading:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> SentenceTransformer:
        # Set before the import: the hub client reads it then. Nothing may ask a hub at run time.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        import transformers
        from safetensors import SafetensorError
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

        transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # not typed there
        # Weights kept in half precision are half the size; most processors compute with them slowly or not at all.
        precision = {"dtype": "float32"}
        try:
            if (self._folder / "modules.json").exists():
                model = SentenceTransformer(str(self._folder), device="cpu", local_files_only=True, model_kwargs=precision)
            else:
                transformer = Transformer(str(self._folder), model_kwargs={"add_pooling_layer": False, **precision})
                pooling = Pooling(transformer.get_embedding_dimension(), pooling_mode="mean")
                model = SentenceTransformer(modules=[transformer, pooling, Normalize()], device="cpu")
        except (OSError, ValueError, RuntimeError, SafetensorError) as error:
            reason = str(error).splitlines()[0]
            raise ModelError("model_unreadable", path=self._folder, reason=reason, setting=_SETTING) from error
        model.max_seq_length = self._settings.max_tokens
        return model

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape `(len(texts), dimension)`; see `Embedder`."""
        return self._encode(texts, self._settings.passage_prompt)

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Return unit vectors of shape `(len(texts), dimension)`; see `Embedder`."""
        return self._encode(texts, self._settings.query_prompt)

    def _encode(self, texts: Sequence[str], prompt: str) -> Vectors:
        vectors = self._model.encode(
            [prompt + text for text in texts],
            batch_size=self._settings.batch_size,
            normalize_embeddings=True,
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return np.asarray(vectors, dtype=np.float32)


class CachedEmbedder:
    """An embedder whose passages' vectors are kept; it counts what it had to embed."""

    def __init__(self, embedder: Embedder, cache: Path, batch: int) -> None:
        """Wrap `embedder`; vectors are kept in the file `cache`."""
        self._embedder = embedder
        self._cache = VectorCache(cache, embedder.fingerprint)
        self._batch = batch
        self.embedded = 0

    @property
    def fingerprint(self) -> str:
        """The wrapped embedder's."""
        return self._embedder.fingerprint

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        """Return the texts' vectors, embedding only those that are not kept."""
        vectors, embedded = self._cache.embed(texts, self._embedder.embed_passages, batch=self._batch)
        self.embedded += embedded
        return vectors

    def drop_unused(self) -> None:
        """Forget the vectors that have not been used for long."""
        self._cache.drop_unused()

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Return the questions' vectors; a question is never kept."""
        return self._embedder.embed_questions(texts)


def open_embedder(settings: EmbeddingSettings) -> SentenceTransformerEmbedder:
    """Return the embedder that the settings name; its weights are loaded when the first text is embedded.

    Raises:
        ModelError: If the folder is missing, or the project's own model has other contents than it must.
    """
    return SentenceTransformerEmbedder(model_folder(settings.model, EMBEDDER, _SETTING), settings)
