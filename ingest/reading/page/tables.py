"""Tables of a page."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ingest.documents import Block
from ingest.reading.common.rows import Row
from ingest.reading.page.inline import Links, gather
from ingest.reading.page.tree import HEADINGS, Node
from ingest.reading.words import Text

MAX_SPAN = 100
"""Columns or rows that one cell may cover. Source: the HTML Standard allows 1,000 and 65,534, which a page of a few
kilobytes could use to fill the memory."""

_PARTS = frozenset({"thead", "tbody", "tfoot"})


def is_layout(table: Node) -> bool:
    """Tell whether a table only places text: it says so, has one column, or holds headings."""
    if table.get("role").lower() in ("presentation", "none"):
        return True
    rows = list(_rows(table))
    headed = any(cell.find(*HEADINGS) is not None for _, row in rows for cell in _cells(row) if cell.tag == "td")
    return headed or all(sum(1 for _ in _cells(row)) < 2 for _, row in rows)


def rows_of(table: Node, links: Links, nested: Callable[[Node], list[Block]]) -> list[Row]:
    """Return the rows of a table.

    Args:
        table: The table.
        links: Where its links start from.
        nested: Reads a table inside a cell.
    """
    rows: list[Row] = []
    below: dict[int, tuple[Text, int]] = {}
    for part, row in _rows(table):
        line: list[Text] = []
        after: list[Block] = []
        for cell in _cells(row):
            _fill(line, below)
            text = gather(cell, links, without=("table",))
            for at in range(len(line), len(line) + _span(cell, "colspan")):
                line.append(text)
                below[at] = (text, _span(cell, "rowspan") - 1)
            after += [block for inner in _outermost(cell) for block in nested(inner)]
        _fill(line, below)
        head = part == "thead" or (bool(line) and all(cell.tag == "th" for cell in _cells(row)))
        rows.append(Row(line, head, after))
    return rows


def _fill(line: list[Text], below: dict[int, tuple[Text, int]]) -> None:
    """Put the cells from above that reach into this row where they stand in it."""
    while below.get(len(line), (None, 0))[1] > 0:
        text, left = below[len(line)]
        below[len(line)] = (text, left - 1)
        line.append(text)


def _span(cell: Node, name: str) -> int:
    value = cell.get(name)
    return min(max(1, int(value)), MAX_SPAN) if value.isdecimal() and len(value) < 10 else 1


def _rows(table: Node) -> Iterator[tuple[str, Node]]:
    """Yield the rows with the part of the table that they stand in."""
    for child in table.elements():
        if child.tag == "tr":
            yield "", child
        elif child.tag in _PARTS:
            yield from ((child.tag, row) for row in child.elements() if row.tag == "tr")


def _cells(row: Node) -> Iterator[Node]:
    return (cell for cell in row.elements() if cell.tag in ("td", "th"))


def _outermost(node: Node) -> Iterator[Node]:
    """Yield the tables in an element that lie in no other table in it."""
    for child in node.elements():
        if child.tag == "table":
            yield child
        else:
            yield from _outermost(child)
