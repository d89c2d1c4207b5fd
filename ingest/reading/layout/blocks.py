"""From lines to blocks: paragraphs, list items, captions, over the breaks of lines, columns and pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from ingest.documents import Block, BlockKind
from ingest.reading.layout.furniture import same_title, without_contents, without_margins
from ingest.reading.layout.headings import Bookmark, body_size, find_headings
from ingest.reading.layout.lines import Line, Page, lines_of
from ingest.reading.layout.lists import Marker, levels, marker_of
from ingest.reading.layout.tables import Table, find_tables
from ingest.reading.words import CELL_SEPARATOR, MAX_CAPTION, Text, begins_as_caption, is_finished, vocabulary

PARAGRAPH_GAP = 1.2
"""How many times the usual distance two lines of one paragraph may be apart."""

USUAL_PITCH, ENOUGH_LINES = 1.35, 3
"""Distance of two lines in font sizes where a size has fewer than so many lines to measure it on. Source: Word sets
single-spaced Calibri at 1.22 and its default paragraphs at 1.32."""

SMALL, ASIDE = 0.92, 0.96
"""Parts of the body's size below which text is a footnote, and below which text all in italics is a caption."""


@dataclass
class _Draft:
    kind: BlockKind
    lines: list[Line]
    level: int = 0
    marker: Marker | None = None
    header: tuple[str, ...] = ()

    @property
    def last(self) -> Line:
        return self.lines[-1]


def blocks_of(pages: Sequence[Page], bookmarks: Sequence[Bookmark]) -> list[Block]:
    """Return the blocks of a document.

    Args:
        pages: What stands on each page, in the file's order.
        bookmarks: The file's outline; empty where it has none.
    """
    by_page = without_margins([lines_of(page) for page in pages])
    titles = {same_title(bookmark.title) for bookmark in bookmarks}
    lines = [line for page in without_contents(by_page, titles) for line in page]
    composer = _Composer(lines)
    composer.compose(bookmarks)
    known = vocabulary(line.text for line in lines)
    return [block for draft in composer.drafts if (block := _block(draft, known, composer.body)).text]


