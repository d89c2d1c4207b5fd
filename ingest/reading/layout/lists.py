"""List markers: what stands before an item, and how deep the item lies."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ingest.reading.layout.lines import Line, Run

SAME_PLACE = 4.0
"""Points by which the markers of one level may differ: numbers set flush right do, by half a digit."""

Shape = tuple[str, str]

_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
          (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip
_ALPHABET = "abcdefghijklmnopqrstuvwxyzæøå"
_BULLETS = "•●▪▫◦‣⁃∙■□○◆◇►▶➢➤❖✓✔⚫"
_DASHES = "*·o–—-"
# Symbol fonts leave their bullets in the private use area: Symbol's dot, Wingdings' square, arrow and tick.
_PRIVATE = re.compile("[\uf000-\uf0ff]")
_MARKER = re.compile(
    rf"(?P<bullet>[{_BULLETS}\uf000-\uf0ff])(?:\s+|$)|(?P<dash>[{_DASHES}])\s+"
    r"|(?P<open>\(?)(?:(?P<number>\d{1,3})|(?P<letter>[a-zæøå]))(?P<close>[.)])\s+"
)
_MONTH = re.compile(
    r"(?:januar|februar|mars|april|mai|juni|juli|august|september|oktober|november|desember|jan|feb|apr|jun|jul|aug|sep|sept"
    r"|okt|nov|des|januari|kvartal|halvår|plass|gang|ledd|punktum)\b",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Marker:
    """What stands before an item.

    Attributes:
        text: As it is printed: «•», «1.», «(a)».
        shape: What the markers of one list have in common.
        x: Left end, in points on a page, in characters in a plain text.
        value: Place in the list of a number or letter, from 1; 0 for bullets.
        certain: Whether nothing but an item begins so; a dash or a number may also begin any line of a text.
    """

    text: str
    shape: Shape
    x: float
    value: int
    certain: bool

    def follows(self, previous: Marker | None) -> bool:
        """Tell whether this can be the next marker: a number or letter goes on from the one before, or starts at 1."""
        if self.value <= 1:
            return True
        return previous is not None and previous.shape == self.shape and self.value == previous.value + 1

    def without(self, runs: Sequence[Run]) -> list[Run]:
        """Return the runs of the marker's line without the marker."""
        left = []
        rest = len(self.text)
        for run in runs:
            text = run.text if rest < len(self.text) else run.text.lstrip(" ")
            left.append(Run(text[rest:], run.url))
            rest = max(0, rest - len(text))
        return left


def marker_of(line: Line) -> Marker | None:
    """Return the marker with which a line begins, or None."""
    marker = parse_marker(line.text, line.x)
    if marker is None and len(line.cells) > 1:
        # With wide space behind it the marker is a cell of its own.
        marker = parse_marker(line.cells[0].text + " ", line.x)
    if marker is not None and len(line.cells) > 1 and line.cells[0].text == marker.text and not marker.value:
        return replace(marker, certain=True)
    return marker


def parse_marker(text: str, x: float = 0.0) -> Marker | None:
    """Return the marker that begins `text`, which stands at `x`, or None."""
    match = _MARKER.match(text)
    if match is None:
        return None
    marker = match.group().strip()
    if match["bullet"]:
        return Marker(_PRIVATE.sub("•", marker), ("bullet", marker), x, 0, certain=True)
    if match["dash"]:
        return Marker(marker, ("dash", marker), x, 0, certain=False)
    if match["number"] and match["close"] == "." and _MONTH.match(text, match.end()):
        return None
    shape = ("number" if match["number"] else "letter", match["open"] + match["close"])
    value = int(match["number"]) if match["number"] else _ALPHABET.index(match["letter"]) + 1
    return Marker(marker, shape, x, value, certain=False)


def levels(places: Sequence[float], tolerance: float = SAME_PLACE) -> list[int]:
    """Return the level of each item of a list, 1 for the outermost.

    Args:
        places: Where the items' markers stand, from left to right.
        tolerance: How far apart two markers of one level may stand.
    """
    found: list[int] = []
    stack: list[float] = []
    for x in places:
        while stack and x < stack[-1] - tolerance:
            stack.pop()
        if not stack or x > stack[-1] + tolerance:
            stack.append(x)
        found.append(len(stack))
    return found


def counted(count: int, kind: str) -> str:
    """Return a number as its kind shows it, by Word's names for the kinds; what is not known here is shown in digits."""
    match kind:
        case "lowerLetter" | "upperLetter" if 0 < count <= 780:
            # 27 is «aa», 28 «bb», and 780 the last (ISO/IEC 29500-1, 17.18.59).
            text = "abcdefghijklmnopqrstuvwxyz"[(count - 1) % 26] * ((count - 1) // 26 + 1)
        case "lowerRoman" | "upperRoman" if 0 < count < 4000:
            text = _roman(count)
        case "decimalZero":
            return f"{count:02}"
        case _:
            return str(count)
    return text.upper() if kind.startswith("upper") else text


def _roman(count: int) -> str:
    text = ""
    for worth, letters in _ROMAN:
        times, count = divmod(count, worth)
        text += letters * times
    return text
