"""Vector search in an embedded Chroma on disk. The only module that imports chromadb and langchain_chroma.

A collection is built once, in its own folder, and never changed: re-indexing in place lost documents in 12 of 25 killed
runs and left live records unreachable with default HNSW parameters (github.com/chroma-core/chroma/issues/7758).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import numpy as np
from chromadb import PersistentClient
from chromadb.api.client import Client
from chromadb.config import Settings
from chromadb.errors import ChromaError
from langchain_chroma import Chroma
from langchain_core.embeddings import Embeddings

from ingest.embedding import Vectors
from ingest.errors import IndexDamagedError

CollectionName = Literal["passages", "sentences"]

_CONFIGURATION: Any = {"hnsw": {"space": "cosine", "max_neighbors": 32, "ef_construction": 200, "ef_search": 200}}
"""Source: 4,000 vectors, half deleted, 30 % written anew: 17 of 2,000 unreachable with the defaults, 0 with these."""

_VERIFY_BATCH = 500
_SAME = 1e-3
"""Cosine distance within which two vectors are one: float32 rounding stays far below, other sentences lie above."""


class _Ready(Embeddings):
    """Hands langchain's vector store the vectors that have been made already."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = iter(vectors)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        return [next(self._vectors).tolist() for _ in texts]

    def embed_query(self, text: str) -> list[float]:
        raise NotImplementedError("a question comes as a vector")


class VectorIndex:
    """The collections of one generation."""

    def __init__(self, folder: Path) -> None:
        """Open the collections in a folder, which is made if it is absent.

        Raises:
            IndexDamagedError: If Chroma can't open it.
        """
        self._folder = folder
        with _damage_told():
            client = PersistentClient(path=str(folder), settings=_settings(folder))
        assert isinstance(client, Client)  # What it returns; the declared type lacks `close`.
        self._client = client
        self._stores: dict[str, Chroma] = {}

    def add(
        self, name: CollectionName, ids: Sequence[str], texts: Sequence[str], sources: Sequence[str], vectors: Vectors
    ) -> None:
        """Put a collection's records in: ids, what was embedded, the source of each, vectors `(len(ids), dimension)`.

        Raises:
            IndexDamagedError: If Chroma fails.
        """
        with _damage_told():
            store = Chroma(
                client=self._client,
                collection_name=name,
                embedding_function=_Ready(vectors),
                collection_configuration=_CONFIGURATION,
            )
            step = self._client.get_max_batch_size()
            for start in range(0, len(ids), step):
                part = slice(start, start + step)
                store.add_texts(list(texts[part]), [{"source": source} for source in sources[part]], list(ids[part]))

    def count(self, name: CollectionName) -> int:
        """Return how many records a collection holds.

        Raises:
            IndexDamagedError: If Chroma fails.
        """
        with _damage_told():
            return int(self._client.get_collection(name, embedding_function=None).count())

    def search(
        self, name: CollectionName, vector: Vectors, k: int, sources: Sequence[str] | None = None
    ) -> list[tuple[str, float]]:
        """Return the ids of the `k` nearest records and their cosine similarity in [-1, 1], nearest first.

        Args:
            name: The collection.
            vector: The question's vector, shape `(dimension,)`.
            k: How many, at least 1; fewer come back where there are fewer.
            sources: Search only these sources; None for all.

        Raises:
            IndexDamagedError: If Chroma fails.
        """
        if sources is not None and not sources:
            return []  # Chroma takes no empty list.
        where: dict[str, Any] | None = {"source": {"$in": list(sources)}} if sources is not None else None
        with _damage_told():
            if name not in self._stores:
                self._stores[name] = Chroma(client=self._client, collection_name=name, create_collection_if_not_exists=False)
            hits = self._stores[name].similarity_search_by_vector_with_relevance_scores(vector.tolist(), k, where)
        return [(str(document.id), 1.0 - float(distance)) for document, distance in hits]

    def stored(self, name: CollectionName, ids: Sequence[str]) -> Vectors:
        """Return the vectors of records, shape `(len(ids), dimension)`, in the order of `ids`.

        Raises:
            IndexDamagedError: If a record is missing, or Chroma fails.
        """
        with _damage_told():
            found = self._client.get_collection(name, embedding_function=None).get(ids=list(ids), include=["embeddings"])
            by_id = dict(zip(found["ids"], np.asarray(found["embeddings"], dtype=np.float32), strict=True))
            return np.stack([by_id[identifier] for identifier in ids])

    def lost(self, name: CollectionName, ids: Iterable[str]) -> list[str]:
        """Return the ids of the collection's records that a search for their own vector does not find.

        `count()` and samples stay green on a broken index (github.com/chroma-core/chroma/issues/7678), so every record
        is tried. A record that shares its vector with others is found if the nearest is no farther than itself.

        Raises:
            IndexDamagedError: If Chroma fails.
        """
        wanted, missing = list(ids), []
        with _damage_told():
            collection = self._client.get_collection(name, embedding_function=None)
            for start in range(0, len(wanted), _VERIFY_BATCH):
                part = wanted[start : start + _VERIFY_BATCH]
                stored = collection.get(ids=part, include=["embeddings"])
                vectors = np.asarray(stored["embeddings"], dtype=np.float32).reshape(len(stored["ids"]), -1)
                missing += sorted(set(part) - set(stored["ids"]))
                if not len(vectors):
                    continue
                found = collection.query(query_embeddings=vectors, n_results=1, include=["distances"])
                for identifier, near, distance in zip(stored["ids"], found["ids"], found["distances"] or [], strict=True):
                    if not near or (near[0] != identifier and distance[0] > _SAME):
                        missing.append(identifier)
        return missing

    def close(self) -> None:
        """Let go of the files."""
        self._stores.clear()
        self._client.close()


@contextmanager
def _damage_told() -> Iterator[None]:
    try:
        yield
    except (ChromaError, OSError, ValueError, RuntimeError, KeyError, AttributeError) as error:
        # AttributeError: what Chroma 1.5 raises where the same folder could not be opened once before.
        raise IndexDamagedError("index_damaged", what="chroma", reason=str(error)) from error


def _settings(folder: Path) -> Settings:
    # Explicit, without an .env file: Chroma would otherwise read other programs' settings from the working folder.
    return Settings(
        _env_file=None,
        is_persistent=True,
        persist_directory=str(folder),
        anonymized_telemetry=False,
        allow_reset=False,
    )
