"""Documents, format by format: a file becomes blocks of text in reading order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from ingest.documents import Document
from ingest.errors import EmptyDocumentError, UnsupportedFormatError
from ingest.reading.markdown import read_markdown
from ingest.reading.notes import read_notes
from ingest.reading.pdf import read_pdf
from ingest.reading.text import read_text

READERS: Mapping[str, Callable[[Path], Document]] = MappingProxyType(
    {".markdown": read_markdown, ".md": read_markdown, ".pdf": read_pdf, ".txt": read_text}
)
"""Which reader reads files with which suffix."""

__all__ = ["READERS", "read_document", "read_notes"]


def read_document(path: Path) -> Document:
    """Read a file with the reader for its suffix.

    Raises:
        UnsupportedFormatError: If there is none.
        UnreadableError: If the file is damaged, encrypted, above a limit or not what its suffix says.
        EmptyDocumentError: If there is no text in it.
    """
    suffix = path.suffix.lower()
    reader = READERS.get(suffix)
    if reader is None:
        raise UnsupportedFormatError(
            "document_unsupported", file=path.name, suffix=suffix or "–", known=", ".join(sorted(READERS))
        )
    document = reader(path)
    if not any(block.text for block in document.blocks):
        raise EmptyDocumentError("document_empty", file=path.name)
    return document
