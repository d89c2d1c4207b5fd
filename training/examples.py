"""What the reader learns from: questions and claims beside passages that answer, nearly answer and don't answer them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.passages import Passage
from training.data import Annotated, Note, Reading, cut, holds

Place = tuple[int, int]
"""First character and one past the last."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question or claim beside one text.

    Attributes:
        query: It, without what is put before it.
        claim: Whether it is a claim.
        text: The passage, with its headings.
        relevant: Whether the text answers or decides it; None where that is not known.
        answer: The few words that answer, in `text`; None where no one has marked them.
        evidence: The words that answer or decide, in `text`; None where there are none to learn from.
        label: Of a claim: its place in `bot.reader.network.LABELS`.
    """

    query: str
    claim: bool
    text: str
    relevant: bool | None
    answer: Place | None = None
    evidence: Place | None = None
    label: int | None = None


Group = tuple[Example, ...]
"""The examples of one query: what answers it first, then what does not."""

WINDOW_CHARS = (400, 1600)
"""Shortest and longest window of an article: the product's passages are short, an article is read in long windows."""

WHOLE_SHARE = 0.3
"""Share of the examples with the whole annotated passage instead of the product's cut of it."""

ELSEWHERE_SHARE = 0.2
"""Share of the decided claims that are also put beside a passage that says nothing of them."""

WITHOUT_SHARE = 0.35
"""Share of the questions and decided claims that are also put beside their own text without the sentence that answers: all
that is left is the topic, which is what an unanswerable question and its passage have in common."""

FEWEST_CHARS_LEFT = 80
LOOSE_SHARE = 0.12

SUPPORTED, CONTRADICTED, NOT_FOUND = 0, 1, 2
_MARKERS = re.compile(r"^(?:[-•–]|\d+[.)]|[a-z]\)) ", re.MULTILINE)
_PLACES = {"støttet": SUPPORTED, "motsagt": CONTRADICTED, "ikke_funnet": NOT_FOUND}


def of_annotated(
    annotated: Sequence[Annotated], mined: Mapping[str, Sequence[str]], source: random.Random, wrong: int
) -> Iterator[Group]:
    """Yield one round of groups of annotated passages.

    Args:
        annotated: Passages to learn from.
        mined: By question or claim, passages that don't answer it, the likeliest first.
        source: Of what is drawn.
        wrong: Passages that don't answer beside each question's own.
    """
    for one in annotated:
        passages = cut(one.id, one.headings, one.text)
        for note in one.questions:
            yield _question(note, one, passages, _draw(mined.get(note.text, ()), wrong, source), source)
        for note in one.unanswerable:
            text = one.search_text if len(passages) == 1 or source.random() < 0.5 else source.choice(passages).search_text
            yield (Example(loosely(note.text, source), False, text, relevant=False),)
        for note in one.claims:
            yield from _claim(note, one, passages, mined, source)


def _draw(candidates: Sequence[str], count: int, source: random.Random) -> list[str]:
    return source.sample(list(candidates), min(count, len(candidates)))


def _holding(note: Note, one: Annotated, passages: Sequence[Passage], source: random.Random) -> tuple[str, Place | None]:
    """Return the text that holds a note's quote, and the quote's place in it."""
    text = one.search_text
    if source.random() >= WHOLE_SHARE:
        holding = [p for p in passages if find(note.quote, p.text)] or [p for p in passages if holds(p.text, note.quote)]
        text = holding[0].search_text if holding else text
    return text, find(note.quote, text)


def find(quote: str, text: str) -> Place | None:
    """Return where a quote stands in a text, white space and the markers of lists apart; None if it does not."""
    # The product's passages leave out what stands before the items of a list; annotators have quoted it.
    for words in (quote.split(), _MARKERS.sub("", quote).split()):
        match = re.search(r"\s+".join(map(re.escape, words)), text)
        if words and match:
            return match.span()
    return None


def _question(note: Note, one: Annotated, passages: Sequence[Passage], wrong: Sequence[str], source: random.Random) -> Group:
    text, place = _holding(note, one, passages, source)
    others = [p.search_text for p in passages if not holds(p.text, note.quote)]
    near = source.sample(others, 1) if others and source.random() < 0.5 else []
    negatives = [*near, *wrong][: max(1, len(wrong))]
    rest = without(text, place) if place and source.random() < WITHOUT_SHARE else None
    query = loosely(note.text, source)
    return (
        Example(query, False, text, relevant=True, evidence=place),
        *(Example(query, False, negative, relevant=False) for negative in (*negatives, *([rest] if rest else []))),
    )


