"""The words of one Word paragraph: its runs, fields and links, and what hangs on it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ingest.reading.word.styles import Style, Styles
from ingest.reading.word.xml import (
    ALTERNATIVES,
    ID,
    MATH,
    P_PR,
    R_PR,
    R_RUN,
    TEXT_BOX,
    Element,
    P,
    R,
    W,
    content,
    switch,
    value,
)  # fmt: skip
from ingest.reading.words import Text, clean

_INSTRUCTION = re.compile(r'\s*HYPERLINK\s+(?:\\l\s+)?"([^"]*)"(?:\s+\\l\s+"([^"]*)")?', re.IGNORECASE)
_LOCAL = re.compile(r"\s*HYPERLINK\s+\\l\b", re.IGNORECASE)
_SPACES = frozenset({f"{W}tab", f"{W}ptab", f"{W}br", f"{W}cr"})
_TEXTS = frozenset({f"{W}t", f"{MATH}t"})
_NOTES = {f"{W}footnoteReference": "footnote", f"{W}endnoteReference": "endnote"}
_DRAWN = frozenset({ALTERNATIVES, f"{W}drawing", f"{W}pict", f"{W}object"})
_DIAGRAMS = ("{http://schemas.openxmlformats.org/drawingml/2006/diagram}relIds",
             "{http://schemas.openxmlformats.org/drawingml/2006/chart}chart")  # fmt: skip

HIDDEN = "hidden text left out"
DIAGRAM = "text inside charts or diagrams is not read"
SYMBOL = "signs of a symbol font left out"


@dataclass(slots=True)
class _Field:
    """A field whose result is, or will be, shown (17.16.18).

    Attributes:
        instruction: What it is asked for («HYPERLINK …», «TOC …»).
        shown: Whether its result has begun.
    """

    instruction: str = ""
    shown: bool = False

    @property
    def url(self) -> str | None:
        """The target of a link, or None for another field."""
        match = _INSTRUCTION.match(self.instruction)
        if match is None:
            return None
        if _LOCAL.match(self.instruction):
            return f"#{match[1]}"
        return f"{match[1]}#{match[2]}" if match[2] else match[1]


@dataclass
class Paragraph:
    """One paragraph as read.

    Attributes:
        text: Its words.
        notes: The notes it refers to, as kind and id.
        boxes: The text boxes that hang on it.
        plain: Whether any of its words is not bold.
        contents: Whether it belongs to a table of contents that is a field.
    """

    text: Text = field(default_factory=Text)
    notes: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)
    plain: bool = False
    contents: bool = False


class Story:
    """Reads the paragraphs of one part of a document in order; a field may run from one into the next."""

    def __init__(self, styles: Styles, links: Mapping[str, str], found: Counter[str]) -> None:
        """Begin a part.

        Args:
            styles: The document's styles.
            links: The targets of the part's links, by relationship id.
            found: Counts what can't be read, or is left out.
        """
        self._styles = styles
        self._links = links
        self._found = found
        self._fields: list[_Field] = []

    def read(self, element: Element, style: Style, into: Paragraph | None = None) -> Paragraph:
        """Read a paragraph; `into` is the one before it, where the mark between them was taken out."""
        paragraph = into or Paragraph()
        if self._fields:
            # An instruction does not run past its paragraph; a field that was never closed must not swallow the rest.
            self._fields = [each for each in self._fields if each.shown]
            paragraph.contents |= any(each.instruction.lstrip().upper().startswith("TOC") for each in self._fields)
        _Reading(self, paragraph, style).inline(element, None)
        return paragraph

    def character(self, element: Element, open_fields: list[_Field]) -> None:
        """Take a mark that begins, parts or ends a field."""
        match element.get(f"{W}fldCharType"):
            case "begin":
                open_fields.append(_Field())
            case "separate" if open_fields:
                open_fields[-1].shown = True
            case "end" if open_fields:
                open_fields.pop()

    @property
    def fields(self) -> list[_Field]:
        """The fields that are open, the outermost first."""
        return self._fields

    def target(self, element: Element) -> str:
        """Return where a `w:hyperlink` leads (17.16.22)."""
        url = self._links.get(element.get(f"{R}id") or "", "")
        anchor = element.get(f"{W}anchor")
        return f"{url}#{anchor}" if anchor else url

    def note(self, what: str) -> None:
        """Count something that is left out."""
        self._found[what] += 1

    def style_of(self, name: str | None) -> Style:
        """Return the style of a run."""
        return self._styles.run(name)


@dataclass
class _Reading:
    """Goes through one paragraph."""

    story: Story
    paragraph: Paragraph
    style: Style

    def inline(self, element: Element, url: str | None) -> None:
        """Read what stands in a paragraph, a link or a simple field."""
        for child in content(element):
            tag = child.tag
            if tag == R_RUN:
                self.run(child, url)
            elif tag == f"{W}hyperlink":
                self.inline(child, self.story.target(child))
            elif tag == f"{W}fldSimple":
                target = _Field(child.get(f"{W}instr") or "").url
                self.inline(child, url if target is None else target)
            elif tag in (f"{MATH}oMath", f"{MATH}oMathPara"):
                self.add("".join(each.text or "" for each in child.iter(f"{MATH}t")), url, bold=False)
            elif tag == ALTERNATIVES:
                self.inline(next(iter(child), child), url)

    def run(self, run: Element, url: str | None) -> None:
        """Read one run: words of one look."""
        properties = run.find(R_PR)
        own = self.story.style_of(value(properties, "rStyle"))
        said = switch(properties, "vanish")
        hidden = said if said is not None else own.hidden or self.style.hidden
        said = switch(properties, "b")
        bold = said if said is not None else own.bold or self.style.bold
        for child in run:
            if child.tag == f"{W}fldChar":
                self.story.character(child, self.story.fields)
            elif child.tag == f"{W}instrText":
                if self.story.fields:
                    self.story.fields[-1].instruction += child.text or ""
            elif hidden:
                if (child.text or "").strip():
                    self.story.note(HIDDEN)
            elif not self.story.fields or all(each.shown for each in self.story.fields):
                self.shown(child, url, bold)

    def shown(self, child: Element, url: str | None, bold: bool) -> None:
        """Take one thing that a run shows."""
        tag = child.tag
        if tag in _TEXTS:
            self.add(child.text or "", url, bold)
        elif tag in _SPACES:
            self.paragraph.text.add(" ")
        elif tag == f"{W}noBreakHyphen":
            self.add("-", url, bold)
        elif tag in _NOTES:
            self.paragraph.notes.append((_NOTES[tag], child.get(ID) or ""))
        elif tag == f"{W}sym":
            self.story.note(SYMBOL)
        elif tag in _DRAWN:
            self.drawn(child)

    def add(self, words: str, url: str | None, bold: bool) -> None:
        """Add words to the paragraph."""
        if url is None and self.story.fields:
            url = next((each.url for each in reversed(self.story.fields) if each.url is not None), None)
        self.paragraph.plain |= not bold and bool(words.strip())
        self.paragraph.text.add(clean(words), url)

    def drawn(self, element: Element) -> None:
        """Take the text boxes of a drawing; a drawing in two forms has the same boxes in both."""
        self.paragraph.boxes.extend(_boxes(element))
        if any(next(element.iter(name), None) is not None for name in _DIAGRAMS):
            self.story.note(DIAGRAM)


def _boxes(element: Element) -> Iterator[Element]:
    """Yield the outermost text boxes in an element, of alternatives those of the first that has any."""
    for child in element:
        if child.tag == TEXT_BOX:
            yield child
        elif child.tag not in (P, P_PR):
            boxes = list(_boxes(child))
            yield from boxes
            if boxes and element.tag == ALTERNATIVES:
                return