@dataclass
class _Composer:
    """Puts lines together, one after the other."""

    lines: Sequence[Line]
    drafts: list[_Draft] = field(default_factory=list)
    body: float = 0.0

    def __post_init__(self) -> None:
        self.body = body_size(self.lines)
        self._rights: dict[tuple[int, int], float] = {}
        for line in self.lines:
            key = line.page.number, round(line.x / 40)
            self._rights[key] = max(line.end, self._rights.get(key, 0.0))
        self._pitches = self._usual_pitches()

    def compose(self, bookmarks: Sequence[Bookmark]) -> None:
        """Make the drafts."""
        headings = {heading.start: heading for heading in find_headings(self.lines, bookmarks)}
        tables = {table.start: table for table in find_tables(self.lines, lambda line: marker_of(line) is not None)}
        at = 0
        while at < len(self.lines):
            if at in headings:
                found = headings[at]
                self.drafts.append(_Draft("heading", list(self.lines[at : found.stop]), level=found.level))
                at = found.stop
            elif at in tables and not any(start in headings for start in range(at, tables[at].stop)):
                self._add_table(tables[at])
                at = tables[at].stop
            else:
                self._add(self.lines[at])
                at += 1
        self._set_levels()

    def _add_table(self, table: Table) -> None:
        rows = self.lines[table.start : table.stop]
        header = tuple(cell.text for cell in rows[0].cells) if table.headed else ()
        self.drafts += [_Draft("table_row", [row], header=header) for row in rows[1 if table.headed else 0 :]]

    def _add(self, line: Line) -> None:
        draft = self._open(line)
        marker = marker_of(line)
        if marker is not None and self._starts_item(draft, line, marker):
            self.drafts.append(_Draft("list_item", [line], marker=marker))
        elif draft is not None and self._continues(draft, line):
            draft.lines.append(line)
        else:
            self.drafts.append(_Draft("paragraph", [line]))

    def _open(self, line: Line) -> _Draft | None:
        """Return the block that `line` may continue: the last one, or on a new page the last above the footnotes."""
        for draft in reversed(self.drafts[-6:]):
            if draft.kind not in ("paragraph", "list_item"):
                return None
            aside = draft.last.page is not line.page and draft.last.size < SMALL * self.body <= line.size
            if not aside:
                return draft
        return None

    def _starts_item(self, draft: _Draft | None, line: Line, marker: Marker) -> bool:
        previous = next((each.marker for each in reversed(self.drafts) if each.marker is not None), None)
        if not marker.follows(previous):
            return False
        if draft is None or marker.certain:
            return True
        if draft.kind == "list_item" and draft.marker is not None and draft.marker.shape == marker.shape:
            return abs(draft.marker.x - marker.x) < line.size or not self._full(draft.last, line)
        last = draft.last
        apart = last.page is not line.page or not 0 < last.y - line.y <= self._limit(line)
        return apart or last.text.endswith(":") or line.x - last.x > 0.8 * line.size or not self._full(last, line)

    def _continues(self, draft: _Draft, line: Line) -> bool:
        last = draft.last
        if abs(last.size - line.size) > 0.6:
            return False
        gap = last.y - line.y
        if last.page is not line.page or gap < -0.5 * line.size:
            return self._flows_over(draft, line)
        if gap > self._limit(line):
            return False
        if draft.marker is not None:
            # Below its marker an item goes on only where the line above it was full; else text follows the list.
            return line.x > draft.marker.x + 0.5 * line.size or self._full(last, line)
        finished = is_finished(last.text)
        if finished and line.x - last.x > 0.8 * line.size:
            return False
        return not finished or line.text[:1].islower() or self._full(last, line)

    def _flows_over(self, draft: _Draft, line: Line) -> bool:
        last = draft.last
        if last.style != line.style and (last.italic or line.italic or last.bold or line.bold):
            return False
        if is_finished(last.text):
            return False
        return line.text[:1].islower() or last.text.endswith("-") or self._full(last, line)

    def _full(self, line: Line, below: Line) -> bool:
        """Tell whether the first word of the line below would not have fitted in the line."""
        if line.text.endswith("-"):
            return True
        text = below.text
        word = len(text.split(" ", 1)[0]) / max(len(text), 1) * (below.end - below.x)
        return line.end + 0.25 * line.size + word > self._right(line) - 0.5 * line.size

    def _right(self, line: Line) -> float:
        column = round(line.x / 40)
        return max(self._rights.get((line.page.number, column + step), 0.0) for step in (-1, 0, 1))

    def _limit(self, line: Line) -> float:
        size = line.style[0]
        return PARAGRAPH_GAP * self._pitches.get(size, USUAL_PITCH * size)

    def _usual_pitches(self) -> dict[float, float]:
        """Return the distance between lines of one paragraph, by font size: the one that most full lines have."""
        counted: dict[float, Counter[float]] = {}
        for line, below in zip(self.lines, self.lines[1:], strict=False):
            gap, size = line.y - below.y, line.style[0]
            if line.page is below.page and line.style == below.style and 0.8 * size < gap < 2.2 * size:
                if self._full(line, below):
                    counted.setdefault(size, Counter())[round(gap * 2) / 2] += 1
        return {
            size: min(gaps, key=lambda gap: (-gaps[gap], gap)) for size, gaps in counted.items() if gaps.total() >= ENOUGH_LINES
        }

    def _set_levels(self) -> None:
        run: list[_Draft] = []
        for draft in [*self.drafts, None]:
            if draft is not None and draft.kind == "list_item":
                run.append(draft)
                continue
            places = [each.marker.x for each in run if each.marker is not None]
            for each, level in zip(run, levels(places), strict=True):
                each.level = level
            run = []


def _block(draft: _Draft, known: frozenset[str], body: float) -> Block:
    text = Text()
    before: Line | None = None
    for line in draft.lines:
        runs = line.runs(CELL_SEPARATOR if draft.kind == "table_row" else " ")
        if before is None and draft.marker is not None:
            runs = draft.marker.without(runs)
        if before is not None:
            text.join("".join(run.text for run in runs).lstrip(" "), known)
        if before is None or before.page is not line.page:
            text.page(line.page.number, line.page.label)
        for run in runs:
            text.add(run.text, run.url)
        before = line
    words = text.trimmed()
    return Block(
        kind="caption" if draft.kind == "paragraph" and _is_caption(draft, words, body) else draft.kind,
        text=words,
        level=draft.level,
        marker=draft.marker.text if draft.marker is not None else "",
        header=draft.header,
        pages=tuple(text.pages),
        links=tuple(replace(link, end=min(link.end, len(words))) for link in text.links),
    )


def _is_caption(draft: _Draft, text: str, body: float) -> bool:
    if all(line.italic and line.size < ASIDE * body for line in draft.lines) and len(text) <= MAX_CAPTION:
        return True
    return begins_as_caption(text) and draft.lines[0].size <= body
