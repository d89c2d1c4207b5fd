"""What is said of a citation from a page that was read from a picture, where words and numbers may be wrong."""

from __future__ import annotations

from collections.abc import Iterable

from bot.answers import Citation, Note
from ingest.remarks import decimal
from ingest.texts import Language, say


def recognition_of(citation: Citation, language: Language) -> str:
    """Return how sure the reading of a citation's page is, as a short line; empty if the page has text of its own."""
    if citation.recognised is None:
        return ""
    return say("bot", "answer.recognised", language, confidence=decimal(citation.recognised, language))


def recognition_notes(citations: Iterable[Citation], language: Language) -> tuple[Note, ...]:
    """Return a note for each citation from such a page."""
    said = [(recognition_of(citation, language), citation) for citation in citations]
    return tuple(Note("ocr", text, citation) for text, citation in said if text)
