"""What stands word for word in several sources: quoted once, and told of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.answering import Evidence, cite
from bot.answers import Note
from bot.dates import as_of
from ingest.index import Generation
from ingest.texts import Language, say


def twin_notes(
    cited: Sequence[Evidence], generation: Generation, sources: Sequence[str] | None, language: Language
) -> tuple[Note, ...]:
    """Return a note for each other source in which a cited passage stands word for word, in the order of the citations.

    Args:
        cited: What is quoted.
        generation: The index that it comes from.
        sources: Only these sources are told of; None for all.
        language: Of our own words.
    """
    found: dict[str, Evidence] = {}
    for one in cited:
        at = one.passage.sentences.index(one.sentence)
        for number in generation.twins.get(generation.number_of_passage[one.passage.id], ()):
            twin = generation.passages[number]
            if twin.source != one.passage.source and (sources is None or twin.source in sources):
                found.setdefault(twin.source, replace(one, passage=twin, sentence=twin.sentences[at], reading=None))
    notes = []
    for citation in cite(found.values(), generation.sources, language):
        when = as_of(citation.dated, citation.origin, language)
        notes.append(Note("samme_tekst", say("bot", "answer.twin", language, title=citation.title, when=when), citation))
    return tuple(notes)
