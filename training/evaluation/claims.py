"""Claims beside the text that they were written for: does it bear them out, speak against them, or say nothing of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.reader import open_reader
from bot.reader.network import LABELS
from training.data import Annotated, Note, read_annotated
from training.evaluation.indexes import Reads, counted, load_settings, some
from training.evaluation.passages import of_side
from training.measures import confusion, decided


@dataclass(frozen=True, slots=True)
class Decided:
    """A claim with what was said of it."""

    note: Note
    said: str


class NoReaderError(Exception):
    """There is no reader, and nothing else decides claims."""


def decide(claims: Sequence[tuple[Annotated, Note]], reader: Reads) -> list[Decided]:
    """Return the label that the reader gives each claim beside its own text."""
    found = []
    for one, note in counted(claims, "claims"):
        support = reader.read(note.text, [one.search_text], claim=True)[0].support
        found.append(Decided(note, LABELS[int(support.argmax())]))
    return found


def evaluate(file: Path, passages: Path, *, side: str, reader: Path | None, limit: int | None = None) -> dict[str, Any]:
    """Decide the claims of one side, and return the measures whole, by language and by kind.

    Args:
        file: Claims; see `training.data.read_annotated`.
        passages: The texts.
        side: Of the split; see `training.evaluation.passages.of_side`.
        reader: Folder of a reader; None for the one that the settings name.
        limit: Most claims, spread over all; None for all.

    Raises:
        NoReaderError: If the settings name no reader.
    """
    opened = open_reader(load_settings(reader))
    if opened is None:
        raise NoReaderError("claims are decided by a reader, and the setting reader.model names none")
    annotated = of_side(read_annotated(passages, file), side)
    return figures(decide(some([(one, note) for one in annotated for note in one.claims], limit), opened))


def figures(found: Sequence[Decided]) -> dict[str, Any]:
    """Return the measures; kinds are those that the annotators named, in some of the files."""
    return {
        **_figures(found),
        "by_language": _by(found, lambda note: note.lang),
        "by_kind": _by(found, lambda note: note.kind),
        "confusion": confusion(*_labels(found), LABELS),
    }


def _by(found: Sequence[Decided], key: Callable[[Note], str]) -> dict[str, dict[str, Any]]:
    names = sorted({key(one.note) for one in found} - {""})
    return {name: _figures([one for one in found if key(one.note) == name]) for name in names}


def _figures(found: Sequence[Decided]) -> dict[str, Any]:
    return decided(*_labels(found), LABELS)


def _labels(found: Sequence[Decided]) -> tuple[list[str], list[str]]:
    return [one.note.label or "" for one in found], [one.said for one in found]
