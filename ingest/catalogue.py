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
from ingest.ranks import Kind

CATALOGUE_FILE = "sources.toml"

SourceLanguage = Literal["nb", "nn", "en"]
Format = Literal["", "fakta"]

_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_KEYS = (
    "id", "title", "publisher", "kind", "dated", "retrieved", "language", "file", "licence", "url", "index", "replaces", "note",
    "fetch", "format",
)  # fmt: skip
_ALWAYS = ("id", "title", "publisher", "kind", "language")
_WITH_FILE = ("dated", "retrieved", "licence")


@dataclass(frozen=True, slots=True)
class Source:
    """One document of the catalogue.

    Attributes:
        id: Short name, lower case letters, digits and hyphens; citations and `--source` use it.
        title: As on the document.
        publisher: Who stands behind it.
        kind: What sort of document.
        dated: The date that the document itself bears; its statements are as of then. None where it is not known: of what
            is only known of, and of what is fetched and says it itself.
        retrieved: When the file was taken into the catalogue; None where there is none, or fetching says it.
        language: Of the document.
        file: The file, whether it is there or not; None for what is fetched and for what is only known of.
        licence: Licence, or the basis for using it; empty only for what is only known of.
        url: Where it can be read by others; empty if nowhere.
        index: Whether it is searched; false for another edition of a document that is.
        replaces: Ids of the sources that it takes the place of.
        note: What is known of it; for a document that can't be had.
        fetch: Whether it may be fetched from `url`; false for what is named but can't be.
        format: `fakta` for a note of statements, each with its own source; empty for any other document.
    """

    id: str
    title: str
    publisher: str
    kind: Kind
    dated: date | None
    retrieved: date | None
    language: SourceLanguage
    file: Path | None
    licence: str
    url: str = ""
    index: bool = True
    replaces: tuple[str, ...] = ()
    note: str = ""
    fetch: bool = True
    format: Format = ""

    @property
    def fetched(self) -> bool:
        """Whether its file is what `ingest fetch` brings."""
        return self.file is None and bool(self.url) and self.fetch

    @property
    def only_known(self) -> bool:
        """Whether it is named without being had: there is neither a file nor anything to fetch."""
        return self.file is None and not self.fetched


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
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise CatalogueError("catalogue_missing", path=path) from error
    except UnicodeDecodeError as error:
        raise CatalogueError("catalogue_invalid", path=path, reason=error) from error
    return parse_catalogue(text, corpus)


def parse_catalogue(text: str, corpus: Path) -> list[Source]:
    """Return the sources that the text of a catalogue names, in its order.

    Args:
        text: Of `sources.toml`, as it is or as it would be.
        corpus: The folder that its files lie in.

    Raises:
        CatalogueError: As `read_catalogue`.
    """
    path = corpus / CATALOGUE_FILE
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
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
    _check_replaced(sources)
    return sources


def _check_replaced(sources: list[Source]) -> None:
    known = {source.id for source in sources}
    for number, source in enumerate(sources, start=1):
        for other in source.replaces:
            if other not in known - {source.id}:
                raise CatalogueError("catalogue_unknown_source", entry=f"{number} ({source.id})", key="replaces", value=other)


def _read_entry(entry: Mapping[str, Any], name: str, corpus: Path) -> Source:
    for key in entry:
        if key not in _KEYS:
            raise CatalogueError("catalogue_unknown_key", entry=name, key=key, known=", ".join(_KEYS))
    fetch = _bool(entry, name, "fetch")
    for key in _required(entry, fetch=fetch):
        if key not in entry:
            raise CatalogueError("catalogue_missing_key", entry=name, key=key)
    identifier = _text(entry, name, "id")
    if not _ID.fullmatch(identifier):
        raise CatalogueError("catalogue_bad_id", entry=name, key="id", value=identifier)
    return Source(
        id=identifier,
        title=_text(entry, name, "title"),
        publisher=_text(entry, name, "publisher"),
        kind=_choice(entry, name, "kind", get_args(Kind)),
        dated=_date(entry, name, "dated"),
        retrieved=_date(entry, name, "retrieved"),
        language=_choice(entry, name, "language", get_args(SourceLanguage)),
        file=_file(entry, name, corpus),
        licence=_text(entry, name, "licence", may_be_empty="licence" not in entry),
        url=_text(entry, name, "url", may_be_empty=True),
        index=_bool(entry, name, "index"),
        replaces=_ids(entry, name, "replaces"),
        note=_text(entry, name, "note", may_be_empty=True),
        fetch=fetch,
        format=_choice(entry, name, "format", ("fakta",)) if "format" in entry else "",
    )


def _required(entry: Mapping[str, Any], *, fetch: bool) -> tuple[str, ...]:
    """Return the keys that an entry must have: all of them for a file, fewer for what is fetched or only known of."""
    if "file" in entry:
        return (*_ALWAYS, *_WITH_FILE)
    if not fetch:
        return _ALWAYS
    # What is fetched says itself when it was fetched, and as a rule what it is dated.
    return (*_ALWAYS, "licence") if entry.get("url") else (*_ALWAYS, *_WITH_FILE, "file")


def _text(entry: Mapping[str, Any], name: str, key: str, *, may_be_empty: bool = False) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str):
        raise CatalogueError("catalogue_not_text", entry=name, key=key, value=value)
    if not value.strip() and not may_be_empty:
        raise CatalogueError("catalogue_empty_value", entry=name, key=key)
    return value.strip()


def _bool(entry: Mapping[str, Any], name: str, key: str) -> bool:
    value = entry.get(key, True)
    if not isinstance(value, bool):
        raise CatalogueError("catalogue_not_bool", entry=name, key=key, value=value)
    return value


def _ids(entry: Mapping[str, Any], name: str, key: str) -> tuple[str, ...]:
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise CatalogueError("catalogue_not_ids", entry=name, key=key, value=value)
    return tuple(value)


def _choice(entry: Mapping[str, Any], name: str, key: str, choices: tuple[str, ...]) -> Any:
    value = _text(entry, name, key)
    if value not in choices:
        raise CatalogueError("catalogue_not_a_choice", entry=name, key=key, value=value, choices=", ".join(choices))
    return value


def _date(entry: Mapping[str, Any], name: str, key: str) -> date | None:
    if key not in entry:
        return None
    value = entry[key]
    if isinstance(value, str):
        try:
            value = date.fromisoformat(value.strip())
        except ValueError:
            pass  # Said below, with every other value that is no date.
    if not isinstance(value, date) or isinstance(value, datetime):
        raise CatalogueError("catalogue_not_a_date", entry=name, key=key, value=value)
    return value


def _file(entry: Mapping[str, Any], name: str, corpus: Path) -> Path | None:
    if "file" not in entry:
        return None
    value = _text(entry, name, "file")
    path = corpus / value
    # No file system has a name with NUL in it, and to ask for one is an error of its own.
    exists = "\0" not in value
    if exists and not path.resolve().is_relative_to(corpus.resolve()):
        raise CatalogueError("catalogue_file_outside", entry=name, key="file", value=value)
    if not exists or (path.exists() and not path.is_file()):
        raise CatalogueError("catalogue_file_missing", entry=name, key="file", value=value)
    return path
