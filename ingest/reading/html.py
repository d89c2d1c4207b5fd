"""Web pages (HTML), by selectolax: the only module that imports it."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from itertools import islice
from pathlib import Path

from selectolax.lexbor import LexborHTMLParser, LexborNode

from ingest.documents import Document
from ingest.errors import UnreadableError
from ingest.reading.page import Head, Node, about_page, main_content, page_blocks
from ingest.reading.page.inline import Links, absolute
from ingest.reading.page.tree import UNSEEN, is_hidden, measure, opened_by
from ingest.reading.source import check_size, load
from ingest.reading.text import decode, without_contents

MAX_HTML = 20_000_000
"""Characters of a page's source. Source: a page of the longest document that is read has some 6 million."""

MAX_ELEMENTS = 300_000
"""Elements of a page. Source: a report of 300 pages to the Storting has some 20,000."""

MAX_ATTRIBUTES = 1_000_000
"""Attributes of a page. Source: 2 million take 0.7 GB."""

MAX_NESTED = 500
"""Elements inside each other, and attributes of one element, before a page is refused. Source: the parser's time grows
with the square of both; 200,000 elements inside each other keep it busy for minutes, 500 can't be noticed. Real pages
have fewer than a hundred of either."""

MAX_DEPTH = 150
"""Elements inside each other that are kept apart; what lies deeper counts as lying there."""

_PIECE = re.compile(
    r"<!--(?:.*?-->|.*)|<(?P<raw>script|style|textarea|title|xmp|iframe|noembed|noframes)\b.*?(?:</(?P=raw)\b|\Z)"
    r"""|<(?P<close>/?)(?P<tag>[a-z][^\s/>]*+)(?P<rest>(?:"[^"]*+"|'[^']*+'|[^"'>]++)*+)""",
    re.DOTALL | re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r"""[^\s"'=/>]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]*))?""")
