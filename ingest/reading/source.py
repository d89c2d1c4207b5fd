"""The bytes of a file, with the limits that hold for every format."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ingest.errors import UnreadableError

MAX_BYTES = 200_000_000
"""Files above this are refused: they are read into memory whole, and the reader may use no more than a gigabyte."""

MAX_CHARACTERS = 5_000_000
"""Documents above this are refused. Source: a printed page holds about 3,000 characters, so this is 1,600 pages."""

MAX_PAGES = 5_000
"""Files with more pages are refused. Source: 60 to 84 pages of a PDF a second were measured, so these take 60 to 90 s."""


def _nothing(pages: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Watch:
    """What whoever has a file read lets the reader do, and is told by it.

    Attributes:
        pages: Most pages that the file may have.
        recognise: Whether pages without text are to be recognised.
        read: Called with the number of pages read so far.
        recognised: Called with the number of pages that recognition has been begun on.
    """

    pages: int = MAX_PAGES
    recognise: bool = False
    read: Callable[[int], None] = _nothing
    recognised: Callable[[int], None] = _nothing


def load(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        UnreadableError: If it is no ordinary file, can't be opened, holds nothing or is too large.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            # To read a pipe or a device would wait for ever, or never end.
            raise UnreadableError("document_unreadable", file=path.name, reason="not an ordinary file")
        size = status.st_size
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
