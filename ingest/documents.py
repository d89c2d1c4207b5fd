"""What a reader makes of a file: blocks of text in reading order, and the one text their offsets count in."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Literal

from ingest.dates import Interval, undated

BlockKind = Literal["heading", "paragraph", "list_item", "table_row", "caption"]

RelationKind = Literal["utfyller", "samsvarer", "presiserer", "erstatter", "motsier"]
"""What a statement is to an earlier source: it adds, says the same, says it more exactly, replaces, contradicts."""

SEPARATOR = "\n"
"""What stands between two blocks in `Document.text`."""


@dataclass(frozen=True, slots=True)
class PageStart:
    """Where a page begins inside a block.

    Attributes:
        offset: Characters from the start of the block's text; 0 for the page on which the block begins.
        page: Page of the file, counted from 1.
        label: What is printed on the page («iv», «12»), or the page number where the file has no labels.
    """

    offset: int
    page: int
    label: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link inside a block.

    Attributes:
        start: First character of the link's text, from the start of the block's text.
        end: One past the last character.
        url: The target; empty where the file marks a link but names no target.
    """

    start: int
    end: int
    url: str


@dataclass(frozen=True, slots=True)
class Relation:
    """What a statement is to a source of the catalogue.

    Attributes:
        kind: How the two go together.
        source: Id of the source that it is so to.
    """

    kind: RelationKind
    source: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a statement in our own words was taken from; a citation names this, not the note that holds the statement.

    Attributes:
        title: Of the original source.
        url: Where it can be read; empty if nowhere.
        dated: Its date, as written in the note.
        interval: The same as days.
        fact: The statement's own id in the note; empty if it has none.
        relation: What it is to another source; None if the note says nothing.
    """

    title: str
    url: str
    dated: str
    interval: Interval = Interval()
    fact: str = ""
    relation: Relation | None = None

    @property
    def when(self) -> str:
        """The date as citations have it: YYYY-MM-DD where the source is dated to the day, else as written."""
        return self.dated if self.interval.day is None or undated(self.dated) else self.interval.day.isoformat()


@dataclass(frozen=True, slots=True)
class Block:
    """One heading, paragraph, list item, table row or caption.

    Attributes:
        kind: What it is.
        text: The words, on one line: white space runs are single spaces, soft hyphens and line-break hyphens are gone.
        level: Of a heading, 1 for the highest; of a list item, 1 for the outermost list; else 0.
        marker: Of a list item, what stands before it: «•», «1.»; else empty.
        header: Of a table row, the header cells of its table, left to right; else empty.
        pages: Where pages begin inside the block, by offset; the first has offset 0. Empty where the format has no pages.
        links: The links inside the block, by offset.
        origin: Where it was taken from, if it is a statement of its own in a note; it is a passage of its own then.
    """

    kind: BlockKind
    text: str
    level: int = 0
    marker: str = ""
    header: tuple[str, ...] = ()
    pages: tuple[PageStart, ...] = ()
    links: tuple[Link, ...] = ()
    origin: Origin | None = None

    def page_at(self, offset: int) -> PageStart | None:
        """Return the page that holds the character at `offset` of the block, or None where the format has no pages."""
        at = bisect_right([start.offset for start in self.pages], offset) - 1
        return self.pages[at] if at >= 0 else None


@dataclass(frozen=True, slots=True)
class About:
    """What a document says of itself; a guess for the catalogue, which a person may correct.

    Attributes:
        title: As the document has it; empty where it has none.
        publisher: Who stands behind it; empty where it does not say.
        language: `nb`, `nn` or `en`; empty where it does not say.
        url: Its own address; empty where it does not say.
        published: When it was published, or None.
        updated: When it was last changed, or None.
    """

    title: str = ""
    publisher: str = ""
    language: str = ""
    url: str = ""
    published: date | None = None
    updated: date | None = None


@dataclass(frozen=True)
class Document:
    """A document as read.

    Attributes:
        blocks: In reading order; headers, footers and the printed table of contents are left out.
        reader: Name and version of the library that read it («pypdf 7.1.0»).
        page_count: Pages of the file, or None where the format has none.
        warnings: What the reader could not make sense of, one English sentence each.
        about: What it says of itself.
        recognised: Of each page whose text was recognised in a picture, the mean confidence in [0, 1], by page from 1.
    """

    blocks: tuple[Block, ...]
    reader: str
    page_count: int | None = None
    warnings: tuple[str, ...] = field(default=())
    about: About = About()
    recognised: Mapping[int, float] = field(default_factory=dict)

    @cached_property
    def text(self) -> str:
        """All blocks' texts, joined by `SEPARATOR`; every offset of a passage counts in this text."""
        return SEPARATOR.join(block.text for block in self.blocks)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """The offset in `text` at which each block begins."""
        offsets, at = [], 0
        for block in self.blocks:
            offsets.append(at)
            at += len(block.text) + len(SEPARATOR)
        return tuple(offsets)