_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_SELF_CLOSING = frozenset("p li dt dd tr td th thead tbody tfoot option optgroup colgroup".split())
_CHARSET = re.compile(rb"""<meta\b[^>]{0,500}?\bcharset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_WESTERN = frozenset({"iso8859-1", "ascii", "cp1252", "iso8859-15"})


def read_html(path: Path) -> Document:
    """Read a web page.

    Raises:
        UnreadableError: If the file holds no text or is above a limit.
    """
    source, warnings = _decoded(load(path), path)
    _check(source, path)
    parser = LexborHTMLParser(source)
    tree, head = _tree(parser), _head(parser)
    about = about_page(head, tree)
    links = Links(absolute(about.url, head.base) if head.base else about.url, about.url)
    blocks = without_contents(page_blocks(main_content(tree), links))
    check_size(path, sum(len(block.text) for block in blocks))
    return Document(tuple(blocks), f"selectolax {version('selectolax')}", warnings=warnings, about=about)


def _decoded(data: bytes, path: Path) -> tuple[str, tuple[str, ...]]:
    """Return a page's source and what was odd about its encoding.

    A byte order mark is believed, then what the page says of itself, unless the bytes are plainly something else.
    Source: HTML Standard, 13.2.3.2, which takes Latin-1 for Windows' Western code page.
    """
    declared = _CHARSET.search(data[:4096])
    if declared is None or data.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return decode(data, path)
    name = declared[1].decode("ascii", "replace")
    try:
        found = codecs.lookup(name).name
        if found.startswith("utf") or (found in _WESTERN and _is_utf8(data)):
            text, warnings = decode(data, path)
            odd = () if found.startswith("utf") or data.isascii() else (f"the page calls itself {name}, but is UTF-8",)
            return text, (*warnings, *odd)
        text = data.decode("cp1252" if found in ("iso8859-1", "ascii") else found)
    except (LookupError, UnicodeError):
        text, warnings = decode(data, path)
        return text, warnings or (f"the page calls itself {name}, but is UTF-8",)
    return decode(text.encode(), path)[0], ()


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _check(source: str, path: Path) -> None:
    """Refuse a page that would keep the parser busy.

    Raises:
        UnreadableError: If it is too long, or its elements lie in each other too deeply or have too many attributes.
    """
    reason = f"more than {MAX_HTML:,} characters of HTML" if len(source) > MAX_HTML else _excess(source)
    if reason:
        raise UnreadableError("document_unreadable", file=path.name, reason=reason)


def _excess(source: str) -> str:
    """Return what there is too much of in a page, or ""."""
    elements, attributes, open_tags = 0, 0, list[str]()
    for piece in _PIECE.finditer(source):
        tag = (piece["tag"] or "").lower()
        own = sum(1 for _ in islice(_ATTRIBUTE.finditer(piece["rest"] or ""), MAX_NESTED + 1))
        attributes += own
        if own > MAX_NESTED or attributes > MAX_ATTRIBUTES:
            return f"more than {MAX_ATTRIBUTES:,} attributes, or {MAX_NESTED} of one element"
        if not tag or tag in _VOID:
            continue
        elements += not piece["close"]
        if tag not in _SELF_CLOSING:
            _nest(open_tags, tag, closes=bool(piece["close"]))
        if elements > MAX_ELEMENTS or len(open_tags) > MAX_NESTED:
            return f"more than {MAX_ELEMENTS:,} elements, or {MAX_NESTED} inside each other"
    return ""


def _nest(open_tags: list[str], tag: str, *, closes: bool) -> None:
    """Note that an element begins or ends; what stands in a table ends nothing outside it."""
    if not closes:
        open_tags.append(tag)
        return
    for at in range(len(open_tags) - 1, -1, -1):
        if open_tags[at] == tag:
            del open_tags[at:]
            return
        if open_tags[at] == "table":
            return


def _head(parser: LexborHTMLParser) -> Head:
    """Return what the head of a page says of it."""
    metas = [_attributes(node) for node in parser.css("meta[content]")]
    links = [_attributes(node) for node in parser.css("link[rel][href]")]
    title, base = parser.css_first("title"), parser.css_first("base[href]")
    root = {} if parser.root is None else _attributes(parser.root)
    return Head(
        title="" if title is None else title.text(),
        language=root.get("lang") or root.get("xml:lang") or "",
        base="" if base is None else _attributes(base).get("href", ""),
        metas=metas,
        links=links,
        data=[node.text() for node in parser.css('script[type="application/ld+json"]')],
    )


def _tree(parser: LexborHTMLParser) -> Node:
    """Return what can be seen of a page."""
    tree = Node("body")
    triggers = parser.css("[aria-controls], [data-target], [data-bs-target], [aria-expanded], [data-toggle], [data-bs-toggle]")
    opened = frozenset(name for node in triggers for name in opened_by(_attributes(node)) if name)
    above = [tree]
    for node, depth in _seen(parser.body, opened):
        del above[min(depth, MAX_DEPTH) + 1 :]
        if node.tag == "-text":
            above[-1].children.append(node.text_content or "")
        else:
            element = Node(node.tag or "", _attributes(node))
            above[-1].children.append(element)
            above.append(element)
    measure(tree)
    return tree


def _seen(body: LexborNode | None, opened: frozenset[str]) -> Iterator[tuple[LexborNode, int]]:
    """Yield the elements and texts below the body that can be seen, in order, each with its depth from 0."""
    node, depth = None if body is None else body.first_child, 0
    while node is not None:
        tag = node.tag or "-"
        seen = tag == "-text" or not (tag.startswith("-") or tag in UNSEEN or is_hidden(_attributes(node), opened))
        if seen:
            yield node, depth
        child = node.first_child if seen else None
        if child is not None:
            node, depth = child, depth + 1
            continue
        while node.next is None and depth:
            above = node.parent
            assert above is not None
            node, depth = above, depth - 1
        node = node.next


def _attributes(node: LexborNode) -> Mapping[str, str]:
    return {name.lower(): value or "" for name, value in node.attributes.items()}
