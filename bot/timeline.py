"""What must be shown beside an answer: what later replaced, contradicts or qualifies it, and what held before.

Statements of notes know what they replace (`bot/links.py`). For the rest, two passages about the same thing of which one
is certainly later and names other dates or numbers are shown together. Nothing is merged: each keeps its words and date.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from bot.answering import Evidence
from bot.answers import NoteKind
from bot.hits import Hit
from bot.likeness import Likeness
from bot.links import Links
from ingest.dates import Interval, newer, split_dates
from ingest.documents import RelationKind
from ingest.index import Generation, sentence_id

MOST = 3
"""Passages shown beside an answer; more would bury it."""

STRONG = 0.8
"""Likeness of a statement and what it speaks of from which it is shown though the question did not find it. Source: the
notes that come with the project, read one by one: the wrong links have 0.76 and less."""

SAME = 0.87
"""Likeness from which two sentences without a known relation speak of the same."""

NEAREST = 0.74
"""Cosine that they must have besides. Source of both: 65 answers over the whole corpus, read one by one; all 6 passages
found above both belonged beside the answer. At 0.72 two sentences that only share a school's name passed."""

REACH = 1.8
"""How far behind the best sentence's log odds such a one may lie, as a multiple of how far one that is quoted may: what is
farther is not about the question."""

_KINDS: dict[RelationKind, NoteKind] = {"erstatter": "nyere_kilde", "motsier": "motstrid", "presiserer": "presiserer"}
_NUMBER = re.compile(r"\d+(?:[ \u00a0.,]\d+)*")


@dataclass(frozen=True, slots=True)
class Beside:
    """What is shown beside an answer, and what it is to it."""

    kind: NoteKind
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class _Found:
    kind: NoteKind
    number: int


