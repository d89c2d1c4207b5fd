"""The catalogue: which documents count, and what is known of each."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from ingest.errors import CatalogueError

CATALOGUE_FILE = "sources.toml"

Kind = Literal["faktaark", "vedtak", "plan", "saksframlegg", "lov", "rapport", "avtale", "nettside", "notat", "annet"]
SourceLanguage = Literal["nb", "nn", "en"]
Format = Literal["", "fakta"]

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_REQUIRED = ("id", "title", "publisher", "kind", "dated", "retrieved", "language", "file", "licence")
_OPTIONAL = ("url", "index", "format")


@dataclass(frozen=True, slots=True)
class Source:
    """One document of the catalogue.

    Attributes:
        id: Short name, lower case letters, digits and hyphens; citations and `--source` use it.
        title: As on the document.
        publisher: Who stands behind it.
        kind: What sort of document.
        dated: The date that the document itself bears; its statements are as of then.
        retrieved: When the file was taken into the catalogue.
        language: Of the document.
        file: The file.
        licence: Licence, or the basis for using it.
        url: Where it can be read by others; empty if nowhere.
        index: Whether it is searched; false for another edition of a document that is.
        format: `fakta` for a note of statements, each with its own source; empty for any other document.
    """

    id: str
    title: str
    publisher: str
    kind: Kind
    dated: date
    retrieved: date
    language: SourceLanguage
    file: Path
    licence: str
    url: str = ""
    index: bool = True
    format: Format = ""


def read_catalogue(corpus: Path) -> list[Source]:
    """Read `sources.toml` of a corpus folder.

    Returns:
        The sources in the order of the file.

    Raises:
        CatalogueError: If the file is missing or no TOML, or an entry is wrong: an unknown, missing or mistyped key, a
            date that isn't one, a file that isn't there or lies outside the corpus, an id used twice.
    """
    path = corpus / CATALOGUE_FILE
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CatalogueError("catalogue_missing", path=path) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CatalogueError("catalogue_invalid", path=path, reason=error) from error
    entries = content.pop("source", [])
    if content:
        raise CatalogueError("catalogue_unknown_table", path=path, key=next(iter(content)))
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries) or not entries:
        raise CatalogueError("catalogue_empty", path=path)
    sources: list[Source] = []
    for number, entry in enumerate(entries, start=1):
        source = _read_entry(entry, f"{number} ({entry.get('id', '–')})", corpus)
        if any(other.id == source.id for other in sources):
            raise CatalogueError("catalogue_duplicate", entry=f"{number} ({source.id})", key="id", value=source.id)
        sources.append(source)
    return sources


def _read_entry(entry: Mapping[str, Any], name: str, corpus: Path) -> Source:
    for key in entry:
        if key not in (*_REQUIRED, *_OPTIONAL):
            raise CatalogueError("catalogue_unknown_key", entry=name, key=key, known=", ".join((*_REQUIRED, *_OPTIONAL)))
    for key in _REQUIRED:
        if key not in entry:
            raise CatalogueError("catalogue_missing_key", entry=name, key=key)
    identifier = _text(entry, name, "id")
    if not _ID.fullmatch(identifier):
        raise CatalogueError("catalogue_bad_id", entry=name, key="id", value=identifier)
    index = entry.get("index", True)
    if not isinstance(index, bool):
        raise CatalogueError("catalogue_not_bool", entry=name, key="index", value=index)
    return Source(
        id=identifier,
        title=_text(entry, name, "title"),
        publisher=_text(entry, name, "publisher"),
        kind=_choice(entry, name, "kind", get_args(Kind)),
        dated=_date(entry, name, "dated"),
        retrieved=_date(entry, name, "retrieved"),
        language=_choice(entry, name, "language", get_args(SourceLanguage)),
        file=_file(entry, name, corpus),
        licence=_text(entry, name, "licence"),
        url=_text(entry, name, "url", may_be_empty=True),
        index=index,
        format=_choice(entry, name, "format", ("fakta",)) if "format" in entry else "",
    )


def _text(entry: Mapping[str, Any], name: str, key: str, *, may_be_empty: bool = False) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str):
        raise CatalogueError("catalogue_not_text", entry=name, key=key, value=value)
    if not value.strip() and not may_be_empty:
        raise CatalogueError("catalogue_empty_value", entry=name, key=key)
    return value.strip()


def _choice(entry: Mapping[str, Any], name: str, key: str, choices: tuple[str, ...]) -> Any:
    value = _text(entry, name, key)
    if value not in choices:
        raise CatalogueError("catalogue_not_a_choice", entry=name, key=key, value=value, choices=", ".join(choices))
    return value


def _date(entry: Mapping[str, Any], name: str, key: str) -> date:
    value = entry[key]
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value.strip())
        except ValueError:
            pass  # Said below, with every other value that is no date.
    if not isinstance(value, date) or isinstance(value, datetime):
        raise CatalogueError("catalogue_not_a_date", entry=name, key=key, value=value)
    return value


def _file(entry: Mapping[str, Any], name: str, corpus: Path) -> Path:
    value = _text(entry, name, "file")
    path = corpus / value
    # No file system has a name with NUL in it, and to ask for one is an error of its own.
    exists = "\0" not in value
    if exists and not path.resolve().is_relative_to(corpus.resolve()):
        raise CatalogueError("catalogue_file_outside", entry=name, key="file", value=value)
    if not exists or not path.is_file():
        raise CatalogueError("catalogue_file_missing", entry=name, key="file", value=value)
    return path
