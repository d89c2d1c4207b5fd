"""Print what each reader makes of the same documents in its format, as the table of docs/evaluation.md, «Formats».

    python tools/reading.py [MARKDOWN…]

The documents are the fact sheet, and the Markdown files that are named. Each is written in every format from what the
Markdown reader makes of it, by python-docx, python-pptx and by hand for HTML and OpenDocument, and read back by a child, as
an ingest does; the PDF is the one that is typeset from the fact sheet. What is counted: headings that come back with their
words and level, and other blocks with their words, kind and table header, each in its order, as shares of those that were
written (difflib's longest matching runs); for formats with pages, blocks on the page that they were written on; passages that
are cut; and the time of reading, the start of the child apart.
"""

from __future__ import annotations

import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from html import escape
from pathlib import Path
from types import MappingProxyType

import docx
import pptx

from ingest.documents import Block, Document
from ingest.passages import cut_passages
from ingest.reading import read_document
from ingest.reading.child.worker import Worker
from ingest.settings import PassageSettings, ReadingSettings

REPOSITORY = Path(__file__).resolve().parents[1]
SHEET = REPOSITORY / "corpus" / "documents" / "faktagrunnlag-helseplattformen-2022.md"
HEAD = """| format | documents | passages | headings right | other blocks right | pages right | s |
|---|---|---|---|---|---|---|
"""
_NAMESPACE = "urn:oasis:names:tc:opendocument:xmlns"
_ODF = " ".join(f'xmlns:{name}="{_NAMESPACE}:{name}:1.0"' for name in ("office", "text", "table"))


def tables(blocks: Sequence[Block]) -> list[Block | list[Block]]:
    """Return the blocks, the rows of each table in a list of their own."""
    found: list[Block | list[Block]] = []
    for block in blocks:
        last = found[-1] if found else None
        if block.kind != "table_row":
            found.append(block)
        elif isinstance(last, list) and last[0].header == block.header:
            last.append(block)
        else:
            found.append([block])
    return found


def cells(row: Block) -> list[str]:
    """Return a row's cells as the readers write them: «Header: cell; …»."""
    parts = row.text.split("; ")
    return [part.removeprefix(f"{name}: ") for part, name in zip(parts, row.header, strict=False)] if row.header else parts


def write_docx(document: Document, path: Path) -> None:
    """Write a Word file."""
    made = docx.Document()
    for one in tables(document.blocks):
        if isinstance(one, list):
            rows = [list(one[0].header), *map(cells, one)] if one[0].header else [cells(row) for row in one]
            table = made.add_table(rows=len(rows), cols=max(map(len, rows)))
            for row, texts in zip(table.rows, rows, strict=True):
                for cell, words in zip(row.cells, texts, strict=False):
                    cell.text = words
        elif one.kind == "heading":
            made.add_heading(one.text, one.level)
        elif one.kind == "list_item":
            made.add_paragraph(one.text, "List Number" if one.marker[:1].isdigit() else "List Bullet")
        else:
            made.add_paragraph(one.text, "Caption" if one.kind == "caption" else None)
    made.save(str(path))


def write_html(document: Document, path: Path) -> None:
    """Write a web page with a menu and a footer, which are not to be read."""
    parts = []
    for one in tables(document.blocks):
        if isinstance(one, list):
            head = "".join(f"<th>{escape(name)}</th>" for name in one[0].header)
            rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells(row)) + "</tr>" for row in one)
            parts.append(f"<table>{f'<tr>{head}</tr>' if head else ''}{rows}</table>")
        elif one.kind == "heading":
            parts.append(f"<h{one.level}>{escape(one.text)}</h{one.level}>")
        elif one.kind == "list_item":
            parts.append(f"<ul><li>{escape(one.text)}</li></ul>")
        elif one.kind == "caption":
            parts.append(f"<figure><figcaption>{escape(one.text)}</figcaption></figure>")
        else:
            parts.append(f"<p>{escape(one.text)}</p>")
    menu = "<nav><a href='/'>Hjem</a> <a href='/kontakt'>Kontakt</a></nav>"
    page = f"<!doctype html><html lang='nb'><body>{menu}<main>{''.join(parts)}</main><footer>Personvern</footer></body></html>"
    path.write_text(page, encoding="utf-8")


def _odt_row(texts: Sequence[str]) -> str:
    inside = "".join(f"<table:table-cell><text:p>{escape(words)}</text:p></table:table-cell>" for words in texts)
    return f"<table:table-row>{inside}</table:table-row>"


def write_odt(document: Document, path: Path) -> None:
    """Write an OpenDocument text."""
    parts = []
    for one in tables(document.blocks):
        if isinstance(one, list):
            head = "".join(f"<table:table-cell><text:p>{escape(name)}</text:p></table:table-cell>" for name in one[0].header)
            rows = [
                f"<table:table-header-rows><table:table-row>{head}</table:table-row></table:table-header-rows>" if head else ""
            ]
            for row in one:
                inside = "".join(f"<table:table-cell><text:p>{escape(cell)}</text:p></table:table-cell>" for cell in cells(row))
                rows.append(f"<table:table-row>{inside}</table:table-row>")
            parts.append(f"<table:table>{''.join(rows)}</table:table>")
        elif one.kind == "heading":
            parts.append(f'<text:h text:outline-level="{one.level}">{escape(one.text)}</text:h>')
        elif one.kind == "list_item":
            parts.append(f"<text:list><text:list-item><text:p>{escape(one.text)}</text:p></text:list-item></text:list>")
        else:
            style = ' text:style-name="Illustration"' if one.kind == "caption" else ""
            parts.append(f"<text:p{style}>{escape(one.text)}</text:p>")
    body = f"<office:body><office:text>{''.join(parts)}</office:text></office:body>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        archive.writestr(
            "content.xml", f'<?xml version="1.0"?><office:document-content {_ODF}>{body}</office:document-content>'
        )


