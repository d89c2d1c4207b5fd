"""What has changed between two versions of a document, passage by passage and then word by word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

ALIKE = 0.5
"""Share of words in common from which two passages are one that has changed. Source: a guess; below it, what is left of a
passage reads worse than the old and the new side by side."""

LOOK_AHEAD = 20
"""How many new passages an old one is looked for in, so that the work does not grow with the square of a long document."""


@dataclass(frozen=True, slots=True)
class Part:
    """A passage of one version.

    Attributes:
        text: Its words.
        headings: The headings that it stands under, the highest first.
        page_label: What is printed on its page; empty where the format has no pages.
    """

    text: str
    headings: tuple[str, ...] = ()
    page_label: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """One passage that is not as it was.

    Attributes:
        kind: What happened.
        old: As it was; None of what was added.
        new: As it is; None of what was removed.
    """

    kind: Literal["added", "removed", "changed"]
    old: Part | None
    new: Part | None


@dataclass(frozen=True, slots=True)
class Words:
    """Some words in a row, the same in both versions, or only in one.

    Attributes:
        which: Where they stand.
        text: The words.
    """

    which: Literal["both", "old", "new"]
    text: str


def compare(old: Sequence[Part], new: Sequence[Part]) -> list[Change]:
    """Return what was added, removed and changed, in the order of the new version.

    A passage that is only printed on another page is the same; under another heading it has changed.
    """
    before, after = ([(part.headings, part.text) for part in parts] for parts in (old, new))
    changes: list[Change] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            changes += _replaced(old[i1:i2], new[j1:j2])
    return changes


def compare_words(old: str, new: str) -> list[Words]:
    """Return the words of a changed passage, old and new together, in reading order."""
    before, after = old.split(), new.split()
    words: list[Words] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            words.append(Words("both", " ".join(before[i1:i2])))
            continue
        if i2 > i1:
            words.append(Words("old", " ".join(before[i1:i2])))
        if j2 > j1:
            words.append(Words("new", " ".join(after[j1:j2])))
    return words


def _replaced(old: Sequence[Part], new: Sequence[Part]) -> Iterator[Change]:
    """Yield the changes where some passages stand in the place of others: those that are alike are one that changed."""
    old_words, new_words = ([Counter(part.text.split()) for part in parts] for parts in (old, new))
    at = 0
    for number, part in enumerate(old):
        ahead = range(at, min(at + LOOK_AHEAD, len(new)))
        best = max(ahead, key=lambda place: _alike(old_words[number], new_words[place]), default=None)
        if best is None or _alike(old_words[number], new_words[best]) < ALIKE:
            yield Change("removed", part, None)
            continue
        yield from (Change("added", None, one) for one in new[at:best])
        yield Change("changed", part, new[best])
        at = best + 1
    yield from (Change("added", None, one) for one in new[at:])


def _alike(old: Counter[str], new: Counter[str]) -> float:
    """Return the share of words that two passages have in common (Dice), in [0, 1]."""
    return 2 * (old & new).total() / max(1, old.total() + new.total())
