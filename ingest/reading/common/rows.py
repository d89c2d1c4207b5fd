"""Tables: a grid of cells becomes rows of text, each with the header of its table."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.documents import Block, Link
from ingest.reading.words import CELL_SEPARATOR, Text, is_finished

MAX_LABEL = 60
"""Characters of a cell that may be the name of a column where nothing marks the header. Source: the longest header cell
of the fact sheet has 31, and a sentence is seldom shorter than 60."""

_DIGIT = re.compile(r"\d")
_YEAR = re.compile(r"(?:19|20)\d\d(?:[–-]\d{2,4})?$")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table.

    Attributes:
        cells: One for each column; a merged cell is the same object in every place that it covers.
        head: Whether the file marks it as a header.
        after: What follows the row: the notes it refers to, and the rows of a table inside it.
    """

    cells: Sequence[Text]
    head: bool = False
    after: Sequence[Block] = ()


def row_block(cells: Sequence[Text], header: Sequence[str] = ()) -> Block:
    """Return a table row with its cells in one text."""
    text = Text()
    for at, cell in enumerate(cells):
        if at:
            text.add(CELL_SEPARATOR)
        start = len(text.text)
        text.add(cell.trimmed())
        text.links.extend(Link(start + link.start, start + link.end, link.url) for link in cell.links)
    shown = tuple(header) if any(header) else ()
    return Block("table_row", text.trimmed(), header=shown, links=tuple(text.links))


def table_blocks(rows: Sequence[Row]) -> Iterator[Block]:
    """Yield the rows below the header, each with it; a merged cell stands in the first place that it covers.

    Where the file marks no header, a first row that reads like one is the header of the others, and is kept as a row
    too: it may be a row like them after all.
    """
    marked = next((at for at, row in enumerate(rows) if not row.head), len(rows))
    if marked == len(rows):
        # Nothing but headers says something too.
        marked = 0
    header = _header(rows[:marked])
    for row in rows[:marked]:
        yield from row.after
    guessed = not marked and _is_header(rows)
    above: Sequence[Text] = ()
    for at, row in enumerate(rows[marked:]):
        cells = _once(row.cells, above)
        above = row.cells
        if any(cell.trimmed() for cell in cells):
            yield row_block(cells, () if guessed and not at else header)
        yield from row.after
        if guessed and not at:
            header = tuple(cell.trimmed() for cell in _once(row.cells, ()))


def _once(cells: Sequence[Text], above: Sequence[Text]) -> list[Text]:
    """Return the cells that begin in this row."""
    shown = []
    for at, cell in enumerate(cells):
        if (at and cell is cells[at - 1]) or (at < len(above) and cell is above[at]):
            continue
        shown.append(cell)
    return shown


def _header(rows: Sequence[Row]) -> tuple[str, ...]:
    """Return the names of the columns; what stands above several of them is said with each of the names below it."""
    if not rows:
        return ()
    if len(rows) == 1:
        return tuple(cell.trimmed() for cell in _once(rows[0].cells, ()))
    names = []
    for at in range(max(len(row.cells) for row in rows)):
        column = [row.cells[at] for row in rows if at < len(row.cells)]
        names.append(" ".join(words for cell in dict.fromkeys(map(_Same, column)) if (words := cell.text.trimmed())))
    return tuple(names)


@dataclass(frozen=True, slots=True, eq=False)
class _Same:
    """A cell that equals itself alone."""

    text: Text

    def __hash__(self) -> int:
        return id(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.text is other.text


def _is_header(rows: Sequence[Row]) -> bool:
    """Tell whether the first of unmarked rows reads as the names of the columns.

    Two columns are as often a name and its value in every row: there the values of one column must be of another kind.
    """
    first, rest = [cell.trimmed() for cell in rows[0].cells], rows[1:] if rows else ()
    if len(first) < 2 or not rest or not all(map(_is_label, first)) or len(set(first)) < len(first):
        return False
    columns = [[row.cells[at].trimmed() for row in rest if at < len(row.cells)] for at in range(len(first))]
    counted = any(all(_DIGIT.search(cell) for cell in column) for column in columns)
    return counted or len(first) > 2


def _is_label(text: str) -> bool:
    if not text or len(text) > MAX_LABEL or is_finished(text):
        return False
    return _DIGIT.search(text) is None or _YEAR.match(text) is not None
