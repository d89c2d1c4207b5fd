"""Passages to an answer: the few sentences that answer, in the source's own words, each with its place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.answers import MAX_ANSWER_CHARS, MAX_CITATIONS, MAX_RETRIEVED, Citation, Retrieved
from bot.dates import written_date
from bot.judging import answer_span
from bot.reader import Reading
from bot.retrieval import Hit
from ingest.index import SourceRecord
from ingest.passages import Passage, Sentence
from ingest.texts import Language, say

MOST_SENTENCES = 3
"""Sentences quoted, unless they are the items of one list. Source: docs/evaluation.md, «Sentences quoted»."""

FARTHEST_BEHIND = 1.5
"""How far a sentence's log odds may lie behind the best one's and still be quoted. Source: the same section."""

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
        At most `MAX_CITATIONS`, in reading order: passages in the order of their sources' text.
    """
    ranked = best_evidence(hits)
    if not ranked:
        return []
    best = ranked[0]
    near = [one for one in ranked[1:most] if best.score - one.score <= farthest and not one.quote.endswith(":")]
    chosen = whole_list(best) or [best, *near]
    return sorted(chosen[:MAX_CITATIONS], key=lambda one: (one.passage.source, one.sentence.start))


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


def cite(evidence: Iterable[Evidence], sources: Mapping[str, SourceRecord]) -> tuple[Citation, ...]:
    """Return the citations of some sentences, in their order."""
    return tuple(_citation(one, sources[one.passage.source]) for one in evidence)


def _citation(one: Evidence, source: SourceRecord) -> Citation:
    return Citation(
        quote=one.quote,
        source=source.id,
        title=source.title,
        section=section_of(one.passage, source),
        page=one.sentence.page,
        page_label=one.sentence.page_label,
        dated=source.dated.isoformat(),
        url=source.url,
        start=one.sentence.start,
        end=one.sentence.end,
        passage=one.passage,
        span=answer_span(one.passage, one.reading, one.sentence) if one.reading is not None else None,
        recognised=source.recognised.get(one.sentence.page or 0),
    )


def section_of(passage: Passage, source: SourceRecord) -> str:
    """Return the headings that a passage stands under as one line, without those that the title says already."""
    return _SECTION_SEPARATOR.join(one for one in passage.headings if one.casefold() not in source.title.casefold())


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
    dates = {citation.dated for citation in citations}
    if len(dates) == 1:
        lead_in = say("bot", "answer.lead_in", language, date=written_date(date.fromisoformat(dates.pop()), language))
    else:
        lead_in = say("bot", "answer.lead_in_many", language)
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
