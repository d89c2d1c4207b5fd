"""Characters and words: what every reader does to text before it becomes a block."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from ingest.documents import Link, PageStart

CELL_SEPARATOR = " | "
"""What stands between two cells in the text of a table row, so that they can be told apart again."""

MAX_CAPTION = 400
"""Characters of a caption."""

SOFT_HYPHEN = "\u00ad"
_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
# Zero-width characters, direction marks and soft hyphens are no part of the words; NUL and its like are no text at all.
_INVISIBLE = re.compile("[\u00ad\u034f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\U000e0000-\U000e007f]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")
_HYPHENS = "-\u2010\u2011"
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_FINISHED = re.compile(r"[.!?:…][\"»”’')\]]*$")
_CAPTION = re.compile(
    r"(?:figur|tabell|bilde|foto|illustrasjon|kart|diagram|kilde|kjelde|figure|table|photo|source)\b[^.:]{0,12}?[\d:]",
    re.IGNORECASE,
)
_GLUED = re.compile(r"\w/$|\d–$")
_CONJUNCTION = re.compile(r"(?:og|eller|og/eller|samt|til|men|and|or)\b", re.IGNORECASE)


def clean(text: str) -> str:
    """Return `text` with composed characters, no ligatures, nothing invisible, and single spaces for white space."""
    return _CONTROL.sub(" ", _INVISIBLE.sub("", unicodedata.normalize("NFC", text).translate(_LIGATURES)))


def is_finished(text: str) -> bool:
    """Tell whether a text ends as a sentence does, or with a colon."""
    return _FINISHED.search(text) is not None


def begins_as_caption(text: str) -> bool:
    """Tell whether a paragraph begins as captions do: «Figur 3», «Tabell 1:», «Kilde: SSB»."""
    return len(text) <= MAX_CAPTION and _CAPTION.match(text) is not None


def vocabulary(lines: Iterable[str]) -> frozenset[str]:
    """Return the words of a document in lower case, save those that a line break may have cut.

    Args:
        lines: The lines as they stand on the pages.
    """
    words: set[str] = set()
    cut = False
    for line in lines:
        found = list(_WORD.finditer(line))
        first = 1 if cut and found and found[0].start() == 0 else 0
        cut = line.rstrip().endswith((*_HYPHENS, SOFT_HYPHEN))
        last = len(found) - 1 if cut else len(found)
        words.update(match.group().lower() for match in found[first:last])
    return frozenset(words)


def mend(before: str, after: str, known: frozenset[str]) -> str | None:
    """Say what stands between two lines.

    Args:
        before: The first line, without white space at its end.
        after: The second line.
        known: Words of the document in lower case, as `vocabulary` gives them.

    Returns:
        None where a hyphen only broke the line and goes; "" where the lines belong together as they are («Midt-Norge»,
        «og/eller», «2020–2021»); " " where a space follows («helse- og omsorgstjenester»).
    """
    if before[-1] not in _HYPHENS:
        return "" if _GLUED.search(before) and not before.endswith("//") and after[0].isalnum() else " "
    head = before[:-1].rsplit(" ", 1)[-1]
    tail = after.split(" ", 1)[0]
    word = _WORD.match(tail)
    if not head or head[-1] in "–—-":
        return " "
    if _CONJUNCTION.match(after):
        return " "
    if word is None or not tail[0].islower():
        return ""
    start = re.search(r"[\w-]*$", head)
    stem = start.group() if start else ""
    if f"{stem}{word.group()}".lower() in known:
        return None
    if f"{stem}-{word.group()}".lower() in known:
        return ""
    # «IKT-systemer», «e-helse», «2021-versjonen»: an abbreviation, a letter or a number is not cut at a line's end.
    last = stem.rsplit("-", 1)[-1]
    return "" if len(last) < 2 or last.isupper() or last[-1].isdigit() else None


@dataclass
class Text:
    """The text of a block while it is put together.

    Attributes:
        text: What has been added so far, with single spaces.
        links: Links in it.
        pages: Where pages begin in it.
    """

    text: str = ""
    links: list[Link] = field(default_factory=list)
    pages: list[PageStart] = field(default_factory=list)

    def add(self, text: str, url: str | None = None) -> None:
        """Add cleaned text; `url` is its link's target, or None where it is no link."""
        if not self.text or self.text.endswith(" "):
            text = text.lstrip(" ")
        if self.text and text and unicodedata.combining(text[0]):
            self.text, text = self.text[:-1], unicodedata.normalize("NFC", self.text[-1] + text)
        start = len(self.text)
        self.text += text
        if url is not None and text.strip():
            self._link(start, url)

    def _link(self, start: int, url: str) -> None:
        stop = len(self.text.rstrip(" "))
        start += len(self.text[start:]) - len(self.text[start:].lstrip(" "))
        last = self.links[-1] if self.links else None
        if last is not None and last.url == url and not self.text[last.end : start].strip():
            start = self.links.pop().start
        self.links.append(Link(start, stop, url))

    def page(self, page: int, label: str) -> None:
        """Say that what is added from here on stands on another page."""
        self.pages.append(PageStart(len(self.text), page, label))

    def join(self, after: str, known: frozenset[str]) -> None:
        """Make ready for another line: mend a hyphenated word, or add a space."""
        if not self.text or self.text.endswith(" "):
            # A line that ends in a space of its own was broken there, also where a hyphen stands before it.
            return
        between = mend(self.text, after, known)
        self.text = self.text[:-1] if between is None else self.text + between
        # A link whose text ended in the hyphen ends before it now.
        size = len(self.text)
        self.links = [link if link.end <= size else Link(link.start, size, link.url) for link in self.links]

    def trimmed(self) -> str:
        """Return the text without a space at its end."""
        return self.text.rstrip(" ")
