"""What several tests put in the place of a model or a catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from hashlib import sha256

import numpy as np

from ingest.embedding import Vectors
from ingest.fetched import Record
from ingest.index import SourceRecord


class FakeEmbedder:
    """Gives every text a vector of its own, without a model."""

    def __init__(self, fingerprint: str = "fake") -> None:
        self.fingerprint = fingerprint

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        rows = [np.random.default_rng(int.from_bytes(sha256(text.encode()).digest()[:8])).normal(size=8) for text in texts]
        vectors = np.array(rows, dtype=np.float32)
        return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)

    def embed_questions(self, texts: Sequence[str]) -> Vectors:
        return self.embed_passages(texts)


def source_record(
    identifier: str = "s", title: str = "Faktaark", dated: date = date(2022, 3, 4), url: str = ""
) -> SourceRecord:
    """Return what an index knows of a source."""
    return SourceRecord(
        id="s",
        title=title,
        publisher="P",
        kind="faktaark",
        dated=dated,
        retrieved=dated,
        language="nb",
        licence="L",
        url="",
        file="f",
        sha256="0",
        pages=1,
        passages=1,
        reader="r",
    )


def fetched_record(url: str, retrieved: date = date(2026, 11, 23), etag: str = "") -> Record:
    """Return what is known of a fetched file, its digest, size and name apart."""
    return Record(
        url=url,
        final_url=url,
        etag=etag,
        last_modified="",
        sha256="",
        content_type="text/plain",
        retrieved=retrieved,
        checked=retrieved,
        size=0,
        file="0123456789abcdef.txt",
    )
