"""Passages to an answer: the few sentences that answer, in the source's own words, each with its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bot.answers import MAX_ANSWER_CHARS, MAX_CITATIONS, MAX_RETRIEVED, Citation, Retrieved
from bot.dates import as_of
from bot.hits import Hit
from bot.judging import answer_span
from bot.reader import Reading
from bot.retrieval import FARTHEST_BEHIND
from ingest.documents import Origin
from ingest.index import SourceRecord
from ingest.passages import Passage, Sentence
from ingest.texts import Language, say

MOST_SENTENCES = 3
"""Sentences quoted, unless they are the items of one list. Source: docs/evaluation.md, «Sentences quoted»."""

_ELLIPSIS = " …"
_SECTION_SEPARATOR = " › "


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sentence of one passage, with its rank score, and what the reader says of the passage if it was read."""

    passage: Passage
    sentence: Sentence
    score: float
    reading: Reading | None = None

    @property
    def quote(self) -> str:
        """The sentence's words."""
        return self.passage.quote(self.sentence)


def best_evidence(hits: Sequence[Hit]) -> list[Evidence]:
    """Return the sentences of all hits, best first; equal words are kept once, at their best place."""
    found = [
        Evidence(hit.passage, sentence, score, hit.reading)
        for hit in hits
        for sentence, score in zip(hit.passage.sentences, hit.sentence_scores, strict=True)
    ]
    found.sort(key=lambda one: -one.score)
    kept: dict[str, Evidence] = {}
    for one in found:
        kept.setdefault(one.quote, one)
    return list(kept.values())


def choose(hits: Sequence[Hit], most: int = MOST_SENTENCES, farthest: float = FARTHEST_BEHIND) -> list[Evidence]:
    """Choose what to quote: the best sentence and those close behind it, or the whole list that the best belongs to.

    Args:
        hits: What was found, best first.
        most: Sentences quoted, unless they are the items of one list.
        farthest: How far a sentence's log odds may lie behind the best one's.

    Returns:
        At most `MAX_CITATIONS`: the source of the best first, and each source's in reading order.
    """
    ranked = best_evidence(hits)
    if not ranked:
        return []
    best = ranked[0]
    near = [one for one in ranked[1:most] if best.score - one.score <= farthest and not one.quote.endswith(":")]
    chosen = (whole_list(best) or [best, *near])[:MAX_CITATIONS]
    sources = list(dict.fromkeys(one.passage.source for one in chosen))
    return sorted(chosen, key=lambda one: (sources.index(one.passage.source), one.sentence.start))


def whole_list(best: Evidence) -> list[Evidence]:
    """Return every item of the list that a sentence is an item of, or opens; empty if it belongs to none.

    Half a list is a wrong answer to «hvilke»; the items share their lead-in and follow one another.
    """
    sentences = best.passage.sentences
    lead_in = best.sentence.lead_in if best.sentence.item else best.quote
    items = [sentence for sentence in sentences if sentence.item and sentence.lead_in == lead_in]
    if not lead_in or not items:
        return []
    if len(items) >= MAX_CITATIONS and best.sentence.item:
        # Too long to quote whole: from the item that was found.
        items = items[items.index(best.sentence) :]
    return [replace(best, sentence=sentence) for sentence in items]


def cite(evidence: Iterable[Evidence], sources: Mapping[str, SourceRecord], language: Language = "nb") -> tuple[Citation, ...]:
    """Return the citations of some sentences, in their order; `language` is that of our own words in their titles."""
    return tuple(_citation(one, sources[one.passage.source], language) for one in evidence)


def _citation(one: Evidence, source: SourceRecord, language: Language) -> Citation:
    origin = one.passage.origin
    own = source.title, source.dated.isoformat(), source.url
    # A statement in a note stands for what it was taken from; the note is only where it lies.
    title, dated, url = own if origin is None else (_retold(origin, source, language), origin.when, origin.url)
    return Citation(
        quote=one.quote,
        source=source.id,
        title=title,
        section=section_of(one.passage, source),
        page=one.sentence.page,
        page_label=one.sentence.page_label,
        dated=dated,
        url=url,
        start=one.sentence.start,
        end=one.sentence.end,
        passage=one.passage,
        span=answer_span(one.passage, one.reading, one.sentence) if one.reading is not None else None,
        recognised=source.recognised.get(one.sentence.page or 0),
        origin=origin,
    )


def _retold(origin: Origin, note: SourceRecord, language: Language) -> str:
    return say("bot", "answer.retold", language, title=origin.title, note=note.title)


def section_of(passage: Passage, source: SourceRecord) -> str:
    """Return the headings that a passage stands under as one line, without those that the title says already.

    A statement in a note is cited by another title, so all its headings are told.
    """
    said = source.title.casefold() if passage.origin is None else ""
    return _SECTION_SEPARATOR.join(one for one in passage.headings if one.casefold() not in said)


def retrieved(hits: Sequence[Hit], sources: Mapping[str, SourceRecord]) -> tuple[Retrieved, ...]:
    """Return the best passages, with scores from 1 falling by rank."""
    return tuple(
        Retrieved(hit.passage.source, section_of(hit.passage, sources[hit.passage.source]), hit.passage.text, 1.0 / rank)
        for rank, hit in enumerate(hits[:MAX_RETRIEVED], start=1)
    )


def compose(citations: Sequence[Citation], evidence: Sequence[Evidence], language: Language) -> str:
    """Write the answer: whose words they are and when, then the quotes with their numbers.

    Quotes that do not fit in `MAX_ANSWER_CHARS` are left to the citations, the weakest first; a single quote that is too
    long is cut between words.
    """
    lead_in = _lead_in(citations, language)
    opening = evidence[0].sentence.lead_in if len({one.sentence.lead_in for one in evidence}) == 1 else ""
    parts = {number: f"«{citation.quote}» [{number}]" for number, citation in enumerate(citations, start=1)}
    weakest = sorted(parts, key=lambda number: (evidence[number - 1].score, -number))
    head = f"{lead_in} {opening}".strip()
    while len(parts) > 1 and len("\n".join([head, *parts.values()])) > MAX_ANSWER_CHARS:
        parts.pop(weakest.pop(0))
    text = "\n".join([head, *parts.values()])
    if len(text) <= MAX_ANSWER_CHARS:
        return text
    number, room = next(iter(parts)), MAX_ANSWER_CHARS - len(lead_in) - len(_ELLIPSIS) - len("\n«» [5]")
    cut = citations[number - 1].quote[:room].rsplit(" ", 1)[0]
    return f"{lead_in}\n«{cut}{_ELLIPSIS}» [{number}]"


def _lead_in(citations: Sequence[Citation], language: Language) -> str:
    """Return whose words follow and from when they are; several dates each with the numbers of their quotes."""
    numbers: dict[str, list[str]] = {}
    for number, citation in enumerate(citations, start=1):
        numbers.setdefault(as_of(citation.dated, citation.origin, language), []).append(f"[{number}]")
    if len(numbers) > 1:
        dates = ", ".join(f"{' '.join(marks)} {when}" for when, marks in numbers.items())
        return say("bot", "answer.lead_in_many", language, dates=dates)
    own = all(citation.origin is not None for citation in citations)
    return say("bot", "answer.lead_in_own" if own else "answer.lead_in", language, as_of=next(iter(numbers), ""))
