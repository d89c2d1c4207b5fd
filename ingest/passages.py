"""A document as passages: pieces that can be found and cited, cut where the document itself has its joints."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ingest.documents import Block, Document, Origin
from ingest.language import Span, sentence_spans
from ingest.settings import PassageSettings

_LONGEST_ITEM = 2
"""Sentences of a list item that is still cited whole."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, list item or table row: the smallest thing that is cited.

    Attributes:
        start: Its first character in the document's text.
        end: One past its last.
        lead_in: What it can't be understood without and which stands before it: the sentence that opens its list, or
            its table's header. Empty for a plain sentence.
        item: Whether it is one of several that belong together: a list item or a table row.
        page: Page of the file on which it begins, counted from 1, or None.
        page_label: What is printed on that page; empty where the format has no pages.
    """

    start: int
    end: int
    lead_in: str = ""
    item: bool = False
    page: int | None = None
    page_label: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document.

    Attributes:
        id: Unique in a generation; `source:number`, numbered from 1 in reading order.
        source: Id of its source.
        text: `document.text[start:end]`.
        start: Its first character in the document's text.
        end: One past its last.
        headings: The headings that it stands under, the highest first.
        page: Page of the file where it begins, counted from 1, or None.
        page_label: What is printed on that page; empty where the format has no pages.
        sentences: What it holds, in reading order.
        origin: Where it was taken from, if it is a statement in a note; None for what a document says itself.
    """

    id: str
    source: str
    text: str
    start: int
    end: int
    headings: tuple[str, ...]
    page: int | None
    page_label: str
    sentences: tuple[Sentence, ...]
    origin: Origin | None = None

    def quote(self, sentence: Sentence) -> str:
        """Return the words of one of the passage's sentences."""
        return self.text[sentence.start - self.start : sentence.end - self.start]

    @property
    def search_text(self) -> str:
        """What is searched of the passage: its text, under its headings and the title of what it was taken from."""
        under = " – ".join([*self.headings, *([self.origin.title] if self.origin else [])])
        return f"{under}. {self.text}" if under else self.text

    def search_text_of(self, sentence: Sentence) -> str:
        """Return what is searched of one sentence: a list item after the sentence that opens its list.

        Alone, «Til enhver tid har riktig tilgang» says nothing of whose duty it is.
        """
        quote = self.quote(sentence)
        return f"{sentence.lead_in} {quote}" if sentence.lead_in else quote


@dataclass(frozen=True, slots=True)
class _Unit:
    """What is never parted unless it is longer than a passage may be: a paragraph, or a list with its lead-in.

    `section` counts the headings before it: two sections may have one name. What has an `origin` is never joined either.
    """

    headings: tuple[str, ...]
    section: int
    sentences: tuple[Sentence, ...]
    origin: Origin | None = None

    @property
    def start(self) -> int:
        return self.sentences[0].start

    @property
    def end(self) -> int:
        return self.sentences[-1].end


def cut_passages(source: str, document: Document, settings: PassageSettings) -> list[Passage]:
    """Cut a document into passages that follow its structure.

    A passage never crosses a heading, a list stays with the sentence that opens it, a table row keeps its header, and
    neighbours under one heading are joined while they fit. What is longer than `max_chars` is cut between sentences, and
    a sentence longer than that between words. Headings are in no passage's text, but in its `headings`. A statement with an
    origin of its own is one passage and is cited whole.

    Args:
        source: Id of the document's source.
        document: The document.
        settings: How long a passage may be.

    Returns:
        The passages in reading order.
    """
    groups = _pack(_shortened(_units(document), document.text, settings.max_chars), settings)
    passages = []
    for number, units in enumerate(groups, start=1):
        sentences = tuple(_on_its_page(sentence, document) for unit in units for sentence in unit.sentences)
        start, end = sentences[0].start, sentences[-1].end
        passages.append(
            Passage(
                id=f"{source}:{number:04d}",
                source=source,
                text=document.text[start:end],
                start=start,
                end=end,
                headings=units[0].headings,
                page=sentences[0].page,
                page_label=sentences[0].page_label,
                sentences=sentences,
                origin=units[0].origin,
            )
        )
    return passages


