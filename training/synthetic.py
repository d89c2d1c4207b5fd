"""Claims made by rule out of texts that no one has annotated: borne out, contradicted, or with their evidence taken away.

The written claims are some ten thousand, too few for a small encoder to learn to compare. These are easy to word and hard to
shortcut: the same claim stands beside a text that bears it out and beside the same text without that sentence.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator

from bot.reader.network import LABELS
from ingest.language import language_of
from ingest.passages import Passage, Sentence
from training.contradictions import turned
from training.examples import Example, Group, shorter, text_of
from training.rewording import reworded
from training.windows import Place, Text

SUPPORTED, CONTRADICTED, NOT_FOUND = range(len(LABELS))
CLAIM_CHARS = (35, 260)
"""Shortest and longest sentence that claims are made of."""


_WHOLE = re.compile(r"[A-ZÆØÅ0-9].*[.!]")
_AMENDMENT = re.compile(r"\blyde\b|[Ee]ndr[ea]t? ved|[Tt]ilføyd ved|nr\. \d+.*nr\. \d+")


def claims(passages: Iterable[Passage], source: random.Random, *, share: float = 1.0) -> Iterator[Group]:
    """Yield groups of one claim each out of some passages.

    Args:
        passages: As the product cuts them.
        source: Of what is drawn.
        share: Of the passages that claims are made of.
    """
    for passage in passages:
        if source.random() < share:
            group = of_passage(passage, source, nynorsk=language_of(passage.text) == "nn")
            if group is not None:
                yield shorter(group, source)


def of_passage(passage: Passage, source: random.Random, *, nynorsk: bool) -> Group | None:
    """Return a claim out of one of a passage's sentences, or None if none will do."""
    fitting = [sentence for sentence in passage.sentences if _states(passage.quote(sentence))]
    if not fitting:
        return None
    sentence = source.choice(fitting)
    words = passage.quote(sentence)
    kind = source.choice(range(len(LABELS)))
    if kind == NOT_FOUND:
        rest = without(passage, sentence)
        if len(rest.words) < CLAIM_CHARS[0]:
            return None
        claim = words if source.random() < 0.5 else turned(words, source, nynorsk=nynorsk, around=rest.words) or words
        return (Example(reworded(claim, source, nynorsk=nynorsk), True, rest, relevant=False, label=NOT_FOUND),)
    place = place_of(passage, sentence)
    if kind == CONTRADICTED:
        other = turned(words, source, nynorsk=nynorsk, around=passage.text)
        if other is None:
            return None
        words, label = other, CONTRADICTED
    else:
        label = SUPPORTED
    claim = reworded(words, source, nynorsk=nynorsk)
    return (Example(claim, True, text_of(passage), relevant=True, evidence=place, label=label),)


def _states(words: str) -> bool:
    """Tell whether a sentence is whole, and no line about the amendment of an act."""
    fits = CLAIM_CHARS[0] <= len(words) <= CLAIM_CHARS[1]
    return fits and bool(_WHOLE.fullmatch(words)) and not _AMENDMENT.search(words)


def place_of(passage: Passage, sentence: Sentence) -> Place:
    """Return where a sentence stands in a passage's search text."""
    before = len(passage.search_text) - len(passage.text) - passage.start
    return before + sentence.start, before + sentence.end


def without(passage: Passage, sentence: Sentence) -> Text:
    """Return a passage's search text without one of its sentences."""
    start, end = place_of(passage, sentence)
    text = passage.search_text
    rest = f"{text[:start].rstrip()} {text[end:].lstrip()}".strip()
    return Text(rest, min(text_of(passage).before, len(rest)))
