"""What a person is told of a document that was read, but not all of it: the readers' warnings in the person's language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ingest.texts import Language, say

if TYPE_CHECKING:
    from ingest.index import SourceRecord

_PAGES = r" on pages? (?P<pages>[\d, …]+)"
_KNOWN = {
    "no_text": rf"no text \(a scan\?\){_PAGES}",
    "no_text_missing": rf"no text \(a scan\?\), and (?P<missing>\S+) is missing{_PAGES}",
    "turned": rf"turned text left out{_PAGES}",
    "tiny": rf"text smaller than (?P<size>\S+) points left out{_PAGES}",
    "outside": rf"text outside the page left out{_PAGES}",
    "bookmarks": r"the bookmarks are damaged and were not used",
    "encoding": r"not UTF-8; read as (?P<encoding>\S+), so letters may be wrong",
}
"""What readers say in English, by the text that says it in every language."""


def remarks_of(source: SourceRecord, language: Language) -> Iterator[str]:
    """Yield what is to be said of a source, a sentence or two each."""
    if source.same_as:
        yield say("ingest", "remark.same", language, other=source.same_as)
    if source.recognised:
        yield _recognised(source, language)
    for warning in source.warnings:
        yield _said(warning, language)


def _recognised(source: SourceRecord, language: Language) -> str:
    pages, shares = list(source.recognised), list(source.recognised.values())
    confidence = decimal(sum(shares) / len(shares), language)
    if len(pages) == 1:
        return say("ingest", "remark.recognised_one", language, pages=pages[0], confidence=confidence)
    return say("ingest", "remark.recognised", language, count=len(pages), confidence=confidence)


def decimal(share: float, language: Language) -> str:
    """Return a share in [0, 1] as it is written: «0,87», «0.87»."""
    written = f"{share:.2f}"
    return written if language == "en" else written.replace(".", ",")


def _said(warning: str, language: Language) -> str:
    """Return a warning in `language`; one that has no words there stays English rather than being left out."""
    for key, pattern in _KNOWN.items():
        match = re.fullmatch(pattern, warning)
        if match is not None:
            return say("ingest", f"remark.{key}", language, **match.groupdict())
    return warning
