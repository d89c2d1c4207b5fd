"""Parts of a text to read: around what answers, or where a question's words stand."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.language import sentence_spans
from training.data import words

Place = tuple[int, int]
"""First character and one past the last."""

ARTICLE_CHARS = (300, 1400)
"""Shortest and longest window of an article."""

SHORT_CHARS = (120, 500)
"""Shortest and longest part of a passage, its headings not counted. A reader learns most for each word piece from what
stands close to the answer: a claim is weighed against one or two sentences, whatever else the passage says."""


@dataclass(frozen=True, slots=True)
class Text:
    """A passage with its headings before it.

    Attributes:
        words: All of it.
        before: How many characters the headings and their full stop take up.
    """

    words: str
    before: int = 0


def shortened(text: Text, place: Place | None, query: str, source: random.Random) -> tuple[Text, Place | None]:
    """Return a text's headings and some of its sentences, and where `place` stands in them.

    Args:
        text: It.
        place: What must be among them; None for the sentence that has most words in common with the query, of several one
            that is drawn.
        query: The question or claim.
        source: Of what is drawn: how long the part is, and on which side of the place it goes on.
    """
    if place is not None and place[0] < text.before:
        return text, place
    sentences = sentence_places(text.words, text.before)
    if not sentences:
        return text, place
    if place is None:
        asked = words(query)
        common = [len(asked & words(text.words[start:end])) + source.random() for start, end in sentences]
        first = last = max(range(len(sentences)), key=lambda one: common[one])
    else:
        first = max((one for one, (start, _) in enumerate(sentences) if start <= place[0]), default=0)
        last = min((one for one, (_, end) in enumerate(sentences) if end >= place[1]), default=len(sentences) - 1)
    first, last = _grown(sentences, first, max(first, last), source.randint(*SHORT_CHARS), source)
    start, end = sentences[first][0], sentences[last][1]
    shift = text.before - start
    part = Text(text.words[: text.before] + text.words[start:end], text.before)
    return part, place and (place[0] + shift, place[1] + shift)


def _grown(sentences: Sequence[Place], first: int, last: int, most: int, source: random.Random) -> tuple[int, int]:
    """Return the first and last sentence of a part that has grown on both sides to at most some characters."""
    while True:
        ways = [(first - 1, last)] if first > 0 else []
        ways += [(first, last + 1)] if last + 1 < len(sentences) else []
        ways = [(one, other) for one, other in ways if sentences[other][1] - sentences[one][0] <= most]
        if not ways:
            return first, last
        first, last = source.choice(ways)


def sentence_places(text: str, first: int = 0) -> list[Place]:
    """Return where the sentences of a text stand, from the character `first` on; a line end ends one."""
    found = []
    start = 0
    for line in text.splitlines(keepends=True):
        spans = sentence_spans(line[max(0, first - start) :])
        begin = start + max(0, first - start)
        found += [(begin + span.start, begin + span.end) for span in spans] if start + len(line) > first else []
        start += len(line)
    return found


def window(text: str, start: int, end: int, source: random.Random) -> Place:
    """Return a window of a text that holds the characters `start` to `end`, cut at spaces."""
    size = max(source.randint(*ARTICLE_CHARS), end - start + 100)
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
