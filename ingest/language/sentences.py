"""Where Norwegian sentences begin and end."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.language.words import ABBREVIATIONS, MAY_END_SENTENCE

_STOP = re.compile(r"[.!?…]+[»”\"')\]]*(?=\s|$)")
_LAST_WORD = re.compile(r"[\w.\-/]*$")
_OPENS = re.compile(r"[«“\"'(\[–-]*\s*([\w§█])")
_MONTHS = frozenset(
    "januar februar mars april mai juni juli august september oktober november desember jan feb mar apr jun jul aug sep "
    "sept okt nov des january february march may june july october december".split()
)
_LONGEST_WORD = 40
_INITIAL = re.compile(r"[A-ZÆØÅ](?:\.[A-ZÆØÅ])*$")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of a text: `text[start:end]`."""

    start: int
    end: int


def sentence_spans(text: str) -> list[Span]:
    """Split one block of text into sentences.

    A stop ends a sentence unless it belongs to an abbreviation («nr.», «kl.», «St. Olavs»), an ordinal or a date
    («3. mars», «04.03.22», «2. kvartal»), an initial, or is followed by a word in lower case.

    Returns:
        The sentences in order, white space at their edges left out; together they hold every other character.
    """
    spans: list[Span] = []
    start = 0
    for stop in _STOP.finditer(text):
        if _ends_sentence(text, start, stop):
            _append(spans, text, start, stop.end())
            start = stop.end()
    _append(spans, text, start, len(text))
    return spans


def _append(spans: list[Span], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    if piece.strip():
        spans.append(Span(start + len(piece) - len(piece.lstrip()), end - len(piece) + len(piece.rstrip())))


def _ends_sentence(text: str, start: int, stop: re.Match[str]) -> bool:
    follows = text[stop.end() : stop.end() + 2 * _LONGEST_WORD].lstrip()
    if not follows:
        return True
    opening = _OPENS.match(follows)
    begins_anew = opening is None or not opening[1].islower()
    mark = stop[0]
    if mark[0] in "!?":
        return begins_anew
    if not begins_anew:
        return False
    if mark != ".":
        return True
    # A look back of a few letters: over a whole long paragraph for each of its stops it would take quadratic time.
    last = _LAST_WORD.search(text, max(start, stop.start() - _LONGEST_WORD), stop.start())
    word = last[0] if last else ""
    return not _stop_belongs_to(word, follows, at_start=not text[start : stop.start() - len(word)].strip())


def _stop_belongs_to(word: str, follows: str, *, at_start: bool) -> bool:
    """Tell whether the full stop after `word` is part of it: an abbreviation, an ordinal, an initial."""
    low = word.lower().rstrip(".")
    if low in ABBREVIATIONS:
        return low not in MAY_END_SENTENCE or follows[0].isdigit()
    if _INITIAL.match(word):
        return True
    if word.isdigit() and len(word) <= 2:
        next_word = re.match(r"\w*", follows)
        named_month = next_word is not None and next_word[0].lower() in _MONTHS
        # «1. Hva forventer vi» opens a numbered sentence; «innen 31. Desember» is a date all the same.
        return at_start or named_month
    return False
