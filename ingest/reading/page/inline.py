"""Text inside a block of a page: its links, and what is no part of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

from ingest.reading.page.tree import Node, opened_by, words_of
from ingest.reading.words import Text, clean

INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data dfn em font i img ins kbd mark q rb ruby s samp small span strike strong sub "
    "sup time tt u var wbr label output picture del rt rp".split()
)
"""Elements that stand within a line."""

_NOT_SHOWN = frozenset({"rt", "rp", "del", "strike", "s", "img", "picture"})
_REFERENCE = re.compile(r"\[?(?:\d{1,3}|[a-z]|[*†‡]{1,3})[\])]?$", re.IGNORECASE)
_BACK = re.compile(r"[↩↑^⬑⤴\ufe0e\s]+$")
_UNSAFE = re.compile(r"\s*(?:javascript|data|vbscript):", re.IGNORECASE)


def absolute(base: str, url: str) -> str:
    """Return an address from where it starts; empty where it is no address."""
    try:
        return urljoin(base, url.strip())
    except ValueError:  # «http://[…» and the like.
        return ""


@dataclass(frozen=True, slots=True)
class Links:
    """Where a page's links start from.

    Attributes:
        base: Where relative addresses start.
        page: The page's own address.
    """

    base: str
    page: str

    @staticmethod
    def clean(words: str) -> str:
        """Return words as they stand in a block."""
        return clean(words)

    def of(self, node: Node, url: str | None) -> tuple[str | None, bool]:
        """Return the target of text in an element within a line, and whether that text is shown at all.

        Args:
            node: The element.
            url: The link that it stands in, or None.
        """
        if node.tag in _NOT_SHOWN or (node.tag == "sup" and node.linked == node.size and _is_reference(node)):
            return url, False
        if node.tag != "a" or "href" not in node.attributes:
            return url, True
        href = node.get("href").strip()
        if href.startswith("#") and (_BACK.match(words_of(node)) or (node.find("sup") and _is_reference(node))):
            return url, False
        if href in ("", "#") or _UNSAFE.match(href):
            return "", True
        return absolute(self.page if href.startswith("#") else self.base, href), True


def _is_reference(node: Node) -> bool:
    """Tell whether an element holds nothing but the number of a note."""
    return _REFERENCE.match(words_of(node)) is not None


def opens(node: Node) -> bool:
    """Tell whether a button or link opens a text on the page, rather than a menu."""
    if "aria-haspopup" in node.attributes:
        return False
    return "aria-expanded" in node.attributes or any(opened_by(node.attributes))


def gather(node: Node, links: Links, *, without: Sequence[str] = ()) -> Text:
    """Return all text of an element in one line.

    Args:
        node: The element.
        links: Where its links start from.
        without: Elements that are left out.
    """
    text = Text()
    _gather(node, links, None, text, without)
    return text


def _gather(node: Node, links: Links, url: str | None, text: Text, without: Sequence[str]) -> None:
    for child in node.children:
        if isinstance(child, str):
            text.add(clean(child), url)
        elif child.tag in INLINE:
            target, shown = links.of(child, url)
            if shown:
                _gather(child, links, target, text, without)
        elif child.tag not in without:
            text.add(" ")
            _gather(child, links, url, text, without)
            text.add(" ")
