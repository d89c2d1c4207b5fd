"""`faktasvar evaluate --changes`: the same questions to the index before and the index now, and the answers that differ."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.answers import Answer
from bot.batch import BatchQuestion, answer_all
from bot.service import Assistant
from ingest.texts import Language, say


@dataclass(frozen=True, slots=True)
class Change:
    """A question that is answered otherwise than before.

    Attributes:
        question: It, with its history.
        before: The answer of the index before.
        after: The answer of the index now.
    """

    question: BatchQuestion
    before: Answer
    after: Answer


def changes(
    before: Assistant,
    after: Assistant,
    questions: Sequence[BatchQuestion],
    sources: Sequence[str] | None,
    progress: Callable[[int, int], None],
) -> list[Change]:
    """Ask every question twice and return those whose answers differ.

    Args:
        before: Searches the index before.
        after: Searches the index now.
        questions: The questions.
        sources: Search only these sources; None for all.
        progress: Called with how many answers are there, and how many there will be.
    """
    total = 2 * len(questions)
    old = list(answer_all(before, questions, sources, lambda done, _: progress(done, total)))
    new = answer_all(after, questions, sources, lambda done, _: progress(len(questions) + done, total))
    pairs = zip(questions, old, new, strict=True)
    return [Change(question, was, now) for question, was, now in pairs if _substance(was) != _substance(now)]


def _substance(answer: Answer) -> tuple[object, ...]:
    """Return what a reader would miss: whether it answers, what is quoted from where and when, and what stands beside it.

    Places, confidence and the order of what was found may differ without the answer being another.
    """
    quoted = [(citation.source, citation.quote, citation.dated) for citation in answer.citations]
    beside = [(note.kind, note.citation.quote if note.citation else note.text) for note in answer.notes]
    return answer.status, quoted if answer.answered else [], beside


def report(found: Sequence[Change], asked: int, before: str, after: str, language: Language) -> str:
    """Return the answers that differ as Markdown, old and new side by side.

    Args:
        found: They.
        asked: How many questions were asked.
        before: Name of the index before.
        after: Name of the index now.
        language: Of our own words.
    """

    def text(key: str, **values: object) -> str:
        return say("bot", f"changes.{key}", language, **values)

    lines = [text("summary", changed=len(found), asked=asked, before=before, after=after)]
    for change in found:
        lines += [
            "",
            f"## {change.question.id}: {_cell(change.question.question)}",
            "",
            f"| | {text('before')} | {text('after')} |",
            "|---|---|---|",
            f"| {text('answer')} | {_answer(change.before)} | {_answer(change.after)} |",
        ]
        if change.before.notes or change.after.notes:
            lines.append(f"| {text('beside')} | {_notes(change.before)} | {_notes(change.after)} |")
    return "\n".join(lines)


def as_json(found: Sequence[Change], asked: int) -> str:
    """Return the answers that differ as one JSON object."""
    changed = [
        {
            "id": change.question.id,
            "question": change.question.question,
            "before": change.before.as_record(change.question.id),
            "after": change.after.as_record(change.question.id),
        }
        for change in found
    ]
    return json.dumps({"asked": asked, "changed": changed}, ensure_ascii=False)


def _answer(answer: Answer) -> str:
    places = [f"[{number}] {one.title}, {one.dated}" for number, one in enumerate(answer.citations, start=1)]
    return "<br>".join(_cell(part) for part in [*answer.answer.split("\n"), *(places if answer.answered else [])])


def _notes(answer: Answer) -> str:
    return "<br>".join(_cell(note.text) for note in answer.notes) or "–"


def _cell(text: str) -> str:
    """Return a text that stays in its cell and is shown as it is, whatever the source holds."""
    shown = text.replace("&", "&amp;").replace("<", "&lt;").replace("|", "&#124;")
    return " ".join(shown.split())
