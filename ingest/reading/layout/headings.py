"""Which lines of a document are headings, and of which level."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.reading.layout.furniture import same_title
from ingest.reading.layout.lines import Line

LARGER = 1.12
"""How many times the body's size a heading has at least. Source: the smallest step in Word's and LibreOffice's
styles is 13 points over 11 (1.18); 1.12 leaves room for 12.5 over 11."""

MAX_LENGTH, MAX_BOLD_LENGTH, MAX_LINES = 150, 100, 3
"""Characters of a heading, of one that only its weight sets apart, and lines of one heading."""

MAX_LEVEL = 6
_ENDS_SENTENCE = re.compile(r"[.,;:]$")
_NUMBERED = re.compile(r"\d+(?:\.\d+)*\.?\s")

Style = tuple[float, bool, bool]


@dataclass(frozen=True, slots=True)
class Bookmark:
    """An entry of a file's outline: its title, its level from 1 and the page from 1 to which it leads."""

    title: str
    level: int
    page: int


@dataclass(frozen=True, slots=True)
class Heading:
    """Lines `start` to `stop` (one past the last) are one heading."""

    start: int
    stop: int
    level: int


def body_size(lines: Sequence[Line]) -> float:
    """Return the font size of most of the text, in points."""
    weights = Counter[float]()
    for line in lines:
        weights[line.style[0]] += len(line.text)
    return max(weights, key=lambda size: (weights[size], -size), default=0.0)


def find_headings(lines: Sequence[Line], bookmarks: Sequence[Bookmark]) -> list[Heading]:
    """Return the headings among `lines`, in their order.

    The outline comes first: a line that says what a bookmark of its page says is a heading of the bookmark's level.
    Where the outline covers the document, other lines are headings only below its levels; where there is none, size
    and weight decide, and the largest size is level 1.
    """
    body = body_size(lines)
    marked = _bookmarked(lines, bookmarks)
    trusted = len(marked) >= 2 and len(marked) >= len(bookmarks) / 2
    known = {start: stop for start, stop, _ in marked}
    levels: dict[Style, int] = {}
    for style, _ in Counter((lines[start].style, level) for start, _, level in marked).most_common():
        levels.setdefault(style[0], style[1])
    if not trusted:
        marked, known, levels = [], {}, {}
    seen = {at for start, stop in known.items() for at in range(start, stop)}
    first = min(known, default=0)
    styled = [
        (start, stop)
        for start, stop in _styled(lines, body)
        if not seen & set(range(start, stop)) and start >= first and _fits(lines[start].style, levels, body)
    ]
    ranks = _ranks({lines[start].style for start, _ in styled}, levels)
    found = [Heading(start, stop, level) for start, stop, level in marked]
    found += [Heading(start, stop, ranks[lines[start].style]) for start, stop in styled]
    return sorted(found, key=lambda heading: heading.start)


def _bookmarked(lines: Sequence[Line], bookmarks: Sequence[Bookmark]) -> list[tuple[int, int, int]]:
    pages: dict[int, list[int]] = {}
    for at, line in enumerate(lines):
        pages.setdefault(line.page.number, []).append(at)
    found: list[tuple[int, int, int]] = []
    taken: set[int] = set()
    for bookmark in bookmarks:
        wanted = same_title(bookmark.title)
        for start in pages.get(bookmark.page, ()) if wanted else ():
            stop = _match(lines, start, wanted)
            if stop and start not in taken:
                taken.update(range(start, stop))
                found.append((start, stop, min(bookmark.level, MAX_LEVEL)))
                break
    return found


def _match(lines: Sequence[Line], start: int, wanted: str) -> int:
    """Return one past the last of the lines from `start` that together say the title, or 0."""
    text = ""
    for stop in range(start + 1, min(start + MAX_LINES, len(lines)) + 1):
        text = f"{text} {lines[stop - 1].text}"
        said = same_title(text)
        if said == wanted:
            return stop
        if not wanted.startswith(said):
            break
    return 0


def _fits(style: Style, levels: dict[Style, int], body: float) -> bool:
    """Tell whether a style outside the outline may be a heading: one that the outline uses, or one below those."""
    if not levels or style in levels:
        return True
    lowest = min(size for size, _, _ in levels)
    return style[0] < lowest or style[0] <= body


def _ranks(styles: set[Style], levels: dict[Style, int]) -> dict[Style, int]:
    """Give each style a level: the outline's where it has one, else by size and weight, below the outline's."""
    ranks, level = dict(levels), max(levels.values(), default=0)
    for style in sorted(styles - set(levels), key=lambda style: (-style[0], not style[1], style[2])):
        level = min(level + 1, MAX_LEVEL)
        ranks[style] = level
    return ranks


def _styled(lines: Sequence[Line], body: float) -> Iterator[tuple[int, int]]:
    """Yield start and stop of the lines that size or weight sets apart."""
    mostly_bold = sum(len(line.text) for line in lines if line.bold) * 2 > sum(len(line.text) for line in lines)
    start = 0
    while start < len(lines):
        stop = start + 1
        while stop < len(lines) and _same_heading(lines[stop - 1], lines[stop]):
            stop += 1
        if _is_heading(lines[start:stop], body, mostly_bold):
            yield start, stop
        start = stop


def _same_heading(line: Line, below: Line) -> bool:
    together = line.page is below.page and line.style == below.style
    return together and 0 < line.y - below.y <= 1.5 * line.size and not _NUMBERED.match(below.text)


def _is_heading(lines: Sequence[Line], body: float, mostly_bold: bool) -> bool:
    text = " ".join(line.text for line in lines)
    larger = lines[0].size >= LARGER * body
    bold = lines[0].bold and not mostly_bold and lines[0].size >= 0.98 * body
    if not (larger or bold) or len(lines) > (MAX_LINES if larger else 2):
        return False
    if any(len(line.cells) > 1 for line in lines) and not _NUMBERED.match(text):
        return False
    starts = text[:1].isupper() or text[:1].isdigit() or (larger and text[:1].islower())
    words = sum(map(str.isalpha, text)) >= 2
    fits = len(text) <= (MAX_LENGTH if larger else MAX_BOLD_LENGTH)
    return starts and words and fits and not _ENDS_SENTENCE.search(text)
