"""OpenDocument texts (ODT): no kept library reads them, and their XML is simple enough to be read as it is.

Source: OASIS OpenDocument 1.3, part 3; the names are its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from ingest.documents import About, Block, Document, Link
from ingest.errors import UnreadableError
from ingest.reading.common.about import language_code, publisher_of, title_of
from ingest.reading.common.dates import parse_date
from ingest.reading.common.rows import Row, table_blocks
from ingest.reading.common.zipped import Zipped
from ingest.reading.layout import counted
from ingest.reading.source import check_size
from ingest.reading.text import without_contents
from ingest.reading.words import Text, begins_as_caption, clean

READER = "OpenDocument 1"
"""Name and version of this reader; the number goes up when its blocks change."""

_OASIS = "{urn:oasis:names:tc:opendocument:xmlns:"
TEXT, TABLE, STYLE, META = (f"{_OASIS}{name}:1.0}}" for name in ("text", "table", "style", "meta"))
DC, HREF = "{http://purl.org/dc/elements/1.1/}", "{http://www.w3.org/1999/xlink}href"

_SKIPPED = frozenset(
    [f"{TEXT}{name}" for name in ("tracked-changes", "table-of-content", "illustration-index", "table-index",
                                  "alphabetical-index", "note-citation", "hidden-text", "sequence-decls", "ruby-text")]
    + [f"{_OASIS}office:1.0}}annotation", f"{_OASIS}svg-compatible:1.0}}title", f"{_OASIS}svg-compatible:1.0}}desc"]
)  # fmt: skip
_CAPTIONS = frozenset({"Caption", "Illustration", "Figure", "Table", "Drawing"})
_KINDS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_MOST = 100


def read_odt(path: Path) -> Document:
    """Read an OpenDocument text.

    Raises:
        UnreadableError: If the file is no such text, damaged, encrypted or above a limit.
    """
    zipped = Zipped(path)
    try:
        content = ElementTree.fromstring(zipped.xml("content.xml"))
        body = content.find(f"{_OASIS}office:1.0}}body/{_OASIS}office:1.0}}text")
        if body is None:
            raise zipped.unreadable("not a text document, whatever its name says")
        zipped.check_parts(body, f"{TEXT}p", f"{TEXT}h", f"{TABLE}table-cell", f"{TABLE}covered-table-cell")
        walk = _Walk({each.get(f"{STYLE}name", ""): each for each in _styles(zipped, content)})
        walk.inside(body)
        blocks = without_contents(walk.blocks)
    except ElementTree.ParseError as error:
        raise zipped.unreadable("damaged XML inside") from error
    except RecursionError as error:
        raise zipped.unreadable("elements inside each other too deeply") from error
    check_size(path, sum(len(block.text) for block in blocks))
    return Document(tuple(blocks), READER, about=_about(zipped, walk))


def _styles(zipped: Zipped, content: Element) -> Iterator[Element]:
    roots = [ElementTree.fromstring(zipped.xml("styles.xml"))] if "styles.xml" in zipped.names else []
    for root in (*roots, content):
        yield from (each for each in root.iter() if each.tag in (f"{STYLE}style", f"{TEXT}list-style"))


@dataclass
class _Walk:
    """Takes the elements of a text in order."""

    styles: dict[str, Element]
    title: str = ""
    blocks: list[Block] = field(default_factory=list)
    _lists: list[tuple[str, int]] = field(default_factory=list)
    _open: bool = False

    def inside(self, element: Element) -> None:
        for child in element:
            if child.tag in (f"{TEXT}h", f"{TEXT}p"):
                self._paragraph(child)
            elif child.tag == f"{TEXT}list":
                name = child.get(f"{TEXT}style-name") or (self._lists[-1][0] if self._lists else "")
                self._lists.append((name, 0))
                self.inside(child)
                self._lists.pop()
            elif child.tag == f"{TEXT}list-item":
                name, count = self._lists.pop()
                self._lists.append((name, count + 1))
                self._open = True
                self.inside(child)
            elif child.tag == f"{TABLE}table":
                self._table(child)
            elif child.tag not in _SKIPPED and child.get(f"{TEXT}display") != "none":
                self.inside(child)

    def _paragraph(self, element: Element) -> None:
        text, hanging = Text(), list[Element]()
        _gather(element, None, text, hanging)
        words, links = text.trimmed(), tuple(text.links)
        names = set(self._names(element.get(f"{TEXT}style-name", "")))
        if element.tag == f"{TEXT}h" or "Title" in names:
            level = element.get(f"{TEXT}outline-level", "1")
            self.title = self.title or (words if "Title" in names else "")
            block = Block("heading", words, level=int(level) if level.isdecimal() and len(level) < 3 else 1, links=links)
        elif self._lists and self._open:
            block = Block("list_item", words, level=len(self._lists), marker=self._marker(), links=links)
            self._open = False
        else:
            caption = bool(names & _CAPTIONS) or begins_as_caption(words)
            block = Block("caption" if caption else "paragraph", words, links=links)
        self.blocks += [block] if words else []
        for each in hanging:
            # A note or a text box: its own paragraphs, as items of the list that it stands in.
            inner = _Walk(self.styles, title=self.title, _lists=[*self._lists, ("", 0)] if block.kind == "list_item" else [])
            inner._open = bool(inner._lists)
            inner.inside(each)
            self.blocks += inner.blocks

    def _names(self, name: str) -> Iterator[str]:
        for _ in range(_MOST):
            yield name
            style = self.styles.get(name)
            name = "" if style is None else style.get(f"{STYLE}parent-style-name", "")

    def _marker(self) -> str:
        name, count = self._lists[-1]
        style = self.styles.get(name)
        for level in () if style is None else style:
            if level.get(f"{TEXT}level") == str(len(self._lists)) and level.tag == f"{TEXT}list-level-style-number":
                number = counted(count, _KINDS.get(level.get(f"{STYLE}num-format", ""), "decimal"))
                return level.get(f"{STYLE}num-prefix", "") + number + level.get(f"{STYLE}num-suffix", "")
        return "•"

    def _table(self, table: Element) -> None:
        rows: list[Row] = []
        claimed: dict[int, Text] = {}
        for row, head in _rows(table, head=False):
            line: list[Text] = []
            after: list[Block] = []
            for cell in row:
                at = len(line)
                if cell.tag == f"{TABLE}covered-table-cell":
                    # Covered by the last cell that reached into this column, from the left or from above.
                    line.append(claimed.get(at, Text()))
                elif cell.tag == f"{TABLE}table-cell":
                    inner = _Walk(self.styles)
                    inner.inside(cell)
                    line.append(_joined([block for block in inner.blocks if block.kind != "table_row"]))
                    after += [block for block in inner.blocks if block.kind == "table_row"]
                    claimed |= dict.fromkeys(range(at, at + _columns(cell)), line[-1])
            rows.append(Row(line, head, after))
        self.blocks += table_blocks(rows)


def _rows(table: Element, *, head: bool) -> Iterator[tuple[Element, bool]]:
    for child in table:
        if child.tag == f"{TABLE}table-row":
            yield child, head
        elif child.tag in (f"{TABLE}table-header-rows", f"{TABLE}table-rows", f"{TABLE}table-row-group"):
            yield from _rows(child, head=head or child.tag == f"{TABLE}table-header-rows")


def _columns(cell: Element) -> int:
    value = cell.get(f"{TABLE}number-columns-spanned", "1")
    return min(int(value), _MOST) if value.isdecimal() and len(value) < 10 else 1


def _joined(blocks: list[Block]) -> Text:
    text = Text()
    for block in blocks:
        text.add(" ")
        start = len(text.text)
        text.add(block.text)
        text.links.extend(Link(start + link.start, start + link.end, link.url) for link in block.links)
    return text


def _gather(element: Element, url: str | None, text: Text, hanging: list[Element]) -> None:
    """Add the words of a paragraph; what hangs on it is kept for later."""
    text.add(clean(element.text or ""), url)
    for child in element:
        if child.tag == f"{TEXT}note-body" or child.tag.endswith("}text-box"):
            hanging.append(child)
        elif child.tag in (f"{TEXT}s", f"{TEXT}tab", f"{TEXT}line-break"):
            text.add(" ")
        elif child.tag not in _SKIPPED:
            _gather(child, child.get(HREF) if child.tag == f"{TEXT}a" else url, text, hanging)
        text.add(clean(child.tail or ""), url)


def _about(zipped: Zipped, walk: _Walk) -> About:
    """Return what the file says of itself; one whose properties are damaged can still be read."""
    try:
        meta = ElementTree.fromstring(zipped.xml("meta.xml"))
    except (ElementTree.ParseError, UnreadableError):
        return About(title=title_of(walk.title))
    said = {each.tag: each.text or "" for each in meta.iter()}
    return About(
        title=title_of(walk.title) or title_of(said.get(f"{DC}title", "")),
        publisher=publisher_of(said.get(f"{META}initial-creator", ""), said.get(f"{DC}creator", "")),
        language=language_code(said.get(f"{DC}language", "")),
        published=parse_date(said.get(f"{META}creation-date", "")),
        updated=parse_date(said.get(f"{DC}date", "")),
    )
