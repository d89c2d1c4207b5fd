"""`faktasvar evaluate`: a gold file through the batch path, its measures, and what went wrong."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from statistics import quantiles

from bot.batch import answer_all, read_batch
from bot.measures import Judged, judge, measures, share
from bot.service import Assistant

_LONGEST = 70


def evaluate(
    assistant: Assistant, gold: Path, sources: Sequence[str] | None, progress: Callable[[int, int], None]
) -> list[Judged]:
    """Ask every question of a gold file and judge the answers.

    Raises:
        BatchError: If the gold file can't be read.
    """
    questions = read_batch(gold, also=("answerable", "gold_quotes", "must_contain"))
    text_of = cache(assistant.text)
    answers = answer_all(assistant, questions, sources, progress)
    return [judge(question.record, answer, text_of) for question, answer in zip(questions, answers, strict=True)]


def report(judged: Sequence[Judged], generation: str) -> str:
    """Return the report as Markdown: measures, shares by type and language, time, and each wrong answer."""
    lines = [f"{len(judged)} questions, generation {generation}", "", "| measure | value |", "|---|---|"]
    lines += [f"| {name} | {_figure(value)} |" for name, value in measures(judged).items()]
    lines += ["", "| group | questions | right |", "|---|---|---|"]
    for kind in ("type", "lang", "persona"):
        groups = sorted({str(one.gold.get(kind, "–")) for one in judged})
        for group in groups:
            part = [one for one in judged if str(one.gold.get(kind, "–")) == group]
            lines.append(f"| {kind}: {group} | {len(part)} | {_figure(share(one.right for one in part))} |")
    times = sorted(one.answer.elapsed_ms for one in judged)
    cuts = quantiles(times, n=20) if len(times) > 1 else times * 19
    lines += ["", f"Time a question: p50 {cuts[9]:.0f} ms, p95 {cuts[18]:.0f} ms."]
    wrong = [one for one in judged if not one.right]
    if wrong:
        lines += ["", "| wrong | type | question | confidence | what happened |", "|---|---|---|---|---|"]
        lines += [_row(one) for one in wrong]
    return "\n".join(lines)


def summary(judged: Sequence[Judged]) -> str:
    """Return the measures as one JSON object."""
    return json.dumps(measures(judged), ensure_ascii=False)


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _row(one: Judged) -> str:
    cells = (
        str(one.gold.get("id", "")),
        str(one.gold.get("type", "")),
        one.answer.question,
        f"{one.answer.confidence:.2f}",
        what_happened(one),
    )
    return "| " + " | ".join(cell.replace("|", "/").replace("\n", " ") for cell in cells) + " |"


def what_happened(one: Judged) -> str:
    """Say in a few words why an answer is wrong."""
    first = one.answer.citations[0].quote[:_LONGEST] if one.answer.citations else ""
    if not one.gold["answerable"]:
        return f"answered though the sources do not say: «{first}»"
    if not one.answer.answered:
        return "not answered; the passage was " + (f"found at rank {one.hits[0]}" if one.hits else "not found")
    if not one.hits:
        return f"passage not found; quoted «{first}»"
    if not any(one.relevant):
        return f"passage at rank {one.hits[0]}; quoted «{first}»"
    return "the right sentence is quoted, but not all that the answer must hold"
