"""What has been fetched: one folder a source in the data directory, with the file and what is known of it.

A file is named by its contents and written before the record that names it, and the record is replaced in one step: a
killed fetch leaves the file and the record of before, or those of now.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ingest.catalogue import Source
from ingest.errors import FetchedError
from ingest.files import write_atomically, write_bytes_atomically

FOLDER = "fetched"
RECORD_FILE = "record.json"


class Record(BaseModel):
    """What is known of a fetched file.

    Attributes:
        url: The address that was asked for, as the catalogue has it.
        final_url: The address that gave it, after redirects.
        etag: The site's name of this edition; empty where it has none.
        last_modified: When the site says it was changed, in the site's words; empty where it says nothing.
        sha256: Of the file.
        content_type: What the site says it is.
        retrieved: When it was fetched.
        checked: When the site last said, or gave, that it is still so.
        size: Bytes.
        file: Its name, in the record's own folder.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    final_url: str
    etag: str
    last_modified: str
    sha256: str
    content_type: str
    retrieved: date
    checked: date
    size: int
    file: str = Field(pattern=r"^[0-9a-f]{16}\.[a-z0-9]+$")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fetched file and its record."""

    path: Path
    record: Record


@dataclass(frozen=True, slots=True)
class Brought:
    """A document from the web that has not been kept yet.

    Attributes:
        content: The file.
        suffix: What its name is to end in.
        record: What is known of it, its digest, size and name apart.
    """

    content: bytes
    suffix: str
    record: Record


def folder_of(data: Path, identifier: str) -> Path:
    """Return the folder of what is fetched of a source."""
    return data / FOLDER / identifier


def find(data: Path, source: Source) -> Fetched | None:
    """Return what has been fetched of a source from the address it has now, or None.

    Raises:
        FetchedError: If something was, and it is damaged.
    """
    folder = folder_of(data, source.id)
    try:
        record = Record.model_validate_json((folder / RECORD_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (UnicodeDecodeError, ValidationError) as error:
        raise FetchedError("fetched_damaged", source=source.id, path=folder / RECORD_FILE) from error
    if record.url != source.url:
        return None
    path = folder / record.file
    if not path.is_file() or path.stat().st_size != record.size:
        raise FetchedError("fetched_damaged", source=source.id, path=path)
    return Fetched(path, record)


def keep(data: Path, identifier: str, content: bytes, suffix: str, record: Record) -> Record:
    """Keep a fetched file; the one of before goes.

    Args:
        data: The data directory.
        identifier: Of the source.
        content: Of the file.
        suffix: Of the file's name, with its dot.
        record: What is known of it; digest, size and name are filled in here.

    Returns:
        The record as it was written.
    """
    folder = folder_of(data, identifier)
    folder.mkdir(parents=True, exist_ok=True)
    digest = sha256(content).hexdigest()
    record = record.model_copy(update={"sha256": digest, "size": len(content), "file": digest[:16] + suffix})
    write_bytes_atomically(folder / record.file, content)
    keep_record(data, identifier, record)
    for path in folder.iterdir():
        if path.name not in (RECORD_FILE, record.file):
            path.unlink(missing_ok=True)  # The one of before, and what a killed fetch left.
    return record


def keep_record(data: Path, identifier: str, record: Record) -> None:
    """Replace what is known of a fetched file."""
    text = json.dumps(record.model_dump(mode="json"), ensure_ascii=False, indent=1) + "\n"
    write_atomically(folder_of(data, identifier) / RECORD_FILE, text)


def forget(data: Path, identifier: str) -> None:
    """Remove what has been fetched of a source."""
    shutil.rmtree(folder_of(data, identifier), ignore_errors=True)


def located(data: Path, source: Source) -> Source | None:
    """Return a source with the file that it is read from, or None where there is none yet.

    When a fetched file was fetched is known better than the catalogue can know it.

    Raises:
        FetchedError: If what was fetched is damaged.
    """
    if source.file is not None:
        return source
    found = find(data, source) if source.fetched else None
    return None if found is None else replace(source, file=found.path, retrieved=found.record.retrieved)
