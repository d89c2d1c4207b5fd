"""The bytes of a file, with the limits that hold for every format."""

from __future__ import annotations

from pathlib import Path

from ingest.errors import UnreadableError

MAX_BYTES = 200_000_000
"""Files above this are refused: they are read into memory whole, and the reader may use no more than a gigabyte."""

MAX_CHARACTERS = 5_000_000
"""Documents above this are refused. Source: a printed page holds about 3,000 characters, so this is 1,600 pages."""


def load(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        UnreadableError: If the file can't be opened, holds nothing or is too large.
    """
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise UnreadableError("document_unreadable", file=path.name, reason=f"larger than {MAX_BYTES:,} bytes")
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UnreadableError("document_unreadable", file=path.name, reason=reason.lower()) from error
    if not data:
        raise UnreadableError("document_unreadable", file=path.name, reason="the file is empty (0 bytes)")
    return data


def check_size(path: Path, characters: int) -> None:
    """Refuse a document with too much text.

    Raises:
        UnreadableError: If there are more than `MAX_CHARACTERS`.
    """
    if characters > MAX_CHARACTERS:
        raise UnreadableError("document_unreadable", file=path.name, reason=f"more than {MAX_CHARACTERS:,} characters of text")
