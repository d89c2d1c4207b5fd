"""The folders that the models are trained on, and which documents are kept apart.

Every split is by document: all passages of one document, and all questions and claims on them, are on one side. The side
is a digest of the document's name, so it does not change when documents are added.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from ingest.documents import Block, Document
from ingest.passages import Passage, cut_passages
from ingest.settings import PassageSettings

Side = Literal["train", "calibrate", "test"]
Label = Literal["støttet", "motsagt", "ikke_funnet"]

TEST_SHARE, CALIBRATE_SHARE = 0.12, 0.08
"""Shares of the documents on which nothing is trained: for the figures, and for fitting the chance of an answer."""

UNSEEN_SHARE = 0.1
"""Share of the articles that nothing is trained on; their training questions are then used for figures."""

_ENTRY = """[[source]]
id = "{identifier}"
title = {title}
publisher = "–"
kind = "annet"
dated = 2025-01-01
retrieved = 2025-01-01
language = "{language}"
file = "{identifier}.md"
licence = "–"

"""
_ITEM = re.compile(r"([-•–]|\d+[.)]|[a-z]\)) (.*)")


@dataclass(frozen=True, slots=True)
class Note:
    """A question, or a claim, on one passage.

    Attributes:
        text: It.
        lang: nb, nn or en.
        quote: The words that answer or decide it; empty if none do.
        kind: What is asked for, or what a claim turns on; empty if it was not said.
        label: Of a claim.
    """

    text: str
    lang: str
    quote: str = ""
    kind: str = ""
    label: Label | None = None


@dataclass(frozen=True)
class Annotated:
    """A passage with what was written for it."""

    id: str
    document: str
    text: str
    headings: tuple[str, ...]
    lang: str
    side: Side
    questions: tuple[Note, ...] = field(repr=False)
    unanswerable: tuple[Note, ...] = field(repr=False)
    claims: tuple[Note, ...] = field(repr=False)

    @property
    def search_text(self) -> str:
        """The whole text under its headings, as `Passage.search_text` puts them."""
        return under(self.headings, self.text)


@dataclass(frozen=True, slots=True)
class Reading:
    """A question on an article, with its answer's place."""

    question: str
    context: int
    answers: tuple[tuple[int, int], ...]


def side_of(document: str) -> Side:
    """Return which side of the split a document is on."""
    place = _share(document)
    if place < TEST_SHARE:
        return "test"
    return "calibrate" if place < TEST_SHARE + CALIBRATE_SHARE else "train"


def unseen(context: int) -> bool:
    """Tell whether an article is kept out of training, so that validation has articles that were never seen."""
    return _share(f"norquad:{context}") < UNSEEN_SHARE


@cache
def _share(name: str) -> float:
    return int.from_bytes(sha256(name.encode()).digest()[:8], "big") / 2**64


def document_of(record: dict[str, Any]) -> str:
    """Return the name of the document that a passage is of: its title, or its id without the passage's number."""
    identifier = str(record["id"])
    if identifier.startswith(("norquad:", "fakta:")):
        return identifier
    return str(record.get("title") or identifier.rsplit(":", 1)[0])


def headings_of(record: dict[str, Any]) -> tuple[str, ...]:
    """Return the headings that a passage stands under, the highest first."""
    return tuple(str(record[name]) for name in ("title", "section") if record.get(name))


def read_annotated(passages: Path, annotations: Path) -> list[Annotated]:
    """Read passages and what was written for them.

    Args:
        passages: JSON lines with `id`, `lang`, `text`, and `title` and `section` where there are any.
        annotations: JSON lines with `id`, `questions`, `unanswerable` and `claims`; other passages are left out.
    """
    notes = {note["id"]: note for note in read_lines(annotations)}
    found = []
    for record in read_lines(passages):
        if record["id"] in notes:
            found.append(_annotated(record, notes[record["id"]]))
    return found


def _annotated(record: dict[str, Any], note: dict[str, Any]) -> Annotated:
    document = document_of(record)
    side = side_of(document)
    if document.startswith("norquad:") and unseen(int(document.split(":")[1])):
        side = "test"
    return Annotated(
        id=record["id"],
        document=document,
        text=record["text"],
        headings=headings_of(record),
        lang=record["lang"],
        side=side,
        questions=tuple(Note(one["q"], one["lang"], one["quote"], one.get("kind") or "") for one in note["questions"]),
        unanswerable=tuple(Note(one["q"], one["lang"]) for one in note["unanswerable"]),
        claims=tuple(Note(one["c"], one["lang"], one["quote"], one.get("kind") or "", one["label"]) for one in note["claims"]),
    )


