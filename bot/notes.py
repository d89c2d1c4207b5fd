"""What stands beside an answer, in words: from when it is, what it was taken from, and what it says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bot.answering import cite
from bot.answers import Citation, Note
from bot.dates import as_of
from bot.timeline import Beside
from ingest.index import SourceRecord
from ingest.texts import Language, say

_LONGEST = 400
"""Characters of a quote in a note; the whole stands in its citation."""


def notes_of(found: Iterable[Beside], sources: Mapping[str, SourceRecord], language: Language) -> tuple[Note, ...]:
    """Return the notes of an answer, in the order in which they were found."""
    notes = []
    for one in found:
        (citation,) = cite([one.evidence], sources, language)
        notes.append(Note(one.kind, note_text(citation, language), citation))
    return tuple(notes)


def note_text(citation: Citation, language: Language) -> str:
    """Return what a note says: «Per juni 2023, i Plan vedtatt: «29. juni 2023 vedtok styret …»»."""
    when = as_of(citation.dated, citation.origin, language)
    quote = citation.quote
    if len(quote) > _LONGEST:
        quote = f"{quote[:_LONGEST].rsplit(' ', 1)[0]} …"
    title = citation.origin.title if citation.origin is not None else citation.title
    return say("bot", "answer.note", language, when=when[:1].upper() + when[1:], title=title, quote=quote)
