"""The paragraphs, lists, tables, notes and text boxes of a Word document, in reading order."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from ingest.documents import Block, Link
from ingest.reading.layout import is_contents_title
from ingest.reading.text import MAX_HEADING
from ingest.reading.word.numbering import BULLET, Numbering
from ingest.reading.word.story import Paragraph, Story
from ingest.reading.word.styles import BODY, Style, Styles
from ingest.reading.word.tables import Cell, table_of
from ingest.reading.word.xml import ALTERNATIVES, COME, GONE, P_PR, R_PR, TBL, Element, P, W, content, number, value
from ingest.reading.words import Text, begins_as_caption

CHANGES = "tracked changes: what was put in is read, what was taken out is not"
CHUNK = "a document put inside this one is not read"

_HEADING = re.compile(r"\w(?:.*[^.,:;!…])?$")
_TYPED_BULLET = re.compile(r"[•●▪◦‣∙·]\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class Notes:
    """The footnotes or endnotes of a document.

    Attributes:
        elements: The notes, by id.
        links: The targets of their links, by relationship id.
    """

    elements: Mapping[str, Element] = field(default_factory=dict)
    links: Mapping[str, str] = field(default_factory=dict)


@dataclass
class Walk:
    """What all parts of one document share.

    Attributes:
        styles: Its styles.
        numbering: Its lists.
        notes: Its notes: «footnote», «endnote».
        found: What was left out, and how often.
        title: The words of the first paragraph that has the style of a title.
    """

    styles: Styles
    numbering: Numbering
    notes: Mapping[str, Notes]
    found: Counter[str] = field(default_factory=Counter)
    title: str = ""
    _numbers: Counter[str] = field(default_factory=Counter)

    def blocks(self, body: Element, links: Mapping[str, str]) -> list[Block]:
        """Return the blocks of the document's body."""
        if any(next(body.iter(tag), None) is not None for tag in sorted(GONE | COME)):
            self.found[CHANGES] += 1
        flow = self.flow(body, Story(self.styles, links, self.found))
        return flow.blocks if any(block.kind == "heading" for block in flow.blocks) else _with_bold_headings(flow)

    def flow(self, element: Element, story: Story) -> _Flow:
        """Return what an element holds: the body, a cell, a text box or a note."""
        flow = _Flow(self, story)
        for child in content(element):
            flow.take(child)
        flow.end()
        return flow

    def note(self, kind: str, name: str) -> tuple[str, list[Block]]:
        """Return a note's number and its blocks; of a kind and name that the document does not have, none."""
        notes = self.notes.get(kind, Notes())
        element = notes.elements.get(name)
        if element is None:
            return "", []
        self._numbers[kind] += 1
        flow = self.flow(element, Story(self.styles, notes.links, self.found))
        # A note that only names a source («Kilde: SSB») reads like a caption, which is cited last.
        said = [replace(block, kind="paragraph") if block.kind == "caption" else block for block in flow.blocks]
        return str(self._numbers[kind]), said