def write_pptx(document: Document, path: Path) -> None:
    """Write a slide for each heading; its title has no level of its own, so all are compared as the highest."""
    made = pptx.Presentation()
    text = None
    for block in document.blocks:
        if block.kind == "heading" or text is None:
            slide = made.slides.add_slide(made.slide_layouts[1])
            slide.shapes.title.text = block.text if block.kind == "heading" else ""
            text = slide.placeholders[1].text_frame
            fresh = True
            if block.kind == "heading":
                continue
        paragraph = text.paragraphs[0] if fresh else text.add_paragraph()
        paragraph.text, fresh = block.text, False
    made.save(str(path))


def write_text(document: Document, path: Path) -> None:
    """Write the words alone, a paragraph a block."""
    path.write_text("\n\n".join(block.text for block in document.blocks) + "\n", encoding="utf-8")


@dataclass
class Tally:
    """What is counted for one format."""

    documents: int = 0
    passages: int = 0
    right: dict[str, int] = field(default_factory=lambda: {"headings": 0, "others": 0, "pages": 0})
    written: dict[str, int] = field(default_factory=lambda: {"headings": 0, "others": 0, "pages": 0})
    seconds: float = 0.0

    def share(self, what: str) -> str:
        """Return how much of what was written is right, to three places."""
        return f"{self.right[what] / self.written[what]:.3f}" if self.written[what] else "–"


Key = tuple[object, ...]


def exact(block: Block) -> Key:
    """Return all that must come back of a block; its marker and links apart."""
    return block.kind, block.level if block.kind == "heading" else 0, block.text, block.header


def words_alone(block: Block) -> Key:
    """Return what a format without kinds of blocks can keep."""
    return block.kind == "heading", block.text


@dataclass(frozen=True, slots=True)
class Format:
    """A format: how a document is written in it, and what of a block it can keep."""

    write: Callable[[Document, Path], None]
    key: Callable[[Block], Key]


def _copy(document: Document, path: Path) -> None:
    path.write_bytes(SHEET.with_suffix(path.suffix).read_bytes())


FORMATS = MappingProxyType(
    {
        ".docx": Format(write_docx, exact),
        ".html": Format(write_html, exact),
        ".odt": Format(write_odt, exact),
        ".pdf": Format(_copy, exact),
        ".pptx": Format(write_pptx, words_alone),
        ".txt": Format(write_text, words_alone),
    }
)


def main() -> None:
    """Print the table."""
    files = [SHEET, *map(Path, sys.argv[1:])]
    tallies = {suffix: Tally() for suffix in FORMATS}
    worker = Worker(ReadingSettings(seconds=600))
    try:
        with tempfile.TemporaryDirectory() as folder:
            for file in files:
                document = read_document(file)
                for suffix, tally in tallies.items():
                    if suffix != ".pdf" or file == SHEET:
                        path = Path(folder) / f"dokument{suffix}"
                        FORMATS[suffix].write(document, path)
                        count(document, path, worker, tally)
    finally:
        worker.close()
    sys.stdout.write(HEAD)
    for suffix, tally in tallies.items():
        shares = [tally.share(what) for what in ("headings", "others", "pages")]
        row = [suffix[1:].upper(), str(tally.documents), str(tally.passages), *shares, f"{tally.seconds:.1f}"]
        sys.stdout.write("| " + " | ".join(row) + " |\n")


def count(document: Document, path: Path, worker: Worker, tally: Tally) -> None:
    """Read a file and add what came back of the document to the tally."""
    worker.read(path)  # Once for the child to start.
    began = time.perf_counter()
    read = worker.read(path)
    tally.seconds += time.perf_counter() - began
    tally.documents += 1
    tally.passages += len(cut_passages("d", read, PassageSettings()))
    key = FORMATS[path.suffix].key
    written, back = [key(block) for block in document.blocks], [key(block) for block in read.blocks]
    kept: set[int] = set()
    for run in SequenceMatcher(None, written, back, autojunk=False).get_matching_blocks():
        kept.update(range(run.a, run.a + run.size))
    for at, block in enumerate(document.blocks):
        what = "headings" if block.kind == "heading" else "others"
        tally.written[what] += 1
        tally.right[what] += at in kept
    if path.suffix == ".pptx":
        count_slides(document, read, tally)
    elif read.page_count is not None:
        count_pages(path, read, tally)


def count_slides(document: Document, read: Document, tally: Tally) -> None:
    """Count the blocks that are on the slide that they were written on, where their words are there only once."""
    slides: dict[str, set[int]] = {}
    slide = 0
    for at, block in enumerate(document.blocks):
        slide += block.kind == "heading" or at == 0
        slides.setdefault(block.text, set()).add(slide)
    for block in read.blocks:
        if len(slides.get(block.text, ())) == 1 and block.pages:
            tally.written["pages"] += 1
            tally.right["pages"] += block.pages[0].page in slides[block.text]


def count_pages(path: Path, read: Document, tally: Tally) -> None:
    """Count the blocks whose first words another library, pdfium, finds on the page that ours gives."""
    import pypdfium2

    with pypdfium2.PdfDocument(path) as file:
        texts = ["".join(page.get_textpage().get_text_range().split()) for page in file]
    for block in read.blocks:
        if block.pages:
            tally.written["pages"] += 1
            tally.right["pages"] += "".join(block.text.split()[:5]) in texts[block.pages[0].page - 1]


if __name__ == "__main__":
    main()
