"""What stands below a statement of a note: its source, its date, and what it is to another source."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal
from urllib.parse import urlsplit

from ingest.dates import Interval, read_dated
from ingest.documents import Origin, Relation, RelationKind
from ingest.errors import NoteError

Label = Literal["source", "dated", "relation"]
LABELS: dict[str, Label] = {
    "kilde": "source", "kjelde": "source", "source": "source", "dato": "dated", "date": "dated",
    "forhold": "relation", "tilhøve": "relation", "relation": "relation",
}  # fmt: skip
"""What stands before the colon of a line below a statement, in lower case."""

RELATIONS: dict[str, RelationKind] = {
    "utfyller": "utfyller", "samsvarer": "samsvarer", "samsvarar": "samsvarer", "presiserer": "presiserer",
    "erstatter": "erstatter", "erstattar": "erstatter", "motsier": "motsier", "motseier": "motsier",
}  # fmt: skip
"""The words of a relation in both forms of Norwegian."""

_LINK = re.compile(r"\[(?P<title>.+)\]\s*\(\s*<?(?P<url>[^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?\s*\)(?P<rest>.*)$")
_ADDRESS = re.compile(r"(?P<title>[^\[\]<>]*?)[\s,;–-]*<?(?P<url>https?://[^\s<>]+?)>?(?P<rest>[.,]?(?:\s.*)?)$")
_TRACE_OF_ADDRESS = re.compile(r"\]\s*\(|://|\bwww\.|\]\[|https?:", re.IGNORECASE)
_EDGES = " \t.,;–-"


@dataclass(frozen=True, slots=True)
class Place:
    """What a statement's lines are checked against.

    Attributes:
        known: Ids of the sources that it may be related to.
        today: No source is from after this day.
    """

    known: Collection[str]
    today: date


@dataclass
class Fields:
    """The lines below one statement, read one by one; what can't be read is added to `problems`.

    Attributes:
        file: Name of the note's file.
        line: Of the statement.
        shown: The statement's first words.
        lines: What stands after each known word, with the line's number.
        problems: What could not be read.
    """

    file: str
    line: int
    shown: str
    lines: Mapping[Label, tuple[int, str]]
    problems: list[NoteError] = field(default_factory=list)

    def origin(self, number: str, place: Place) -> Origin | None:
        """Return where the statement was taken from, or None if that can't be told for certain."""
        title, url, also_dated = self._source()
        dated, interval = self._dated(also_dated, place.today)
        relation = self._relation(place.known)
        if self.problems or interval is None:
            return None
        return Origin(title, url, dated, interval, number, relation)

    def _source(self) -> tuple[str, str, str]:
        """Return title and address of the source, and the date if it stands on the same line."""
        line, value = self.lines.get("source", (self.line, ""))
        if not value:
            self.problems.append(NoteError("note_no_source", file=self.file, line=self.line, fact=self.shown))
            return "", "", ""
        found = _LINK.match(value) or _ADDRESS.match(value)
        if found is None:
            if _TRACE_OF_ADDRESS.search(value):
                self._bad_link(line, value)
            return value.strip(_EDGES), "", ""
        title, url, rest = found["title"].strip(), found["url"], found["rest"].strip(_EDGES)
        if _TRACE_OF_ADDRESS.search(rest) or "](" in title:
            self.problems.append(NoteError("note_two_sources", file=self.file, line=line, fact=self.shown))
        elif not _is_address(url):
            self._bad_link(line, url or value)
        if rest and "dated" in self.lines and read_dated(rest) is None:
            return f"{title} {rest}".strip(), url, ""
        return title or url, url, rest

    def _bad_link(self, line: int, value: str) -> None:
        self.problems.append(NoteError("note_bad_link", file=self.file, line=line, value=value))

    def _dated(self, also: str, today: date) -> tuple[str, Interval | None]:
        line, value = self.lines.get("dated", self.lines.get("source", (self.line, "")))
        value = value.strip(_EDGES) if "dated" in self.lines else ""
        if value and also:
            self.problems.append(NoteError("note_two_dates", file=self.file, line=line, first=also, second=value))
            return value, None
        written = value or also
        if not written:
            if "source" in self.lines:
                self.problems.append(NoteError("note_no_date", file=self.file, line=self.line, fact=self.shown))
            return "", None
        interval = read_dated(written)
        if interval is None:
            self.problems.append(NoteError("note_bad_date", file=self.file, line=line, value=written))
        elif interval.earliest is not None and interval.earliest > today:
            self.problems.append(NoteError("note_future", file=self.file, line=line, value=written, today=today))
        return written, interval

    def _relation(self, known: Collection[str]) -> Relation | None:
        if "relation" not in self.lines:
            return None
        line, value = self.lines["relation"]
        words = [word for word in value.strip(_EDGES).split() if word.lower() != "med"]
        kind = RELATIONS.get(words[0].lower()) if words else None
        if kind is None or len(words) != 2:
            choices = ", ".join(dict.fromkeys(RELATIONS.values()))
            self.problems.append(NoteError("note_bad_relation", file=self.file, line=line, value=value, choices=choices))
            return None
        if words[1] not in known:
            self.problems.append(NoteError("note_unknown_source", file=self.file, line=line, value=words[1]))
            return None
        return Relation(kind, words[1])


def _is_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and "." in (parts.hostname or "")
