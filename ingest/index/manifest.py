"""What a generation says of itself."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from ingest.errors import IndexDamagedError, IndexMismatchError

SCHEMA = 2
"""Changes with every change of what lies in a generation; another schema is refused."""

MANIFEST_FILE = "manifest.json"


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SourceRecord(_Record):
    """A source as it was indexed: what a citation says of it.

    Attributes:
        sha256: Of the file.
        pages: Of the file; None where the format has none.
        passages: How many it was cut into.
        reader: Name and version of the library that read it.
        warnings: What the reader could not make sense of, in English; `ingest.remarks` says it in the reader's language.
        recognised: Of each page whose text was recognised in a picture, the mean confidence in [0, 1], by page from 1.
        same_as: Id of the source before it that holds the same text; empty if none does.
        The others are those of `ingest.catalogue.Source`.
    """

    id: str
    title: str
    publisher: str
    kind: str
    dated: date
    retrieved: date
    language: str
    licence: str
    url: str
    file: str
    sha256: str
    pages: int | None
    passages: int
    reader: str
    warnings: tuple[str, ...] = ()
    recognised: dict[int, float] = {}
    same_as: str = ""


class Failure(_Record):
    """A source that is in the catalogue and not in the index.

    Attributes:
        source: Its id.
        file: Its file.
        reason: What a person reads, in the language of the ingest.
    """

    source: str
    file: str
    reason: str


class Manifest(_Record):
    """What a generation was built from and what it holds.

    Attributes:
        schema_version: `SCHEMA` of the code that built it.
        generation: Its name, also the name of its folder.
        content: Digest of all that decides what it holds: schema, sources, model, settings.
        model: Name or folder of the embedding model.
        model_fingerprint: Digest of its weights and prompts.
        dimension: Length of a vector.
        settings: The settings that decide what it holds.
        sources: In the order of the catalogue.
        failures: What could not be read.
        passages: How many it holds.
        sentences: How many it holds.
    """

    schema_version: int
    generation: str
    content: str
    model: str
    model_fingerprint: str
    dimension: int
    settings: dict[str, Any]
    sources: tuple[SourceRecord, ...]
    failures: tuple[Failure, ...]
    passages: int
    sentences: int

    def write(self, folder: Path) -> None:
        """Write `manifest.json`."""
        (folder / MANIFEST_FILE).write_text(self.model_dump_json(indent=1), encoding="utf-8")


def read_manifest(folder: Path) -> Manifest:
    """Read a generation's manifest.

    Raises:
        IndexMismatchError: If it is of another schema.
        IndexDamagedError: If it is missing or unreadable.
    """
    try:
        content = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
        schema = content["schema_version"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamagedError("index_damaged", what=MANIFEST_FILE, reason=str(error)) from error
    if schema != SCHEMA:
        raise IndexMismatchError("index_other_schema", found=schema, expected=SCHEMA)
    try:
        return Manifest.model_validate(content)
    except ValidationError as error:
        raise IndexDamagedError("index_damaged", what=MANIFEST_FILE, reason=error.errors()[0]["msg"]) from error
