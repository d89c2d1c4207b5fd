"""Earlier versions of documents, and what has changed since."""

from ingest.versions.compare import Change, Part, Words, compare, compare_words
from ingest.versions.store import Version, choose, keep_changed, versions

__all__ = ["Change", "Part", "Version", "Words", "choose", "compare", "compare_words", "keep_changed", "versions"]
