"""The elements of a page that can be seen."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

UNSEEN = frozenset(
    "head script style template noscript svg canvas audio video iframe object embed map input select textarea datalist "
    "option progress meter dialog".split()
)
"""Elements whose content is not text of the page. What a form asks for is none, nor is a dialog that opens over it."""

HEADINGS = {f"h{level}": level for level in range(1, 7)}

_NO_DISPLAY = re.compile(r"(?:^|;)\s*(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_FOR_LISTENERS = frozenset({"sr-only", "visually-hidden", "visuallyhidden", "screen-reader-text", "u-visually-hidden"})


@dataclass(slots=True)
class Node:
    """An element and what it holds.

    Attributes:
        tag: Its name, in lower case.
        attributes: Its attributes; one without a value has "".
        children: Elements and pieces of text, in order.
        size: Characters of text in it, white space apart.
        linked: How many of them are in links.
    """

    tag: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)
    size: int = 0
    linked: int = 0

    def get(self, name: str) -> str:
        """Return an attribute's value, or ""."""
        return self.attributes.get(name, "")

    def elements(self) -> Iterator[Node]:
        """Yield the elements right below it."""
        return (child for child in self.children if isinstance(child, Node))

    def walk(self) -> Iterator[Node]:
        """Yield it and all elements below it, in order."""
        todo = [self]
        while todo:
            node = todo.pop()
            yield node
            todo.extend(child for child in reversed(node.children) if isinstance(child, Node))

    def find(self, *tags: str) -> Node | None:
        """Return the first element of one of these names in it, or None."""
        return next((node for node in self.walk() if node.tag in tags), None)


def measure(node: Node) -> None:
    """Fill in the sizes of an element and all below it."""
    for child in node.elements():
        measure(child)
    own = sum(len("".join(child.split())) for child in node.children if isinstance(child, str))
    node.size = own + sum(child.size for child in node.elements())
    inside = node.tag == "a" and "href" in node.attributes
    node.linked = node.size if inside else sum(child.linked for child in node.elements())


def words_of(node: Node) -> str:
    """Return the text of an element with single spaces."""
    return " ".join(" ".join(_pieces(node)).split())


def _pieces(node: Node) -> Iterator[str]:
    for child in node.children:
        if isinstance(child, str):
            yield child
        else:
            yield from _pieces(child)


def opened_by(attributes: Mapping[str, str]) -> Iterator[str]:
    """Yield the ids of what a button or link opens: the parts of an accordion are hidden until someone asks for them."""
    yield from attributes.get("aria-controls", "").split()
    for name in ("data-target", "data-bs-target"):
        yield attributes.get(name, "").removeprefix("#")
    if "aria-expanded" in attributes or "data-toggle" in attributes or "data-bs-toggle" in attributes:
        yield attributes.get("href", "").removeprefix("#")


def is_hidden(attributes: Mapping[str, str], opened: frozenset[str]) -> bool:
    """Tell whether an element is hidden with all it holds, and nothing on the page opens it."""
    if attributes.get("id", "") in opened and attributes.get("id"):
        return False
    if attributes.get("hidden", "until-found").lower() != "until-found":
        return True
    if attributes.get("aria-hidden", "").lower() == "true" or _NO_DISPLAY.search(attributes.get("style", "")):
        return True
    return not _FOR_LISTENERS.isdisjoint(attributes.get("class", "").lower().split())
