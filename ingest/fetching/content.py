"""What a body is, by what the site says and by what it holds: only documents are let in."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from pathlib import PurePosixPath
from types import MappingProxyType
from urllib.parse import unquote, urlsplit

from ingest.errors import FetchError

_STATED: Mapping[str, str] = MappingProxyType(
    {
        "application/pdf": ".pdf",
        "application/x-pdf": ".pdf",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation": ".pptx",
        "application/vnd.oasis.opendocument.text": ".odt",
        "text/html": ".html",
        "application/xhtml+xml": ".html",
        "text/markdown": ".md",
        "text/x-markdown": ".md",
        "text/plain": ".txt",
    }
)
"""What a site calls the documents that are let in."""

_VAGUE = frozenset(("", "application/octet-stream", "binary/octet-stream", "application/download", "application/zip"))
"""What a site says of files that it knows nothing of."""

_ZIPPED: Mapping[str, str] = MappingProxyType({"word/document.xml": ".docx", "ppt/presentation.xml": ".pptx"})

_TEXTS = frozenset((".txt", ".md", ".html"))
_FILES = frozenset(_STATED.values()) - _TEXTS
_HTML = re.compile(rb"<!doctype\s+html|<html[\s>]|<head[\s>]|<body[\s>]|<title[\s>]|<article[\s>]", re.IGNORECASE)
_SNIFFED = 4096
"""How far into a body its marks are looked for. Source: the WHATWG's MIME Sniffing looks at 1,445; comments come first."""

_PDF_WITHIN = 1024
"""How far in a PDF's mark may stand; see ingest/reading/pdf.py."""

_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BOMS = (b"\xff\xfe", b"\xfe\xff")


def suffix_of(body: bytes, content_type: str, url: str) -> str:
    """Return what a fetched file's name is to end in, so that the right reader reads it.

    Args:
        body: All of it.
        content_type: The reply's Content-Type.
        url: The address as it was asked for: what is called `.pdf` must not be the page that says it is gone.

    Raises:
        FetchError: If it is empty, no document, or another sort than the site or the address says.
    """
    if not body.strip():
        raise FetchError("fetch_empty", url=url)
    said = content_type.split(";")[0].strip().lower()
    stated = _STATED.get(said, "")
    held = _held(body)
    if not held or (held in _TEXTS and not stated and said not in _VAGUE):
        raise FetchError("fetch_type", url=url, type=said or "?")
    if held not in _TEXTS:
        return held  # Its own marks are surer than what the site calls it.
    named = PurePosixPath(unquote(urlsplit(url).path)).suffix.lower()
    for claimed in (stated, named):
        if claimed in _FILES:
            raise FetchError("fetch_other_type", url=url, said=claimed, held=held)
    return _text_suffix(stated, named, held)


def _held(body: bytes) -> str:
    """Return what a body holds, by its own marks; empty for what is no document."""
    if b"%PDF-" in body[:_PDF_WITHIN]:
        return ".pdf"
    if body.startswith(b"PK\x03\x04"):
        return _zipped(body)
    start = body[:_SNIFFED]
    if body.startswith(_BOMS):
        return ".html" if _HTML.search(start.replace(b"\0", b"")) else ".txt"
    if _CONTROL.search(start):
        return ""
    return ".html" if _HTML.search(start) else ".txt"


def _zipped(body: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, EOFError, NotImplementedError):
        return ""
    if {"content.xml", "mimetype"} <= names and b"application/vnd.oasis.opendocument.text" in body[:200]:
        return ".odt"
    return next((suffix for name, suffix in _ZIPPED.items() if name in names), "")


def _text_suffix(stated: str, named: str, held: str) -> str:
    """Return which sort of text: Markdown by the site or the address, HTML by its marks or by the site, or plain."""
    if stated == ".md" or (stated != ".html" and named in (".md", ".markdown")):
        return ".md"
    return ".html" if ".html" in (held, stated) else ".txt"