@dataclass
class _Flow:
    """Blocks that follow each other in one place.

    Attributes:
        blocks: The blocks so far.
        extra: Which of them hang on the one before: notes, text boxes, rows of tables.
        bold: Which of them are bold throughout.
    """

    walk: Walk
    story: Story
    blocks: list[Block] = field(default_factory=list)
    extra: set[int] = field(default_factory=set)
    bold: set[int] = field(default_factory=set)
    _carried: Paragraph | None = None
    _held: list[Block] = field(default_factory=list)

    def take(self, element: Element) -> None:
        """Take one paragraph, table or what wraps them."""
        tag = element.tag
        if tag == P:
            self._paragraph(element)
        elif tag == TBL:
            self.end()
            self._add(table_of(element, self.walk.styles, self._cell), extra=True)
        elif tag == ALTERNATIVES:
            for child in content(next(iter(element), element)):
                self.take(child)
        elif tag == f"{W}altChunk":
            self.walk.found[CHUNK] += 1

    def end(self) -> None:
        """Add what was kept back until its place was known."""
        carried, self._carried = self._carried, None
        if carried is not None and carried.text.trimmed():
            self._emit(Block("paragraph", carried.text.trimmed(), links=tuple(carried.text.links)), carried)
        self._add(self._held, extra=True)
        self._held = []

    def _cell(self, element: Element) -> Cell:
        flow = self.walk.flow(element, self.story)
        own = [block for at, block in enumerate(flow.blocks) if at not in flow.extra]
        bold = all(at in flow.bold for at in range(len(flow.blocks)) if at not in flow.extra)
        return Cell(own, [block for at, block in enumerate(flow.blocks) if at in flow.extra], flow.blocks, bold)

    def _paragraph(self, element: Element) -> None:
        properties = element.find(P_PR)
        name = value(properties, "pStyle")
        style = self.walk.styles[name]
        carried, self._carried = self._carried, None
        paragraph = self.story.read(element, style, carried)
        mark = properties.find(R_PR) if properties is not None else None
        if mark is not None and any(child.tag in GONE for child in mark):
            self._carried = paragraph
        elif style.role == "contents" or paragraph.contents:
            if self.blocks and is_contents_title(self.blocks[-1].text):
                self.blocks.pop()
        else:
            self._emit(self._block(properties, name, style, paragraph.text), paragraph)

    def _block(self, properties: Element | None, name: str | None, style: Style, text: Text) -> Block:
        marker, depth = self._listed(properties, name, style)
        outline = number(properties, "outlineLvl")
        level = style.level if outline is None else (outline + 1 if 0 <= outline < BODY else 0)
        words, links = text.trimmed(), tuple(text.links)
        if style.role == "title" or level:
            if style.role == "title" and not self.walk.title:
                self.walk.title = words
            return _numbered(Block("heading", words, level=level or 1, links=links), marker)
        if style.role == "caption":
            return Block("caption", words, links=links)
        if marker:
            return Block("list_item", words, level=depth, marker=marker, links=links)
        if typed := _TYPED_BULLET.match(words):
            return _shifted(Block("list_item", words[typed.end() :], level=1, marker=words[0], links=links), -typed.end())
        return Block("caption" if begins_as_caption(words) else "paragraph", words, links=links)

    def _listed(self, properties: Element | None, name: str | None, style: Style) -> tuple[str, int]:
        """Return what stands before a paragraph of a list, and its level from 1; ("", 0) for one of no list."""
        own, at = value(properties, "numPr", "numId"), number(properties, "numPr", "ilvl")
        one = own if own is not None else style.number
        place = at
        if one is not None and place is None:
            place = self.walk.numbering.level_of_style(one, name or "")
        place = max(0, place if place is not None else style.indent or 0)
        marker = self.walk.numbering.take(one, place) if one is not None else None
        if marker is None and style.role == "list" and own is None:
            marker = BULLET
        if not marker:
            return "", 0
        return marker, style.depth if at is None and style.depth else place + 1

    def _emit(self, block: Block, paragraph: Paragraph) -> None:
        """Add a block with what hangs on it: notes right after it, text boxes after those.

        What opens a list stays with it, so its notes come after the list; an item's notes are items of the level below.
        """
        if block.kind != "list_item":
            self._add(self._held, extra=True)
            self._held = []
        if block.text:
            if not paragraph.plain:
                self.bold.add(len(self.blocks))
            self.blocks.append(block)
        notes = [self.walk.note(*reference) for reference in paragraph.notes]
        if block.kind == "list_item":
            self._add([_item(note, block.level + 1, marker) for marker, found in notes for note in found], extra=True)
        elif block.text.endswith(":"):
            self._held = [note for _, found in notes for note in found]
        else:
            self._add([note for _, found in notes for note in found], extra=True)
        for box in paragraph.boxes:
            self._add(self.walk.flow(box, self.story).blocks, extra=True)

    def _add(self, blocks: Iterator[Block] | list[Block], *, extra: bool) -> None:
        for block in blocks:
            if extra:
                self.extra.add(len(self.blocks))
            self.blocks.append(block)


def _item(note: Block, level: int, marker: str) -> Block:
    return note if note.kind == "table_row" else replace(note, kind="list_item", level=level, marker=marker)


def _numbered(heading: Block, marker: str) -> Block:
    """Return a heading with the number that is printed before it."""
    if not any(map(str.isalnum, marker)):
        return heading
    return _shifted(replace(heading, text=f"{marker} {heading.text}"), len(marker) + 1)


def _shifted(block: Block, by: int) -> Block:
    """Return a block whose links stand elsewhere, by so many characters."""
    links = tuple(Link(max(0, link.start + by), link.end + by, link.url) for link in block.links if link.end + by > 0)
    return replace(block, links=links)


def _with_bold_headings(flow: _Flow) -> list[Block]:
    """Return the blocks of a document without headings: there a short bold line above a text that isn't bold is one."""
    blocks = flow.blocks
    for at in flow.bold:
        block = blocks[at]
        followed = at + 1 < len(blocks) and at + 1 not in flow.bold
        if block.kind == "paragraph" and followed and len(block.text) <= MAX_HEADING and _HEADING.match(block.text):
            blocks[at] = replace(block, kind="heading", level=1)
    return blocks
