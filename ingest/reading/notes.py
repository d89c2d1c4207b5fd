"""Notes of statements in our own words: a Markdown list in which each statement has its source below it.

    # Avtalene

    > What begins with this sign is a remark to those who edit, and is not searched.

    - [F012] I oktober 2022 hadde 19 av 66 kommuner inngått avtalen.
      - Kilde: [Jurister råder til å vente (NRK)](https://www.nrk.no/…)
      - Dato: oktober 2022
      - Forhold: erstatter faktagrunnlag-2022

Marks and margins may be missing or others; the words before the colons, the date and the address may not, since a wrong
reading of them would be a wrong citation. What can't be used is a problem with its line, and the other statements go on.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ingest.documents import Block, Document
from ingest.errors import NoteError
from ingest.reading.fields import LABELS, Fields, Label, Place
from ingest.reading.markdown import inline_text
from ingest.reading.source import check_size, load
from ingest.reading.text import decode

READER = "notes 1"
"""Name and version of this reader; the number goes up when its blocks change."""

_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*$")
_RULE = re.compile(r"(?:-{3,}|\*{3,}|_{3,})$")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
_BULLET = re.compile(r"(?:[-*+•–—]|\d{1,2}[.)](?=\s+\[))\s+")
_NUMBER = r"[*_]{0,2}\[\s*([A-Za-zÆØÅæøå]{1,4}-?\d{1,6})\s*\](?!\()[*_]{0,2}"
_LEADING_NUMBER = re.compile(rf"{_NUMBER}[\s:.–-]*")
_TRAILING_NUMBER = re.compile(rf"\s*{_NUMBER}\.?$")
_LABELLED = re.compile(r"[*_]{0,2}([^\W\d_]{3,12})[*_]{0,2}\s*:[*_]{0,2}\s*(.*)$")
_SHOWN = 60
"""Characters of a statement that are shown to tell which one is meant."""


@dataclass(frozen=True)
class Notes(Document):
    """A note as read.

    Attributes:
        problems: What of it could not be used, while the rest could.
    """

    problems: tuple[NoteError, ...] = ()


@dataclass
class _Draft:
    """A statement while its lines are read."""

    line: int
    words: str
    fields: dict[Label, tuple[int, str]] = field(default_factory=dict)
    problems: list[NoteError] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Heading:
    text: str
    level: int


def read_notes(path: Path, known: Collection[str], today: date | None = None) -> Notes:
    """Read a note file.

    Args:
        path: The file.
        known: Ids of the sources that a statement may be related to.
        today: No source is from after this day; None for the day of the call.

    Returns:
        Headings and statements as blocks, each statement with its origin, and a problem for each that can't be used.

    Raises:
        NoteError: If there is not a single statement in it.
        UnreadableError: If the file holds no text or is above a limit.
    """
    text, warnings = decode(load(path), path)
    check_size(path, len(text))
    loose: list[NoteError] = []
    parts = list(_parts(text, path.name, loose))
    if not loose and not any(isinstance(part, _Draft) for part in parts):
        raise NoteError("note_empty", file=path.name)
    blocks: list[Block] = []
    problems = list(loose)
    numbers: dict[str, int] = {}
    place = Place(known, today or date.today())
    for part in parts:
        if isinstance(part, _Heading):
            blocks.append(Block("heading", part.text, level=part.level))
            continue
        made = _statement(part, path.name, place, numbers)
        problems += part.problems
        if made is not None:
            blocks.append(made)
    problems.sort(key=lambda problem: int(str(problem.values["line"])))
    return Notes(tuple(blocks), READER, warnings=warnings, problems=tuple(problems))


def _parts(text: str, file: str, loose: list[NoteError]) -> Iterator[_Heading | _Draft]:
    """Yield the headings and statements of a note; lines below no statement are added to `loose`."""
    draft: _Draft | None = None
    open_ended = False
    for number, raw in enumerate(_without_comments(text).split("\n"), start=1):
        line = raw.strip()
        heading = _HEADING.match(line)
        if not line or line.startswith(">") or _RULE.match(line):
            open_ended = False
        elif heading:
            draft, open_ended = None, False
            yield _Heading(inline_text(heading[2]).trimmed(), len(heading[1]))
        elif label := _label(line):
            open_ended = False
            _take(draft, label, number, file, loose)
        elif draft is not None and _belongs(line, raw, draft):
            draft.problems.append(
                NoteError("note_unknown_line", file=file, line=number, value=_cut(_BULLET.sub("", line, count=1)))
            )
        elif draft is not None and open_ended and not _BULLET.match(line):
            draft.words += f" {line}"
        else:
            # Without its dash a statement is still one; if it is none, it has no source, and that is said.
            draft, open_ended = _Draft(number, _BULLET.sub("", line, count=1)), True
            yield draft


def _without_comments(text: str) -> str:
    return _COMMENT.sub(lambda comment: "\n" * comment[0].count("\n"), text)


def _label(line: str) -> tuple[Label, str, str] | None:
    """Return which line below a statement this is, the word as it is written, and what stands after it."""
    match = _LABELLED.match(_BULLET.sub("", line, count=1))
    label = LABELS.get(match[1].lower()) if match else None
    return (label, match[1], match[2].strip()) if match and label else None


def _take(draft: _Draft | None, label: tuple[Label, str, str], line: int, file: str, loose: list[NoteError]) -> None:
    name, word, value = label
    if draft is None:
        loose.append(NoteError("note_loose_line", file=file, line=line, label=word))
    elif name in draft.fields:
        draft.problems.append(NoteError("note_twice", file=file, line=line, label=word, fact=_cut(draft.words)))
    else:
        draft.fields[name] = (line, value)


def _belongs(line: str, raw: str, draft: _Draft) -> bool:
    """Tell whether an unknown line was meant to stand below a statement: it stands further in, or has a misspelt word."""
    bare = _BULLET.sub("", line, count=1)
    if _LEADING_NUMBER.match(bare) or _TRAILING_NUMBER.search(bare):
        return False
    further_in = bool(_BULLET.match(line)) and len(raw) - len(raw.lstrip()) >= 2
    misspelt = _LABELLED.match(bare) is not None and not {"source", "dated"} <= draft.fields.keys()
    return further_in or misspelt


def _statement(draft: _Draft, file: str, place: Place, numbers: dict[str, int]) -> Block | None:
    """Return a statement as a block with its origin, or None after saying what is wrong with it."""
    number, words = _numbered(draft.words)
    text = inline_text(words)
    shown = f"[{number}] {_cut(words)}" if number else _cut(words)
    fields = Fields(file, draft.line, shown, draft.fields)
    if not draft.problems:
        origin = fields.origin(number, place)
        draft.problems += fields.problems
        if not text.trimmed():
            draft.problems.append(NoteError("note_no_words", file=file, line=draft.line, value=f"[{number}]"))
        if number in numbers and number:
            draft.problems.append(
                NoteError("note_same_number", file=file, line=draft.line, value=number, other=numbers[number])
            )
        if origin is not None and not draft.problems:
            numbers[number] = draft.line
            return Block("paragraph", text.trimmed(), links=tuple(text.links), origin=origin)
    return None


def _numbered(words: str) -> tuple[str, str]:
    """Return a statement's number, empty if it has none, and its words without it."""
    first = _LEADING_NUMBER.match(words)
    if first:
        return first[1], words[first.end() :]
    last = _TRAILING_NUMBER.search(words)
    return (last[1], words[: last.start()]) if last else ("", words)


def _cut(words: str) -> str:
    return words if len(words) <= _SHOWN else words[:_SHOWN].rsplit(" ", 1)[0] + " …"
