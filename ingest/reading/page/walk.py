"""The blocks of a page's main content."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from ingest.documents import Block, BlockKind
from ingest.reading.common.rows import row_block, table_blocks
from ingest.reading.layout import counted
from ingest.reading.page.inline import INLINE, Links, gather, opens
from ingest.reading.page.tables import is_layout, rows_of
from ingest.reading.page.tree import HEADINGS, Node, opened_by
from ingest.reading.words import Text, begins_as_caption

MAX_VALUE = 300
"""Characters of a definition that stands in one row with its term; a longer one is a text under it."""

_TYPES: Mapping[str, str] = MappingProxyType({"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"})
_PARTED = ("ul", "ol", "dl", "table", "details", *HEADINGS)
_NO_QUESTION = re.compile(
    r"(?:(?:les|vis|se|sjå) (?:mer|meir|alle|alt|flere|fleire|mindre)|lukk|åpne|opne|meny)\b.{0,20}$", re.IGNORECASE
)


def page_blocks(root: Node, links: Links) -> list[Block]:
    """Return the blocks of a page.

    Args:
        root: Its main content.
        links: Where its links start from.
    """
    walk = _Walk(links)
    walk.inside(root)
    walk.flush()
    return walk.blocks


@dataclass
class _Walk:
    """Turns elements into blocks; text gathers until an element begins or ends a block."""

    links: Links
    blocks: list[Block] = field(default_factory=list)
    _text: Text = field(default_factory=Text)
    _kind: BlockKind = "paragraph"
    _level: int = 0
    _depth: int = 0
    _marker: str = ""
    _breaks: int = 0
    _heading: Block | None = None
    _floor: int = 0
    _answered: bool = False
    _panels: dict[str, int] = field(default_factory=dict)

    def inside(self, node: Node, url: str | None = None) -> None:
        """Take all that an element holds; `url` is the link that it stands in."""
        for child in node.children:
            if isinstance(child, str):
                self._breaks = 0 if child.strip() else self._breaks
                self._text.add(self.links.clean(child), url)
            elif child.tag == "br":
                self._break()
            elif child.tag in INLINE or (child.tag == "button" and self._kind == "heading"):
                target, shown = self.links.of(child, url)
                if shown:
                    self.inside(child, target)
            else:
                self._element(child, url)

    def _break(self) -> None:
        """Two line breaks part paragraphs."""
        self._breaks += 1
        self._text.add(" ")
        if self._breaks == 2 and self._kind == "paragraph":
            self.flush()

    def flush(self) -> None:
        """End the block that has been gathering."""
        text, self._text, self._breaks = self._text, Text(), 0
        words, kind, level, marker = text.trimmed(), self._kind, self._level, ""
        if kind == "paragraph" and self._marker and words:
            kind, level, marker, self._marker = "list_item", self._depth, self._marker, ""
        elif kind == "paragraph" and begins_as_caption(words):
            kind = "caption"
        self._add(Block(kind, words, level=level, marker=marker, links=tuple(text.links)))

    def _add(self, block: Block, *, question: bool = False) -> None:
        if not block.text:
            return
        if block.kind == "heading":
            self._heading = self._heading if question else block
        elif self._answered and self._heading is not None:
            # The answer has ended: what follows stands under the heading that the questions stand under.
            self.blocks.append(replace(self._heading, links=()))
        self._answered = False
        self.blocks.append(block)

    def _element(self, node: Node, url: str | None) -> None:
        """Take an element that begins and ends a block."""
        self.flush()
        panel = self._panels.pop(node.get("id"), None)
        if panel is not None:
            self._answer(node, panel)
        elif node.tag in HEADINGS:
            self._under(node, url)
        elif node.tag in ("figcaption", "caption"):
            self._kind = "caption"
            self.inside(node, url)
            self.flush()
            self._kind = "paragraph"
        elif node.tag == "table" and not is_layout(node):
            self._table(node)
        else:
            self._grouped(node, url)
        self.flush()

    def _grouped(self, node: Node, url: str | None) -> None:
        match node.tag:
            case "details":
                self._details(node)
            case "button":
                if opens(node):
                    self._ask(node, node)
            case "ul" | "ol":
                self._list(node, url)
            case "dl":
                self._definitions(node)
            case _:
                self.inside(node, url)

    def _under(self, node: Node, url: str | None) -> None:
        """Take a heading; one that opens a text when it is clicked is the question that the text answers."""
        trigger = next((each for each in node.walk() if each.tag in ("a", "button") and opens(each)), None)
        if trigger is not None:
            self._ask(node, trigger)
            return
        self._kind, self._level = "heading", max(HEADINGS[node.tag], self._floor + 1)
        self.inside(node, url)
        self.flush()
        self._kind, self._level = "paragraph", 0

    def _ask(self, node: Node, trigger: Node | None = None) -> int:
        """Add a question as a heading below the present one, and return its level; what only says «Les mer» is none."""
        inside = next((each for each in node.walk() if each.tag in HEADINGS), None)
        above = max(self._floor, self._heading.level if self._heading is not None else 0)
        level = above + 1 if inside is None else max(HEADINGS[inside.tag], self._floor + 1)
        text = gather(node, self.links)
        if _NO_QUESTION.match(text.trimmed()):
            return self._floor
        self._add(Block("heading", text.trimmed(), level=level, links=tuple(text.links)), question=True)
        for name in opened_by(trigger.attributes) if trigger is not None else ():
            self._panels[name] = level
        return level

    def _answer(self, node: Node, level: int) -> None:
        """Take a text that stands under a question of this level."""
        held = self._heading, self._floor
        self._floor = level
        self.inside(node)
        self.flush()
        self._heading, self._floor = held
        self._answered = level > self._floor

    def _details(self, node: Node) -> None:
        summary = next((each for each in node.elements() if each.tag == "summary"), None)
        level = self._floor if summary is None else self._ask(summary)
        self._answer(replace(node, children=[child for child in node.children if child is not summary]), level)

    def _list(self, node: Node, url: str | None) -> None:
        kind = _TYPES.get(node.get("type"), "decimal")
        number = _whole(node.get("start"), 1)
        self._depth += 1
        for child in node.elements():
            if child.tag == "li" and node.tag == "ol":
                number = _whole(child.get("value"), number)
                self._marker = f"{counted(number, kind)}."
                number += 1
            elif child.tag == "li":
                self._marker = "•"
            self._element(child, url)
            self._marker = ""
        self._depth -= 1

    def _definitions(self, node: Node) -> None:
        """Take terms with what they mean: as a row each, or, where a text answers a question, as such."""
        terms: list[Node] = []
        values: list[Node] = []
        parts = [part for child in node.elements() for part in (child.elements() if child.tag == "div" else (child,))]
        for part in [*parts, Node("dt")]:
            if part.tag == "dt" and values:
                self._defined(terms, values)
                terms, values = [], []
            if part.tag in ("dt", "dd"):
                (terms if part.tag == "dt" else values).append(part)

    def _defined(self, terms: list[Node], values: list[Node]) -> None:
        cells = [gather(each, self.links) for each in (*terms, *values)]
        asks = any(cell.trimmed().endswith("?") for cell in cells[: len(terms)])
        if asks or any(value.size > MAX_VALUE or value.find(*_PARTED) is not None for value in values):
            level = self._ask(replace(Node("dt"), children=list(terms)))
            self._answer(replace(Node("dd"), children=list(values)), level)
        else:
            self._add(row_block(cells))

    def _table(self, node: Node) -> None:
        for caption in node.elements():
            if caption.tag == "caption":
                self._element(caption, None)
        for block in table_blocks(rows_of(node, self.links, self._nested)):
            self._add(block)

    def _nested(self, table: Node) -> list[Block]:
        walk = _Walk(self.links)
        walk._element(table, None)
        return walk.blocks


def _whole(text: str, otherwise: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 10 else otherwise
