"""Presentations (PPTX), by python-pptx: the only module that imports it, and where its errors become ours."""

from __future__ import annotations

import io
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER

from ingest.documents import About, Block, Document, PageStart
from ingest.reading.common.about import language_code, publisher_of, title_of
from ingest.reading.common.dates import norwegian_date
from ingest.reading.common.rows import Row, table_blocks
from ingest.reading.common.zipped import Zipped
from ingest.reading.source import check_size, load
from ingest.reading.words import Text, begins_as_caption, clean

MAX_TAGS = 1_000_000
"""Tags of all slides together. Source: a slide of text has some 500, so this is 2,000 slides."""

HIDDEN = "hidden slides left out"

_TITLES = frozenset({PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE})
_FURNITURE = frozenset({PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.HEADER, PP_PLACEHOLDER.SLIDE_NUMBER})

# What python-pptx and lxml let through from files that break their assumptions; lxml's XMLSyntaxError is a SyntaxError.
_FAILURES = (ArithmeticError, AssertionError, AttributeError, LookupError, RuntimeError, SyntaxError, TypeError, ValueError)


def read_pptx(path: Path) -> Document:
    """Read a presentation: each slide is a page, with its title as heading and its notes last.

    Raises:
        UnreadableError: If the file is no presentation, damaged, encrypted or above a limit.
    """
    zipped = Zipped(path)
    tags = sum(zipped.xml(name).count(b"<") for name in zipped.names if name.endswith((".xml", ".rels")))
    if tags > MAX_TAGS:
        raise zipped.unreadable(f"more than {MAX_TAGS:,} tags")
    try:
        show: Any = Presentation(io.BytesIO(load(path)))
        found: set[str] = set()
        blocks = [block for number, slide in enumerate(show.slides, start=1) for block in _slide(slide, number, found)]
        about, count = _about(show.core_properties, blocks), len(show.slides)
    except _FAILURES as error:
        raise zipped.unreadable(f"not a presentation, or a damaged one: {type(error).__name__}") from error
    check_size(path, sum(len(block.text) for block in blocks))
    return Document(tuple(blocks), f"python-pptx {version('python-pptx')}", count, tuple(sorted(found)), about)


def _slide(slide: Any, number: int, left_out: set[str]) -> Iterator[Block]:
    if slide._element.get("show") in ("0", "false"):
        left_out.add(HIDDEN)
        return
    page = (PageStart(0, number, str(number)),)
    shapes = sorted(_shapes(slide.shapes), key=lambda shape: not _is(shape, _TITLES))
    found = [block for shape in shapes for block in _blocks(shape)]
    if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
        found += _paragraphs(slide.notes_slide.notes_text_frame, items=False)
    for block in found:
        yield Block(block.kind, block.text, block.level, block.marker, block.header, page, block.links)


def _shapes(shapes: Any) -> Iterator[Any]:
    """Yield the shapes that are no furniture, those in groups too."""
    for shape in shapes:
        if shape.shape_type == MSO_SHAPE_TYPE.GROUP:
            yield from _shapes(shape.shapes)
        elif not _is(shape, _FURNITURE):
            yield shape


def _is(shape: Any, kinds: frozenset[Any]) -> bool:
    return bool(shape.is_placeholder) and shape.placeholder_format.type in kinds


def _blocks(shape: Any) -> Iterator[Block]:
    if getattr(shape, "has_table", False):
        yield from table_blocks(list(_rows(shape.table)))
    elif shape.has_text_frame and _is(shape, _TITLES):
        words = clean(shape.text_frame.text).strip()
        if words:
            yield Block("heading", words, level=1)
    elif shape.has_text_frame:
        yield from _paragraphs(shape.text_frame, items=bool(shape.is_placeholder))


def _rows(table: Any) -> Iterator[Row]:
    above: list[Text] = []
    for at, row in enumerate(table.rows):
        line: list[Text] = []
        for cell in row.cells:
            if cell.is_spanned:
                # Covered by the cell to its left, or by the one above.
                line.append(
                    line[-1] if cell._tc.get("hMerge") and line else above[len(line)] if len(above) > len(line) else Text()
                )
            else:
                line.append(Text(clean(cell.text_frame.text).strip()))
        above = line
        yield Row(line, head=not at and bool(table.first_row) and len(table.rows) > 1)


def _paragraphs(frame: Any, *, items: bool) -> Iterator[Block]:
    """Yield the paragraphs of a text; those of a slide's own text are the items of a list, unless there is but one."""
    paragraphs = [(paragraph, _text(paragraph)) for paragraph in frame.paragraphs]
    listed = items and sum(1 for _, text in paragraphs if text.trimmed()) > 1
    for paragraph, text in paragraphs:
        words, links = text.trimmed(), tuple(text.links)
        if words and listed:
            yield Block("list_item", words, level=paragraph.level + 1, marker="•", links=links)
        elif words:
            yield Block("caption" if begins_as_caption(words) else "paragraph", words, links=links)


def _text(paragraph: Any) -> Text:
    text, runs = Text(), iter(paragraph.runs)
    for child in paragraph._p.content_children:
        # Only a run has a link; a line break and a field (a date, a number) have none.
        url = next(runs).hyperlink.address if child.tag.endswith("}r") else None
        text.add(clean(child.text or ""), url)
    return text


def _about(core: Any, blocks: list[Block]) -> About:
    first = next((block.text for block in blocks if block.kind == "heading"), "")
    return About(
        title=title_of(core.title) or title_of(first),
        publisher=publisher_of(core.author),
        language=language_code(core.language),
        published=norwegian_date(core.created) if core.created else None,
        updated=norwegian_date(core.modified) if core.modified else None,
    )
