"""Changes as a terminal shows them, readable without colours."""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Sequence

from ingest.texts import Language, say
from ingest.versions.compare import Change, Part, Words, compare_words
from ingest.versions.store import Version

_WIDTH = 100
_AROUND = 8
"""Words shown on either side of a change."""


def change_lines(old: Version, new: Version, changes: Sequence[Change], language: Language) -> list[str]:
    """Return what is said of two versions, a line each."""

    def text(key: str, **values: object) -> str:
        return say("ingest", f"diff.{key}", language, **values)

    lines = [
        text("versions", id=new.source.id, title=new.source.title),
        text("old", name=old.name, dated=old.source.dated, retrieved=old.source.retrieved),
        text("new", name=new.name, dated=new.source.dated, retrieved=new.source.retrieved),
    ]
    if not changes:
        return [*lines, text("same")]
    counts = Counter(change.kind for change in changes)
    lines.append(text("summary", changed=counts["changed"], added=counts["added"], removed=counts["removed"]))
    for change in changes:
        place = _place(change.old, change.new)
        lines += ["", text(change.kind, place=place) if place else text(f"{change.kind}_alone")]
        lines += textwrap.wrap(_shown(change), _WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)
    return lines


def _place(old: Part | None, new: Part | None) -> str:
    names = [" – ".join(part.headings) for part in (old, new) if part is not None and part.headings]
    return " → ".join(dict.fromkeys(names))


def _shown(change: Change) -> str:
    if change.old is None or change.new is None:
        part = change.new or change.old
        return part.text if part else ""
    words = compare_words(change.old.text, change.new.text)
    return " ".join(filter(None, (_marked(one, number, len(words)) for number, one in enumerate(words))))


def _marked(words: Words, number: int, count: int) -> str:
    match words.which:
        case "old":
            return f"[-{words.text}-]"
        case "new":
            return f"{{+{words.text}+}}"
    split = words.text.split()
    before = split[:_AROUND] if number > 0 else []
    after = split[-_AROUND:] if number < count - 1 else []
    if len(split) <= len(before) + len(after) + 1:
        return words.text
    return " ".join((*before, "…", *after))
