"""Documents, format by format: a file becomes blocks of text in reading order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from ingest.documents import Document
from ingest.errors import EmptyDocumentError, UnsupportedFormatError
from ingest.reading.markdown import read_markdown
from ingest.reading.pdf import read_pdf
from ingest.reading.source import Watch, check_unpacked
from ingest.reading.text import read_text

READERS: Mapping[str, Callable[[Path], Document]] = MappingProxyType(
    {".markdown": read_markdown, ".md": read_markdown, ".pdf": read_pdf, ".txt": read_text}
)
"""Which reader reads files with which suffix."""

__all__ = ["READERS", "Watch", "read_document"]


def read_document(path: Path, watch: Watch | None = None) -> Document:
    """Read a file with the reader for its suffix, in this process; `ingest.reading.child` has it read apart.

    Args:
        path: The file.
        watch: See `read_pdf`; other formats have no pages.

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
    check_unpacked(path)
    document = read_pdf(path, watch) if reader is read_pdf and watch is not None else reader(path)
    if not any(block.text for block in document.blocks):
        raise EmptyDocumentError("document_empty", file=path.name)
    return document
