"""The index: generations of passages and sentences, searched by vectors and by words."""

from ingest.index.generation import Generation, sentence_id, sentence_places, write_generation
from ingest.index.lexical import LexicalIndex, Mask, Scores
from ingest.index.manifest import SCHEMA, Failure, Manifest, SourceRecord
from ingest.index.store import IndexStore

__all__ = [
    "SCHEMA",
    "Failure",
    "Generation",
    "IndexStore",
    "LexicalIndex",
    "Manifest",
    "Mask",
    "Scores",
    "SourceRecord",
    "sentence_id",
    "sentence_places",
    "write_generation",
]