class Timeline:
    """Looks around the sentences of one generation; sentences are named by their place in `Generation.sentences`."""

    def __init__(self, generation: Generation, links: Links, farthest: float) -> None:
        """Keep what is needed to look.

        Args:
            generation: Where to look.
            links: Which of its statements speak of which sentences.
            farthest: How far a sentence's log odds may lie behind the best one's and still be quoted.
        """
        self._generation = generation
        self._links = links
        self._likeness = Likeness(generation)
        self._reach = REACH * farthest

    def beside(
        self,
        cited: Sequence[Evidence],
        hits: Sequence[Hit],
        premise: Evidence | None = None,
        sources: Collection[str] | None = None,
    ) -> list[Beside]:
        """Return what must be shown beside some cited sentences, the newest first, at most `MOST`.

        Args:
            cited: At least one.
            hits: What the question found, best first.
            premise: What was found for what the question takes for granted; None if it does not.
            sources: Show only what is in these sources; None for all.
        """
        scores = self._scores(hits)
        numbers = [self.number(one) for one in cited]
        found = [*self._premise(premise, numbers), *self._related(numbers, scores), *self._differing(numbers, scores)]
        unique = {one.number: one for one in reversed(found)}
        kept = [one for one in found if unique[one.number] is one and self._is_new(one.number, cited, sources)][:MOST]
        kept.sort(key=lambda one: self._newness(one.number, scores), reverse=True)
        return [Beside(one.kind, self._evidence(one.number)) for one in kept]

    def number(self, one: Evidence) -> int:
        """Return a sentence's place in the generation."""
        passage = self._generation.number_of_passage[one.passage.id]
        place = passage, one.passage.sentences.index(one.sentence)
        return self._generation.number_of_sentence[sentence_id(self._generation.passages, place)]

    def time(self, number: int) -> Interval:
        """Return the days that the source of a sentence may be from."""
        passage = self._generation.passages[self._generation.sentences[number][0]]
        if passage.origin is not None:
            return passage.origin.interval
        dated = self._generation.sources[passage.source].dated
        return Interval(dated, dated)

    def _premise(self, premise: Evidence | None, cited: Sequence[int]) -> Iterable[_Found]:
        if premise is not None:
            number = self.number(premise)
            kind = self._by_time(number, cited)
            if kind is not None:
                yield _Found(kind, number)

    def _by_time(self, number: int, cited: Sequence[int]) -> NoteKind | None:
        """Say that a sentence is older or newer than all that is cited, or nothing where that is not certain."""
        times = [self.time(one) for one in cited]
        if all(newer(self.time(number), one) for one in times):
            return "nyere_kilde"
        return "eldre_kilde" if all(newer(one, self.time(number)) for one in times) else None

    def _related(self, cited: Sequence[int], scores: Mapping[int, float]) -> list[_Found]:
        """Return what the cited statements replace, then the other statements about the same, the newest first."""
        subjects = list(cited)
        before: list[_Found] = []
        for one in cited:
            links = self._links.of_statement.get(one, ())
            told = any(link.sentence in subjects for link in links)
            if links and not told and _counts(links[0].strength, links[0].sentence, scores):
                subjects.append(links[0].sentence)
                before.append(_Found("eldre_kilde", links[0].sentence))
        later = {
            link.statement: _Found(self._relation_kind(link.statement), link.statement)
            for one in subjects
            for link in self._links.of_sentence.get(one, ())
            if _counts(link.strength, link.statement, scores)
        }
        newest = sorted(later.values(), key=lambda one: self._newness(one.number, scores), reverse=True)
        return [*before[:1], *newest]

    def _relation_kind(self, statement: int) -> NoteKind:
        origin = self._generation.passages[self._generation.sentences[statement][0]].origin
        assert origin is not None and origin.relation is not None
        return _KINDS[origin.relation.kind]

    def _differing(self, cited: Sequence[int], scores: Mapping[int, float]) -> list[_Found]:
        """Return what is later than a cited sentence, about the same, and names other dates or numbers."""
        near = [number for number, score in scores.items() if score >= -self._reach and number not in cited]
        alike = self._likeness.between(near, list(cited), NEAREST)
        found = [
            (float(alike[row, column]), _Found("nyere_kilde", number))
            for row, number in enumerate(near)
            for column, one in enumerate(cited)
            if alike[row, column] >= SAME and newer(self.time(number), self.time(one)) and self._says_other(number, one)
        ]
        return [one for _, one in sorted(found, key=lambda pair: -pair[0])]

    def _says_other(self, one: int, other: int) -> bool:
        return says_other(self._evidence(one).quote, self._evidence(other).quote)

    def _scores(self, hits: Sequence[Hit]) -> dict[int, float]:
        """Return the log odds of every sentence that was found, counted from the best one's."""
        numbers = self._generation.number_of_sentence
        best = max((hit.score for hit in hits), default=0.0)
        return {
            numbers[f"{hit.passage.id}/{at}"]: score - best
            for hit in hits
            for at, score in enumerate(hit.sentence_scores, start=1)
        }

    def _is_new(self, number: int, cited: Sequence[Evidence], sources: Collection[str] | None) -> bool:
        one = self._evidence(number)
        allowed = sources is None or one.passage.source in sources
        return allowed and all(one.quote != other.quote for other in cited)

    def _newness(self, number: int, scores: Mapping[int, float]) -> tuple[date, float]:
        time = self.time(number)
        return time.earliest or time.latest or date.min, scores.get(number, float("-inf"))

    def _evidence(self, number: int) -> Evidence:
        passage, at = self._generation.sentences[number]
        whole = self._generation.passages[passage]
        return Evidence(whole, whole.sentences[at], 0.0)


def _counts(strength: float, number: int, scores: Mapping[int, float]) -> bool:
    return number in scores or strength >= STRONG


def says_other(one: str, other: str) -> bool:
    """Tell whether each of two texts names a date, or each a number, that the other doesn't."""
    dates, rest = split_dates(one)
    other_dates, other_rest = split_dates(other)
    numbers, other_numbers = set(_NUMBER.findall(rest)), set(_NUMBER.findall(other_rest))
    return bool(dates - other_dates and other_dates - dates) or bool(numbers - other_numbers and other_numbers - numbers)