def _claim(
    note: Note, one: Annotated, passages: Sequence[Passage], mined: Mapping[str, Sequence[str]], source: random.Random
) -> Iterator[Group]:
    label = _PLACES[note.label or "ikke_funnet"]
    if label == NOT_FOUND:
        text = one.search_text if source.random() < 0.5 else source.choice(passages).search_text
        yield (Example(note.text, True, text, relevant=False, label=NOT_FOUND),)
        return
    text, place = _holding(note, one, passages, source)
    yield (Example(note.text, True, text, relevant=True, evidence=place, label=label),)
    rest = without(text, place) if place and source.random() < WITHOUT_SHARE else None
    if rest:
        yield (Example(note.text, True, rest, relevant=False, label=NOT_FOUND),)
    elif source.random() < ELSEWHERE_SHARE:
        others = [p.search_text for p in passages if not holds(p.text, note.quote)] or list(mined.get(note.text, ())[:3])
        if others:
            yield (Example(note.text, True, source.choice(others), relevant=False, label=NOT_FOUND),)


def without(text: str, place: Place) -> str | None:
    """Return a text without the sentences that some characters stand in; None if too little is left to tell anything."""
    start, end = sentence_around(text, place[0], place[0] + 1)[0], sentence_around(text, place[1] - 1, place[1])[1]
    rest = f"{text[:start].rstrip()} {text[end:].lstrip()}".strip()
    return rest if len(rest) >= FEWEST_CHARS_LEFT else None


def loosely(question: str, source: random.Random) -> str:
    """Return a question as it is, or as it is typed on a telephone: small letters, no mark at the end."""
    return question.lower().rstrip("?. ") if source.random() < LOOSE_SHARE else question


def of_norquad(
    asked: Iterable[tuple[Reading, str]], mined: Mapping[str, Sequence[str]], source: random.Random, *, with_wrong: float
) -> Iterator[Group]:
    """Yield one round of NorQuAD's training questions, each beside a window of its article.

    Args:
        asked: The questions, each with its article: `training.data.training_readings`.
        mined: By question, passages that don't answer it.
        source: Of what is drawn.
        with_wrong: Share of the questions that are also put beside a text that does not answer.
    """
    for one, context in asked:
        yield _reading(one, context, mined, source, with_wrong)


def _reading(one: Reading, context: str, mined: Mapping[str, Sequence[str]], source: random.Random, with_wrong: float) -> Group:
    start, end = one.answers[0]
    first, last = window(context, start, end, source)
    text = context[first:last]
    answer = (start - first, end - first)
    query = loosely(one.question, source)
    right = Example(query, False, text, relevant=True, answer=answer, evidence=sentence_around(text, *answer))
    if source.random() >= with_wrong:
        return (right,)
    kept = without(text, answer)
    if kept and context[start:end].lower() not in kept.lower() and source.random() < 0.5:
        return right, Example(query, False, kept, relevant=False)
    rest = [part for part in (context[:first].strip(), context[last:].strip()) if len(part) > 200]
    rest = [part[-WINDOW_CHARS[1] // 2 :] for part in rest if context[start:end].lower() not in part.lower()]
    negatives = rest or list(mined.get(one.question, ())[:2])
    return (
        right,
        *(Example(query, False, text, relevant=False) for text in source.sample(negatives, min(1, len(negatives)))),
    )


def window(text: str, start: int, end: int, source: random.Random) -> Place:
    """Return a window of a text that holds the characters `start` to `end`, cut at spaces."""
    size = max(source.randint(*WINDOW_CHARS), end - start + 100)
    if len(text) <= size:
        return 0, len(text)
    first = source.randint(max(0, end - size), max(0, min(start, len(text) - size)))
    last = min(len(text), first + size)
    while first > 0 and not text[first - 1].isspace():
        first -= 1
    while last < len(text) and not text[last].isspace():
        last += 1
    return first, last


def sentence_around(text: str, start: int, end: int) -> Place:
    """Return the sentence that some characters stand in, cut at full stops and line ends."""
    marks = (". ", "! ", "? ", "\n")
    first = max((text.rfind(mark, 0, start) + len(mark) for mark in marks if text.rfind(mark, 0, start) >= 0), default=0)
    # Without the white space: a word piece begins with the one before it, so it would bring the next sentence's first.
    ends = [(text.find(mark, max(start, end - 1)), len(mark.rstrip())) for mark in marks]
    last = min((place + kept for place, kept in ends if place >= 0), default=len(text))
    return first, max(last, end)
