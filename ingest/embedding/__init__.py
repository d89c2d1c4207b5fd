"""Text to vectors: the model, and the vectors kept from last time."""

from ingest.embedding.cache import Vectors
from ingest.embedding.model import CachedEmbedder, Embedder, default_model_folder, open_embedder

__all__ = ["CachedEmbedder", "Embedder", "Vectors", "default_model_folder", "open_embedder"]
