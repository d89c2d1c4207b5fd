"""PDF files, by pypdf: the only module that imports it, and where its errors become ours."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pypdf
from pypdf.errors import DependencyError, FileNotDecryptedError, PyPdfError

from ingest.documents import About, Document
from ingest.errors import EmptyDocumentError, UnreadableError
from ingest.reading.common.about import language_code, publisher_of, title_of
from ingest.reading.common.dates import parse_date
from ingest.reading.layout import Area, Bookmark, Glyphs, Page, blocks_of
from ingest.reading.ocr import Recognition, recognise
from ingest.reading.pen import Recorder
from ingest.reading.source import Watch, check_size, load

MAX_PARSING_WORK = 300_000
"""Operators and operands of one content stream. The library's own 2,000,000 let a file of 23 kB keep it busy for
7 seconds; the densest page of the fact sheet takes 18,000."""

MAGIC = b"%PDF-"
MAGIC_WITHIN = 1024
"""How far into the file the mark may stand. Source: Adobe, PDF Reference 1.7, appendix H, note 13."""

# What pypdf lets through from files that break its assumptions; its documentation names no complete list.
FAILURES = (
    PyPdfError, DependencyError, ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError,
    RuntimeError, TypeError, ValueError, zlib.error,
)  # fmt: skip


def read_pdf(path: Path, watch: Watch = Watch()) -> Document:  # noqa: B008  # frozen
    """Read a PDF file.

    Args:
        path: The file.
        watch: How many pages it may have, whether those without text are recognised, and who is told how far it has come.

    Raises:
        UnreadableError: If the file is no PDF, damaged, encrypted or above a limit.
        EmptyDocumentError: If it is scanned, and can't be recognised.
    """
    data = load(path)
    if MAGIC not in data[:MAGIC_WITHIN]:
        raise _unreadable(path, "not a PDF file")
    extraction = _Extraction(path, watch)
    try:
        with pypdf.apply_configuration(stream_parsing_work_maximum_count=MAX_PARSING_WORK):
            extraction.read(data)
    except FileNotDecryptedError as error:
        raise UnreadableError("document_encrypted", file=path.name) from error
    except FAILURES as error:
        raise _unreadable(path, f"damaged PDF file: {type(error).__name__}: {_short(error)}") from error
    recognition = _recognition(data, extraction, watch)
    pages = [recognition.pages.get(page.number, page) for page in extraction.pages]
    reader = f"pypdf {pypdf.__version__}"
    return Document(
        blocks=tuple(blocks_of(pages, extraction.bookmarks)),
        reader=f"{reader}, {recognition.name}" if recognition.pages else reader,
        page_count=len(pages),
        warnings=tuple(extraction.warnings(recognition)),
        about=extraction.about,
        recognised=recognition.confidences,
    )


def _about(reader: pypdf.PdfReader) -> About:
    """Return what the information dictionary and the catalogue say; a file in which they are damaged can still be read.

    XMP says the same in XML that a small file can make very large, so it is not looked at.
    """
    try:
        found: Mapping[str, object] = reader.metadata or {}
        # Only subscripting follows references.
        said = {key: value for key in found if isinstance(value := found[key], str)}
        language = str(reader.root_object.get("/Lang", ""))
    except FAILURES:
        return About()
    return About(
        title=title_of(said.get("/Title", "")),
        publisher=publisher_of(said.get("/Company", ""), said.get("/Author", "")),
        language=language_code(language),
        published=parse_date(said.get("/CreationDate", "")),
        updated=parse_date(said.get("/ModDate", "")),
    )


def _recognition(data: bytes, extraction: _Extraction, watch: Watch) -> Recognition:
    """Return what is recognised in the pages without text.

    Raises:
        EmptyDocumentError: If there is no other page, and something stands on these.
    """
    bare = [page for page in extraction.pages if not page.pieces]
    if not bare or not watch.recognise:
        return Recognition(unread=tuple(page.number for page in bare))
    found = recognise(data, bare, watch.recognised)
    if len(bare) == len(extraction.pages) and not found.pages and found.unread:
        if found.missing:
            raise EmptyDocumentError("document_scanned", file=extraction.path.name, missing=found.missing)
        raise EmptyDocumentError("document_not_recognised", file=extraction.path.name)
    return found


def _unreadable(path: Path, reason: str) -> UnreadableError:
    return UnreadableError("document_unreadable", file=path.name, reason=reason)


def _short(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= 120 else text[:119] + "…"


@dataclass
class _Extraction:
    """What pypdf gives for one file, taken out page by page."""

    path: Path
    watch: Watch
    pages: list[Page] = field(default_factory=list)
    bookmarks: list[Bookmark] = field(default_factory=list)
    left_out: dict[str, list[int]] = field(default_factory=dict)
    outline_failed: bool = False
    about: About = About()

    def read(self, data: bytes) -> None:
        reader = pypdf.PdfReader(io.BytesIO(data))
        if reader.is_encrypted and not reader.decrypt(""):
            raise FileNotDecryptedError("needs a password")
        if len(reader.pages) > self.watch.pages:
            raise UnreadableError("document_many_pages", file=self.path.name, pages=self.watch.pages)
        labels, fonts, characters = _labels(reader), dict[int, tuple[Any, Glyphs]](), 0
        references = [page.indirect_reference for page in reader.pages]
        numbers = {reference.idnum: at for at, reference in enumerate(references, start=1) if reference is not None}
        for number, (page, label) in enumerate(zip(reader.pages, labels, strict=True), start=1):
            recorder = _recorder(page, fonts)
            page.extract_text(visitor_operand_before=recorder.before, visitor_text=recorder.text)
            characters += sum(len(piece.text) for piece in recorder.pieces)
            check_size(self.path, characters)
            areas = tuple(_areas(reader, page, recorder, numbers))
            self.pages.append(Page(number, label, *recorder.size, tuple(recorder.pieces), areas))
            for reason in sorted(recorder.left_out):
                self.left_out.setdefault(reason, []).append(number)
            self.watch.read(number)
        self.about = _about(reader)
        try:
            self.bookmarks = list(_bookmarks(reader, reader.outline, 1))
        except FAILURES:
            self.outline_failed = True

    def warnings(self, recognition: Recognition) -> Iterator[str]:
        scans = f"no text (a scan?), and {recognition.missing} is missing" if recognition.missing else "no text (a scan?)"
        for reason, numbers in [*self.left_out.items(), *([(scans, recognition.unread)] if recognition.unread else [])]:
            shown = ", ".join(map(str, numbers[:10])) + (", …" if len(numbers) > 10 else "")
            yield f"{reason} on page{'s' if len(numbers) > 1 else ''} {shown}"
        if self.outline_failed:
            yield "the bookmarks are damaged and were not used"


def _recorder(page: pypdf.PageObject, fonts: dict[int, tuple[Any, Glyphs]]) -> Recorder:
    box = page.cropbox
    corner, size = (float(box.left), float(box.bottom)), (float(box.width), float(box.height))
    return Recorder(corner, size, (page.rotation or 0) % 360, fonts)


def _labels(reader: pypdf.PdfReader) -> list[str]:
    numbers = [str(number) for number in range(1, len(reader.pages) + 1)]
    try:
        labels = reader.page_labels
    except FAILURES:
        # The labels are a convenience: without them the page's number says the same.
        return numbers
    return [label or number for label, number in zip(labels, numbers, strict=True)]


def _bookmarks(reader: pypdf.PdfReader, outline: Any, level: int) -> Iterator[Bookmark]:  # nested lists
    for entry in outline:
        if isinstance(entry, list):
            yield from _bookmarks(reader, entry, level + 1)
            continue
        number = reader.get_destination_page_number(entry)
        if number is not None and number >= 0:
            yield Bookmark(str(entry.title or ""), level, number + 1)


def _areas(reader: pypdf.PdfReader, page: pypdf.PageObject, recorder: Recorder, numbers: Mapping[int, int]) -> Iterator[Area]:
    """Return the links of a page; one that is damaged is no link."""
    for annotation in page.annotations or ():
        try:
            note = annotation.get_object()
            if note.get("/Subtype") != "/Link":
                continue
            corners = [float(number) for number in note["/Rect"]]
            left, bottom = recorder.place(corners[0], corners[1])
            right, top = recorder.place(corners[2], corners[3])
            url = _target(reader, note, numbers)
        except FAILURES:
            continue
        yield Area(min(left, right), min(bottom, top), max(left, right), max(bottom, top), url)


def _target(reader: pypdf.PdfReader, note: Mapping[str, Any], numbers: Mapping[int, int]) -> str:
    """Return where a link leads: an address, `#page=N` within the file, or "" where the file does not say."""
    # Only subscripting follows references; `get` hands them back.
    action = note["/A"] if "/A" in note else {}
    if "/URI" in action:
        uri = action["/URI"]
        return uri.decode("utf-8", "replace") if isinstance(uri, bytes) else str(uri)
    holder, key = (note, "/Dest") if "/Dest" in note else (action, "/D")
    goal = holder[key] if key in holder else None
    if isinstance(goal, str):
        named = reader.named_destinations.get(goal)
        page: Any = None if named is None else named.page
    else:
        page = goal[0] if isinstance(goal, list) and goal else None
    number = numbers.get(getattr(page, "idnum", -1))
    return "" if number is None else f"#page={number}"
