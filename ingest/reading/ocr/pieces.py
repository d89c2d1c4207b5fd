"""Recognised words become pieces of text on a page, as a PDF with a text layer has them; the layout does the rest.

Tesseract gives each word a box, but no base line and no font size. Both are taken from the words' shapes: the lower edge
of a word without descenders is the base line, and a word with ascenders or capitals and no descenders is as high as a
capital. Sizes of one paragraph are made equal, and those near the document's most common one too, since the layout tells
headings by size and paragraphs by distance.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from ingest.reading.layout import Page, Piece

CAPITAL = 0.72
"""Height of a capital in font sizes. Source: 0.716 in Arial and Helvetica, 0.662 in Times, 0.644 in Calibri."""

SMALL = 0.52
"""Height of a small letter without ascender in font sizes. Source: 0.519 in Arial, 0.448 in Times, 0.466 in Calibri."""

SAME_SIZE = 0.15
"""How far a paragraph's size may lie from the body's and be taken for it. Source: heights of capitals in usual fonts
differ by 11 %, see `CAPITAL`; a heading is seldom less than a sixth larger than the text."""

WORST_WORD = 0.3
"""Words of lower confidence are left out: they are specks, lines and stamps. A guess, not measured on real scans."""

WORST_PAGE = 0.5
"""Pages of lower confidence are not used at all: a photograph «reads» as letters that no one wrote.
Source: docs/evaluation.md, «Scanned pages»: noise got 0.46, pages with text 0.92 and more."""

_DESCENDING = frozenset("gjpqyQ,;()[]{}|/$§µ_@&")
_SMALL = frozenset("acemnorsuvwxzæøı-–—.:~«»•*")


@dataclass(frozen=True, slots=True)
class Word:
    """A recognised word.

    Attributes:
        paragraph: Number of its block and of its paragraph in it.
        line: Number of its line in the paragraph.
        left: In pixels from the left edge.
        top: In pixels from the upper edge.
        right: In pixels from the left edge.
        bottom: In pixels from the upper edge.
        confidence: In [0, 1].
        text: The word.
    """

    paragraph: tuple[int, int]
    line: int
    left: int
    top: int
    right: int
    bottom: int
    confidence: float
    text: str

    @property
    def stands(self) -> bool:
        """Whether its lower edge is the base line."""
        return not any(sign in _DESCENDING for sign in self.text)

    @property
    def size(self) -> float:
        """Font size that its height speaks for, in pixels."""
        share = SMALL if all(sign in _SMALL for sign in self.text) else CAPITAL
        return (self.bottom - self.top) / share


@dataclass(frozen=True, slots=True)
class Recognised:
    """A page as it was recognised.

    Attributes:
        words: In reading order.
        scale: Pixels a point.
        size: Width and height of the page in points.
    """

    words: tuple[Word, ...]
    scale: float
    size: tuple[float, float]

    @property
    def confidence(self) -> float:
        """Mean confidence of its characters, in [0, 1]."""
        weights = [(word.confidence, len(word.text)) for word in self.words]
        return sum(one * length for one, length in weights) / max(sum(length for _, length in weights), 1)


def parse(table: str) -> tuple[Word, ...]:
    """Return the words of tesseract's table.

    Args:
        table: Tab-separated, with the columns named in the first line; rows of level 5 are words.
    """
    words = []
    for row in csv.DictReader(table.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        try:
            left, top, width, height = (int(row[name]) for name in ("left", "top", "width", "height"))
            place, line = (int(row["block_num"]), int(row["par_num"])), int(row["line_num"])
            confidence = float(row["conf"]) / 100
        except (KeyError, ValueError, TypeError):
            continue
        text = (row.get("text") or "").strip()
        if row.get("level") == "5" and text and confidence >= WORST_WORD:
            words.append(Word(place, line, left, top, left + width, top + height, min(confidence, 1.0), text))
    return tuple(words)


def page_of(page: Recognised, number: int, label: str, body: float) -> Page:
    """Return a recognised page as the layout takes it.

    Args:
        page: What was recognised.
        number: Of the page, from 1.
        label: What is printed on it.
        body: The document's most common font size, in points.
    """
    pieces: list[Piece] = []
    for words in _paragraphs(page.words):
        size = _size(words) / page.scale
        size = body if abs(size - body) <= SAME_SIZE * body else size
        for line, base in _with_base(words):
            y = page.size[1] - base / page.scale
            for word, after in zip(line, [*line[1:], None], strict=True):
                # The space is said, since those of a justified line may be narrower than the layout would see.
                text = word.text if after is None else f"{word.text} "
                pieces.append(Piece(text, word.left / page.scale, word.right / page.scale, y, size))
    return Page(number, label, *page.size, tuple(pieces))


def body_size(pages: Iterable[Recognised]) -> float:
    """Return the font size that most characters of these pages have, in points, to half a point."""
    counted: dict[float, int] = {}
    for page in pages:
        for words in _paragraphs(page.words):
            size = round(_size(words) / page.scale * 2) / 2
            counted[size] = counted.get(size, 0) + sum(len(word.text) for word in words)
    return max(counted, key=lambda size: (counted[size], size), default=11.0)


def _paragraphs(words: Sequence[Word]) -> Iterable[list[Word]]:
    return _grouped({index: word.paragraph for index, word in enumerate(words)}, words)


def _grouped(keys: Mapping[int, object], words: Sequence[Word]) -> Iterable[list[Word]]:
    groups: dict[object, list[Word]] = {}
    for index, word in enumerate(words):
        groups.setdefault(keys[index], []).append(word)
    return groups.values()


def _size(words: Sequence[Word]) -> float:
    """Return a paragraph's font size in pixels."""
    return median([word.size for word in words if word.stands] or [word.size for word in words])


def _with_base(words: Sequence[Word]) -> Iterable[tuple[list[Word], float]]:
    """Yield the lines of a paragraph, each with its base line in pixels from the upper edge.

    Lines of a paragraph are evenly spaced, and one line's base may be seen a little wrong; so they are drawn level.
    """
    lines = list(_grouped({index: word.line for index, word in enumerate(words)}, words))
    bases = [median([word.bottom for word in line if word.stands] or [_lifted(word) for word in line]) for line in lines]
    last = len(lines) - 1
    for at, line in enumerate(lines):
        yield line, bases[0] + (bases[last] - bases[0]) * at / last if last else bases[0]


def _lifted(word: Word) -> float:
    """Return where the base line of a word with descenders lies: a quarter of its height above its lower edge."""
    return word.bottom - 0.25 * (word.bottom - word.top)
