"""Set a Markdown fact sheet as a PDF with bookmarks, page labels and a printed table of contents.

    pip install typst markdown-it-py
    python tools/typeset.py corpus/documents/faktagrunnlag-helseplattformen-2022.md \
        --title "Faktagrunnlag Helseplattformen – våren 2022" \
        --author "Regional arbeidsgruppe, Midt-Norge" --date 2022-03-04

The PDF is written beside the Markdown file. The same file, arguments and typst give the same bytes: the date is an
argument and only typst's own fonts are used.

What the Markdown may hold: headings, paragraphs, hard line breaks, lists of one level, block quotes (set in a
frame) and paragraphs all in emphasis (set as captions, each below an empty panel where the original had a figure that
is not in the text). Everything before the first heading of level 2 is the cover. Its list under «Innhold» says on
which page each section begins: a section starts a new page where the list says so, and a list that is wrong about any
page stops the run. Link definitions (`[words]: target`) make a link of the words wherever they stand, so that the
text itself stays free of link marks and every sentence of the PDF can be found in it word for word.

Development only: neither typst nor this file is needed to read documents.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import typst
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode as Node

Links = dict[str, str]
"""Targets by the words that lead to them, the words in upper case."""

CONTENTS = "Innhold"
LONG_CAPTION, LOW_PANEL, HIGH_PANEL = 60, "15mm", "36mm"
"""A caption of more than so many characters tells what its figure shows; one that only names it leaves it more room."""

PREAMBLE = """
#let ink = rgb("#1b3a57")
#set document(title: {title}, author: {author}, date: datetime(year: {year}, month: {month}, day: {day}))
#set text(lang: "nb", font: "Libertinus Serif", size: 11.5pt, hyphenate: true)
#set par(justify: true, leading: 0.77em, spacing: 1.3em)
#set list(indent: 0.6em, body-indent: 0.6em, spacing: 0.9em)
#set enum(indent: 0.6em, body-indent: 0.6em, spacing: 0.9em)
#set page(
  paper: "a4", margin: (x: 27mm, top: 28mm, bottom: 25mm), numbering: "1",
  header: context if here().page() > 1 {{
    set text(size: 9pt, fill: ink)
    [#{title}]
    v(-0.7em)
    line(length: 100%, stroke: 0.5pt + ink)
  }},
  footer: context if here().page() > 1 {{ align(center, text(size: 9pt, fill: ink, counter(page).display())) }},
)
#show heading: set text(fill: ink, hyphenate: false)
#show heading: set par(justify: false)
#show heading.where(level: 1): set text(size: 30pt)
#show heading.where(level: 2): set text(size: 18pt)
#show heading.where(level: 3): set text(size: 13.5pt)
#show heading.where(level: 2): set block(above: 1.6em, below: 1em)
#show heading.where(level: 3): set block(above: 1.5em, below: 0.9em)
#show link: it => if type(it.dest) == str {{ text(fill: rgb("#1a5a96"), underline(it)) }} else {{
  text(fill: rgb("#1a5a96"), it)
}}
#let caption(body) = block(above: 0.8em, below: 1.4em, text(size: 9.5pt, style: "italic", par(justify: false, body)))
#let panel(height) = block(width: 100%, height: height, fill: luma(245), stroke: 0.5pt + luma(205), radius: 2pt,
  sticky: true, below: 0.8em, align(center + horizon,
  box(width: 14mm, height: 10mm, stroke: 1pt + luma(190), radius: 1.5pt, clip: true, {{
    place(dx: 2mm, dy: 1.6mm, circle(radius: 1mm, fill: luma(205)))
    place(bottom, polygon(fill: luma(205), (0mm, 10mm), (5mm, 3.5mm), (8mm, 7mm), (10.5mm, 5mm), (14mm, 10mm)))
  }})))
