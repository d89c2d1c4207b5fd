"""The bytes of a file, with the limits that hold for every format."""

from __future__ import annotations

import stat
import zipfile
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

MAX_UNPACKED, MAX_PARTS = 200_000_000, 10_000
"""Bytes and files that an archive (DOCX, ODT, PPTX are ZIP files) may unpack to. Source: as `MAX_BYTES`; a report of 400
pages with 300 pictures has some 350 parts."""


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


def check_unpacked(path: Path) -> None:
    """Refuse an archive that unpacks to too much, by its own table of contents; what is no archive passes.

    A table that lies is found out by the library that unpacks: it stops at the size that the table gives.

    Raises:
        UnreadableError: If it would be more than `MAX_UNPACKED` bytes or `MAX_PARTS` files.
    """
    try:
        if not path.is_file() or not zipfile.is_zipfile(path):
            return
        with zipfile.ZipFile(path) as archive:
            sizes = [part.file_size for part in archive.infolist()]
    except (OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        return  # The reader for its suffix says what is wrong with it.
    if sum(sizes) > MAX_UNPACKED:
        raise UnreadableError("document_unpacks_large", file=path.name, megabytes=MAX_UNPACKED // 1_000_000)
    if len(sizes) > MAX_PARTS:
        raise UnreadableError("document_many_parts", file=path.name, parts=MAX_PARTS)
