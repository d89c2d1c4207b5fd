"""How long a document may take: a fixed time, and more for each page that is done.

A fixed time alone is too short for a document of 5,000 pages, which takes 60 to 90 seconds, or too long for a small file
that was made to keep its reader busy. So each page that is done adds to the limit, by the settings' own scale.
"""

from __future__ import annotations

PAGE = 1 / 400
"""Part of `reading.seconds` that a page adds: 0.05 s of 20 s, three times what the slowest of those that were measured
needs. Source: 60 to 84 pages a second, ingest/reading/source.py."""

RECOGNISED_PAGE = 0.75
"""Part of `reading.seconds` that a recognised page adds: 15 s of 20 s, twice what the noisiest page took.
Source: docs/evaluation.md, «Scanned pages»."""


def allowed(seconds: float, read: int, recognised: int) -> float:
    """Return how many seconds a document may have taken when so many pages are read, and recognition of so many begun."""
    return seconds * (1 + PAGE * read + RECOGNISED_PAGE * recognised)