#let framed(body) = block(width: 100%, inset: (x: 12pt, y: 11pt), stroke: 0.5pt + luma(150), fill: luma(250), body)
#let entry(target, title, printed) = {{
  context assert.eq(counter(page).at(target).first(), int(printed), message: title + " is not on page " + printed)
  block(above: 0.75em, below: 0pt, link(target, {{
    text(fill: black, {{ title; h(0.4em); box(width: 1fr, repeat(gap: 0.15em)[.]); h(0.4em); printed }})
  }}))
}}
"""

COVER = """
#place(top, dy: -28mm, dx: -27mm, rect(width: 210mm, height: 12mm, fill: ink))
#v(38mm)
"""


def literal(text: str) -> str:
    """Return `text` as a typst string; JSON escapes the same characters in the same way."""
    return json.dumps(text, ensure_ascii=False)


def plain(node: Node) -> str:
    """Return the words of a node without any markup."""
    if node.type in ("text", "code_inline"):
        return node.content
    if node.type in ("softbreak", "hardbreak"):
        return " "
    return "".join(plain(child) for child in node.children)


def anchor(title: str) -> str:
    """Return the name under which a heading can be linked to, as web pages of Markdown make it."""
    return "".join(c for c in title.lower().replace(" ", "-") if c.isalnum() or c == "-")


def linked(text: str, links: Links) -> str:
    """Return typst markup for plain words, those that have a link definition made links."""
    if not links:
        return f"#{literal(text)};"
    pieces = re.split("(" + "|".join(map(re.escape, links)) + ")", text, flags=re.IGNORECASE)
    parts = []
    for piece in filter(None, pieces):
        target = links.get(piece.upper())
        if target is None:
            parts.append(f"#{literal(piece)};")
        else:
            goal = f"label({literal(target[1:])})" if target.startswith("#") else literal(target)
            parts.append(f"#link({goal})[#{literal(piece)};];")
    return "".join(parts)


def inline(node: Node, links: Links) -> str:
    """Return typst markup for a run of text."""
    inner = "".join(inline(child, links) for child in node.children)
    match node.type:
        case "text":
            return linked(node.content, links)
        case "softbreak":
            return " "
        case "hardbreak":
            return "#linebreak();"
        case "em":
            return f"#emph[{inner}];"
        case "strong":
            return f"#strong[{inner}];"
        case "inline":
            return inner
    raise ValueError(f"can't set inline {node.type!r} in {plain(node)!r}")


def is_caption(node: Node) -> bool:
    """Tell whether a paragraph is all in emphasis."""
    return node.type == "paragraph" and [child.type for child in node.children[0].children] == ["em"]


def block(node: Node, after: Node | None, links: Links) -> str:
    """Return typst markup for a block.

    Args:
        node: The block.
        after: The block before it, or None.
        links: The link definitions.
    """
    match node.type:
        case "heading":
            title = plain(node)
            return f"{'=' * int(node.tag[1:])} {inline(node.children[0], links)} #label({literal(anchor(title))})"
        case "paragraph" if is_caption(node):
            # A framed quotation already stands for its figure, and a caption inside the frame is the figure's title.
            height = LOW_PANEL if len(plain(node)) > LONG_CAPTION else HIGH_PANEL
            figure = "" if after is None or after.type == "blockquote" else f"#panel({height})\n"
            return f"{figure}#caption[{inline(node.children[0].children[0].children[0], links)}]"
        case "paragraph":
            return inline(node.children[0], links)
        case "blockquote":
            return f"#framed[\n{blocks(node.children, links)}\n]"
        case "bullet_list" | "ordered_list":
            sign = "-" if node.type == "bullet_list" else "+"
            return "\n".join(f"{sign} {inline(item.children[0].children[0], links)}" for item in node.children)
    raise ValueError(f"can't set block {node.type!r} in {plain(node)!r}")


def blocks(nodes: Sequence[Node], links: Links) -> str:
    """Return typst markup for blocks that follow each other."""
    before = [None, *nodes]
    return "\n\n".join(block(node, after, links) for node, after in zip(nodes, before, strict=False))


def cover(nodes: Sequence[Node], pages: dict[str, int]) -> str:
    """Return typst markup for the first page: title, what stands below it, and the table of contents."""
    parts = [COVER]
    for node in nodes:
        if node.type == "heading":
            parts.append(block(node, None, {}))
        elif node.type == "bullet_list":
            for title, page in pages.items():
                parts.append(f'#entry(label({literal(anchor(title))}), {literal(title)}, "{page}")')
        elif plain(node) == CONTENTS:
            parts.append(f'#v(1fr)\n#block(below: 1.1em, text(size: 15pt, weight: "bold", fill: ink)[{CONTENTS}])')
        else:
            parts.append(f"#block(above: 1.35em, text(size: 15pt, fill: ink)[{inline(node.children[0], {})}])")
    return "\n\n".join(parts)


def contents(nodes: Sequence[Node]) -> dict[str, int]:
    """Return the printed page of each section, by title, from the list under «Innhold»."""
    lists = [node for node in nodes if node.type == "bullet_list"]
    entries = [plain(item).rsplit(" ", 1) for found in lists for item in found.children]
    return {title: int(page) for title, page in entries}


def markup(source: str, title: str, author: str, dated: date) -> str:
    """Return the whole typst document for a Markdown fact sheet."""
    found: dict[str, Any] = {}
    nodes = Node(MarkdownIt("commonmark").parse(source, found)).children
    # markdown-it keeps the words in upper case.
    links: Links = {words: reference["href"] for words, reference in found.get("references", {}).items()}
    first = next(at for at, node in enumerate(nodes) if node.tag == "h2")
    pages = contents(nodes[:first])
    day = {"year": dated.year, "month": dated.month, "day": dated.day}
    preamble = PREAMBLE.format(title=literal(title), author=literal(author), **day)
    parts, page, before = [preamble, cover(nodes[:first], pages)], 1, None
    for node in nodes[first:]:
        starts = pages.get(plain(node), page) if node.tag == "h2" else page
        if starts > page:
            parts.append("#pagebreak()")
            page = starts
        parts.append(block(node, before, links))
        before = node
    return "\n\n".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Set one file."""
    parser = argparse.ArgumentParser(description="Set a Markdown fact sheet as a PDF beside it.")
    parser.add_argument("source", type=Path, help="the Markdown file")
    parser.add_argument("--title", required=True, help="title in the file's metadata and at the head of each page")
    parser.add_argument("--author", required=True, help="author in the file's metadata")
    parser.add_argument("--date", required=True, type=date.fromisoformat, help="date of the document, YYYY-MM-DD")
    options = parser.parse_args(arguments)
    text = markup(options.source.read_text(encoding="utf-8"), options.title, options.author, options.date)
    midnight = datetime(options.date.year, options.date.month, options.date.day, tzinfo=UTC)
    target = options.source.with_suffix(".pdf")
    pdf = typst.compile(text.encode(), ignore_system_fonts=True, timestamp=int(midnight.timestamp()))
    target.write_bytes(pdf)
    sys.stdout.write(f"{target}: {len(pdf)} bytes\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
