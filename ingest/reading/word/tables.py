"""Tables of a Word document."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from ingest.documents import Block, Link
from ingest.reading.common.rows import Row, table_blocks
from ingest.reading.word.styles import Styles
from ingest.reading.word.xml import GONE, Element, W, content, number, switch, value
from ingest.reading.words import Text

MAX_COLUMNS = 63
"""Columns that a cell may cover. Source: Word makes no table of more."""

_FIRST_ROW = 0x0020
"""The bit of `w:tblLook` that says the first row looks different (17.4.56)."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a cell holds.

    Attributes:
        own: The blocks that make up its words.
        extra: Those that hang on them: notes, text boxes, rows of a table inside.
        blocks: All of them in order.
        bold: Whether its words are bold throughout.
    """

    own: Sequence[Block]
    extra: Sequence[Block] = ()
    blocks: Sequence[Block] = ()
    bold: bool = False

    @property
    def headed(self) -> bool:
        """Whether it holds a heading and something under it."""
        return len(self.own) > 1 and any(block.kind == "heading" for block in self.own)

    def text(self) -> Text:
        """Return its words on one line."""
        text = Text()
        for block in self.own:
            if text.text:
                text.add(" ")
            start = len(text.text)
            text.add(block.text)
            text.links.extend(Link(start + link.start, start + link.end, link.url) for link in block.links)
        return text


@dataclass
class Grid:
    """The rows of a table while they are read, each with the cells that begin in it."""

    rows: list[Row] = field(default_factory=list)
    cells: list[list[Cell]] = field(default_factory=list)

    def take(self, row: Element, read: Callable[[Element], Cell]) -> None:
        """Take one row."""
        properties = row.find(f"{W}trPr")
        above = self.rows[-1].cells if self.rows else ()
        line: list[Text] = [Text() for _ in range(_bounded(number(properties, "gridBefore"), 0))]
        begun: list[Cell] = []
        for element in content(row):
            if element.tag != f"{W}tc":
                continue
            own = element.find(f"{W}tcPr")
            if own is not None and own.find(f"{W}cellDel") is not None:
                continue
            if _goes_on(own, "hMerge") and line:
                text = line[-1]
            elif _goes_on(own, "vMerge") and len(line) < len(above):
                text = above[len(line)]
            else:
                begun.append(read(element))
                text = begun[-1].text()
            line.extend([text] * _bounded(number(own, "gridSpan"), 1))
        after = [block for cell in begun for block in cell.extra]
        self.rows.append(Row(line, bool(switch(properties, "tblHeader")), after))
        self.cells.append(begun)


def _bounded(count: int | None, least: int) -> int:
    return min(max(least, count or 0), MAX_COLUMNS)


def _goes_on(properties: Element | None, name: str) -> bool:
    """Tell whether a cell belongs to the one above or before it (17.4.84, 17.4.22)."""
    found = None if properties is None else properties.find(W + name)
    return found is not None and found.get(f"{W}val") != "restart"


def table_of(element: Element, styles: Styles, read: Callable[[Element], Cell]) -> Iterator[Block]:
    """Yield the blocks of a table.

    A table that only frames or places text (of one column, or with headings inside its cells) is read as that text.

    Args:
        element: The table.
        styles: The document's styles.
        read: Reads a cell.
    """
    grid = Grid()
    for row in content(element):
        if row.tag == f"{W}tr" and not _is_gone(row):
            grid.take(row, read)
    if all(len(row.cells) < 2 for row in grid.rows) or any(cell.headed for cells in grid.cells for cell in cells):
        yield from (block for cells in grid.cells for cell in cells for block in cell.blocks)
        return
    if not any(row.head for row in grid.rows) and _set_apart(element, styles, grid):
        grid.rows[0] = Row(grid.rows[0].cells, True, grid.rows[0].after)
    yield from table_blocks(grid.rows)


def _is_gone(row: Element) -> bool:
    properties = row.find(f"{W}trPr")
    if properties is None:
        return False
    return bool(switch(properties, "hidden")) or any(child.tag in GONE for child in properties)


def _set_apart(element: Element, styles: Styles, grid: Grid) -> bool:
    """Tell whether the first row looks different from the others."""
    if len(grid.rows) < 2:
        return False
    properties = element.find(f"{W}tblPr")
    look = None if properties is None else properties.find(f"{W}tblLook")
    if look is not None and _has_first_row(look) and styles.emphasises_first_row(value(properties, "tblStyle")):
        return True
    first = [cell.bold for cell in grid.cells[0] if cell.own]
    rest = [cell.bold for cells in grid.cells[1:] for cell in cells[-1:] if cell.own]
    return len(first) > 1 and all(first) and not any(rest)


def _has_first_row(look: Element) -> bool:
    named = look.get(f"{W}firstRow")
    if named is not None:
        return named in ("1", "true", "on")
    try:
        return bool(int(look.get(f"{W}val") or "0", 16) & _FIRST_ROW)
    except ValueError:
        return False
