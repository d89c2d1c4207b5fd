"""Earlier versions of documents, in the data directory: what the index said of them before they changed.

One file a version, `versions/ID/TIME-HASH.jsonl`: a line on the source, then a line a passage. It is written before the
new index is published, from the old one, so an ingest that is killed between the two has kept a version too early; that is
seen when versions are read, since it says the same as the index.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ingest.errors import IndexStateError, VersionError
from ingest.files import write_atomically
from ingest.index import IndexStore, SourceRecord
from ingest.passages import Passage
from ingest.versions.compare import Part

FOLDER = "versions"


class Known(BaseModel):
    """What was known of a document. Kept for years, so what other versions of this code add to it is passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str
    title: str
    publisher: str
    kind: str
    dated: date
    retrieved: date
    url: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Version:
    """A document as the index had it at one time.

    Attributes:
        name: Time and hash; sorts by time.
        source: What was known of the document.
        parts: Its passages, in reading order.
    """

    name: str
    source: Known
    parts: tuple[Part, ...]

    @property
    def day(self) -> str:
        """The day on which the index that had it was built, YYYY-MM-DD."""
        return self.name[:10]

    @property
    def hash(self) -> str:
        """The first digits of the digest of its passages."""
        return self.name.rsplit("-", 1)[1]


def keep_changed(data: Path, index: IndexStore, texts: Mapping[str, str]) -> list[str]:
    """Keep every document of the current index whose text is another, or gone, in the one that is about to be published.

    Args:
        data: The data directory.
        index: The generations; the current one is still the old one.
        texts: The text of each source as it will be, by id.

    Returns:
        The ids of what was kept.
    """
    try:
        manifest = index.manifest()
        changed = [source for source in manifest.sources if index.text(source.id) != texts.get(source.id)]
        passages = index.passages() if changed else []
    except IndexStateError:
        return []  # There is none, or it is damaged or of another version of this code, so nothing can be taken from it.
    for source in changed:
        _write(data, _version(manifest.generation, source, [one for one in passages if one.source == source.id]))
    return [source.id for source in changed]


def versions(data: Path, identifier: str) -> list[Version]:
    """Return all versions of a document, oldest first; the last is that of the current index, if it is there.

    Raises:
        VersionError: If a kept version can't be read.
    """
    kept = [_read(path) for path in sorted((data / FOLDER / identifier).glob("*.jsonl"))]
    now = _current(IndexStore(data), identifier)
    if now is None:
        return kept
    if kept and kept[-1].hash == now.hash:
        kept.pop()
    return [*kept, now]


def _current(index: IndexStore, identifier: str) -> Version | None:
    try:
        manifest = index.manifest()
        source = next((source for source in manifest.sources if source.id == identifier), None)
        if source is None:
            return None
        return _version(manifest.generation, source, [one for one in index.passages() if one.source == identifier])
    except IndexStateError:
        return None


def _version(generation: str, source: SourceRecord, passages: list[Passage]) -> Version:
    parts = tuple(Part(passage.text, passage.headings, passage.page_label) for passage in passages)
    digest = sha256(repr([(part.headings, part.text) for part in parts]).encode()).hexdigest()
    built = datetime.strptime(generation.split("Z-")[0], "%Y%m%dT%H%M%S.%f")
    return Version(f"{built:%Y-%m-%dT%H%M%S.%f}-{digest[:12]}", Known.model_validate(source.model_dump()), parts)


def _write(data: Path, version: Version) -> None:
    folder = data / FOLDER / version.source.id
    folder.mkdir(parents=True, exist_ok=True)
    lines = [version.source.model_dump(mode="json"), *(asdict(part) for part in version.parts)]
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    write_atomically(folder / f"{version.name}.jsonl", text)


def _read(path: Path) -> Version:
    try:
        # Not splitlines(): it would also cut at characters that JSON leaves as they are, such as U+2028.
        first, *rest = (json.loads(line) for line in filter(None, path.read_text(encoding="utf-8").split("\n")))
        parts = tuple(Part(part["text"], tuple(part["headings"]), part["page_label"]) for part in rest)
        return Version(path.stem, Known.model_validate(first), parts)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise VersionError("version_damaged", path=path) from error


def choose(found: list[Version], identifier: str, older: str, newer: str) -> tuple[Version, Version]:
    """Return two versions of a document to compare.

    Args:
        found: All, oldest first.
        identifier: Of the document, for the message.
        older: How the older one's name begins; empty for the one before the newer.
        newer: How the newer one's name begins; empty for the last.

    Raises:
        VersionError: If there is no such version, or only one.
    """
    if not found:
        raise VersionError("version_unknown", source=identifier)
    to = _named(found, identifier, newer) if newer else len(found) - 1
    if not older and to == 0:
        raise VersionError("version_only_one", source=identifier, name=found[0].name)
    return found[_named(found, identifier, older) if older else to - 1], found[to]


def _named(found: list[Version], identifier: str, name: str) -> int:
    at = [number for number, version in enumerate(found) if version.name.startswith(name) or version.hash.startswith(name)]
    if not at:
        known = ", ".join(version.name for version in found)
        raise VersionError("version_missing", source=identifier, name=name, known=known)
    return at[-1]
