"""Documents, format by format: a file becomes blocks of text in reading order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from ingest.documents import Document
from ingest.errors import EmptyDocumentError, UnsupportedFormatError
from ingest.reading.docx import read_docx
from ingest.reading.html import read_html
from ingest.reading.markdown import read_markdown
from ingest.reading.notes import Notes, read_notes
from ingest.reading.odt import read_odt
from ingest.reading.pdf import read_pdf
from ingest.reading.pptx import read_pptx
from ingest.reading.source import Watch
from ingest.reading.text import read_text

READERS: Mapping[str, Callable[[Path], Document]] = MappingProxyType(
    {
        ".docm": read_docx,
        ".docx": read_docx,
        ".htm": read_html,
        ".html": read_html,
        ".markdown": read_markdown,
        ".md": read_markdown,
        ".odt": read_odt,
        ".pdf": read_pdf,
        ".pptx": read_pptx,
        ".txt": read_text,
        ".xhtml": read_html,
    }
)
"""Which reader reads files with which suffix."""

OUTDATED: Mapping[str, str] = MappingProxyType(
    {".doc": ".docx", ".dot": ".docx", ".pps": ".pptx", ".ppt": ".pptx", ".rtf": ".docx", ".sxw": ".odt"}
)
"""Older formats, and what the programs that made them can save them as."""

__all__ = ["READERS", "Notes", "Watch", "read_document", "read_notes"]


def read_document(path: Path, watch: Watch | None = None) -> Document:
    """Read a file with the reader for its suffix, in this process; `ingest.reading.child` has it read apart.

    Args:
        path: The file.
        watch: See `read_pdf`; other formats have no pages.

    Raises:
        UnsupportedFormatError: If there is none, or the format is an older one.
        UnreadableError: If the file is damaged, encrypted, above a limit or not what its suffix says.
        EmptyDocumentError: If there is no text in it.
    """
    suffix = path.suffix.lower()
    reader = READERS.get(suffix)
    if suffix in OUTDATED:
        raise UnsupportedFormatError("document_outdated", file=path.name, suffix=suffix, better=OUTDATED[suffix])
    if reader is None:
        raise UnsupportedFormatError(
            "document_unsupported", file=path.name, suffix=suffix or "–", known=", ".join(sorted(READERS))
        )
    document = read_pdf(path, watch) if reader is read_pdf and watch is not None else reader(path)
    if not any(block.text for block in document.blocks):
        raise EmptyDocumentError("document_empty", file=path.name)
    return document
