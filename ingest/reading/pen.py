"""Where a page's text stands: what pypdf's visitors report, turned into pieces with both their ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ingest.reading.layout import Glyphs, Piece, read_glyphs
from ingest.reading.words import SOFT_HYPHEN

SMALLEST_SIZE = 2.0
"""Text below this many points can't be read by a person and is left out."""


def times(left: Sequence[float], right: Sequence[float]) -> list[float]:
    """Return the product of two transformation matrices, each six numbers; `left` is applied first."""
    a, b, c, d, e, f = left
    g, h, i, j, k, m = right
    return [a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m]


@dataclass(frozen=True, slots=True)
class _Shown:
    """One text-showing operator: its matrix, its strings, the sum of its shifts, and the spacing that held."""

    matrix: tuple[float, ...]
    strings: tuple[bytes, ...]
    shift: float
    spacing: tuple[float, float, float]


class Recorder:
    """Takes down the pieces of a page while pypdf walks through its content."""

    def __init__(
        self,
        corner: tuple[float, float],
        box: tuple[float, float],
        turned: int,
        fonts: dict[int, tuple[Any, Glyphs]],
    ) -> None:
        """Begin a page.

        Args:
            corner: Lower left corner of its visible box, in points.
            box: Width and height of that box, before it is turned.
            turned: By how many degrees it is turned clockwise when seen.
            fonts: Font dictionaries seen so far, by id; kept from page to page.
        """
        self.pieces: list[Piece] = []
        self.left_out: set[str] = set()
        self._corner = corner
        self._box = box
        self._turned = turned
        self._fonts = fonts
        self._shown: list[_Shown] = []
        self._spacing = (0.0, 0.0, 1.0)
        self._stack: list[tuple[float, float, float]] = []

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the page as it is seen, in points."""
        return self._box if self._turned in (0, 180) else (self._box[1], self._box[0])

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Return where a point lies on the page as it is seen."""
        x, y = x - self._corner[0], y - self._corner[1]
        width, height = self._box
        match self._turned:
            case 90:
                return y, width - x
            case 180:
                return width - x, height - y
            case 270:
                return height - y, x
        return x, y

    def before(self, operator: bytes, operands: Any, cm: list[float], tm: list[float]) -> None:
        """Note spacing and strings; pypdf calls this before each operator."""
        char, word, scale = self._spacing
        match operator:
            case b"q":
                self._stack.append(self._spacing)
            case b"Q" if self._stack:
                self._spacing = self._stack.pop()
            case b"Tc":
                self._spacing = float(operands[0]), word, scale
            case b"Tw":
                self._spacing = char, float(operands[0]), scale
            case b"Tz":
                self._spacing = char, word, float(operands[0]) / 100
            case b"Tj" | b"TJ" if operands:
                items = operands[0] if isinstance(operands[0], list) else operands[:1]
                strings = tuple(_raw(item) for item in items if isinstance(item, str | bytes))
                shift = sum(float(item) for item in items if isinstance(item, int | float))
                self._shown.append(_Shown(tuple(times(tm, cm)), strings, shift, self._spacing))

    def text(self, text: str, cm: list[float], tm: list[float], font: Any, size: float) -> None:
        """Take down a piece; pypdf calls this where a font, a line or a text object ends."""
        shown, self._shown = self._shown, []
        if not text.strip("\n"):
            return
        matrix = times(tm, cm)
        x, y = self.place(matrix[4], matrix[5])
        ahead_x, ahead_y = self.place(matrix[4] + matrix[0], matrix[5] + matrix[1])
        height = abs(size) * math.hypot(matrix[2], matrix[3])
        reason = self._unseen(x, y, height, abs(ahead_y - y) > abs(ahead_x - x) or ahead_x < x)
        if reason and text.strip():
            self.left_out.add(reason)
        if reason:
            return
        glyphs = self._glyphs(font)
        end = max(self._end(shown, glyphs, size), x)
        # What is drawn is a hyphen, whatever the font calls it: one that does not show is not in a PDF at all.
        # Source: ISO 32000-1, annex D.2 (code 0xAD of WinAnsiEncoding is the hyphen). typst gives all hyphens of a
        # font the character of the first.
        text = text.strip("\n").replace(SOFT_HYPHEN, "-")
        self.pieces.append(Piece(text, x, end, y, height, glyphs.bold, glyphs.italic))

    def _unseen(self, x: float, y: float, height: float, turned: bool) -> str:
        width, top = self.size
        if turned:
            return "turned text left out"
        if height < SMALLEST_SIZE:
            return f"text smaller than {SMALLEST_SIZE:g} points left out"
        return "" if -1 <= x <= width + 1 and -1 <= y <= top + 1 else "text outside the page left out"

    def _glyphs(self, font: Any) -> Glyphs:  # a dictionary of the file, or None
        # The dictionary is kept with its glyphs, so that its id is not given to another one.
        if id(font) not in self._fonts:
            self._fonts[id(font)] = font, read_glyphs(font)
        return self._fonts[id(font)][1]

    def _end(self, shown: list[_Shown], glyphs: Glyphs, size: float) -> float:
        """Return where the pen stands after the strings, on the page as it is seen."""
        start, pen, place = None, 0.0, 0.0
        for each in shown:
            char, word, scale = each.spacing
            codes = [code for string in each.strings for code in glyphs.codes(string)]
            spaces = codes.count(32) if glyphs.bytes_per_code == 1 else 0
            advance = (sum(map(glyphs.width, codes)) - each.shift) / 1000 * size + char * len(codes) + word * spaces
            # pypdf does not move its matrix over shown text: a second string without a move follows the first.
            if each.matrix != start:
                start, pen = each.matrix, 0.0
            pen += advance * scale
            place = self.place(start[4] + pen * start[0], start[5] + pen * start[1])[0]
        return place


def _raw(string: str | bytes) -> bytes:
    if isinstance(string, bytes):
        return string
    # pypdf's own strings keep the bytes they were decoded from.
    original = getattr(string, "original_bytes", None)
    return original if isinstance(original, bytes) else string.encode("latin-1", "replace")
