"""Zip files with XML inside (DOCX, PPTX, ODT): opened only after their table of contents has been looked through."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from ingest.errors import UnreadableError
from ingest.reading.source import load

MAX_ENTRIES = 10_000
"""Files inside one. Source: a document with a thousand pictures has some 3,000."""

MAX_UNPACKED = 200_000_000
"""Bytes of all files inside together, as the table of contents has them; reading stops where it lies."""

MAX_XML = 100_000_000
"""Bytes of one XML file inside."""

MAX_TAGS = 3_000_000
"""Tags of all XML that is read. Source: 200,000 paragraphs have 1.2 million; 3 million take 0.4 GB as a tree."""

MAX_PARTS = 300_000
"""Paragraphs and cells of a text. Source: 200,000 take 6 seconds on a busy machine; 1,600 pages have some 50,000."""

_ZIP, _OLE = b"PK", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_NAME = "EncryptedPackage".encode("utf-16-le")
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_DECLARATION = re.compile(r"\A\s*<\?xml\b[^>]*\?>")
_ENCODING = re.compile(rb"\A\s*<\?xml\b[^>]*?\bencoding\s*=\s*[\"']([^\"']*)")
_ENCODINGS = frozenset({b"utf-8", b"us-ascii", b"ascii", b"iso-8859-1", b"windows-1252"})
_FAILURES = (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, OSError, RuntimeError, ValueError)


class Countable(Protocol):
    """An XML element, whichever library parsed it."""

    def iter(self, tag: str, /) -> Iterator[object]:
        """Yield all elements of a name."""


class Zipped:
    """A zip file whose limits have been checked."""

    def __init__(self, path: Path) -> None:
        """Open the file at `path`.

        Raises:
            UnreadableError: If it is no zip file, is encrypted or is above a limit.
        """
        self._path = path
        self._tags = 0
        data = load(path)
        if data.startswith(_OLE):
            raise self._encrypted() if _ENCRYPTED_NAME in data else self.unreadable("an older Office file by another name")
        if not data.startswith(_ZIP):
            raise self.unreadable("not a zip file, as this kind of file must be")
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
            infos = self._zip.infolist()
        except _FAILURES as error:
            raise self.unreadable(f"damaged zip file: {type(error).__name__}") from error
        self._check(infos)
        self.names = frozenset(info.filename for info in infos)

    def _check(self, infos: list[zipfile.ZipInfo]) -> None:
        if any(info.flag_bits & 1 for info in infos):
            raise self._encrypted()
        if len(infos) > MAX_ENTRIES:
            raise UnreadableError("document_many_parts", file=self._path.name, parts=MAX_ENTRIES)
        if sum(info.file_size for info in infos) > MAX_UNPACKED:
            raise UnreadableError("document_unpacks_large", file=self._path.name, megabytes=MAX_UNPACKED // 1_000_000)
        if any(info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for info in infos):
            raise self.unreadable("packed in a way that documents are not")

    def unreadable(self, reason: str) -> UnreadableError:
        """Return the error that says why the file can't be read."""
        return UnreadableError("document_unreadable", file=self._path.name, reason=reason)

    def check_parts(self, root: Countable, *tags: str) -> None:
        """Refuse a text with too many paragraphs and cells.

        Raises:
            UnreadableError: If there are more than `MAX_PARTS` elements of these names.
        """
        if sum(1 for tag in tags for _ in root.iter(tag)) > MAX_PARTS:
            raise self.unreadable(f"more than {MAX_PARTS:,} paragraphs and cells")

    def _encrypted(self) -> UnreadableError:
        return UnreadableError("document_encrypted", file=self._path.name)

    def xml(self, name: str) -> bytes:
        """Return an XML file inside, ready to be parsed: without a document type, and so without entities of its own.

        Raises:
            UnreadableError: If it is not there, damaged or above a limit.
        """
        try:
            size = self._zip.getinfo(name).file_size
            if size > MAX_XML:
                raise self.unreadable(f"more than {MAX_XML:,} bytes of XML")
            data = self._zip.read(name)
        except _FAILURES as error:
            raise self.unreadable(f"{name} inside is missing or damaged") from error
        data = self._as_utf8(name, data)
        if _DOCTYPE.search(data):
            raise self.unreadable(f"{name} inside declares a document type, which no office program does")
        self._tags += data.count(b"<")
        if self._tags > MAX_TAGS:
            raise self.unreadable(f"more than {MAX_TAGS:,} tags")
        return data

    def _as_utf8(self, name: str, data: bytes) -> bytes:
        """Return XML in an encoding in which a document type can be seen."""
        if data.startswith((b"\xff\xfe", b"\xfe\xff")):
            try:
                return _DECLARATION.sub("", data.decode("utf-16")).encode()
            except UnicodeDecodeError as error:
                raise self.unreadable(f"{name} inside is missing or damaged") from error
        declared = _ENCODING.match(data.removeprefix(b"\xef\xbb\xbf"))
        if b"\0" in data[:4] or (declared and declared[1].lower() not in _ENCODINGS):
            raise self.unreadable(f"{name} inside has an encoding that no office program writes")
        return data
