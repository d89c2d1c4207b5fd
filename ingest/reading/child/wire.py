"""A document, or why there is none, as one line of JSON: the child's half. `answers` is the parent's."""

from __future__ import annotations

import json
from typing import Any

from ingest.documents import Block, Document
from ingest.errors import DocumentError


def line(message: dict[str, Any]) -> bytes:
    """Return a message as it is sent: JSON in UTF-8 and a line end.

    Half a character, which a PDF can hold and UTF-8 can't, becomes a question mark; offsets stay as they are.
    """
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace") + b"\n"


def of_document(document: Document) -> dict[str, Any]:
    """Return a document as JSON has it; what is empty is left out."""
    about = document.about
    return {
        "blocks": [_block(block) for block in document.blocks],
        "reader": document.reader,
        "page_count": document.page_count,
        "warnings": document.warnings,
        "about": {
            "title": about.title,
            "publisher": about.publisher,
            "language": about.language,
            "url": about.url,
            "published": about.published and about.published.isoformat(),
            "updated": about.updated and about.updated.isoformat(),
        },
        "recognised": {str(page): confidence for page, confidence in document.recognised.items()},
    }


def _block(block: Block) -> dict[str, Any]:
    whole = {
        "kind": block.kind,
        "text": block.text,
        "level": block.level,
        "marker": block.marker,
        "header": block.header,
        "pages": [{"offset": start.offset, "page": start.page, "label": start.label} for start in block.pages],
        "links": [{"start": link.start, "end": link.end, "url": link.url} for link in block.links],
    }
    return {name: value for name, value in whole.items() if value or name in ("kind", "text")}


def of_error(error: DocumentError) -> dict[str, Any]:
    """Return an error as JSON has it: its class, its text's key and its values."""
    values = {name: value if isinstance(value, str | int | float) else str(value) for name, value in error.values.items()}
    return {"type": type(error).__name__, "key": error.key, "values": values}
