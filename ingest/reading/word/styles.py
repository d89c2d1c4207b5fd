"""The styles of a Word document: what a paragraph is by the style it has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeVar

from ingest.reading.word.xml import P_PR, R_PR, Element, W, number, switch, value

T = TypeVar("T")

Role = Literal["", "title", "caption", "contents", "list"]

BODY = 9
"""The outline level that is none (17.3.1.20)."""

_HEADING = re.compile(r"(?:heading|overskrift)\s*(\d)(?:\b|$)", re.IGNORECASE)
_ROLES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    ("title", re.compile(r"(?:title|tittel|dokumenttittel)$", re.IGNORECASE)),
    ("caption", re.compile(r"(?:caption|bildetekst|biletetekst|figurtekst|tabelltekst|tabelltittel)\b", re.IGNORECASE)),
    (
        "contents",
        re.compile(
            r"(?:toc|innholdsfortegnelse|innhaldsliste|innhold|inn?h) ?\d$|(?:table of figures|figurliste)$", re.IGNORECASE
        ),
    ),
    ("list", re.compile(r"(?:list (?:bullet|number)|(?:punkt|nummerert |nummer)liste)(?: (\d))?$", re.IGNORECASE)),
)


@dataclass(frozen=True, slots=True)
class Style:
    """What a style says of a paragraph or a run.

    Attributes:
        role: What its name says it is for.
        level: Of a heading, from 1; 0 for none.
        depth: Of a list style, the level its name has («List Bullet 2»), else 0.
        number: The list that it belongs to, or None.
        indent: The level in that list, or None where it does not say.
        hidden: Whether its text is not shown.
        bold: Whether it is bold.
    """

    role: Role = ""
    level: int = 0
    depth: int = 0
    number: str | None = None
    indent: int | None = None
    hidden: bool = False
    bold: bool = False


NO_STYLE = Style()


class Styles:
    """The styles of one document, each with what it takes over from those it is based on."""

    def __init__(self, root: Element | None) -> None:
        """Read the part of the document that holds its styles; None where it has none."""
        self._elements: dict[str, Element] = {}
        self._known: dict[str, Style] = {}
        self.default = ""
        self.language = value(root, "docDefaults", "rPrDefault", "rPr", "lang") or ""
        for element in root.findall(f"{W}style") if root is not None else ():
            name = element.get(f"{W}styleId") or ""
            self._elements.setdefault(name, element)
            if element.get(f"{W}type") == "paragraph" and element.get(f"{W}default") in ("1", "true", "on"):
                self.default = name

    def __getitem__(self, name: str | None) -> Style:
        """Return a style by its id; the document's own default where a paragraph names none."""
        key = self.default if name is None else name
        if key not in self._known:
            self._known[key] = self._read(key)
        return self._known[key]

    def run(self, name: str | None) -> Style:
        """Return the style of a run, which has no default."""
        return NO_STYLE if name is None else self[name]

    def emphasises_first_row(self, name: str | None) -> bool:
        """Tell whether a table style sets the first row apart by bold letters or a colour behind it."""
        for element in self._chain(name or ""):
            for condition in element.findall(f"{W}tblStylePr"):
                if condition.get(f"{W}type") == "firstRow":
                    shaded = condition.find(f"{W}tcPr/{W}shd") is not None
                    return shaded or bool(switch(condition.find(R_PR), "b"))
        return False

    def _chain(self, name: str) -> Iterator[Element]:
        """Yield a style and those it is based on, the nearest first."""
        seen: set[str] = set()
        while name and name not in seen and name in self._elements:
            seen.add(name)
            yield self._elements[name]
            name = value(self._elements[name], "basedOn") or ""

    def _read(self, name: str) -> Style:
        chain = list(self._chain(name))
        names = [value(element, "name") or element.get(f"{W}styleId") or "" for element in chain]
        role, depth = _role(names)
        properties = [element.find(P_PR) for element in chain]
        runs = [element.find(R_PR) for element in chain]
        return Style(
            role=role,
            level=0 if role in ("title", "caption", "contents") else _level(names, properties),
            depth=depth,
            number=_first(value(each, "numPr", "numId") for each in properties),
            indent=_first(number(each, "numPr", "ilvl") for each in properties),
            hidden=bool(_first(switch(each, "vanish") for each in runs)),
            bold=bool(_first(switch(each, "b") for each in runs)),
        )


def _role(names: list[str]) -> tuple[Role, int]:
    for name in names:
        if _HEADING.match(name):
            break
        for role, pattern in _ROLES:
            if match := pattern.match(name):
                return role, int(match[1] or 1) if role == "list" else 0
    return "", 0


def _level(names: list[str], properties: list[Element | None]) -> int:
    """Return the level of the nearest style that is a heading by name or by outline level."""
    for name, each in zip(names, properties, strict=True):
        outline = number(each, "outlineLvl")
        if outline is not None:
            return outline + 1 if 0 <= outline < BODY else 0
        if match := _HEADING.match(name):
            return int(match[1])
    return 0


def _first(values: Iterator[T | None]) -> T | None:
    return next((each for each in values if each is not None), None)
