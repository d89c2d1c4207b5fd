"""What the commands say of what they did, a line each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ingest.remarks import remarks_of
from ingest.texts import Language, say

if TYPE_CHECKING:
    from ingest.fetching import Outcome
    from ingest.pipeline import IngestReport
    from ingest.states import SourceState


def report_lines(report: IngestReport, language: Language) -> list[str]:
    """Return what is said of an ingest, a line each."""

    def text(key: str, **values: object) -> str:
        return say("ingest", f"report.{key}", language, **values)

    if not report.generation:
        lines = [text("none")]
    else:
        lines = [text("new" if report.changed else "unchanged", generation=report.generation)]
        counts = {"passages": report.passages, "sentences": report.sentences, "embedded": report.embedded}
        lines.append(text("counts", documents=len(report.sources), **counts))
    for source in report.sources:
        pages = text("pages", pages=source.pages) if source.pages is not None else ""
        lines.append(text("source", id=source.id, passages=source.passages, pages=pages, dated=source.dated))
        lines += [text("remark", source=source.id, remark=remark) for remark in remarks_of(source, language)]
    lines += [text("left_out", id=identifier) for identifier in report.left_out]
    lines += [text("not_fetched", id=identifier) for identifier in report.not_fetched]
    lines += [text("only_known", id=identifier) for identifier in report.only_known]
    lines += [text("failure", source=failure.source, reason=failure.reason) for failure in report.failures]
    return lines


def outcome_line(outcome: Outcome, language: Language) -> str:
    """Return what is said of one fetched entry."""
    if outcome.result == "failed":
        return say("ingest", "fetch.failed", language, id=outcome.source, reason=outcome.reason)
    if outcome.result == "unchanged":
        return say("ingest", "fetch.unchanged", language, id=outcome.source)
    return say("ingest", "fetch.fetched", language, id=outcome.source, size=_size(outcome.size))


def fetch_summary(outcomes: Sequence[Outcome], language: Language) -> list[str]:
    """Return what is said when all has been fetched."""
    if not outcomes:
        return [say("ingest", "fetch.none", language)]
    counts = Counter(outcome.result for outcome in outcomes)
    numbers = {"fetched": counts["fetched"], "unchanged": counts["unchanged"], "failed": counts["failed"]}
    lines = [say("ingest", "fetch.summary", language, **numbers)]
    return [*lines, say("ingest", "fetch.next", language)] if counts["fetched"] else lines


def state_lines(states: Sequence[SourceState], language: Language) -> list[str]:
    """Return the catalogue as a table: id, how far it has come, kind, date and title."""
    rows = [
        (
            state.source.id,
            say("ingest", f"state.{_state_of(state)}", language),
            state.source.kind,
            state.source.dated.isoformat() if state.source.dated else "–",
            state.source.title,
        )
        for state in states
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return ["  ".join((*(cell.ljust(width) for cell, width in zip(row, widths, strict=False)), row[4])) for row in rows]


def _state_of(state: SourceState) -> str:
    if state.had in ("missing", "damaged", "not_fetched", "only_known"):
        return state.had
    if state.indexed:
        return "indexed"
    return "not_indexed" if state.source.index else "left_out"


def _size(count: int) -> str:
    """Return a number of bytes as a person reads it."""
    return f"{round(count / 1e6)} MB" if count >= 10_000_000 else f"{max(1, round(count / 1000))} kB"
