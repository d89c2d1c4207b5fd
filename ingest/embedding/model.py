"""Text to vectors with sentence-transformers: the only module that imports it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np

from ingest.embedding import e5
from ingest.embedding.cache import VectorCache, Vectors
from ingest.errors import ModelError
from ingest.files import replace_folder
from ingest.settings import EmbeddingSettings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_FINGERPRINT_FILE = "fingerprint.json"


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
        """Point at a folder that `prepare_model` returned."""
        self._folder = folder
        self._settings = settings

    @cached_property
    def fingerprint(self) -> str:
        """Digest of the files that decide a vector, and of the prompts."""
        settings = (self._settings.query_prompt, self._settings.passage_prompt, self._settings.max_tokens)
        return sha256(json.dumps([folder_digest(self._folder), *settings]).encode()).hexdigest()

    @cached_property
    def _model(self) -> SentenceTransformer:
        # Set before the import: the hub client reads it then. Nothing may ask a hub at run time.
        os.environ.setdefault("HF_HUB_OFFLINE", "1")
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        import transformers
        from safetensors import SafetensorError
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer

        transformers.utils.logging.disable_progress_bar()  # type: ignore[no-untyped-call]  # not typed there
        try:
            if (self._folder / "modules.json").exists():
                model = SentenceTransformer(str(self._folder), device="cpu", local_files_only=True)
            else:
                transformer = Transformer(str(self._folder), model_kwargs={"add_pooling_layer": False})
                pooling = Pooling(transformer.get_embedding_dimension(), pooling_mode="mean")
                model = SentenceTransformer(modules=[transformer, pooling, Normalize()], device="cpu")
        except (OSError, ValueError, RuntimeError, SafetensorError) as error:
            raise ModelError("model_unreadable", path=self._folder, reason=str(error).splitlines()[0]) from error
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

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        """Return the questions' vectors; a question is never kept."""
        return self._embedder.embed_questions(texts)


def open_embedder(settings: EmbeddingSettings, data: Path, report: Callable[[str], None]) -> SentenceTransformerEmbedder:
    """Return the embedder that the settings name, making the default model's folder if it is absent.

    Args:
        settings: `model` is the default model's name, or a sentence-transformers folder.
        data: The data directory; the default model lies in `models/` there.
        report: Called with a short English phrase before each slow step.

    Raises:
        ModelError: If the folder is missing or can't be made.
    """
    if settings.model != e5.MODEL_NAME:
        folder = Path(settings.model)
        if not folder.is_dir():
            raise ModelError("model_folder_missing", path=folder, default=e5.MODEL_NAME)
        return SentenceTransformerEmbedder(folder, settings)
    folder = default_model_folder(data)
    if not folder.is_dir():
        source = e5.packaged_weights()
        replace_folder(folder, lambda unfinished: e5.write_transformer(source, unfinished, report))
    return SentenceTransformerEmbedder(folder, settings)


def default_model_folder(data: Path) -> Path:
    """Return where the default model lies under a data directory."""
    return data / "models" / e5.MODEL_NAME


def folder_digest(folder: Path) -> str:
    """Return a digest of a model folder's files; kept beside them until one changes size or time."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != _FINGERPRINT_FILE)
    seen = [[path.relative_to(folder).as_posix(), path.stat().st_size, path.stat().st_mtime_ns] for path in files]
    kept = folder / _FINGERPRINT_FILE
    try:
        record = json.loads(kept.read_text(encoding="utf-8"))
        if record["files"] == seen:
            return str(record["digest"])
    except (OSError, ValueError, KeyError, TypeError):
        pass  # Absent or unusable: it is only a shortcut, and is written anew below.
    digest = sha256()
    for path in files:
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    try:
        kept.write_text(json.dumps({"files": seen, "digest": digest.hexdigest()}), encoding="utf-8")
    except OSError:
        pass  # A read-only model folder is fine; the digest is then computed each time.
    return digest.hexdigest()
