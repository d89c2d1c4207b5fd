"""The names of WordprocessingML, and how its values are asked for.

Source: ISO/IEC 29500-1, part 17; the numbers of sections stand beside what rests on them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
VAL, ID = f"{W}val", f"{W}id"

P, TBL, SDT, R_RUN = f"{W}p", f"{W}tbl", f"{W}sdt", f"{W}r"
P_PR, R_PR = f"{W}pPr", f"{W}rPr"
ALTERNATIVES, TEXT_BOX = f"{MC}AlternateContent", f"{W}txbxContent"

GONE = frozenset({f"{W}del", f"{W}moveFrom"})
"""Text that a tracked change takes out (17.13.5.14, 17.13.5.22)."""

COME = frozenset({f"{W}ins", f"{W}moveTo"})
"""Text that a tracked change puts in (17.13.5.18, 17.13.5.25)."""

_FALSE = frozenset({"0", "false", "off"})


class Element(Protocol):
    """As much of an XML element as is used here."""

    @property
    def tag(self) -> Any:  # a string, save of comments
        """The name, in Clark notation."""

    @property
    def text(self) -> str | None:
        """The text before the first child."""

    def get(self, key: str, /) -> str | None:
        """Return an attribute's value, or None."""

    def find(self, path: str, /) -> Any:
        """Return the first element at a path, or None."""

    def findall(self, path: str, /) -> list[Any]:
        """Return all elements at a path."""

    def iter(self, tag: str, /) -> Iterator[Any]:
        """Yield all elements of a name below this one, and this one."""

    def __iter__(self) -> Iterator[Any]:
        """Yield the children."""


def value(parent: Element | None, *names: str) -> str | None:
    """Return `w:val` of the element that lies down the path of names, or None."""
    at: Any = parent
    for name in names:
        if at is None:
            return None
        at = at.find(W + name)
    return None if at is None else at.get(VAL)


def number(parent: Element | None, *names: str) -> int | None:
    """Return `w:val` as a whole number, or None."""
    found = value(parent, *names)
    try:
        return None if found is None else int(found)
    except ValueError:
        return None


def switch(properties: Element | None, name: str) -> bool | None:
    """Tell whether a property is on, or None where it is not said (17.17.4)."""
    found = None if properties is None else properties.find(W + name)
    return None if found is None else found.get(VAL) not in _FALSE


def content(element: Element) -> Iterator[Element]:
    """Yield the children that say something, without the wrappers that only tell where they come from.

    Of alternatives the first is taken, which is the newer one; text that a tracked change took out is left out, and so
    is the prompt of a field that nobody has filled in.
    """
    for child in element:
        tag = child.tag
        if tag == SDT:
            yield from _controlled(child)
        elif tag in COME or tag in (f"{W}customXml", f"{W}smartTag", f"{W}dir", f"{W}bdo"):
            yield from content(child)
        elif tag == f"{W}ruby":
            base = child.find(f"{W}rubyBase")
            yield from content(base) if base is not None else ()
        elif tag not in GONE:
            yield child


def _controlled(control: Element) -> Iterator[Element]:
    """Yield what a content control holds (17.5.2), unless it is a table of contents or an empty field."""
    properties = control.find(f"{W}sdtPr")
    gallery = value(properties, "docPartObj", "docPartGallery") or ""
    prompt = switch(properties, "showingPlcHdr")
    inside = control.find(f"{W}sdtContent")
    if inside is not None and not prompt and gallery.lower() != "table of contents":
        yield from content(inside)
