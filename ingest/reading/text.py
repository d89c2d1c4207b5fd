"""Plain text: encodings, and blocks from blank lines, short lines and list markers."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from ingest.documents import Block, Document
from ingest.errors import UnreadableError
from ingest.reading.layout import Marker, is_contents_title, is_entry, levels, parse_marker, same_title
from ingest.reading.source import check_size, load
from ingest.reading.words import Text, begins_as_caption, clean, is_finished, vocabulary

READER = "plain text 1"
"""Name and version of this reader; the number goes up when its blocks change."""

MAX_HEADING = 100
"""Characters of a heading."""

LONG_LINE, LONG_PARAGRAPH = 200, 60
"""Characters from which a line is a paragraph of its own, and from which a paragraph may go on below a blank line."""

BINARY_SHARE = 0.005
"""Part of control characters above which a file is no text. Source: random bytes hold 11 %, text holds none."""

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BOMS = ((codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LINK = re.compile(r"\[((?:[^\[\]\\]|\\.)*)\]\(((?:[^()\\\s]|\\.)*)\)")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_SENTENCE_END = re.compile(r"[.,;:!]$")


def decode(data: bytes, path: Path) -> tuple[str, tuple[str, ...]]:
    """Return the text of a file and what was odd about its encoding.

    UTF-8 and UTF-16 with a byte order mark are known for certain; what is neither is taken for Windows' Western code
    page, with a warning.

    Raises:
        UnreadableError: If the file holds no text.
    """
    encodings = [name for bom, name in _BOMS if data.startswith(bom)] or ["utf-8-sig", "cp1252", "latin-1"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if len(_CONTROL.findall(text)) > BINARY_SHARE * len(text) or "\0" in text:
            break
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        odd = () if encoding.startswith("utf") else (f"not UTF-8; read as {encoding}, so letters may be wrong",)
        return text, odd
    raise UnreadableError("document_unreadable", file=path.name, reason="binary data, not text")


def read_text(path: Path) -> Document:
    """Read a plain text file.

    Raises:
        UnreadableError: If the file holds no text or is above a limit.
    """
    text, warnings = decode(load(path), path)
    check_size(path, len(text))
    return Document(tuple(plain_blocks(text)), READER, warnings=warnings)


def without_contents(blocks: Sequence[Block]) -> list[Block]:
    """Return the blocks without a table of contents: «Innhold» and what says, below it, where the headings stand."""
    titles = {same_title(block.text) for block in blocks if block.kind == "heading"}
    kept: list[Block] = []
    at = 0
    while at < len(blocks):
        headed = is_contents_title(blocks[at].text)
        stop = at + headed
        while stop < len(blocks) and _is_entry(blocks[stop], titles):
            stop += 1
        if stop - at - headed >= (2 if headed else 3):
            at = stop
        else:
            kept.append(blocks[at])
            at += 1
    return kept


def _is_entry(block: Block, titles: set[str]) -> bool:
    if block.kind not in ("list_item", "paragraph"):
        return False
    named = block.kind == "list_item" and same_title(block.text) in titles
    return named or is_entry(block.text, titles, inside=False)


@dataclass(frozen=True, slots=True)
class _Part:
    """Lines that belong together, and the marker before the first, or None."""

    lines: tuple[str, ...]
    marker: Marker | None = None
    leads: bool = False


def plain_blocks(text: str) -> Iterator[Block]:
    """Yield the blocks of a plain text.

    A heading is a short line of its own without a full stop or comma at its end, above something longer; the titles of
    a table of contents are headings of level 1, and with one all others are of level 2.
    """
    lines = text.replace("\f", "\n\n").split("\n")
    known = vocabulary(lines)
    listed = {title for line in lines if (title := _entry_title(line))}
    parts = _joined(list(_parts(lines)))
    blocks: list[Block] = []
    for at, part in enumerate(parts):
        after = parts[at + 1] if at + 1 < len(parts) else None
        block = _block(part, known)
        if same_title(block.text) in listed and len(part.lines) == 1 and not part.leads:
            blocks.append(Block("heading", block.text, level=1))
        elif block.kind == "paragraph" and not block.links and _is_heading(part, after):
            blocks.append(Block("heading", block.text, level=2 if listed else 1))
        else:
            blocks.append(block)
    yield from _with_levels(without_contents([block for block in blocks if block.text]))


def _with_levels(blocks: Iterable[Block]) -> Iterator[Block]:
    """Turn how far the items of a list stand in into levels."""
    for kind, group in groupby(blocks, key=lambda block: block.kind):
        members = list(group)
        if kind == "list_item":
            depths = levels([block.level for block in members], tolerance=1)
            members = [replace(block, level=level) for block, level in zip(members, depths, strict=True)]
        yield from members


def _entry_title(line: str) -> str:
    text = clean(line).strip()
    if not is_entry(text, (), inside=False):
        return ""
    return same_title(re.split(r"\s*(?:[.…·_]\s?){3,}", text, maxsplit=1)[0])


def _parts(lines: Iterable[str]) -> Iterator[_Part]:
    """Yield lines that no blank line and no marker parts."""
    held: list[str] = []
    marker: Marker | None = None
    last: Marker | None = None
    for line in [*lines, ""]:
        bare = clean(line).strip()
        entry = bool(bare) and is_entry(bare, (), inside=False)
        begins = parse_marker(bare, len(line) - len(line.lstrip()))
        # A dash or a number may also begin any line of a paragraph.
        if begins is not None and (not begins.follows(last) or not (_ends_before(held, marker) or begins.certain)):
            begins = None
        long = bool(held) and max(len(held[-1]), len(line)) > LONG_LINE
        if held and (not bare or entry or long or begins is not None):
            yield _Part(tuple(held), marker)
            held, marker = [], None
        if entry:
            yield _Part((bare,), leads=True)
        elif begins is not None:
            held, marker, last = [bare[len(begins.text) :].lstrip()], begins, begins
        elif bare:
            held.append(bare)


def _ends_before(held: Sequence[str], marker: Marker | None) -> bool:
    return not held or marker is not None or held[-1].endswith(":")


def _joined(parts: Sequence[_Part]) -> list[_Part]:
    """Join what a page break parted: a sentence that goes on, in lower case, below a blank line."""
    joined: list[_Part] = []
    for part in parts:
        before = joined[-1] if joined else None
        goes_on = part.marker is None and part.lines[0][:1].islower()
        if before is not None and goes_on and not before.leads and _unfinished(before):
            joined[-1] = _Part((*before.lines, *part.lines), before.marker)
        else:
            joined.append(part)
    return joined


def _unfinished(part: _Part) -> bool:
    return sum(map(len, part.lines)) > LONG_PARAGRAPH and not is_finished(part.lines[-1])


def _block(part: _Part, known: frozenset[str]) -> Block:
    text = Text()
    for at, line in enumerate(part.lines):
        if at:
            text.join(clean(_ESCAPE.sub(r"\1", line)).lstrip(" "), known)
        end = 0
        for match in _LINK.finditer(line):
            text.add(clean(_ESCAPE.sub(r"\1", line[end : match.start()])))
            text.add(clean(_ESCAPE.sub(r"\1", match[1])), "" if match[2] == "#" else match[2])
            end = match.end()
        text.add(clean(_ESCAPE.sub(r"\1", line[end:])))
    words, links = text.trimmed(), tuple(text.links)
    if part.marker is not None:
        # The level is the depth for now: how far the marker stands in, turned into a level with its whole list.
        return Block("list_item", words, level=int(part.marker.x), marker=part.marker.text, links=links)
    return Block("caption" if begins_as_caption(words) else "paragraph", words, links=links)


def _is_heading(part: _Part, after: _Part | None) -> bool:
    text = part.lines[0]
    if len(part.lines) > 1 or after is None or len(text) > MAX_HEADING or _SENTENCE_END.search(text):
        return False
    longer = len(after.lines) > 1 or after.marker is not None or is_finished(after.lines[-1])
    return longer and (text[0].isupper() or text[0].isdigit()) and sum(map(str.isalpha, text)) >= 2
