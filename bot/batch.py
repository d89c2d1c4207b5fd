"""Many questions at once: a JSON object a line in, a JSON object a line out, in the same order."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.answers import Answer, Turn
from bot.errors import BatchError
from bot.service import Assistant


@dataclass(frozen=True, slots=True)
class BatchQuestion:
    """One line of a batch.

    Attributes:
        id: Given back with the answer.
        question: The question.
        history: The turns before it, oldest first.
        record: The whole line: a gold file holds more than the question.
    """

    id: str
    question: str
    history: tuple[Turn, ...] = ()
    record: dict[str, Any] = field(default_factory=dict)


def read_batch(path: Path, also: Sequence[str] = ()) -> list[BatchQuestion]:
    """Read a batch file; blank lines are skipped.

    Args:
        path: The file.
        also: What every line must hold besides `id` and `question`.

    Raises:
        BatchError: If the file is missing, or a line is no JSON object with `id` and `question`; it names the line.
    """
    try:
        # Not splitlines(): it would also cut at characters that JSON leaves as they are, such as U+2028.
        lines = path.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError as error:
        raise BatchError("batch_missing", path=path) from error
    except UnicodeDecodeError as error:
        raise BatchError("batch_line", path=path, line=1, reason=error) from error
    return [_read_line(line, path, number, also) for number, line in enumerate(lines, start=1) if line.strip()]


def _read_line(line: str, path: Path, number: int, also: Sequence[str]) -> BatchQuestion:
    try:
        record = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as error:
        raise BatchError("batch_line", path=path, line=number, reason=error) from error
    if not isinstance(record, dict):
        raise BatchError("batch_line", path=path, line=number, reason=f"{line[:40]!r}")
    for key in ("id", "question"):
        if not isinstance(record.get(key), str):
            raise BatchError("batch_line", path=path, line=number, reason=f"{key!r}: {record.get(key)!r}")
    for key in also:
        if key not in record:
            raise BatchError("batch_line", path=path, line=number, reason=f"{key!r}: –")
    history = record.get("history") or []
    if not isinstance(history, list) or not all(_is_turn(turn) for turn in history):
        raise BatchError("batch_line", path=path, line=number, reason=f"'history': {history!r:.80}")
    turns = tuple(Turn(role=turn["role"], content=turn["content"]) for turn in history)
    return BatchQuestion(record["id"], record["question"], turns, record)


def _is_turn(turn: object) -> bool:
    return isinstance(turn, dict) and turn.get("role") in ("user", "assistant") and isinstance(turn.get("content"), str)


def answer_all(
    assistant: Assistant,
    questions: Sequence[BatchQuestion],
    sources: Sequence[str] | None,
    progress: Callable[[int, int], None],
) -> Iterator[Answer]:
    """Yield the answers in order.

    Args:
        assistant: Answers them.
        questions: The questions.
        sources: Search only these sources; None for all.
        progress: Called with how many are done, and how many there are.
    """
    for number, question in enumerate(questions, start=1):
        yield assistant.ask(question.question, question.history, sources)
        progress(number, len(questions))
