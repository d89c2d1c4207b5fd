"""Lists of a Word document: which number or bullet stands before a paragraph.

Word keeps no numbers in the text. A paragraph names a list (`numId`) and a level in it; the list names an abstract list,
which says how each level counts and looks (17.9). Lists of one abstract list count on from each other, unless they say
where they begin.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.reading.layout import counted
from ingest.reading.word.xml import Element, W, number, switch, value
from ingest.reading.words import clean

NONE = "0"
"""The list that takes a paragraph out of the one its style has (17.9.18)."""

BULLET = "•"
_PLACE = re.compile(r"%(\d)")
_KEPT_BULLETS = frozenset("-–—*•◦▪■□○●►✓")


@dataclass(frozen=True, slots=True)
class _Level:
    """How one level of a list counts and looks.

    Attributes:
        kind: «decimal», «bullet», «lowerLetter», …
        pattern: What is shown; «%2» stands for the number of level 2.
        start: The first number.
        style: The paragraph style that belongs to the level, or "".
        plain: Whether all numbers in the pattern are shown as digits.
    """

    kind: str = "decimal"
    pattern: str = ""
    start: int = 1
    style: str = ""
    plain: bool = False


class Numbering:
    """The lists of one document, counted as its paragraphs are read in order."""

    def __init__(self, root: Element | None) -> None:
        """Read the part of the document that holds its lists; None where it has none."""
        abstract = {each.get(f"{W}abstractNumId") or "": each for each in _all(root, "abstractNum")}
        lists = {each.get(f"{W}numId") or "": each for each in _all(root, "num")}
        by_style = {value(each, "styleLink"): each for each in abstract.values() if value(each, "styleLink")}
        self._levels: dict[str, dict[int, _Level]] = {}
        self._counter: dict[str, str] = {}
        self._restart: dict[tuple[str, int], int] = {}
        self._counts: dict[str, dict[int, int]] = {}
        for name, one in lists.items():
            key = value(one, "abstractNumId") or ""
            definition = abstract.get(key)
            definition = by_style.get(value(definition, "numStyleLink"), definition)
            self._levels[name] = {_at(each): _level(each) for each in _all(definition, "lvl")}
            self._counter[name] = key
            self._override(name, one)

    def _override(self, name: str, one: Element) -> None:
        for each in _all(one, "lvlOverride"):
            own = each.find(f"{W}lvl")
            if own is not None:
                self._levels[name][_at(each)] = _level(own)
            start = number(each, "startOverride")
            if start is not None:
                self._restart[name, _at(each)] = start

    def level_of_style(self, name: str, style: str) -> int | None:
        """Return the level of a list that belongs to a paragraph style, from 0, or None."""
        levels = self._levels.get(name, {})
        return next((at for at, level in levels.items() if style and level.style == style), None)

    def take(self, name: str, at: int) -> str | None:
        """Count one paragraph of a list and return what stands before it; None where there is no such list.

        Args:
            name: The list.
            at: The level, from 0.
        """
        levels = self._levels.get(name)
        if name == NONE or levels is None:
            return None
        level = levels.get(at, _Level("bullet"))
        counts = self._count(name, at, levels)
        if level.kind == "bullet":
            return level.pattern if level.pattern in _KEPT_BULLETS else BULLET
        if level.kind == "none" or not level.pattern:
            return ""

        def shown(match: re.Match[str]) -> str:
            place = int(match[1]) - 1
            of = levels.get(place, level)
            return counted(counts.get(place, of.start), "decimal" if level.plain else of.kind)

        return clean(_PLACE.sub(shown, level.pattern)).strip()

    def _count(self, name: str, at: int, levels: dict[int, _Level]) -> dict[int, int]:
        counts = self._counts.setdefault(self._counter[name], {})
        start = self._restart.pop((name, at), None)
        if start is not None:
            counts[at] = start
        else:
            counts[at] = counts[at] + 1 if at in counts else levels.get(at, _Level()).start
        for above in range(at):
            counts.setdefault(above, levels.get(above, _Level()).start)
        for below in [each for each in counts if each > at]:
            del counts[below]
        return counts


def _all(parent: Element | None, name: str) -> list[Element]:
    return [] if parent is None else parent.findall(W + name)


def _at(element: Element) -> int:
    text = element.get(f"{W}ilvl") or ""
    return int(text) if text.isdecimal() else 0


def _level(element: Element) -> _Level:
    start = number(element, "start")
    return _Level(
        kind=value(element, "numFmt") or "decimal",
        pattern=value(element, "lvlText") or "",
        start=1 if start is None else start,
        style=value(element, "pStyle") or "",
        plain=bool(switch(element, "isLgl")),
    )
