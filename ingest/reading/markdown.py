"""Markdown, by markdown-it-py: CommonMark and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from ingest.documents import About, Block, BlockKind, Document
from ingest.reading.common.about import language_code, publisher_of, title_of
from ingest.reading.common.dates import parse_date
from ingest.reading.common.rows import row_block
from ingest.reading.source import check_size, load
from ingest.reading.text import decode, without_contents
from ingest.reading.words import MAX_CAPTION, Text, begins_as_caption, clean

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)??(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^(\w+)[ \t]*:[ \t]*(\"[^\"\n]*\"|'[^'\n]*'|[^\n#\[{|>&*!]*)", re.MULTILINE)
_TAG = re.compile(r"<!--.*?-->|<(script|style)\b.*?</\1\s*>|<[^>]*>", re.DOTALL | re.IGNORECASE)


def read_markdown(path: Path) -> Document:
    """Read a Markdown file.

    Raises:
        UnreadableError: If the file holds no text or is above a limit.
    """
    text, warnings = decode(load(path), path)
    check_size(path, len(text))
    reader = f"markdown-it-py {version('markdown-it-py')}"
    blocks = tuple(markdown_blocks(text))
    return Document(blocks, reader, warnings=warnings, about=_about(text, blocks))


def _about(source: str, blocks: Sequence[Block]) -> About:
    """Return what the front matter says, read line by line: of its YAML only plain values are wanted."""
    matter = _FRONT_MATTER.match(source)
    said = {key.lower(): value.strip().strip("\"'") for key, value in _FIELD.findall(matter[1] or "" if matter else "")}
    first = blocks[0] if blocks and blocks[0].kind == "heading" and blocks[0].level == 1 else None
    url = said.get("url", "")
    return About(
        title=title_of(said.get("title", "")) or title_of(first.text if first else ""),
        publisher=title_of(said.get("publisher", "")) or publisher_of(said.get("author", "")),
        language=language_code(said.get("lang", "") or said.get("language", "")),
        url=url if url.startswith(("https://", "http://")) else "",
        published=parse_date(said.get("dated", "") or said.get("date", "")),
        updated=parse_date(said.get("updated", "") or said.get("lastmod", "")),
    )


def markdown_blocks(source: str) -> list[Block]:
    """Return the blocks of a Markdown text."""
    tokens = MarkdownIt("commonmark").enable("table").parse(_FRONT_MATTER.sub("", source))
    walk = _Walk()
    for token in tokens:
        walk.take(token)
    return without_contents([block for block in walk.blocks if block.text])


def inline_text(source: str) -> Text:
    """Return the words of one line of Markdown as a reader sees them, with its links."""
    (token,) = MarkdownIt("commonmark").parseInline(source)
    return _inline(token.children or ())


@dataclass
class _Walk:
    """Turns the parser's flat tokens into blocks."""

    blocks: list[Block] = field(default_factory=list)
    _kind: BlockKind = "paragraph"
    _level: int = 0
    _depth: int = 0
    _marker: str = ""
    _header: tuple[str, ...] = ()
    _cells: list[Text] = field(default_factory=list)
    _in_head: bool = False
    _in_table: bool = False

    def take(self, token: Token) -> None:
        """Take one token; what only closes a block or draws a line needs nothing done."""
        match token.type:
            case "heading_open":
                self._kind, self._level = "heading", int(token.tag[1:])
            case "heading_close":
                self._kind, self._level = "paragraph", 0
            case "bullet_list_open" | "ordered_list_open":
                self._depth += 1
            case "bullet_list_close" | "ordered_list_close":
                self._depth -= 1
            case "list_item_open":
                self._marker = f"{token.info}{token.markup}" if token.info else "•"
            case "inline":
                self._text(token)
            case "code_block" | "fence":
                self._add(_plain(token.content))
            case "html_block":
                self._add(_plain(_TAG.sub(" ", token.content)))
            case _:
                self._table(token.type)

    def _table(self, kind: str) -> None:
        match kind:
            case "table_open" | "table_close":
                self._in_table, self._header = kind == "table_open", ()
            case "thead_open" | "thead_close":
                self._in_head = kind == "thead_open"
            case "tr_open":
                self._cells = []
            case "tr_close" if self._in_head:
                self._header = tuple(cell.trimmed() for cell in self._cells)
            case "tr_close":
                self.blocks.append(row_block(self._cells, self._header))

    def _text(self, token: Token) -> None:
        text = _inline(token.children or ())
        if self._in_table:
            self._cells.append(text)
        else:
            self._add(text, caption=_is_emphasis(token.children or ()))

    def _add(self, text: Text, *, caption: bool = False) -> None:
        words = text.trimmed()
        kind, level, marker = self._kind, self._level, ""
        if kind == "paragraph" and self._marker:
            kind, level, marker, self._marker = "list_item", self._depth, self._marker, ""
        elif kind == "paragraph" and (caption and len(words) <= MAX_CAPTION or begins_as_caption(words)):
            kind = "caption"
        self.blocks.append(Block(kind, words, level=level, marker=marker, links=tuple(text.links)))


def _plain(content: str) -> Text:
    text = Text()
    text.add(clean(content))
    return text


def _inline(tokens: Sequence[Token]) -> Text:
    text = Text()
    urls: list[str] = []
    for token, words in _words(tokens, urls):
        if words:
            text.add(clean(words), urls[-1] if urls and token.type != "softbreak" else None)
    return text


def _words(tokens: Sequence[Token], urls: list[str]) -> Iterator[tuple[Token, str]]:
    """Yield each token with its words; `urls` holds the links that are open meanwhile."""
    for token in tokens:
        match token.type:
            case "text" | "code_inline" | "text_special":
                yield token, token.content
            case "softbreak" | "hardbreak":
                yield token, " "
            case "html_inline" if token.content.lower().startswith("<br"):
                yield token, " "
            case "link_open":
                target = str(token.attrs.get("href", ""))
                urls.append("" if target == "#" else target)
            case "link_close":
                urls.pop()


def _is_emphasis(tokens: Sequence[Token]) -> bool:
    """Tell whether a paragraph is all in one emphasis."""
    shown = [token for token in tokens if token.type != "text" or token.content]
    if len(shown) < 3 or shown[0].type != "em_open" or shown[-1].type != "em_close":
        return False
    return not any(token.type == "em_close" and token.level == shown[0].level for token in shown[1:-1])
