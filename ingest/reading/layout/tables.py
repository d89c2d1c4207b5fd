"""Which lines of a document are rows of a table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ingest.reading.layout.lines import Cell, Line

ALIGNED = 4.0
"""Points by which the edges or middles of two cells of one column may differ."""


@dataclass(frozen=True, slots=True)
class Table:
    """Lines `start` to `stop` (one past the last) are rows; the first is the header where `headed`."""

    start: int
    stop: int
    headed: bool


def find_tables(lines: Sequence[Line], is_item: Callable[[Line], bool]) -> list[Table]:
    """Return the tables among `lines`: rows below each other with the same columns, each cell on one line.

    Two columns need three rows, more columns two. Rows with cells of several lines are not recognised; their lines
    stay text.

    Args:
        lines: Lines of the document.
        is_item: Tells whether a line is an item of a list, whose marker looks like a cell.
    """
    tables: list[Table] = []
    start = 0
    while start < len(lines):
        stop = start + 1
        if len(lines[start].cells) > 1 and not is_item(lines[start]):
            while stop < len(lines) and _same_columns(lines[stop - 1], lines[stop]):
                stop += 1
            if stop - start >= (3 if len(lines[start].cells) == 2 else 2):
                tables.append(Table(start, stop, _is_header(lines[start], lines[start + 1 : stop])))
        start = stop
    return tables


def _same_columns(line: Line, below: Line) -> bool:
    if line.page is not below.page or len(line.cells) != len(below.cells):
        return False
    if not 0 < line.y - below.y <= 4 * line.size:
        return False
    return all(map(_aligned, line.cells, below.cells))


def _aligned(cell: Cell, below: Cell) -> bool:
    left, right = abs(cell.x - below.x), abs(cell.end - below.end)
    return min(left, right, abs(left - right) if (cell.x - below.x) * (cell.end - below.end) < 0 else left) <= ALIGNED


def _is_header(line: Line, rows: Sequence[Line]) -> bool:
    if line.bold and not all(row.bold for row in rows):
        return True
    digits = any(any(map(str.isdigit, cell.text)) for cell in line.cells)
    return not digits and any(any(map(str.isdigit, cell.text)) for row in rows for cell in row.cells)