def apart(annotated: Iterable[Annotated]) -> frozenset[int]:
    """Return the articles of which a part is annotated and kept apart; nothing else of them may be trained on either."""
    return frozenset(
        int(one.document.split(":")[1]) for one in annotated if one.document.startswith("norquad:") and one.side != "train"
    )


def training_readings(folder: Path, kept_apart: frozenset[int]) -> Iterator[tuple[Reading, str]]:
    """Yield NorQuAD's training questions, each with its article.

    An answer whose place is wrong (7 of 3,808) is put where its words stand nearest to it.

    Args:
        folder: With `train.jsonl` and `contexts.jsonl`.
        kept_apart: Articles to leave out beside those that are `unseen`.
    """
    contexts = read_contexts(folder / "contexts.jsonl")
    for one in read_lines(folder / "train.jsonl"):
        number, context, answer = one["context_id"], contexts[one["context_id"]], one["answers"][0]
        places = [match.start() for match in re.finditer(re.escape(answer["text"]), context)]
        if places and not unseen(number) and number not in kept_apart:
            start = min(places, key=lambda place: abs(place - answer["start"]))
            yield Reading(one["question"], number, ((start, start + len(answer["text"])),)), context


def read_contexts(path: Path) -> dict[int, str]:
    """Read articles by their number: JSON lines with `context_id` and `text`."""
    return {one["context_id"]: one["text"] for one in read_lines(path)}


def read_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the records of a file of JSON lines."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def add_data_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what all that trains takes: where its data lie."""
    parser.add_argument("--passages", type=Path, required=True, help="texts, JSON lines")
    parser.add_argument("--annotations", type=Path, required=True, help="what was written for them, JSON lines")
    parser.add_argument("--norquad", type=Path, required=True, help="folder with train.jsonl and contexts.jsonl")


def catalogue_entry(identifier: str, title: str, language: str) -> str:
    """Return a catalogue's lines for a Markdown file that is named after its id, and of which no more is known."""
    # A JSON string is a TOML string.
    return _ENTRY.format(identifier=identifier, title=json.dumps(title, ensure_ascii=False), language=language)


def under(headings: Sequence[str], text: str) -> str:
    """Return a text under its headings, as `Passage.search_text` puts them."""
    return f"{' – '.join(headings)}. {text}" if headings else text


def as_document(headings: Sequence[str], text: str) -> Document:
    """Return a text under its headings as the reader of a real document would."""
    blocks = [Block("heading", heading, level=level) for level, heading in enumerate(headings, start=1)]
    for line in text.splitlines():
        words = re.sub(r"\s+", " ", line).strip()
        item = _ITEM.match(words)
        if item:
            blocks.append(Block("list_item", item[2], level=1, marker=item[1]))
        elif words:
            blocks.append(Block("paragraph", words))
    return Document(tuple(blocks), "training data")


def cut(identifier: str, headings: Sequence[str], text: str, settings: PassageSettings | None = None) -> list[Passage]:
    """Return a text's passages as the product cuts them."""
    return cut_passages(identifier, as_document(headings, text), settings or PassageSettings())


def located(text: str, start: int, end: int, document: str) -> tuple[int, int] | None:
    """Return where `text[start:end]` stands in the text of the document that was made of `text`; None if it does not.

    White space and what stands before the items of a list may differ between the two, so the characters that are no white
    space are counted, and of several places with the same words the one nearest to that count is taken.
    """
    wanted, before = _squeezed(text[start:end]), len(_squeezed(text[:start]))
    places = [place for place, sign in enumerate(document) if not sign.isspace()]
    rest = _squeezed(document)
    found = [match.start() for match in re.finditer(f"(?={re.escape(wanted)})", rest)] if wanted else []
    if not found:
        return None
    first = min(found, key=lambda place: abs(place - before))
    return places[first], places[first + len(wanted) - 1] + 1


def _squeezed(text: str) -> str:
    return "".join(text.split())


def words(text: str) -> set[str]:
    """Return a text's words in lower case."""
    return set(re.findall(r"\w+", text.lower()))


def holds(text: str, quote: str, share: float = 0.8) -> bool:
    """Tell whether a text holds at least a share of a quote's words, or lies that far within it."""
    wanted, present = words(quote), words(text)
    common = len(wanted & present)
    return bool(wanted and present) and max(common / len(wanted), common / len(present)) >= share