def page_of(document: Document, offset: int) -> tuple[int | None, str]:
    """Return the page of the file and the printed label at an offset of the document's text; (None, "") without pages."""
    at = bisect_right(document.starts, offset) - 1
    page = document.blocks[at].page_at(offset - document.starts[at]) if at >= 0 else None
    return (page.page, page.label) if page else (None, "")


def _on_its_page(sentence: Sentence, document: Document) -> Sentence:
    page, label = page_of(document, sentence.start)
    return replace(sentence, page=page, page_label=label)


def _units(document: Document) -> Iterator[_Unit]:
    headings: list[Block] = []
    section = 0
    pending: list[Sentence] = []
    lead_in = ""
    for start, block in zip(document.starts, document.blocks, strict=True):
        continues = block.kind in ("list_item", "table_row")
        if pending and not continues:
            yield _Unit(tuple(heading.text for heading in headings), section, tuple(pending))
            pending = []
        if block.kind == "heading":
            headings = [heading for heading in headings if heading.level < block.level] + [block]
            section += 1
            lead_in = ""
        elif block.origin is not None:
            whole = Sentence(start, start + len(block.text))
            yield _Unit(tuple(heading.text for heading in headings), section, (whole,), block.origin)
        elif continues:
            opening = " – ".join(block.header) if block.kind == "table_row" else lead_in
            pending += [Sentence(start + part.start, start + part.end, opening, item=True) for part in _item_spans(block)]
        elif spans := sentence_spans(block.text):
            pending = [Sentence(start + span.start, start + span.end) for span in spans]
            last = block.text[spans[-1].start : spans[-1].end]
            lead_in = last if last.endswith(":") else ""
    if pending:
        yield _Unit(tuple(heading.text for heading in headings), section, tuple(pending))


def _item_spans(block: Block) -> list[Span]:
    """A list item is cited whole, unless it is a paragraph of its own."""
    spans = sentence_spans(block.text)
    if len(spans) in (0, 1):
        return spans
    return spans if len(spans) > _LONGEST_ITEM else [Span(spans[0].start, spans[-1].end)]


def _shortened(units: Iterable[_Unit], text: str, max_chars: int) -> Iterator[_Unit]:
    for unit in units:
        sentences = [piece for sentence in unit.sentences for piece in _cut_sentence(sentence, text, max_chars)]
        part: list[Sentence] = []
        for sentence in sentences:
            if part and sentence.end - part[0].start > max_chars:
                yield replace(unit, sentences=tuple(part))
                part = []
            part.append(sentence)
        if part:
            yield replace(unit, sentences=tuple(part))


def _cut_sentence(sentence: Sentence, text: str, max_chars: int) -> list[Sentence]:
    if sentence.end - sentence.start <= max_chars:
        return [sentence]
    from langchain_text_splitters import RecursiveCharacterTextSplitter  # A quarter of a second that few documents need.

    splitter = RecursiveCharacterTextSplitter(chunk_size=max_chars, chunk_overlap=0, add_start_index=True)
    pieces = splitter.create_documents([text[sentence.start : sentence.end]])
    starts = [sentence.start + int(piece.metadata["start_index"]) for piece in pieces]
    return [
        Sentence(start, start + len(piece.page_content), sentence.lead_in, sentence.item)
        for start, piece in zip(starts, pieces, strict=True)
    ]


def _pack(units: Iterable[_Unit], settings: PassageSettings) -> Iterator[list[_Unit]]:
    """Join neighbours under one heading while the sum fits and either is short."""
    group: list[_Unit] = []
    for unit in units:
        if group:
            if _belong_together(group, unit, settings):
                group.append(unit)
                continue
            yield group
        group = [unit]
    if group:
        yield group


def _belong_together(group: list[_Unit], unit: _Unit, settings: PassageSettings) -> bool:
    if unit.origin is not None or group[0].origin is not None or unit.section != group[0].section:
        return False
    short = min(group[-1].end - group[0].start, unit.end - unit.start) < settings.min_chars
    return short and unit.end - group[0].start <= settings.max_chars
