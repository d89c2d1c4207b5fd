"""Lines of a page: the pieces of text that a PDF places, put together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ingest.reading.words import clean

CELL_GAP = 0.85
"""White space between two pieces, in font sizes, from which they are two cells. Source: justifying a line of ten words
stretches a space to about half a font size; Word's and typst's cells stand two paddings, 10 points, apart."""

_NARROW, _WIDE = frozenset("iljtfI.,:;'|!()[] "), frozenset("mwMW@%")


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text in one font.

    Attributes:
        text: The characters as the file gives them.
        x: Left end, in points from the left edge of the page.
        end: Right end.
        y: Baseline, in points from the lower edge.
        size: Font size in points, as it appears on the page.
        bold: Whether the font is bold.
        italic: Whether the font is italic.
    """

    text: str
    x: float
    end: float
    y: float
    size: float
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle on a page that is a link, in points from the lower left corner."""

    left: float
    bottom: float
    right: float
    top: float
    url: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page as the file gives it: its number from 1, its label, its size in points, and what stands on it."""

    number: int
    label: str
    width: float
    height: float
    pieces: tuple[Piece, ...]
    areas: tuple[Area, ...] = ()


@dataclass(frozen=True, slots=True)
class Run:
    """Part of a line: a text with its link's target, or None where it is no link."""

    text: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """Part of a line with white space on both sides, as between the columns of a table."""

    x: float
    end: float
    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        """The words."""
        return "".join(run.text for run in self.runs).strip()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text.

    Attributes:
        page: The page on which it stands.
        y: Baseline, in points from the lower edge of the page.
        size: Font size of most of its characters.
        bold: Whether all of it is bold.
        italic: Whether all of it is italic.
        cells: Its parts, left to right; one, unless there is wide white space in it.
    """

    page: Page
    y: float
    size: float
    bold: bool
    italic: bool
    cells: tuple[Cell, ...]

    @property
    def x(self) -> float:
        """Left end, in points."""
        return self.cells[0].x

    @property
    def end(self) -> float:
        """Right end, in points."""
        return self.cells[-1].end

    @property
    def text(self) -> str:
        """The words, with a space between cells."""
        return " ".join(cell.text for cell in self.cells)

    @property
    def style(self) -> tuple[float, bool, bool]:
        """Size to half a point, weight and slant; lines of one paragraph share it."""
        return round(self.size * 2) / 2, self.bold, self.italic

    def runs(self, between: str) -> list[Run]:
        """Return the runs of all cells, with `between` from cell to cell."""
        return [run for at, cell in enumerate(self.cells) for run in ([Run(between)] if at else []) + list(cell.runs)]


def lines_of(page: Page) -> list[Line]:
    """Return the lines of a page in the order in which the file places them."""
    lines: list[list[Piece]] = []
    for piece in page.pieces:
        if lines and _continues(lines[-1], piece):
            lines[-1].append(piece)
        elif piece.text.strip():
            lines.append([piece])
    return [_line(page, pieces) for pieces in lines]


def _continues(line: Sequence[Piece], piece: Piece) -> bool:
    last = line[-1]
    size = max(last.size, piece.size)
    if piece.x < last.end - 0.6 * size:
        return False
    raised = abs(piece.y - line[0].y)
    # A smaller piece may stand higher or lower: a footnote mark, an exponent.
    smaller = min(last.size, piece.size) < 0.85 * size
    return raised <= (0.5 if smaller else 0.2) * size


def _line(page: Page, pieces: Sequence[Piece]) -> Line:
    groups: list[list[Piece]] = []
    for piece in pieces:
        if groups and piece.x - groups[-1][-1].end <= CELL_GAP * max(piece.size, groups[-1][-1].size):
            groups[-1].append(piece)
        elif piece.text.strip():
            groups.append([piece])
    cells = tuple(Cell(group[0].x, max(piece.end for piece in group), _runs(group, page.areas)) for group in groups)
    weights: dict[float, int] = {}
    for piece in pieces:
        weights[piece.size] = weights.get(piece.size, 0) + len(piece.text.strip())
    size = max(weights, key=lambda size: (weights[size], size))
    words = [piece for piece in pieces if any(map(str.isalnum, piece.text))] or list(pieces)
    bold, italic = all(piece.bold for piece in words), all(piece.italic for piece in words)
    return Line(page, next(piece.y for piece in pieces if piece.size == size), size, bold, italic, cells)


def _runs(pieces: Sequence[Piece], areas: Sequence[Area]) -> tuple[Run, ...]:
    """Join pieces that stand side by side, with the link of each word."""
    runs: list[Run] = []
    for before, piece in zip([None, *pieces], pieces, strict=False):
        # The file may move on without a space where the eye sees one.
        gap = before is not None and piece.x - before.end > 0.2 * piece.size
        if gap and not runs[-1].text.endswith(" ") and not piece.text.startswith(" "):
            runs.append(Run(" "))
        for text, url in _linked(piece, areas):
            if runs and runs[-1].url == url:
                runs[-1] = Run(runs[-1].text + text, url)
            else:
                runs.append(Run(text, url))
    return tuple(Run(clean(run.text), run.url) for run in runs)


def _linked(piece: Piece, areas: Sequence[Area]) -> Iterator[tuple[str, str | None]]:
    near = [area for area in areas if area.bottom - 1 <= piece.y + 0.25 * piece.size <= area.top + 1]
    near = [area for area in near if area.left < piece.end and area.right > piece.x]
    if not near:
        yield piece.text, None
        return
    total = sum(map(_share, piece.text)) or 1
    scale, at = (piece.end - piece.x) / total, piece.x
    for match in re.finditer(r"\s+|\S+", piece.text):
        width = scale * sum(map(_share, match.group()))
        middle = at + width / 2
        at += width
        yield match.group(), next((area.url for area in near if area.left <= middle <= area.right), None)


def _share(character: str) -> float:
    if character in _NARROW:
        return 0.5
    if character in _WIDE:
        return 1.5
    return 1.25 if character.isupper() else 1.0
