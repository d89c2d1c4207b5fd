"""What stands on a page and is not the document's text: headers, footers, page numbers, the table of contents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

from ingest.reading.layout.lines import Line

MARGIN = 0.13
"""Part of the page's height, above and below, where headers and footers stand. Source: 38 mm of an A4 page, wider than
the margins that Word and LibreOffice give (25 and 20 mm)."""

REPEATED_ON = 0.3
"""Part of the pages on which a line must stand to be a header: less than half, as left and right pages may differ."""

_CONTENTS = re.compile(r"(?:innhold|innhald|innholds(?:fortegnelse|liste|oversikt)|contents|table of contents):?", re.I)
_LEADERS = re.compile(r"(?P<title>.*?)\s*(?:[.…·_]\s?){3,}\s*(?P<page>\d{1,4}|[ivxlc]{1,6})?")
_NUMBERED = re.compile(r"(?P<title>.+?)\s+(?P<page>\d{1,4}|[ivxlc]{1,6})")
_PAGE_NUMBER = re.compile(r"[-–—|\s]*(?:(?:side|s\.|page|p\.)\s*)?#(?:\s*(?:av|of|/|\|)\s*[\d#]+)?[-–—|\s]*", re.I)
_NUMBERING = re.compile(r"^(?:(?:kapittel|kap\.|del|vedlegg)\s+)?(?:\d+(?:\.\d+)*\.?|[A-Z]\.)\s+", re.I)


def is_contents_title(text: str) -> bool:
    """Tell whether a line is what stands above a table of contents."""
    return _CONTENTS.fullmatch(text) is not None


def same_title(text: str) -> str:
    """Return what two spellings of a title have in common: no case, no numbering before it, no full stop after."""
    bare = _NUMBERING.sub("", " ".join(text.split())).rstrip(" .:")
    return (bare or text).casefold()


def without_margins(pages: Sequence[Sequence[Line]]) -> list[list[Line]]:
    """Return the lines of each page without headers, footers and page numbers."""
    counted = Counter(key for lines in pages for key in {_key(line, len(pages)) for line in lines if _in_margin(line)})
    often = max(2, REPEATED_ON * len(pages))

    def is_furniture(line: Line) -> bool:
        if not _in_margin(line):
            return False
        key = _key(line, len(pages))
        # A chapter's running head stands on its pages only, but the page number in it changes with them.
        return counted[key] >= (2 if "#" in key[1] else often) or _PAGE_NUMBER.fullmatch(key[1]) is not None

    return [[line for line in lines if not is_furniture(line)] for lines in pages]


def _in_margin(line: Line) -> bool:
    return not MARGIN * line.page.height <= line.y <= (1 - MARGIN) * line.page.height


def _key(line: Line, page_count: int) -> tuple[int, str]:
    """Return place and text of a line, with `#` where page numbers stand; other numbers are text and stay."""
    own = "|".join(sorted({str(line.page.number), re.escape(line.page.label)}))
    places = rf"^(?:{own})(?!\w)|(?<!\w)(?:{own})$|(?<=\bside )(?:{own})(?!\w)"
    text = re.sub(places, "#", line.text, flags=re.IGNORECASE)
    return round(line.y / 3), re.sub(rf"(?<=\b(?:av|of) ){page_count}(?!\w)", "#", text)


def without_contents(pages: Sequence[Sequence[Line]], titles: Collection[str]) -> list[list[Line]]:
    """Return the lines of each page without a printed table of contents.

    Args:
        pages: Lines, page by page.
        titles: Headings of the document as `same_title` gives them, as far as they are known.
    """
    kept: list[list[Line]] = []
    inside = False
    for lines in pages:
        entries = [is_entry(line.text, titles, inside=True) for line in lines]
        page: list[Line] = []
        at = 0
        while at < len(lines):
            headed = is_contents_title(lines[at].text)
            stop = _entries_end(lines, entries, at + headed, headed or inside and at == 0)
            if stop > at + headed:
                # A table that fills the page may go on on the next one.
                inside, at = stop == len(lines), stop
            else:
                page.append(lines[at])
                inside, at = False, at + 1
        kept.append(page)
    return kept


def is_entry(text: str, titles: Collection[str], *, inside: bool) -> bool:
    """Tell whether a line is an entry of a table of contents.

    Args:
        text: The line.
        titles: Headings of the document as `same_title` gives them.
        inside: Whether the line stands below «Innhold», where a number at the end is enough.
    """
    leaders = _LEADERS.fullmatch(text)
    if leaders is not None:
        return True
    numbered = _NUMBERED.fullmatch(text)
    return numbered is not None and (inside or same_title(numbered["title"]) in titles)


def _entries_end(lines: Sequence[Line], entries: Sequence[bool], start: int, headed: bool) -> int:
    """Return where the table of contents that begins at `start` ends; `start` itself where there is none."""
    stop, at, found = start, start, 0
    while at < len(lines):
        if entries[at] and (headed or _LEADERS.fullmatch(lines[at].text)):
            found, at = found + 1, at + 1
            stop = at
        elif headed and at + 1 < len(lines) and entries[at + 1] and at > start and not entries[at]:
            # A title too long for one line: its number stands on the next one.
            at += 1
        else:
            break
    return stop if found >= (2 if headed else 3) else start
