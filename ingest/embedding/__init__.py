"""Text to vectors: the model, and the vectors kept from last time."""

from ingest.embedding.cache import Vectors
from ingest.embedding.model import CachedEmbedder, Embedder, open_embedder

__all__ = ["CachedEmbedder", "Embedder", "Vectors", "open_embedder"]
